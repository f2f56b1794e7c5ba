"""The answer about standards: kept or not, what is broken now, by month."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, ClassVar

import pyarrow as pa
import pyarrow.compute as pc

from tiesa.core import formats
from tiesa.core.intervals import wilson_of
from tiesa.core.locale import _, ngettext, told
from tiesa.core.shown import Kind, Shown, ShownTable
from tiesa.journeys.changes import CHANGES, changes_table, last_day, marks_of
from tiesa.journeys.deadlines import length_in_words
from tiesa.journeys.monthly import MONTHS, trend_in_words
from tiesa.journeys.questions.result import Result
from tiesa.journeys.standards_rules import metric_in_words, target_in_words
from tiesa.pictures.palette import LIGHT, Theme

if TYPE_CHECKING:
    from tiesa.pictures.charts_frame import Picture

_MOST_NEEDED = 10_000_000
RUNS = 6
"""Standards drawn month by month; the table holds all."""
STANDARDS = pa.schema(
    [("standard", pa.string()), ("metric", pa.string()), ("target", pa.float64()), ("unit", pa.string())]
    + [("business_time", pa.bool_()), ("needed", pa.float64()), ("n", pa.int64()), ("kept", pa.int64())]
    + [(c, pa.float64()) for c in ("kept_share", "low", "high")]
    + [("verdict", pa.string()), ("n_needed", pa.int64()), ("breaches_now", pa.int64()), ("trend", pa.string())]
    + [(c, pa.float64()) for c in ("change", "change_low", "change_high")]
    + [("since", pa.date32()), ("owner", pa.string()), ("public", pa.bool_()), ("missing", pa.string())]
)
BREACHES = pa.schema(
    [(c, pa.string()) for c in ("standard", "customer", "case_id", "touchpoint")]
    + [("since", pa.timestamp("us", tz="UTC")), ("open_s", pa.float64()), ("over_times", pa.float64())]
    + [("customer_key", pa.int64()), ("journey_no", pa.int32())]
)
MONTHLY = pa.schema([("standard", pa.string()), *MONTHS])


@dataclass(frozen=True)
class StandardsReport(Result):
    """The standards of a home, kept or not.

    standards: one row per standard: metric, target (seconds, times or a share, as the metric says) with business_time,
    needed (share that has to keep it), n, kept, kept_share, low, high (Wilson), verdict (kept, not_kept, unknown),
    n_needed (how many it would take to tell, at this share), breaches_now, trend with change, change_low, change_high
    (last three months minus those before), since, owner, public, missing (the column without which it cannot be
    measured). breaches: what is broken and still open, worst first (names only where the scope shows them): open_s
    since `since`, or over_times beyond the target. months: kept share per month. complaints: the same row for the
    statutory deadline chosen, if any: its target in `unit`, its name `country: kind`. are_defaults: derived from the
    channels' reply times; then a standard has the name of its channel. changes: what was changed in these months
    (CHANGES).
    """

    number: ClassVar[int] = 0
    name: ClassVar[str] = "standards"
    standards: pa.Table
    breaches: pa.Table
    months: pa.Table
    complaints: pa.Table
    are_defaults: bool
    as_of: datetime
    changes: pa.Table = field(default_factory=CHANGES.empty_table)

    def question(self) -> str:
        return _("Do we keep our standards?")

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Every standard, and the statutory deadline last."""
        found: list[dict[str, Any]] = pa.concat_tables([self.standards, self.complaints]).to_pylist()
        return found

    @property
    def measured(self) -> list[dict[str, Any]]:
        return [row for row in self.rows if row["n"]]

    @property
    def can_be_judged(self) -> bool:
        return bool(self.measured)

    def called(self, standard: str) -> str:
        """A standard as people call it; one of their own by the name that they gave it."""
        if standard in self.complaints["standard"].to_pylist():
            country, _mark, kind = standard.partition(": ")
            return _("{kind} ({country}, statutory)").format(kind=told(kind), country=country)
        return _("reply on {channel}").format(channel=standard) if self.are_defaults else standard

    def _with_names(self, table: pa.Table) -> pa.Table:
        names = pa.array([self.called(name) for name in table["standard"].to_pylist()], pa.string())
        return table.set_column(table.schema.get_field_index("standard"), "standard", names)

    def of_verdict(self, verdict: str) -> list[dict[str, Any]]:
        return [row for row in self.measured if row["verdict"] == verdict]

    @property
    def needs_attention(self) -> bool:
        return bool(self.of_verdict("not_kept"))

    def answer(self) -> str:
        if not self.can_be_judged:
            return _("Cannot be judged: nothing in the data can be measured by a standard.")
        n = len(self.measured)
        said = ngettext(
            "Of {n} standard {kept} is kept, {missed} is not, {unknown} cannot be told yet.",
            "Of {n} standards {kept} are kept, {missed} are not, {unknown} cannot be told yet.",
            n,
        ).format(
            n=formats.number(n),
            kept=formats.number(len(self.of_verdict("kept"))),
            missed=formats.number(len(self.of_verdict("not_kept"))),
            unknown=formats.number(len(self.of_verdict("unknown"))),
        )
        if self.are_defaults:
            said += " " + _("They are the usual reply times of your channels; you have set none of your own.")
        return said

    def findings(self) -> tuple[str, ...]:
        worst = sorted(self.of_verdict("not_kept"), key=lambda row: row["high"] - row["needed"])
        found = [
            _("Not kept: “{standard}” in {share} ({interval}, n {n}); {needed} are needed.").format(
                standard=self.called(row["standard"]),
                share=formats.share(row["kept_share"]),
                interval=formats.between(formats.share(row["low"]), formats.share(row["high"])),
                n=formats.number(row["n"]),
                needed=formats.share(row["needed"]),
            )
            for row in worst[:5]
        ]
        found += [
            _("Getting worse: “{standard}”, in the last three months by {points} points ({interval}).").format(
                standard=self.called(row["standard"]),
                points=formats.number(-100 * row["change"], digits=1),
                interval=formats.between(
                    *(formats.number(-100 * row[c], digits=1) for c in ("change_high", "change_low"))
                ),
            )
            for row in self.measured
            if row["trend"] == "falling"
        ]
        if broken := sum(row["breaches_now"] for row in self.rows):
            found.append(
                ngettext("{n} is broken now and still open.", "{n} are broken now and still open.", broken).format(
                    n=formats.number(broken)
                )
            )
        return tuple(found)

    def missing(self) -> str:
        if not self.rows:
            return _("direction (who wrote to whom), so that messages have a reply time; or standards of your own")
        return ", ".join(dict.fromkeys(row["missing"] for row in self.rows if row["missing"]))

    def tables(self) -> tuple[ShownTable, ...]:
        rows = [
            row
            | {
                "standard": self.called(row["standard"]),
                "target": _target(row),
                "verdict": _verdict(row),
                "trend": trend_in_words(row["trend"]) if row["trend"] else None,
                "public": _("yes") if row["public"] else _("no"),
                "since": formats.day(row["since"]) if row["since"] else None,
            }
            for row in self.rows
        ]
        schema = STANDARDS
        for column in ("since", "public", "target"):
            schema = schema.set(schema.get_field_index(column), pa.field(column, pa.string()))
        measured = ShownTable(
            "standards",
            _("Standards"),
            pa.Table.from_pylist(rows, schema),
            (
                Shown("standard", _("standard")),
                Shown("target", _("target")),
                Shown("kept_share", _("kept"), Kind.SHARE, "low", "high"),
                Shown("needed", _("needed"), Kind.SHARE),
                Shown("verdict", _("is it kept?")),
                Shown("trend", _("last 3 months"), extra=True),
                Shown("breaches_now", _("broken now"), Kind.COUNT),
                Shown("n", _("n"), Kind.COUNT),
                Shown("owner", _("owner"), extra=True),
                Shown("since", _("since"), extra=True),
                Shown("public", _("public"), extra=True),
            ),
        )
        breaches = ShownTable(
            "standards_broken_now",
            _("Broken now, worst first"),
            self._with_names(self.breaches),
            (
                Shown("standard", _("standard")),
                Shown("open_s", _("open for"), Kind.SECONDS),
                Shown("over_times", _("times too many"), Kind.COUNT, extra=True),
                Shown("since", _("since (UTC)"), Kind.INSTANT),
                Shown("customer", _("customer")),
                Shown("case_id", _("case")),
                Shown("touchpoint", _("touchpoint")),
            ),
        )
        months = ShownTable(
            "standards_by_month",
            _("Kept by month"),
            self._with_names(self.months).set_column(
                1, "period", pa.array([f"{day:%Y-%m}" for day in self.months["period"].to_pylist()], pa.string())
            ),
            (
                Shown("standard", _("standard")),
                Shown("period", _("month")),
                Shown("value", _("kept"), Kind.SHARE, "low", "high"),
                Shown("n", _("n"), Kind.COUNT),
            ),
            note=_("Without the last days, of which not everything can be told yet."),
        )
        changed = changes_table(self.changes)
        return tuple(table for table in (measured, breaches, months, changed) if len(table))

    def explain(self) -> str:
        used = dict.fromkeys(row["metric"] for row in self.measured)
        defined = "; ".join(metric_in_words(metric) for metric in used if metric != "complaints")
        return (
            _(
                "A standard says what has to be done within which target, and which share may miss it. Kept is the "
                "share "
                "that met the target, with a 95 % Wilson interval; the standard is kept or not only where the whole "
                "interval lies on that side of the needed share, else it says how many cases it would take to tell. "
                "What "
                "is past its target without an end counts as broken, what is not due yet does not count. The trend "
                "compares the last three months with all before (Newcombe 1998), with at most 5 % false ones expected "
                "among those called clear (Benjamini and Hochberg 1995). Cases are taken as independent. Now is {now}."
            ).format(now=formats.moment(self.as_of))
            + (" " + _("Counted are {metrics}.").format(metrics=defined) if defined else "")
            + (
                " "
                + _(
                    "Of complaints the first of each journey counts, as answered by our next contact after it or "
                    "closed by "
                    "the goal; the statutory deadline is to be checked with counsel."
                )
                if self.complaints.num_rows
                else ""
            )
        )

    def picture(self, *, theme: Theme = LIGHT, width: int = 640) -> Picture | None:
        from tiesa.pictures.charts import bars, trend

        measured = self.measured
        if not measured:
            return None
        if len(measured) == 1 and self.months.num_rows > 1:
            only = measured[0]
            title = _("“{standard}”, kept by month").format(standard=self.called(only["standard"]))
            return trend(
                self.months, title=title, standard=only["needed"], annotations=marks_of(self.changes), theme=theme,
                width=width,
            )  # fmt: skip
        drawn = [
            {
                "label": _("{standard} ({share} needed)").format(
                    standard=self.called(row["standard"]), share=formats.share(row["needed"])
                ),
                "value": row["kept_share"],
                "low": row["low"],
                "high": row["high"],
                "n": row["n"],
            }
            for row in self._furthest_first()[:12]
        ]
        return bars(
            pa.Table.from_pylist(drawn), sort=False, theme=theme, width=width,
            title=_("How often each standard is kept, the furthest from its target first"),
        )  # fmt: skip

    def over_time(self, *, theme: Theme = LIGHT, width: int = 640) -> Picture | None:
        from tiesa.pictures.charts import Run, runs

        found = [row for row in self._furthest_first() if self._months_of(row).num_rows > 1][:RUNS]
        if len(self.measured) < 2 or not found:
            return None
        return runs(
            [Run(self._heading(row), self._months_of(row), row["needed"]) for row in found],
            title=_("How often each standard is kept, by month"), annotations=marks_of(self.changes), theme=theme,
            width=width,
        )  # fmt: skip

    def _furthest_first(self) -> list[dict[str, Any]]:
        return sorted(self.measured, key=lambda row: row["kept_share"] - row["needed"])

    def _months_of(self, row: dict[str, Any]) -> pa.Table:
        return self.months.filter(pc.field("standard") == row["standard"]).drop_columns(["standard"])

    def _heading(self, row: dict[str, Any]) -> str:
        return _("{standard}: {share} ({interval}, n {n})").format(
            standard=self.called(row["standard"]),
            share=formats.share(row["kept_share"]),
            interval=formats.between(formats.share(row["low"]), formats.share(row["high"])),
            n=formats.number(row["n"]),
        )


