"""What the views of this room do: the register as somebody may see it, verdicts, and the search as a job."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.db import transaction
from django.utils import timezone

from tiesa.app.insight.looking import Look, look_anew
from tiesa.app.moments.models import Stand, Verdict
from tiesa.app.people.audit import record
from tiesa.core.errors import WrongUsage
from tiesa.core.home import Home
from tiesa.core.locale import _
from tiesa.core.small_groups import FEWEST
from tiesa.journeys.selection import ALL
from tiesa.journeys.view import View
from tiesa.moments.kept import Estimate, Registered, estimates_in, own_in, registers

LONGEST = 1000
"""Characters of a note."""


def register_of(seen: Look, *, patience: float | None = 0.25) -> Registered:
    """The latest register, as somebody may see it: effects are those of the whole organisation; whoever sees a part of
    the customers sees the moments that came true for enough of them, and no other's words. patience: as at the desk.
    """
    found = registers(seen.home)
    estimates, own = estimates_in(found), own_in(found)
    if not seen.scope.sees_everything:
        known = customers_by_moment(exposed(seen, patience=patience))
        estimates, own = ([one for one in some if known.get(one["id"], 0) >= FEWEST] for some in (estimates, own))
    return Registered(found, tuple(estimates), tuple(own))


def exposed(seen: Look, *, patience: float | None = 0.25) -> pa.Table:
    """The contacts, within what somebody may see, at which the moments of the latest register, and situations of one's
    own, came true (`tiesa.moments.exposed.EXPOSED`). Raises: NotYet while they are being looked up."""
    wanted = list({one["id"]: one for one in reversed(_all_in(registers(seen.home)))}.values())
    return seen.ask("moments exposed", lambda view: _looked_up(view, wanted), selection=ALL, patience=patience)


def _all_in(found: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return estimates_in(found) + own_in(found)


def _looked_up(view: View, estimates: list[dict[str, Any]]) -> pa.Table:
    from tiesa.moments.exposed import exposed_of

    return exposed_of(view, estimates)


def contacts_of(seen: Look, one: Estimate, *, patience: float | None = 0.25) -> pa.Table:
    """The contacts of one moment, of the latest register or an older one. Raises: NotYet."""
    if any(other["id"] == one["id"] for other in _all_in(registers(seen.home))):
        table = exposed(seen, patience=patience)
        return table.filter(pc.equal(table["moment"], one["id"]))
    name = f"moment exposed {one['id']}"
    return seen.ask(name, lambda view: _looked_up(view, [dict(one)]), selection=ALL, patience=patience)


def customers_by_moment(table: pa.Table) -> dict[str, int]:
    """How many customers each moment came true for."""
    counted = table.group_by("moment").aggregate([("customer_key", "count_distinct")])
    return dict(zip(counted["moment"].to_pylist(), counted["customer_key_count_distinct"].to_pylist(), strict=True))


def verdicts(moments: Iterable[str]) -> dict[str, Verdict]:
    """The verdict that holds, by moment."""
    found = Verdict.objects.filter(moment__in=list(moments), taken_back_at=None).select_related("by", "owner")
    return {one.moment: one for one in reversed(list(found))}


def history(moment: str) -> list[Verdict]:
    """Every verdict on a moment, those taken back too, the latest first."""
    return list(Verdict.objects.filter(moment=moment).select_related("by", "owner", "taken_back_by"))


@transaction.atomic
def decide(estimate: Estimate, stand: str, *, note: str, owner: Any, by: Any) -> Verdict:
    """Keep what somebody decides about a moment.

    Raises: WrongUsage for another word than those of `Stand`, or a rejection that gives no reason.
    """
    if stand not in Stand.values:
        raise WrongUsage(_("Choose one: accepted, rejected or watching"))
    note = " ".join(note.split())[:LONGEST]
    if stand == Stand.REJECTED and not note:
        raise WrongUsage(_("Say why it is rejected: whoever looks at it next will ask"))
    made = Verdict.objects.create(moment=estimate["id"], stand=stand, note=note, owner=owner, by=by)
    record(by, "moment.decide", about=estimate["id"], stand=stand, entry=made.pk)
    return made


@transaction.atomic
def take_back(verdict: Verdict, *, by: Any) -> None:
    """Let what was decided before hold again. Raises: WrongUsage where it was taken back already."""
    changed = Verdict.objects.filter(pk=verdict.pk, taken_back_at=None)
    if not changed.update(taken_back_at=timezone.now(), taken_back_by=by):
        raise WrongUsage(_("There is no such entry, or it was taken back already"))
    record(by, "moment.undo", about=verdict.moment, entry=verdict.pk)


def find_and_keep(home: Home, outcomes: Sequence[str], *, told: Callable[[str], None]) -> dict[str, int]:
    """Look for moments in the latest build and keep what is found; returns counts. outcomes: as `find_every` has them.

    Raises: UnusableInput, EmptyHome.
    """
    from tiesa.journeys.view import open_view
    from tiesa.moments.finding import find_every
    from tiesa.moments.outcomes import Outcome
    from tiesa.moments.register import keep

    with open_view(home) as view:
        found = find_every(view, outcomes=[Outcome(name) for name in outcomes], again=True, told=told)
    for one in found:
        keep(home, one.moments)
    look_anew()
    plain = [one.moments.as_plain() for one in found]
    return {
        "tested": sum(one["tested"] for one in plain),
        "selected": sum(one["selected"] for one in plain),
        "confirmed": sum(one["confirmed"] for one in plain),
    }
