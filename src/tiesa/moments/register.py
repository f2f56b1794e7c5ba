"""The register: every estimate that was ever made of a moment, build by build, in the home.

One file for each evidence number and outcome, written whole. A moment's id follows from its condition, so a new build
adds an estimate and never a new moment; what earlier builds confirmed is tested again whatever the search does.
"""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tiesa.core.errors import WrongUsage
from tiesa.core.home import Home
from tiesa.core.locale import _
from tiesa.core.whole_files import write_whole
from tiesa.moments.outcomes import Outcome
from tiesa.moments.situations import Situation
from tiesa.moments.states import State

if TYPE_CHECKING:
    from tiesa.moments.moments import Moments

FOLDER = "moments"
MOST_KNOWN = 12
"""Situations of earlier builds that are tested again, for each outcome."""


def keep(home: Home, moments: Moments) -> Path:
    """Add what was found in this build; what was found in it before is replaced."""
    path = home.root / FOLDER / f"{moments.version:08}-{moments.outcome.value}.json"
    write_whole(path, json.dumps(moments.as_plain(), indent=1, ensure_ascii=False))
    return path


def register_files(home: Home, outcome: Outcome | None = None) -> list[Path]:
    """The files of the register, the oldest build first. outcome: of this one alone."""
    return sorted((home.root / FOLDER).glob(f"[!.]*-{outcome.value if outcome else '*'}.json"))


def read_registers(home: Home, outcome: Outcome | None = None) -> list[dict[str, Any]]:
    """What every build found, the oldest first, as `Moments.as_plain` tells it. outcome: of this one alone."""
    return [json.loads(path.read_text("utf-8")) for path in register_files(home, outcome)]


def estimates(home: Home, moment_id: str) -> list[dict[str, Any]]:
    """Every estimate of a moment, oldest first, each with its evidence number as `version`.

    Raises: WrongUsage where no build ever selected it.
    """
    found = []
    for kept in read_registers(home):
        beside = (one for name in ("again", "own") for one in kept.get(name, []) if "effect" in one)
        told = [*kept["moments"], *beside]
        found += [m | {"version": kept["version"]} for m in told if m["id"] == moment_id][:1]
    if not found:
        raise WrongUsage(
            _("No moment has the id {id}").format(id=moment_id),
            remedy=_("`tiesa moments` finds them and shows their ids"),
        )
    return found


def confirmed_before(home: Home, outcome: Outcome, version: int) -> list[Situation]:
    """What builds before this one confirmed, or found to be felt: of the latest builds first, so many at most."""
    found: dict[Situation, None] = {}
    for kept in reversed(read_registers(home, outcome)):
        if kept["version"] < version:
            for one in [*kept["moments"], *kept.get("again", [])]:
                if one["state"] in (State.CONFIRMED, State.PAIN_POINT):
                    with suppress(KeyError, ValueError):  # a condition of another version of Tiesa
                        found.setdefault(Situation.from_plain(one["condition"]))
    return list(found)[:MOST_KNOWN]
