"""What customers expect of each kind of journey, and whether they get it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

import pyarrow as pa

from tiesa.core import formats
from tiesa.core.locale import _, ngettext, told
from tiesa.core.shown import Kind, Shown, ShownTable
from tiesa.journeys.held import Held, held
from tiesa.journeys.monthly import MONTHS, NOTHING, Figure, Series, medians, shares, trend_in_words, trends
from tiesa.journeys.questions.result import Result
from tiesa.journeys.templates.checks import METRICS, Check, Target, Unit
from tiesa.journeys.templates.fitting import fitting, journey_types
from tiesa.journeys.templates.measuring import Log, NoData, gap_in_words, over_journeys, query
from tiesa.journeys.templates.reading import Template, read_templates
from tiesa.journeys.view import View
from tiesa.pictures.palette import LIGHT, Theme

if TYPE_CHECKING:
    from tiesa.pictures.charts_frame import Picture

_DRAWN = 12
"""Bars of the picture."""
_CHECKED = pa.schema(
    [(c, pa.string()) for c in ("journey_type", "expectation", "check", "unit", "metric")]
    + [("n", pa.int64())]
    + [(c, pa.float64()) for c in ("value", "low", "high", "at_least", "at_most")]
    + [(c, pa.string()) for c in ("verdict", "trend")]
    + [(c, pa.float64()) for c in ("change", "change_low", "change_high")]
    + [("missing", pa.list_(pa.string()))]
)
_MONTHLY = pa.schema([("journey_type", pa.string()), ("check", pa.string()), *MONTHS])
_KINDS = {Unit.SHARE: Kind.SHARE, Unit.SECONDS: Kind.SECONDS, Unit.COUNT: Kind.NUMBER}


@dataclass(frozen=True, slots=True)
class Checked:
    """One check as it came out. An empty series cannot be judged; then `missing` names what the log lacks."""

    journey_type: str
    check: Check
    metric: str
    series: Series
    missing: tuple[str, ...]

    def row(self, trend: str) -> dict[str, Any]:
        target = self.check.target or Target()
        whole, change = self.series.whole, self.series.change or Figure(0, None, None, None)
        is_judged, is_told = whole.value is not None, trend != "unknown"
        return {
            "journey_type": self.journey_type,
            "expectation": self.check.expectation,
            "check": self.check.name,
            "unit": self.check.metrics[0].unit.value,
            "metric": self.metric or None,
            "n": whole.n,
            "value": whole.value,
            "low": whole.low,
            "high": whole.high,
            "at_least": target.at_least,
            "at_most": target.at_most,
            "verdict": target.verdict(whole.low, whole.high) if self.check.target and is_judged else None,
            "trend": trend if is_judged else None,
            "change": change.value if is_told else None,
            "change_low": change.low if is_told else None,
            "change_high": change.high if is_told else None,
            "missing": list(self.missing) or None,
        }


@dataclass(frozen=True)
class ExpectationsReport(Result):
    """The checks of every template that fits a journey type of the view.

    checks: one row per check: journey_type, expectation, check, unit, metric (of the vocabulary), n, value, low, high,
    at_least or at_most (its target), verdict (kept, not_kept, unknown; null: no target), trend with change, change_low,
    change_high (the last three months minus those before), missing (what the log lacks, as `gap_in_words` knows it;
    then there is no value). months: the same figures per month. without_template: journey types that no template fits.
    """

    number: ClassVar[int] = 0
    name: ClassVar[str] = "expectations"
    checks: pa.Table
    months: pa.Table
    without_template: tuple[str, ...]
    as_of: datetime

    def question(self) -> str:
        return _("Do they get what they expect of such a journey?")

    @property
    def rows(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.checks.to_pylist()
        return found

    @property
    def judged(self) -> list[dict[str, Any]]:
        return [row for row in self.rows if row["value"] is not None]

    @property
    def can_be_judged(self) -> bool:
        return bool(self.judged)

    @property
    def not_kept(self) -> list[dict[str, Any]]:
        """Checks whose target is missed even at the better bound of the interval."""
        return [row for row in self.rows if row["verdict"] == "not_kept"]

    @property
    def needs_attention(self) -> bool:
        return bool(self.not_kept)

    def answer(self) -> str:
        if not self.checks.num_rows:
            return _("Cannot be judged: no journey type of the data has a template.")
        if not self.judged:
            return _("Cannot be judged: the data have nothing that the checks ask for.")
        answered = _("{n} of {total} checks can be answered from the data.").format(
            n=formats.number(len(self.judged)), total=formats.number(self.checks.num_rows)
        )
        aimed = [row for row in self.judged if row["verdict"] is not None]
        if not aimed:
            return answered
        return f"{answered} " + _("Of {n} targets {kept} are kept, {missed} are not, {unknown} cannot be told.").format(
            n=formats.number(len(aimed)),
            kept=formats.number(sum(row["verdict"] == "kept" for row in aimed)),
            missed=formats.number(len(self.not_kept)),
            unknown=formats.number(sum(row["verdict"] == "unknown" for row in aimed)),
        )

    def findings(self) -> tuple[str, ...]:
        found = [
            _("Not kept: {type}, {check}: {figure}, the target is {target}.").format(
                type=row["journey_type"], check=told(row["check"]), figure=_figure(row), target=_target(row)
            )
            for row in self.not_kept
        ]
        if self.without_template:
            found.append(
                ngettext(
                    "{n} journey type has no template: {types}.",
                    "{n} journey types have no template: {types}.",
                    len(self.without_template),
                ).format(n=formats.number(len(self.without_template)), types=", ".join(self.without_template))
            )
        return tuple(found)

    def missing(self) -> str:
        if not self.checks.num_rows:
            return _("journey_type, or rules that say which touchpoints start a type; or a template of your own")
        lacking = dict.fromkeys(_gaps(row) for row in self.rows if row["missing"])
        return "; ".join(list(lacking)[:4])

    def tables(self) -> tuple[ShownTable, ...]:
        made = [self._of_unit(unit) for unit in Unit]
        lacking = [row for row in self.rows if row["value"] is None]
        made.append(
            ShownTable(
                "expectations_unanswered",
                _("What the data cannot answer"),
                _shown(lacking),
                (*_what(), Shown("lacking", _("missing in the data"))),
            )
        )
        months = [
            row | {"check": told(row["check"]), "period": f"{row['period']:%Y-%m}"} for row in self.months.to_pylist()
        ]
        share_checks = {(r["journey_type"], told(r["check"])) for r in self.judged if r["unit"] == Unit.SHARE}
        months = [row for row in months if (row["journey_type"], row["check"]) in share_checks]
        made.append(
            ShownTable(
                "expectations_by_month",
                _("Shares by month"),
                pa.Table.from_pylist(months, _MONTHLY.set(2, pa.field("period", pa.string()))),
                (
                    Shown("journey_type", _("journey type")),
                    Shown("check", _("check")),
                    Shown("period", _("month")),
                    Shown("value", _("share"), Kind.SHARE, "low", "high"),
                    Shown("n", _("n"), Kind.COUNT),
                ),
                note=_("Without the last days, whose journeys may still be under way."),
            )
        )
        return tuple(table for table in made if len(table))

    def _of_unit(self, unit: Unit) -> ShownTable:
        titles = {
            Unit.SHARE: (_("Expectations as shares"), _("share")),
            Unit.SECONDS: (_("Expectations as times"), _("median")),
            Unit.COUNT: (_("Expectations as counts"), _("median")),
        }
        title, heading = titles[unit]
        rows = [row for row in self.judged if row["unit"] == unit]
        columns = (
            *_what(),
            Shown("value", heading, _KINDS[unit], "low", "high"),
            Shown("target", _("target"), extra=True),
            Shown("verdict", _("kept")),
            Shown("trend", _("last 3 months"), extra=True),
            Shown("n", _("n"), Kind.COUNT),
        )
        return ShownTable(f"expectations_{unit.value}", title, _shown(rows), columns)

    def explain(self) -> str:
        used = list(dict.fromkeys(row["metric"] for row in self.judged))
        defined = "; ".join(f"{name}: {METRICS[name].meaning()}" for name in used)
        return _(
            "The checks are those of the template of each journey type. A check that the data cannot answer has no "
            "value. "
            "Shares have Wilson intervals, medians those of Campbell and Gardner (1988), both of 95 %; a target is "
            "kept "
            "or not only where the whole interval says so. A journey counts in the month in which it ended; by month, "
            "and in the trend, without the last days, whose slower journeys are still under way. The trend "
            "compares the last three months with all before (Newcombe 1998; for medians Zou and Donner 2008), with at "
            "most 5 % false ones expected among those called clear (Benjamini and Hochberg 1995). Journeys "
            "are taken as independent. Now is {now}."
        ).format(now=formats.moment(self.as_of)) + (f" {defined}." if defined else "")

    def picture(self, *, theme: Theme = LIGHT, width: int = 640) -> Picture | None:
        from tiesa.pictures.charts import bars

        rows = [row for row in self.judged if row["unit"] == Unit.SHARE]
        if not rows:
            return None
        several = len({row["journey_type"] for row in rows}) > 1
        aimed = [row for row in rows if row["verdict"] is not None] if several else rows
        drawn = [
            {
                "label": f"{row['journey_type']}: {told(row['check'])}" if several else told(row["check"]),
                **{column: row[column] for column in ("value", "low", "high", "n")},
            }
            for row in aimed or rows
        ]
        title = (
            _("Checks that have a target") if several and aimed else _("What customers expect, and how often it is so")
        )
        return bars(pa.Table.from_pylist(drawn[:_DRAWN]), sort=False, theme=theme, width=width, title=title)


def _what() -> tuple[Shown, ...]:
    return (
        Shown("journey_type", _("journey type")),
        Shown("expectation", _("expectation")),
        Shown("check", _("check")),
    )


def _shown(rows: list[dict[str, Any]]) -> pa.Table:
    said = [
        row
        | {
            "expectation": told(row["expectation"]),
            "check": told(row["check"]),
            "verdict": verdict_in_words(row["verdict"]),
            "trend": trend_in_words(row["trend"]) if row["trend"] else None,
            "target": _target(row),
            "lacking": _gaps(row),
        }
        for row in rows
    ]
    schema = _CHECKED.remove(_CHECKED.get_field_index("missing"))
    return pa.Table.from_pylist(said, pa.schema([*schema, ("target", pa.string()), ("lacking", pa.string())]))


def _gaps(row: dict[str, Any]) -> str:
    return "; ".join(gap_in_words(gap) for gap in row["missing"] or ())


def verdict_in_words(verdict: str | None) -> str | None:
    """A verdict as people call it; None where there is no target."""
    words = {"kept": _("yes"), "not_kept": _("no"), "unknown": _("cannot be told")}
    return words[verdict] if verdict else None


def _written(value: float, unit: str) -> str:
    if unit == Unit.SHARE:
        return formats.share(value)
    return formats.length(value) if unit == Unit.SECONDS else formats.number(value, digits=1)


def _target(row: dict[str, Any]) -> str | None:
    if row["at_least"] is not None:
        return _("at least {value}").format(value=_written(row["at_least"], row["unit"]))
    if row["at_most"] is not None:
        return _("at most {value}").format(value=_written(row["at_most"], row["unit"]))
    return None


def _figure(row: dict[str, Any]) -> str:
    bounds = (
        formats.between(_written(row["low"], row["unit"]), _written(row["high"], row["unit"]))
        if row["low"] is not None
        else _("too few for an interval")
    )
    return _("{value} ({interval}, n {n})").format(
        value=_written(row["value"], row["unit"]), interval=bounds, n=formats.number(row["n"])
    )


def expectations(view: View, *, holds: Held | None = None) -> ExpectationsReport:
    """The expectation checks of every journey type of a view that a template fits.

    Raises: InvalidRules where a template of the home cannot be read.
    """
    holds = holds or held(view)
    templates = read_templates(view.home).values()
    types = journey_types(view)
    fitted = [(name, template) for name in types if (template := fitting(templates, name)) is not None]
    checked = [one for name, template in fitted for one in _checked(view, holds, name, template)]
    monthly = [
        {"journey_type": c.journey_type, "check": c.check.name} | row
        for c in checked
        for row in c.series.months.to_pylist()
    ]
    known = {name for name, _template in fitted}
    told = trends([c.series for c in checked])
    return ExpectationsReport(
        checks=pa.Table.from_pylist([c.row(t) for c, t in zip(checked, told, strict=True)], _CHECKED),
        months=pa.Table.from_pylist(monthly, _MONTHLY),
        without_template=tuple(name for name in types if name not in known),
        as_of=view.now,
    )


def _checked(view: View, holds: Held, journey_type: str, template: Template) -> list[Checked]:
    window = view.rules.windows_of(journey_type).same_reason
    over_journeys(view, journey_type, window)
    words = {
        column: tuple(
            word for (word,) in view.rows(f"select distinct {column} from all_rows where {column} is not null")
        )
        for column in ("touchpoint", "reason")
    }
    log = Log(view, template, holds, window, words["touchpoint"], words["reason"])
    made = [_check(check, log, journey_type) for check in template.checks]
    view.connection.execute("drop table typed_journeys")
    return made


def _check(check: Check, log: Log, journey_type: str) -> Checked:
    """The check by the first of its metrics that the log can answer."""
    lacking = []
    for metric in check.metrics:
        try:
            sql = query(metric, log)
        except NoData as gap:
            lacking.append(gap.gap)
            continue
        is_share = metric.unit == Unit.SHARE
        series = shares(log.view, sql, until=log.settled_until(metric)) if is_share else medians(log.view, sql)
        if series.whole.n:
            return Checked(journey_type, check, metric.kind, series, ())
        lacking.append("journeys")
    return Checked(journey_type, check, "", NOTHING, tuple(dict.fromkeys(lacking)))