def months_in(months: pa.Table) -> tuple[date, date] | None:
    """The first and the last day of the months of a table."""
    bounds = pc.min_max(months["period"]).as_py()
    return (bounds["min"], last_day(bounds["max"])) if bounds["min"] else None


def _target(row: dict[str, Any]) -> str:
    if row["unit"]:
        return length_in_words(int(row["target"]), row["unit"])
    return target_in_words(row["metric"], row["target"], business_time=row["business_time"])


def _verdict(row: dict[str, Any]) -> str:
    if row["missing"]:
        return _("cannot be judged without {column}").format(column=row["missing"])
    if not row["n"]:
        return _("nothing to measure yet")
    if row["verdict"] == "unknown":
        if row["needed"] == 1 and row["kept_share"] == 1:
            return _("none missed so far")
        if row["n_needed"] is None:
            return _("cannot be told")
        return _("cannot be told before n {n}").format(n=formats.number(row["n_needed"]))
    return _("kept") if row["verdict"] == "kept" else _("not kept")


def n_to_tell(seen: float, needed: float) -> int | None:
    """How many cases it would take until the Wilson interval of this share leaves out the needed one; None: too many.

    >>> n_to_tell(0.8, 0.9), n_to_tell(0.9, 0.9)
    (35, None)
    """
    if not _tells(seen, needed, _MOST_NEEDED):
        return None
    low, high = 1, _MOST_NEEDED
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if _tells(seen, needed, middle) else (middle + 1, high)
    return low


def _tells(seen: float, needed: float, n: int) -> bool:
    return by_bounds(wilson_of(seen, n).low, wilson_of(seen, n).high, needed) != "unknown"


def by_bounds(low: float, high: float, needed: float) -> str:
    return "kept" if low >= needed else "not_kept" if high < needed else "unknown"
