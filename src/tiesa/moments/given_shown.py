"""What is said of situations that are tested in any case; a table of those that a person defined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tiesa.core.locale import _
from tiesa.core.shown import Kind, Shown, ShownTable
from tiesa.moments.outcomes import Outcome
from tiesa.moments.situations import Situation
from tiesa.moments.states import State, state_in_words
from tiesa.moments.words import situation_in_words

if TYPE_CHECKING:
    from tiesa.moments.moments import Moment

_SCHEMA = pa.schema(
    [(name, pa.string()) for name in ("name", "id", "situation", "state", "same_as")]
    + [(name, pa.float64()) for name in ("effect", "low", "high", "q_value")]
    + [(name, pa.int64()) for name in ("episodes", "customers")]
)


@dataclass(frozen=True)
class Judged:
    """What becomes of a situation that is tested in any case. name: as a person called it, empty for one that an
    earlier build confirmed. moment: its figures; None where it cannot be judged. same_as: the id of what was found and
    speaks of the same; is_explained: whether that explains clearly more."""

    name: str
    situation: Situation
    state: State
    moment: Moment | None
    same_as: str = ""
    is_explained: bool = False


def own_table(own: Sequence[Judged], outcome: Outcome) -> ShownTable:
    """One row each, in the order of the file; no figures where nothing can be judged."""
    rows = [
        {
            "name": one.name,
            "id": one.situation.id,
            "situation": situation_in_words(one.situation),
            "state": state_in_words(one.state, felt=bool(one.moment and one.moment.is_felt)),
            "same_as": _same_as(one),
        }
        | (_figures(one.moment) if one.moment else {})
        for one in own
    ]
    kind = Kind.POINTS if outcome.is_share else Kind.SCORE
    columns = (
        Shown("name", _("name")),
        Shown("situation", _("situation"), whole=True),
        Shown("state", _("state")),
        Shown("effect", outcome.effect_in_words(), kind, "low", "high"),
        Shown("episodes", _("episodes"), Kind.COUNT),
        Shown("same_as", _("speaks of the same as")),
        Shown("id", _("id"), extra=True, whole=True),
        Shown("q_value", _("q-value"), Kind.SCORE, extra=True),
    )
    return ShownTable("own", _("Situations of your own"), pa.Table.from_pylist(rows, schema=_SCHEMA), columns)


def _same_as(one: Judged) -> str | None:
    if not one.same_as:
        return None
    return _("{id}, which explains more").format(id=one.same_as) if one.is_explained else one.same_as


def _figures(moment: Moment) -> dict[str, Any]:
    effect = moment.effect
    return {
        **moment.figures,
        "episodes": effect.episodes,
        "customers": effect.customers,
        "q_value": moment.q,
    }
