"""The answer about standards: kept or not, what is broken now, by month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

import pyarrow as pa

from tiesa.core import formats
from tiesa.core.intervals import wilson_of
from tiesa.core.locale import _, ngettext
from tiesa.core.shown import Kind, Shown, ShownTable
from tiesa.journeys.monthly import MONTHS, trend_in_words
from tiesa.journeys.questions.result import Result
from tiesa.journeys.standards_rules import metric_in_words
from tiesa.pictures.palette import LIGHT, Theme

if TYPE_CHECKING:
    from tiesa.pictures.charts_frame import Picture

_MOST_NEEDED = 10_000_000
STANDARDS = pa.schema(
    [(c, pa.string()) for c in ("standard", "metric", "target")]
    + [("needed", pa.float64()), ("n", pa.int64()), ("kept", pa.int64())]
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

    standards: one row per standard: metric, target (in words), needed (share that has to keep it), n, kept, kept_share,
    low, high (Wilson), verdict (kept, not_kept, unknown), n_needed (how many it would take to tell, at this share),
    breaches_now, trend with change, change_low, change_high (last three months minus those before), since, owner,
    public, missing (the column without which it cannot be measured). breaches: what is broken and still open, worst
    first (names only where the scope shows them): open_s since `since`, or over_times beyond the target. months: kept
    share per month. complaints: the same row for the statutory deadline chosen, if any. are_defaults: derived from the
    channels' reply times.
    """

    number: ClassVar[int] = 0
    name: ClassVar[str] = "standards"
    standards: pa.Table
    breaches: pa.Table
    months: pa.Table
    complaints: pa.Table
    are_defaults: bool
    as_of: datetime

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
                standard=row["standard"],
                share=formats.share(row["kept_share"]),
                interval=formats.between(formats.share(row["low"]), formats.share(row["high"])),
                n=formats.number(row["n"]),
                needed=formats.share(row["needed"]),
            )
            for row in worst[:5]
        ]
        found += [
            _("Getting worse: “{standard}”, in the last three months by {points} points ({interval}).").format(
                standard=row["standard"],
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
                "verdict": _verdict(row),
                "trend": trend_in_words(row["trend"]) if row["trend"] else None,
                "public": _("yes") if row["public"] else _("no"),
                "since": formats.day(row["since"]) if row["since"] else None,
            }
            for row in self.rows
        ]
        schema = STANDARDS
        for column in ("since", "public"):
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
            self.breaches,
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
            self.months.set_column(
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
        return tuple(table for table in (measured, breaches, months) if len(table))

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
            title = _("“{standard}”, kept by month").format(standard=only["standard"])
            return trend(self.months, title=title, standard=only["needed"], theme=theme, width=width)
        drawn = [
            {
                "label": _("{standard} ({share} needed)").format(
                    standard=row["standard"], share=formats.share(row["needed"])
                ),
                "value": row["kept_share"],
                "low": row["low"],
                "high": row["high"],
                "n": row["n"],
            }
            for row in sorted(measured, key=lambda row: row["kept_share"] - row["needed"])[:12]
        ]
        return bars(
            pa.Table.from_pylist(drawn), sort=False, theme=theme, width=width,
            title=_("How often each standard is kept, the furthest from its target first"),
        )  # fmt: skip


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
