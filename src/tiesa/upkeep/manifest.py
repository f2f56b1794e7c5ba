"""What a backup holds: its form, the home's layout, the versions it was taken at, and every file with its sum."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any

from tiesa.core.errors import DamagedHome
from tiesa.core.home import LAYOUT
from tiesa.core.locale import _

NAME = "manifest.json"
FORM = 1
"""Number of the form of backups that this version writes and reads."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file of a backup, by its place in the home. sum: SHA-256 of its bytes, in hex."""

    size: int
    sum: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """versions: the version of every table at which the backup was taken. program: the version of Tiesa."""

    layout: int
    program: str
    at: datetime
    versions: Mapping[str, int]
    files: Mapping[str, Member]

    def to_json(self) -> str:
        files = {place: [one.size, one.sum] for place, one in self.files.items()}
        whole = {"form": FORM, "layout": self.layout, "program": self.program, "at": self.at.isoformat()}
        return json.dumps({**whole, "versions": dict(self.versions), "files": files}, indent=1)


def read_manifest(text: bytes, *, where: str) -> Manifest:
    """Raises DamagedHome for what is no manifest, of a newer version, or names a place outside the home."""
    remedy = _("Take another backup")
    try:
        given: dict[str, Any] = json.loads(text)
        form, layout = int(given["form"]), int(given["layout"])
        if form > FORM or layout > LAYOUT:
            raise DamagedHome(
                _("A newer version of Tiesa ({program}) made this backup").format(program=given["program"]),
                where=where,
                remedy=_("Restore it with that version, or update this one"),
            )
        files = {str(place): Member(int(size), str(sum_)) for place, (size, sum_) in given["files"].items()}
        versions = {str(table): int(version) for table, version in given["versions"].items()}
        at = datetime.fromisoformat(given["at"]).astimezone(UTC)
        made = Manifest(layout, str(given["program"]), at, versions, files)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DamagedHome(_("This backup's list of files cannot be read"), where=where, remedy=remedy) from error
    for place in made.files:
        if not is_within(place):
            what = _("This backup holds a file outside the home: {place}").format(place=repr(place))
            raise DamagedHome(what, where=where, remedy=_("Do not use it: Tiesa makes no such backup"))
    return made


def is_within(place: str) -> bool:
    """Is it a plain relative path that stays where it is put?

    >>> [is_within(place) for place in ("private/salt", "../x", "/etc/passwd", "a/../b", "C:x", "", "a//b")]
    [True, False, False, False, False, False, False]
    """
    plain = PurePosixPath(place)
    return (
        bool(plain.parts)
        and place == str(plain)
        and not plain.is_absolute()
        and not {"..", "."} & set(plain.parts)
        and not set("\\\0:") & set(place)
    )
