"""The figures of the journey map: how one kind of journey was lived by all who made it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import sqrt
from typing import Any

from tiesa.core import formats
from tiesa.core.enums import GoalState, WaitOwner
from tiesa.core.intervals import Share, share, t_quantile
from tiesa.core.locale import _
from tiesa.engines.duckdb import literal
from tiesa.journeys.held import held, is_made_up
from tiesa.journeys.questions.durations import durations
from tiesa.journeys.stages import MOST, Stage, facing, stage_sql
from tiesa.journeys.templates.fitting import stages_for
from tiesa.journeys.view import View
from tiesa.pictures.journey_map import Bubble, Feeling, Flow, JourneyMap, Wait
from tiesa.pictures.small_groups import map_without_few

FEW = 5
"""Measured emotions below which no mean is told."""
_SCALE = 10_000
"""Emotion is summed as whole ten-thousandths, so that the mean is the same on every engine."""


def journey_map(
    view: View, *, stages: Sequence[Stage] | None = None, title: str = "", withhold_few: bool = False
) -> JourneyMap:
    """The journey map of a view.

    Args: stages: else those of the journey type's template, or of the data (`stages_for`). title: else what is
    selected, in words. withhold_few: without small groups, for those who may see figures only.
    Internal steps are not drawn where the log tells them from contacts: the customer did not live them. A wait lies
    between the stages of two successive contacts; its standard is the reply time of the earlier contact's channel in
    business time. Emotion: mean per stage with a 95 % t interval, contacts taken as independent.
    """
    stages = tuple(stages if stages is not None else stages_for(view))[:MOST]
    lanes = _lanes(view)
    _fill(view, stages, lanes)
    contacts, placed, journeys, customers = view.one(
        "select count(*), count(stage), count(distinct (customer_key, journey_no)), count(distinct customer_key) "
        "from lived"
    )
    waits = _waits(view) if held(view).knows_owners else ()
    made = JourneyMap(
        title=title or view.selection.in_words()[:1].upper() + view.selection.in_words()[1:],
        answer=_answer(waits, stages),
        note=_note(view),
        stages=tuple(stage.name for stage in stages),
        lanes=tuple(lanes),
        bubbles=tuple(
            Bubble(*row)
            for row in view.rows(
                "select stage, lane, count(*) from lived where stage is not null group by all order by all"
            )
        ),
        flows=tuple(
            Flow(*row)
            for row in view.rows(
                "select from_stage, from_lane, stage, lane, count(*) as n, wait_owner from lived where from_stage "
                "is not "
                "null and stage is not null group by all order by n desc, 1, 2, 3, 4, 6"
            )
        ),
        waits=waits,
        feelings=_feelings(view),
        flags=(),
        contacts=contacts,
        journeys=journeys,
        customers=customers,
        as_of=view.now,
        made_up=is_made_up(view),
        hidden=_hidden(contacts, placed),
    )
    view.connection.execute("drop table lived")
    if not withhold_few:
        return made
    told = map_without_few(made)
    return replace(told, answer=_answer(told.waits, stages))


def _lanes(view: View) -> list[str]:
    """The channels by volume; what goes beyond MOST shares the last lane."""
    found = [
        c
        for c, _n in view.rows(
            f"select channel, count(*) as n from rows where {facing(view)} group by 1 order by n desc, 1"
        )
    ]
    return found if len(found) <= MOST else [*found[: MOST - 1], _("other channels")]


def _fill(view: View, stages: Sequence[Stage], lanes: Sequence[str]) -> None:
    """The temp table `lived`: every contact of a customer with its stage and lane, and those of the contact before."""
    lane = "".join(f" when channel = {literal(name)} then {i}" for i, name in enumerate(lanes)) or " when false then 0"
    standards = "".join(
        f" when from_channel = {literal(c)} then {hours * 3600}"
        for (c,) in view.rows("select distinct channel from rows order by 1")
        if (hours := view.rules.channel(c).reply_hours) is not None
    )
    view.connection.execute(
        "create or replace temp table lived as with placed as (select customer_key, journey_no, journey_position, "
        "channel, "
        f"{stage_sql(stages)} as stage, (case{lane} else {len(lanes) - 1} end)::integer as lane, "
        "coalesce(wait_owner, 'unknown') as wait_owner, wait_s, wait_business_s, emotion from rows where "
        f"{facing(view)}), "
        "followed as (select *, lag(stage) over journey as from_stage, lag(lane) over journey as from_lane, "
        "lag(channel) over journey as from_channel from placed window journey as (partition by customer_key, "
        "journey_no "
        "order by journey_position)) "
        f"select *, {f'case{standards} end' if standards else 'null'}::double as standard_s from followed"
    )


def _waits(view: View) -> tuple[Wait, ...]:
    by = ("from_stage", "stage", "wait_owner")
    between = "from lived where from_stage is not null and stage is not null and wait_s is not null"
    found = durations(view, f"select {', '.join(by)}, wait_s as s {between} and wait_owner <> 'nobody'", by)
    kept = {
        tuple(row[:3]): row[3:]
        for row in view.rows(
            f"select {', '.join(by)}, arg_max(standard_s, row(n, -standard_s)), sum(kept)::bigint, sum(n)::bigint from "
            f"(select {', '.join(by)}, standard_s, count(*) filter (wait_business_s <= standard_s) as kept, "
            f"count(standard_s) as n {between} and wait_owner = 'us' group by all) group by all"
        )
    }
    return tuple(_wait(row, kept.get(tuple(row[c] for c in by))) for row in found.to_pylist())


def _wait(row: dict[str, Any], standard: Sequence[Any] | None) -> Wait:
    seconds, within, n = standard or (None, 0, 0)
    told: Share | None = share(within, n) if seconds is not None and n else None
    return Wait(
        row["from_stage"], row["stage"], row["wait_owner"], row["n"], row["median_s"], row["low_s"], row["high_s"],
        seconds, told,
    )  # fmt: skip


def _feelings(view: View) -> tuple[Feeling, ...]:
    sums = view.rows(
        f"with felt as (select stage, round(emotion::double * {_SCALE})::bigint as e from lived where emotion is "
        "not null "
        "and stage is not null) select stage, count(*), sum(e), sum(e::hugeint * e) from felt group by 1 order by 1"
    )
    return tuple(_feeling(stage, n, int(total), int(squares)) for stage, n, total, squares in sums)


def _feeling(stage: int, n: int, total: int, squares: int) -> Feeling:
    """A mean from whole sums; exact until the last division."""
    mean = total / n / _SCALE
    if n < FEW:
        return Feeling(stage, n, mean, None, None)
    variance = (squares - total * total / n) / (n - 1) / _SCALE**2
    half = t_quantile(n - 1) * sqrt(max(variance, 0.0) / n)
    return Feeling(stage, n, mean, max(-1.0, mean - half), min(1.0, mean + half))


def _answer(waits: Sequence[Wait], stages: Sequence[Stage]) -> str:
    ours = [w for w in waits if w.owner == WaitOwner.US and w.low_s is not None]
    if not ours:
        return _("What customers went through, step by step")
    worst = max(ours, key=lambda w: w.n * w.median_s)
    within = worst.after_stage == worst.to_stage
    sentence = (
        _("Customers wait {median} for us within “{after}” ({interval}, n {n})")
        if within
        else _("Customers wait {median} for us between “{before}” and “{after}” ({interval}, n {n})")
    )
    return sentence.format(
        median=formats.length(worst.median_s),
        before=stages[worst.after_stage].name,
        after=stages[worst.to_stage].name,
        interval=formats.between(formats.length(worst.low_s), formats.length(worst.high_s)),
        n=formats.number(worst.n),
    )


def _note(view: View) -> str:
    counted = dict(view.rows("select goal_state, count(*) from journeys group by 1"))
    n = sum(counted.values())
    sentences = []
    if n and counted.get(GoalState.OPEN, 0) < n:
        reached = share(counted.get(GoalState.REACHED, 0), n)
        sentences.append(_("{share} reached their goal so far.").format(share=formats.whole_share(reached)))
    sources = view.rows(
        "select coalesce(emotion_source, 'unknown'), count(*) from rows where emotion is not null group by 1 order "
        "by 2 desc, 1"
    )
    if total := sum(count for _source, count in sources):
        words = {
            "stated": _("stated by customers"),
            "observed": _("observed by employees"),
            "inferred": _("inferred from words"),
            "unknown": _("of unknown source"),
        }
        listed = ", ".join(f"{formats.share(count / total)} {words[source]}" for source, count in sources)
        sentences.append(_("Emotion: n {n}, {sources}.").format(n=formats.number(total), sources=listed))
    return " ".join(sentences)


def _hidden(contacts: int, placed: int) -> str:
    if placed == contacts:
        return ""
    return _("{share} of contacts, at rarer touchpoints, are not drawn.").format(
        share=formats.share((contacts - placed) / contacts)
    )
