"""The register: every estimate that was ever made of a moment, build by build, in the home.

One file for each evidence number and outcome, written whole. A moment's id follows from its condition, so a new build
adds an estimate and never a new moment.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tiesa.core.errors import WrongUsage
from tiesa.core.home import Home
from tiesa.core.locale import _
from tiesa.core.whole_files import write_whole

if TYPE_CHECKING:
    from tiesa.moments.moments import Moments

FOLDER = "moments"


def keep(home: Home, moments: Moments) -> Path:
    """Add what was found in this build; what was found in it before is replaced."""
    path = home.root / FOLDER / f"{moments.version:08}-{moments.outcome.value}.json"
    write_whole(path, json.dumps(moments.as_plain(), indent=1, ensure_ascii=False))
    return path


def estimates(home: Home, moment_id: str) -> list[dict[str, Any]]:
    """Every estimate of a moment, oldest first, each with its evidence number as `version`.

    Raises: WrongUsage where no build ever selected it.
    """
    found = []
    for path in sorted((home.root / FOLDER).glob("[!.]*.json")):
        kept = json.loads(path.read_text("utf-8"))
        told = [*kept["moments"], *(own for own in kept.get("own", []) if "effect" in own)]
        found += [m | {"version": kept["version"]} for m in told if m["id"] == moment_id][:1]
    if not found:
        raise WrongUsage(
            _("No moment has the id {id}").format(id=moment_id),
            remedy=_("`tiesa moments` finds them and shows their ids"),
        )
    return found
