"""The stages of a journey: those of its type's template, or, without one, taken from the data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tiesa.engines.duckdb import literal
from tiesa.journeys.view import View

MOST = 9
"""Stages and lanes that a picture can hold."""
COVERED = 0.95
"""Share of contacts after which further touchpoints are left out of stages taken from the data."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A stretch of the journey and the touchpoints at which customers are in it."""

    name: str
    touchpoints: tuple[str, ...]


def facing(view: View) -> str:
    """SQL condition: contacts that customers were part of. Where a log knows internal steps only, all of them."""
    outside = view.one("select count(*) from rows where direction is distinct from 'internal'")[0]
    return "direction is distinct from 'internal'" if outside else "true"


def stages_from_data(view: View, *, most: int = MOST) -> tuple[Stage, ...]:
    """One stage per touchpoint: the most frequent ones, in the order in which journeys usually come to them.

    The order is that of the mean place in the journey, from 0 (first contact) to 1 (last); where journeys have one
    contact only it is that of frequency.
    """
    found = view.rows(
        "with seen as (select r.touchpoint, count(*) as n, "
        "avg(case when j.contacts > 1 then (r.journey_position - 1) / (j.contacts - 1) end) as place "
        "from rows r join (select customer_key, journey_no, contacts from journeys) j using (customer_key, journey_no) "
        f"where {facing(view)} group by 1), counted as (select *, sum(n) over (order by n desc, touchpoint rows "
        "between "
        "unbounded preceding and 1 preceding) / sum(n) over () as before from seen) "
        f"select touchpoint from (select * from counted where coalesce(before, 0) < {COVERED} "
        f"order by n desc, touchpoint limit {most}) order by coalesce(place, 0.5), n desc, touchpoint"
    )
    return tuple(Stage(touchpoint, (touchpoint,)) for (touchpoint,) in found)


def stage_sql(stages: Sequence[Stage], column: str = "touchpoint") -> str:
    """SQL: the number of the stage a touchpoint belongs to (null: none). A touchpoint is in its first stage only."""
    cases = "".join(
        f" when {column} in ({', '.join(map(literal, stage.touchpoints))}) then {number}"
        for number, stage in enumerate(stages)
        if stage.touchpoints
    )
    return f"(case{cases} end)::integer" if cases else "null::integer"
