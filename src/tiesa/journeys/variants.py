"""Variants: the ways journeys go, as sequences of touchpoints, and how each of them ends."""

from __future__ import annotations

from tiesa.core import formats
from tiesa.core.intervals import share
from tiesa.core.locale import ngettext
from tiesa.journeys.held import is_made_up
from tiesa.journeys.questions.durations import durations
from tiesa.journeys.view import View
from tiesa.pictures.ribbon_figures import Ribbon, Ribbons, Step
from tiesa.pictures.small_groups import ribbons_without_few


def variants(view: View, *, top: int = 10, title: str = "", withhold_few: bool = False) -> Ribbons:
    """The most frequent variants of a view, internal steps included.

    They come from the journey table; only the contacts of the variants listed are read, for their steps. Times are
    medians over all journeys of the variant; the wait before a step is the gap to the step before it.
    withhold_few: without the ways that few went, for those who may see figures only.
    """
    journeys, ways, settled = view.one(
        "select count(*), count(distinct variant), count(*) filter (goal_state <> 'open') from journeys"
    )
    found = view.rows(
        "select variant, count(*) as n, count(*) filter (goal_state = 'reached') from journeys group by 1 "
        f"order by n desc, variant limit {top}"
    )
    ribbons = _ribbons(view, found, journeys, goals_known=bool(settled)) if found else ()
    made = Ribbons(
        title=title or view.selection.in_words()[:1].upper() + view.selection.in_words()[1:],
        answer=_answer(ribbons, ways),
        ribbons=ribbons,
        ways=ways,
        journeys=journeys,
        as_of=view.now,
        made_up=is_made_up(view),
    )
    return ribbons_without_few(made) if withhold_few else made


def _ribbons(view: View, found: list[tuple[int, int, int]], journeys: int, *, goals_known: bool) -> tuple[Ribbon, ...]:
    listed = ", ".join(str(variant) for variant, *_counts in found)
    view.connection.execute(
        "create or replace temp table of_variants as select customer_key, journey_no, variant, duration_s from "
        "journeys "
        f"where variant in ({listed})"
    )
    lengths = {
        row["variant"]: row
        for row in durations(view, "select variant, duration_s as s from of_variants", ("variant",)).to_pylist()
    }
    steps = _steps(view)
    view.connection.execute("drop table of_variants")
    return tuple(
        Ribbon(
            steps[variant],
            share(n, journeys),
            share(reached, n) if goals_known else None,
            lengths[variant]["median_s"],
            lengths[variant]["low_s"],
            lengths[variant]["high_s"],
        )
        for variant, n, reached in found
    )


def _steps(view: View) -> dict[int, tuple[Step, ...]]:
    """Steps of the variants in `of_variants`."""
    view.connection.execute(
        "create or replace temp table variant_steps as select v.variant, r.journey_position, r.touchpoint, r.gap_s, "
        "r.wait_owner from rows r join of_variants v using (customer_key, journey_no)"
    )
    by = ("variant", "journey_position")
    gaps = durations(view, f"select {', '.join(by)}, gap_s as s from variant_steps", by)
    medians = {tuple(row[c] for c in by): row["median_s"] for row in gaps.to_pylist()}
    found: dict[int, list[Step]] = {}
    for variant, position, touchpoint, owner in view.rows(
        "select variant, journey_position, any_value(touchpoint), arg_max(wait_owner, row(n, wait_owner)) from (select "
        "variant, journey_position, touchpoint, wait_owner, count(*) as n from variant_steps group by all) "
        "group by 1, 2 order by 1, 2"
    ):
        found.setdefault(variant, []).append(Step(touchpoint, medians.get((variant, position)), owner))
    view.connection.execute("drop table variant_steps")
    return {variant: tuple(steps) for variant, steps in found.items()}


def _answer(ribbons: tuple[Ribbon, ...], ways: int) -> str:
    if not ribbons:
        return ""
    sentence = ngettext(
        "{share} of journeys go the only way there is.",
        "{share} of journeys go the most frequent of {ways} ways.",
        ways,
    )
    return sentence.format(ways=formats.number(ways), share=formats.whole_share(ribbons[0].journeys))
