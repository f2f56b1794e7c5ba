"""What a moment does, on its sheet: the effect beside other ways to look at it, for whom, when, and build by build."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import pyarrow as pa

from tiesa.core import formats
from tiesa.core.locale import _, ngettext
from tiesa.core.shown import Kind, Shown, ShownTable
from tiesa.core.small_groups import withheld
from tiesa.moments.kept import Estimate, effect_words, episodes_words, is_felt, timed_outcome, unit_of
from tiesa.moments.outcomes import Outcome, is_of_journeys
from tiesa.moments.sheet import Draw, Part
from tiesa.moments.states import State
from tiesa.moments.words import sentence
from tiesa.pictures.charts_effects import effects
from tiesa.pictures.charts_scales import Unit, calendar_label, written_change, written_difference

FIGURES = pa.schema(
    {"label": pa.string(), "value": pa.float64(), "low": pa.float64(), "high": pa.float64(), "n": pa.int64()}
)


def effect(one: Estimate) -> Part:
    """The effect, the second opinion and the unadjusted figure side by side; where it cannot be judged, why."""
    if one["state"] == State.CANNOT_BE_JUDGED:
        return _cannot(one)
    second, of_journeys = one["second_opinion"], is_of_journeys(one)
    other = _("second opinion, among journeys of the same age") if of_journeys else \
        _("second opinion, beside comparable contacts")  # fmt: skip
    followed, all_ = second["exposed"], one["exposed_n"]
    counted = (followed, all_) if of_journeys and second["effect"] is not None else (all_, followed)
    rows: list[dict[str, Any]] = [
        {"label": _("effect of one episode"), "value": one["effect"], "low": one["low"], "high": one["high"],
         "n": counted[0]},
        {"label": other, "value": second["effect"], "low": second["low"],
         "high": second["high"], "n": counted[1]},
        {"label": _("unadjusted"), "value": one["unadjusted"], "low": None, "high": None, "n": one["exposed_n"]},
    ]  # fmt: skip
    title = _("What goes with one episode: {outcome}")
    if one["state"] == State.CONFIRMED or is_felt(one):
        title = _("What one episode changes: {outcome}")
    title = title.format(outcome=timed_outcome(one))
    data = pa.Table.from_pylist(rows, schema=FIGURES)
    answer = _("{outcome}: {effect}, {n}.").format(
        outcome=sentence(timed_outcome(one)), effect=effect_words(one), n=episodes_words(one["exposed_n"])
    )
    table = figures_table("effect", title, data, unit_of(one), _("figure"), _("episodes"))
    return Part("effect", _("What it does"), answer, tuple(_beside(one)), (table,),
                drawn(data, unit_of(one), title), _method(one))  # fmt: skip


def _cannot(one: Estimate) -> Part:
    answer = _("What it does cannot be judged: nobody comparable was without it.")
    if one.get("few"):
        answer = _("What it does cannot be judged: too little came after its episodes to go by.")
    elif one["second_opinion"]["cannot_be_judged"] == "disagree":
        answer = _("What it does cannot be judged: two methods contradict each other.")
    return Part("effect", _("What it does"), answer, (sentence(episodes_words(one["exposed_n"])) + ".",))


def _beside(one: Estimate) -> list[str]:
    said = []
    if one.get("unit", "risk") == "risk":
        said.append(
            _("With it the risk is {risk}; outcomes after its episodes: {n}.").format(
                risk=formats.share(one["risk"]), n=formats.number(one["outcomes_after"])
            )
        )
    ratio = one.get("hazard_ratio") or {}
    if ratio.get("value") is not None:
        said.append(
            _("Ratio of rates: {ratio} (95 % interval {interval}).").format(
                ratio=formats.number(ratio["value"], digits=2),
                interval=formats.between(*(formats.number(ratio[end], digits=2) for end in ("low", "high"))),
            )
        )
    if one.get("behaviour") and not one.get("equivalence"):
        done = one["behaviour"]
        said.append(
            _("{outcome}: {effect}; 90 % interval {low} to {high}.").format(
                outcome=sentence(Outcome(done["outcome"]).in_words()),
                **{
                    name: written_difference(done[key], "share")
                    for name, key in (("effect", "effect"), ("low", "low_90"), ("high", "high_90"))
                },
            )
        )
    if one.get("equivalence"):
        margin, bounds = one["equivalence"]["margin"], one["equivalence"]
        said.append(
            _("What customers do is the same within ±{margin}: 90 % interval {low} to {high}.").format(
                margin=written_difference(margin, "share").removeprefix("+"),
                low=written_difference(bounds["low"], "share"),
                high=written_difference(bounds["high"], "share"),
            )
        )
    return said


def _method(one: Estimate) -> str:
    if is_of_journeys(one):
        return _(
            "The effect compares the contacts at which it came true with contacts of other journeys at which it could "
            "have and did not, weighted and modelled so that age and what was before are alike, with its 95 % "
            "interval; what happens later is left as it is. The second opinion is the joint model of journeys of the "
            "same age. Unadjusted: the difference of what was seen, with nothing made alike."
        )
    return _(
        "The effect is the outcome with this one episode less the outcome without it, everything else as it was, "
        "averaged over the episodes of the customers on whom findings are confirmed, with its 95 % interval. The "
        "second opinion compares its episodes with contacts at which the same could have happened and did not, "
        "weighted and modelled so that what was before is alike. Unadjusted: the difference of what was seen, with "
        "nothing made alike."
    )


def feelings(one: Estimate) -> Part | None:
    """What the same situation does to feelings."""
    felt = one.get("felt") or ()
    if not felt:
        return None
    rows = [
        {"outcome": Outcome(f["outcome"]).in_words(),
         "change": written_change(f["effect"], f["low"], f["high"], unit_of({"unit": Outcome(f["outcome"]).unit})),
         "n": f["n"], "effect": f["effect"], "low": f["low"], "high": f["high"]}
        for f in felt
    ]  # fmt: skip
    columns = (
        Shown("outcome", _("feeling")),
        Shown("change", _("change (95 % interval)"), whole=True),
        Shown("n", _("answers"), Kind.COUNT),
    )
    table = ShownTable("felt", _("What it does to feelings"), pa.Table.from_pylist(rows), columns)
    said = "; ".join(f"{row['outcome']} {row['change']}, {_('n {n}').format(n=row['n'])}" for row in rows)
    return Part("felt", _("What it does to feelings"), said[:1].upper() + said[1:] + ".", (), (table,))


def segments(one: Estimate, *, withhold_few: bool = False) -> Part | None:
    """The effect by segment and by half-year. withhold_few: without parts of few episodes."""
    if one["state"] == State.CANNOT_BE_JUDGED:
        return None
    parts, draw = [], None
    unit = unit_of(one)
    groups: list[tuple[str, str, str, Callable[[Mapping[str, Any]], str]]] = [
        ("by_segment", _("By segment"), _("segment"), lambda row: str(row["segment"] or "–")),
        ("by_half_year", _("By half-year"), _("time"), _span),
    ]
    for name, title, heading, label in groups:
        rows = [_figure(label(row), row) for row in one.get(name) or ()]
        if withhold_few:
            hidden = withheld([row["n"] for row in rows])
            rows = [row for i, row in enumerate(rows) if i not in hidden]
        if rows:
            data = pa.Table.from_pylist(rows, schema=FIGURES)
            parts.append(figures_table(name, title, data, unit, heading, _("episodes")))
    if not parts:
        return None
    drawn_rows = pa.concat_tables(part.data.select(FIGURES.names) for part in parts)
    draw = drawn(drawn_rows, unit, _("The effect in parts of the customers and of the time"))
    judged = [value for value in drawn_rows["value"].to_pylist() if value is not None]
    answer = _("The same sign in {n} of {all} parts.").format(
        n=sum(value * one["effect"] > 0 for value in judged), all=len(judged)
    )
    method = _(
        "The same estimate among some of the episodes. Parts are few and their intervals wide: that one holds zero and "
        "another does not is no sign that they differ."
    )
    return Part("parts", _("For whom, and when"), answer, (), tuple(parts), draw, method)


def _figure(label: str, row: Mapping[str, Any]) -> dict[str, Any]:
    return {"label": label, "value": row["effect"], "low": row["low"], "high": row["high"], "n": row["episodes"]}


def _span(row: Mapping[str, Any]) -> str:
    months = [date.fromisoformat(f"{row[end][:7]}-01") for end in ("from", "to")]
    return formats.between(*(calendar_label(month, month=True) for month in months))


def builds(series: Sequence[Estimate]) -> Part | None:
    """How the estimate moved from build to build; nothing where there is one estimate only."""
    if len(series) < 2:
        return None
    unit = unit_of(series[-1])
    rows = [
        {"label": _("evidence {n}").format(n=e["version"]), "value": e["effect"], "low": e["low"], "high": e["high"],
         "n": e["exposed_n"]}
        for e in series
    ]  # fmt: skip
    data = pa.Table.from_pylist(rows, schema=FIGURES)
    title = _("The estimate, build by build")
    answer = ngettext("{n} estimate so far; the latest {effect}.", "{n} estimates so far; the latest {effect}.",
                      len(series)).format(n=len(series), effect=effect_words(series[-1]))  # fmt: skip
    table = figures_table("builds", title, data, unit, _("build"), _("episodes"))
    method = _("Builds share most of their contacts: their estimates are not independent of each other.")
    return Part("builds", _("From build to build"), answer, (), (table,), drawn(data, unit, title), method)


def drawn(data: pa.Table, unit: Unit, title: str) -> Draw:
    """The picture of such figures."""
    return lambda theme, width: effects(data, unit=unit, title=title, theme=theme, width=width)


def figures_table(name: str, title: str, data: pa.Table, unit: Unit, heading: str, counted: str) -> ShownTable:
    """Effects as a table: each with its interval and n."""
    words = [
        _("cannot be judged") if row["value"] is None
        else written_difference(row["value"], unit) if row["low"] is None
        else written_change(row["value"], row["low"], row["high"], unit)
        for row in data.to_pylist()
    ]  # fmt: skip
    data = data.append_column("change", pa.array(words, pa.string()))
    columns = (
        Shown("label", heading, whole=True),
        Shown("change", _("change (95 % interval)"), whole=True),
        Shown("n", counted, Kind.COUNT),
    )
    return ShownTable(name, title, data, columns)
