"""The long work of this room: looking for moments of truth. Begun again, it looks again and keeps the same."""

from __future__ import annotations

from typing import Any

from tiesa.app.config.installation import installation
from tiesa.app.jobs.kinds import kind
from tiesa.app.jobs.work import Running
from tiesa.app.moments.work import find_and_keep
from tiesa.app.people.audit import record
from tiesa.app.people.roles import Right
from tiesa.core.locale import _

FIND = "moments.find"


@kind(FIND, right=Right.IMPORT, words=lambda: _("Looking for moments of truth"))
def find(running: Running, arguments: dict[str, Any]) -> dict[str, Any]:
    """Search and confirm, and keep what was found in the register. It can be stopped at every step of the search.

    arguments: `outcomes`, which ones; without it all but how soon journeys are solved.
    """
    running.tell(_("generating situations from the journeys"))
    steps = 0

    def told(_line: str) -> None:
        nonlocal steps
        steps += 1
        running.tell(_("steps of the search: {n}").format(n=steps))

    counts = find_and_keep(installation().place, arguments.get("outcomes", ()), told=told)
    record(running.job.asked_by, "moments.find", about="", **counts)
    return counts
