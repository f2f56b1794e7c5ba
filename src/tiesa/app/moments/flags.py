"""Which contacts of a customer were a moment of truth: flags on their story."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow.compute as pc

from tiesa.app.insight.desk import NotYet
from tiesa.app.insight.looking import Look
from tiesa.app.moments.work import exposed, register_of
from tiesa.moments.kept import situation_words, told
from tiesa.moments.states import State
from tiesa.moments.words import sentence

Places = dict[tuple[int, int], list["Flag"]]
"""Flags by number of the journey and place of the contact in it."""


@dataclass(frozen=True, slots=True)
class Flag:
    """A confirmed moment that came true at a contact. words: the situation; says: what it changes, with n."""

    id: str
    words: str
    says: str


def flags_of(seen: Look, customer_key: int) -> Places | None:
    """The flags of one customer, by their lowest number; None while they are being looked up."""
    try:
        confirmed = {one["id"]: one for one in reversed(register_of(seen).of_state(State.CONFIRMED))}
        if not confirmed:
            return {}
        table = exposed(seen)
    except NotYet:
        return None
    made: Places = {}
    for row in table.filter(pc.equal(table["customer_key"], customer_key)).to_pylist():
        one = confirmed.get(row["moment"])
        if one is not None:
            flag = Flag(one["id"], sentence(situation_words(one)), told(one))
            made.setdefault((row["journey_no"], row["journey_position"]), []).append(flag)
    return made
