"""The contact optimum: how journeys end by the number and the spacing of their contacts (too many, too few)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from math import sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, ClassVar

import pyarrow as pa

from tiesa.core import formats
from tiesa.core.intervals import wilson_of
from tiesa.core.locale import _, ngettext
from tiesa.core.shown import Kind, Shown, ShownTable
from tiesa.journeys.held import Held, held
from tiesa.journeys.questions.result import Result
from tiesa.journeys.view import View
from tiesa.pictures.palette import LIGHT, Theme

if TYPE_CHECKING:
    from tiesa.pictures.charts_frame import Picture

MOST = 12
"""Journeys with this many contacts or more are one group."""
ENOUGH = 30
"""Journeys a group needs before anything is said of it."""
_IN_STRATUM = 3
"""Journeys of a group a stratum needs to speak for itself."""
_Z = NormalDist().inv_cdf(0.975)
SPACINGS = (
    (3600.0, lambda: _("under an hour")),
    (28_800.0, lambda: _("1 to 8 hours")),
    (86_400.0, lambda: _("8 hours to a day")),
    (259_200.0, lambda: _("1 to 3 days")),
    (604_800.0, lambda: _("3 to 7 days")),
    (float("inf"), lambda: _("over a week")),
)


@dataclass(frozen=True, slots=True)
class Standardised:
    """A share or mean as it would be if every group had the same mix of types and severities. covered: share of all
    journeys whose stratum the group knows; value: None where that is under a half or journeys are too few."""

    n: int
    value: float | None
    low: float | None
    high: float | None
    covered: float


@dataclass(frozen=True)
class OptimumReport(Result):
    """By number of contacts and by spacing (mean gap): the share that reached the goal and the last emotion.

    by_contacts: contacts, n, goal, goal_low, goal_high, emotion, emotion_low, emotion_high, emotion_n. by_spacing: the
    same with `spacing` (number of SPACINGS). best: first and last number of contacts not clearly worse than the best.
    left_out: journeys still under way.
    """

    number: ClassVar[int] = 0
    name: ClassVar[str] = "optimum"
    by_contacts: pa.Table
    by_spacing: pa.Table
    measure: str
    best: tuple[int, int] | None
    journeys: int
    left_out: int
    as_of: datetime

    def question(self) -> str:
        return _("How many contacts serve best?")

    @property
    def can_be_judged(self) -> bool:
        return self.best is not None

    @property
    def worse(self) -> tuple[list[int], list[int]]:
        """Numbers of contacts clearly worse than the best: those below the best range, and those above it."""
        if self.best is None:
            return [], []
        rows = [r for r in self.by_contacts.to_pylist() if r[self.measure] is not None]
        top = max(rows, key=lambda r: r[self.measure])
        # Where nobody reached the goal, it takes more contacts than that: nothing is missing by mistake.
        rows = [r for r in rows if r[self.measure] or self.measure != "goal"]
        clear = [r["contacts"] for r in rows if r[f"{self.measure}_high"] < top[f"{self.measure}_low"]]
        return [k for k in clear if k < self.best[0]], [k for k in clear if k > self.best[1]]

    def answer(self) -> str:
        if self.best is None:
            return _("Cannot be judged: too few settled journeys with a goal or an emotion.")
        rows = {r["contacts"]: r for r in self.by_contacts.to_pylist()}
        top = max((r for r in rows.values() if r[self.measure] is not None), key=lambda r: r[self.measure])
        low, high = self.best
        if self.worse == ([], []):
            serve = _("No number of contacts is clearly better than another")
        elif low == high:
            serve = ngettext("Journeys of {n} contact end best", "Journeys of {n} contacts end best", low)
        elif high >= MOST:
            serve = _("Journeys of {low} or more contacts end best")
        else:
            serve = _("Journeys of {low} to {high} contacts end best")
        sentence = serve.format(n=_count(low), low=low, high=high)
        return f"{sentence}: {self._figure(top)}."

    def findings(self) -> tuple[str, ...]:
        few, many = self.worse
        rows = {r["contacts"]: r for r in self.by_contacts.to_pylist()}
        found = []
        if few:
            found.append(
                _("One is missing: with {n} clearly fewer end well ({figure}).").format(
                    n=ngettext("{n} contact", "{n} contacts", max(few)).format(n=_count(max(few))),
                    figure=self._figure(rows[max(few)]),
                )
            )
        if many:
            found.append(
                _("Too many: with {n} contacts clearly fewer end well ({figure}).").format(
                    n=_count(min(many)), figure=self._figure(rows[min(many)])
                )
            )
        return tuple(found)

    def _figure(self, row: dict[str, Any]) -> str:
        write: Callable[[float], str] = (
            formats.share if self.measure == "goal" else lambda x: formats.number(x, digits=2, sign=True)
        )
        value, low, high = (write(row[c]) for c in (self.measure, f"{self.measure}_low", f"{self.measure}_high"))
        sentence = (
            _("{value} reach the goal ({interval}, n {n})")
            if self.measure == "goal"
            else _("emotion at the end {value} ({interval}, n {n})")
        )
        n = row["n"] if self.measure == "goal" else row["emotion_n"]
        return sentence.format(value=value, interval=formats.between(low, high), n=formats.number(n))

    def missing(self) -> str:
        return "" if self.can_be_judged else _("goal (or a status that says a case was solved), or emotion")

    def tables(self) -> tuple[ShownTable, ...]:
        figures = (
            Shown("goal", _("reached the goal"), Kind.SHARE, "goal_low", "goal_high"),
            Shown("emotion", _("emotion at the end"), Kind.SCORE, "emotion_low", "emotion_high"),
            Shown("n", _("n"), Kind.COUNT),
        )
        used = tuple(f for f in figures if self.by_contacts[f.name].null_count < self.by_contacts.num_rows)
        if any(f.name == "emotion" for f in used):
            used += (Shown("emotion_n", _("n of emotion"), Kind.COUNT),)
        counts = self.by_contacts.append_column(
            "label", pa.array([_count(k) for k in self.by_contacts["contacts"].to_pylist()], pa.string())
        )
        spacings = self.by_spacing.append_column(
            "label", pa.array([SPACINGS[k][1]() for k in self.by_spacing["spacing"].to_pylist()], pa.string())
        )
        note = _("At equal journey type and initial severity.")
        return (
            ShownTable(
                "optimum_contacts", _("By number of contacts"), counts, (Shown("label", _("contacts")), *used), note
            ),
            ShownTable(
                "optimum_spacing", _("By spacing, the mean gap"), spacings, (Shown("label", _("gap")), *used), note
            ),
        )

    def explain(self) -> str:
        return _(
            "Journeys that reached or gave up their goal, or fell silent for longer than their window, by their number "
            "of contacts with the customer; {left} still under way are left out, since they would look short. Each "
            "figure is standardised directly to the mix of journey types and initial severities of all journeys, "
            "with a "
            "95 % interval; strata that a group does not know are left out of it, and a group that knows under "
            "half is not judged. Too many or one missing is said only where the intervals do not touch. The "
            "contact that "
            "settles the goal counts. It is an association: a hard problem needs more contacts and ends worse, so "
            "fewer contacts need not end it better."
        ).format(left=formats.number(self.left_out))

    def picture(self, *, theme: Theme = LIGHT, width: int = 640) -> Picture | None:
        from tiesa.pictures.charts import optimum as chart

        if not self.can_be_judged:
            return None
        return chart(self.by_contacts, best=self.best, theme=theme, width=width)


def _count(contacts: int) -> str:
    return _("{n} or more").format(n=contacts) if contacts >= MOST else str(contacts)


def optimum(view: View, *, holds: Held | None = None) -> OptimumReport:
    """The contact optimum of a view (S1.7: too many contacts annoy, too few are missed chances)."""
    holds = holds or held(view)
    view.connection.execute(f"create or replace temp table ended as {_ended(view, holds)}")
    journeys, left_out, settled = view.one(
        "select count(*) filter (done), count(*) filter (not done), count(*) filter (settled) from ended"
    )
    by_contacts = _measured(view, f"least(contacts, {MOST})", "contacts", goals_known=bool(settled))
    bounds = " ".join(f"when gap_s < {limit} then {i}" for i, (limit, _words) in enumerate(SPACINGS[:-1]))
    by_spacing = _measured(
        view,
        f"case when gap_s is null then null {bounds} else {len(SPACINGS) - 1} end",
        "spacing",
        goals_known=bool(settled),
    )
    view.connection.execute("drop table ended")
    judged = [c for c in ("goal", "emotion") if sum(v is not None for v in by_contacts[c].to_pylist()) > 1]
    measure = judged[0] if judged else "goal"
    return OptimumReport(
        by_contacts, by_spacing, measure, _best(by_contacts, measure) if judged else None, journeys, left_out, view.now
    )


def _ended(view: View, holds: Held) -> str:
    """SQL: one row per journey: contacts with the customer, mean gap, stratum, whether it is over, how it ended."""
    severity = "r.severity" if holds["severity"] else "null::tinyint"
    return (
        "select case when j.contacts > j.internal_steps then j.contacts - j.internal_steps else j.contacts end as "
        "contacts, "
        "coalesce(j.journey_type, '') as journey_type, coalesce(r.severity, 0) as severity, "
        "case when j.contacts > 1 then j.duration_s::double / (j.contacts - 1) end as gap_s, "
        "j.goal_state = 'reached' as reached, j.goal_state <> 'open' as settled, j.emotion_end as emotion, "
        f"j.goal_state <> 'open' or epoch({view.now_sql} - j.end_at) > {view.window_sql} as done "
        f"from journeys j left join (select customer_key, journey_no, {severity} as severity from rows r where "
        "journey_position = 1) r using (customer_key, journey_no)"
    )


def _measured(view: View, group: str, name: str, *, goals_known: bool) -> pa.Table:
    """Goal share and last emotion per group, standardised to all journeys that are over."""
    rows = view.rows(
        f"select {group} as g, journey_type, severity, count(*), count(*) filter (reached), count(emotion), "
        "coalesce(sum(emotion::double), 0), coalesce(sum(emotion::double * emotion::double), 0) from ended where done "
        f"and ({group}) is not null group by all order by all"
    )
    strata: dict[tuple[str, int], int] = defaultdict(int)
    groups: dict[int, list[Any]] = defaultdict(list)
    for g, kind, severity, n, *figures in rows:
        strata[kind, severity] += n
        groups[g].append(((kind, severity), n, *figures))
    made = []
    for g, cells in sorted(groups.items()):
        goal = standardised(((s, n, k / n, k / n * (1 - k / n)) for s, n, k, *_e in cells), strata, is_share=True)
        felt = standardised(
            ((s, m, e / m, max(e2 / m - (e / m) ** 2, 0.0)) for s, _n, _k, m, e, e2 in cells if m),
            strata,
            is_share=False,
        )
        row: dict[str, Any] = {name: g, "n": goal.n, "emotion_n": felt.n}
        for column, figure in (("goal", goal if goals_known else None), ("emotion", felt)):
            row |= {
                column: figure.value if figure else None,
                f"{column}_low": figure.low if figure else None,
                f"{column}_high": figure.high if figure else None,
            }
        made.append(row)
    floats = [(f"{c}{end}", pa.float64()) for c in ("goal", "emotion") for end in ("", "_low", "_high")]
    return pa.Table.from_pylist(
        made, pa.schema([(name, pa.int64()), ("n", pa.int64()), ("emotion_n", pa.int64()), *floats])
    )


def standardised(
    cells: Iterable[tuple[tuple[str, int], int, float, float]], strata: dict[tuple[str, int], int], *, is_share: bool
) -> Standardised:
    """A figure of one group, standardised to the sizes of all strata.

    Args: cells: per stratum of the group: stratum, n, mean, variance of one value. strata: stratum -> journeys in all.
    is_share: the interval is Wilson's with the effective number of journeys (Kish 1965); else a normal one.
    Source: direct standardisation, e.g. Breslow & Day (1987), Statistical Methods in Cancer Research II, ch. 2.

    >>> cells = [(("", 1), 50, 0.2, 0.16), (("", 2), 50, 0.6, 0.24)]
    >>> round(standardised(cells, {("", 1): 300, ("", 2): 100}, is_share=True).value, 3)
    0.3
    """
    known = [cell for cell in cells if cell[1] >= _IN_STRATUM]
    n = sum(cell[1] for cell in known)
    weight = sum(strata[stratum] for stratum, *_rest in known)
    covered = weight / whole if (whole := sum(strata.values())) else 0.0
    if n < ENOUGH or covered < 0.5:
        return Standardised(n, None, None, None, covered)
    value = sum(strata[s] / weight * mean for s, _n, mean, _v in known)
    if is_share:
        value = min(max(value, 0.0), 1.0)
        bounds = wilson_of(value, 1 / sum((strata[s] / weight) ** 2 / m for s, m, _mean, _v in known))
        return Standardised(n, value, bounds.low, bounds.high, covered)
    half = _Z * sqrt(sum((strata[s] / weight) ** 2 * v / m for s, m, _mean, v in known))
    return Standardised(n, value, max(-1.0, value - half), min(1.0, value + half), covered)


def _best(table: pa.Table, measure: str) -> tuple[int, int]:
    """The range of numbers of contacts around the best one that are not clearly worse than it."""
    rows = [r for r in table.to_pylist() if r[measure] is not None]
    top = max(range(len(rows)), key=lambda i: rows[i][measure])
    good = [rows[i][f"{measure}_high"] >= rows[top][f"{measure}_low"] for i in range(len(rows))]
    first, last = top, top
    while first > 0 and good[first - 1]:
        first -= 1
    while last + 1 < len(rows) and good[last + 1]:
        last += 1
    return rows[first]["contacts"], rows[last]["contacts"]
