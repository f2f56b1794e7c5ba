"""Flags of confirmed moments on the journey map: at the stage in which most of their contacts are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pyarrow as pa

from tiesa.core.locale import _
from tiesa.core.shown import Kind, Shown, ShownTable
from tiesa.core.small_groups import FEWEST
from tiesa.journeys.stages import Stage
from tiesa.journeys.view import View
from tiesa.moments.kept import Estimate, Registered, effect_words, outcome_words, situation_words
from tiesa.moments.states import State
from tiesa.moments.words import sentence
from tiesa.pictures.journey_map import Flag, JourneyMap

MOST = 4
"""Flags that a map has room for; the table holds all."""


def flagged(view: View, made: JourneyMap, stages: Sequence[Stage]) -> tuple[JourneyMap, ShownTable | None]:
    """The map with its flags, and the table of all moments that happen at its stages; None where there are none."""
    placed = [
        (stage, one)
        for one in _confirmed(view)
        for stage, of in enumerate(stages)
        if one["touchpoint"] in of.touchpoints and stage < len(made.stages)
    ]
    if not placed:
        return made, None
    flags = tuple(Flag(stage, None, sentence(situation_words(one)), _detail(one)) for stage, one in placed[:MOST])
    rows = [
        {"stage": made.stages[stage], "situation": sentence(situation_words(one)), "outcome": outcome_words(one),
         "change": effect_words(one), "n": one["exposed_n"], "moment": one["id"]}
        for stage, one in placed
    ]  # fmt: skip
    columns = (
        Shown("situation", _("situation")),
        Shown("stage", _("stage")),
        Shown("outcome", _("what changes")),
        Shown("change", _("effect of one episode (95 % interval)")),
        Shown("n", _("episodes"), Kind.COUNT),
        Shown("moment", _("id"), extra=True),
    )
    note = _("Effects are those of the whole organisation, whatever part of the journeys is drawn.")
    table = ShownTable("map_moments", _("Moments of truth"), pa.Table.from_pylist(rows), columns, note=note)
    return replace(made, flags=tuple(sorted(flags, key=lambda flag: flag.stage))), table


def _detail(one: Estimate) -> str:
    return f"{one['id']}: {outcome_words(one)} {effect_words(one)}, {_('n {n}').format(n=one['exposed_n'])}"


def _confirmed(view: View) -> list[Estimate]:
    """Confirmed moments of the latest register, each once; within a scope those that came true for enough customers."""
    once: dict[str, Estimate] = {}
    for one in Registered.of(view.home).of_state(State.CONFIRMED):
        once.setdefault(one["id"], one)
    found = list(once.values())
    if view.scope.sees_everything or not found:
        return found
    from tiesa.moments.exposed import exposed_of

    counted = exposed_of(view, found).group_by("moment").aggregate([("customer_key", "count_distinct")])
    known = dict(zip(counted["moment"].to_pylist(), counted["customer_key_count_distinct"].to_pylist(), strict=True))
    return [one for one in found if known.get(one["id"], 0) >= FEWEST]
