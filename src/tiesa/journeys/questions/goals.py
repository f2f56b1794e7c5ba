"""Question 6: does this whole experience really let customers reach their goals?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tiesa.core import formats
from tiesa.core.enums import GoalState
from tiesa.core.intervals import Share, share, wilson_interval
from tiesa.core.locale import _, ngettext
from tiesa.core.shown import Kind, Shown, ShownTable
from tiesa.core.tables import ANSWER, CUSTOMER
from tiesa.engines.duckdb import literal
from tiesa.journeys.held import Held, held
from tiesa.journeys.questions.durations import durations
from tiesa.journeys.questions.result import Result
from tiesa.journeys.survival import Incidence, incidence
from tiesa.journeys.view import View, segmented
from tiesa.pictures.palette import LIGHT, Theme

if TYPE_CHECKING:
    from tiesa.pictures.charts_frame import Picture

_DAY = 86_400.0
HORIZONS_S = tuple(days * _DAY for days in (1 / 24, 1 / 3, 1, 3, 7, 14, 30, 60, 90, 180, 365, 730))
"""Round times after which the answer may be given."""
ENOUGH = 20
"""Journeys a group needs before it is named in a sentence."""


@dataclass(frozen=True)
class GoalReport(Result):
    """How journeys ended, how soon, where they break off, and what customers themselves say.

    counts: journeys per goal state. curve: cumulative incidence (time_s, state, value, low, high, at_risk). horizon_s:
    the time the answer speaks of. reached, abandoned: (probability, low, high) by then. half_s: time by which half of
    all reached it, None where they do not. to_goal: durations of journeys that reached it. settled_by: touchpoints that
    settled the goal. drop_offs: the last touchpoint before journeys were given up or fell silent. groups: share reached
    by journey type, segment, first channel and variant. stated: customers' own answers beside the state in the data.
    """

    number: ClassVar[int] = 6
    name: ClassVar[str] = "goals"
    counts: dict[str, int]
    curve: pa.Table
    horizon_s: float | None
    reached: tuple[float, float, float] | None
    abandoned: tuple[float, float, float] | None
    half_s: float | None
    to_goal: pa.Table
    settled_by: pa.Table
    drop_offs: pa.Table
    groups: pa.Table
    stated: pa.Table
    as_of: datetime

    def question(self) -> str:
        return _("Did they reach their goal?")

    @property
    def n(self) -> int:
        return sum(self.counts.values())

    @property
    def can_be_judged(self) -> bool:
        return self.reached is not None and self.counts[GoalState.OPEN] < self.n

    @property
    def needs_attention(self) -> bool:
        return self.abandoned is not None and self.reached is not None and self.abandoned[1] > self.reached[2]

    @property
    def agreement(self) -> Share:
        """Journeys whose state in the data agrees with what the customer says, of those with an answer."""
        agree = sum(r["n"] for r in self.stated.to_pylist() if r["solved"] == (r["goal_state"] == GoalState.REACHED))
        return share(agree, int(pc.sum(self.stated["n"]).as_py() or 0))

    def answer(self) -> str:
        if not self.can_be_judged or self.reached is None or self.horizon_s is None:
            return _("Cannot be judged: the data do not say where a journey reached its goal.")
        sentences = [
            _("{share} reach their goal within {time} ({interval}, n {n}).").format(
                share=formats.share(self.reached[0]),
                time=formats.length(self.horizon_s),
                interval=formats.between(*map(formats.share, self.reached[1:])),
                n=formats.number(self.n),
            )
        ]
        if self.abandoned and self.counts[GoalState.ABANDONED]:
            sentences.append(
                _("{share} give up by then ({interval}, n {n}).").format(
                    n=formats.number(self.n),
                    share=formats.share(self.abandoned[0]),
                    interval=formats.between(*map(formats.share, self.abandoned[1:])),
                )
            )
        return " ".join(sentences)

    def findings(self) -> tuple[str, ...]:
        if not self.can_be_judged:
            return ()
        found = []
        if self.to_goal.num_rows and (row := self.to_goal.to_pylist()[0])["n"]:
            if row["low_s"] is None:
                text = _("Those who reached it took {median} (too few for an interval, n {n}).")
            else:
                text = _("Those who reached it took {median} ({interval}, n {n}).")
            found.append(
                text.format(
                    median=formats.length(row["median_s"]),
                    interval=formats.between(formats.length(row["low_s"]), formats.length(row["high_s"])),
                    n=formats.number(row["n"]),
                )
            )
        if self.drop_offs.num_rows and (first := self.drop_offs.to_pylist()[0])["n"] >= ENOUGH:
            found.append(
                _("Journeys break off most often after “{touchpoint}”: {share} of all that did.").format(
                    touchpoint=first["touchpoint"],
                    share=formats.whole_share(share(first["n"], first["of"])),
                )
            )
        if self.agreement.n:
            found.append(
                _("Where customers say whether it is solved, the data agree in {share}.").format(
                    share=formats.whole_share(self.agreement)
                )
            )
        if open_now := self.counts[GoalState.OPEN]:
            found.append(
                ngettext("{n} journey is still open.", "{n} journeys are still open.", open_now).format(
                    n=formats.number(open_now)
                )
            )
        return tuple(found)

    def missing(self) -> str:
        return "" if self.can_be_judged else _("goal, or a status that says a case was solved or given up")

    def tables(self) -> tuple[ShownTable, ...]:
        n = Shown("n", _("n"), Kind.COUNT)
        reached = Shown("reached", _("reached"), Kind.SHARE, "low", "high")
        groups = ShownTable(
            "goals_by_group",
            _("Who reaches the goal"),
            self.groups.append_column("what", _in_words(self.groups["by"])),
            (
                Shown("what", _("by")),
                Shown("value", _("group")),
                reached,
                Shown("abandoned_n", _("given up"), Kind.COUNT, extra=True),
                Shown("open_n", _("open"), Kind.COUNT, extra=True),
                Shown("median_s", _("median time to goal"), Kind.SECONDS, "low_s", "high_s", extra=True),
                n,
            ),
            note=_("Share of all journeys of the group, open ones included."),
        )
        settled = ShownTable(
            "goals_settled_by",
            _("What settled it"),
            self.settled_by.append_column("how", _states(self.settled_by["goal_state"])),
            (Shown("how", _("goal")), Shown("touchpoint", _("touchpoint")), n),
        )
        drop = ShownTable(
            "goals_drop_offs",
            _("Where journeys break off"),
            self.drop_offs,
            (
                Shown("touchpoint", _("after")),
                Shown("share", _("of all that did"), Kind.SHARE, "low", "high"),
                Shown("given_up", _("given up"), Kind.COUNT),
                Shown("silent", _("fell silent"), Kind.COUNT),
                n,
            ),
        )
        stated = ShownTable(
            "goals_stated",
            _("What customers say beside what the data say"),
            self.stated.append_column("how", _states(self.stated["goal_state"])).append_column(
                "says", pa.array([_("solved") if s else _("not solved") for s in self.stated["solved"].to_pylist()],
                                 pa.string())
            ),
            (Shown("says", _("customer says")), Shown("how", _("data say")), n),
        )  # fmt: skip
        shown = (groups, drop, settled, stated) if self.can_be_judged else ()
        return tuple(t for t in shown if len(t))

    def picture(self, *, theme: Theme = LIGHT, width: int = 640) -> Picture | None:
        from tiesa.pictures.charts import survival

        if not self.can_be_judged:
            return None
        return survival(self.curve, theme=theme, width=width, start=_("since the first contact"))

    def explain(self) -> str:
        return _(
            "A journey reached or gave up its goal at the contact that says so (in the data, or by the touchpoints of "
            "its type). The shares after a time are cumulative incidences (Aalen and Johansen 1978) with 95 % "
            "intervals on the log-log scale: giving up competes with reaching, and a journey that is open at {now} "
            "counts for as long as it was watched. Journeys of one customer are taken as independent. Breaking off "
            "means given up, or open without a contact for longer than the window of its type."
        ).format(now=formats.moment(self.as_of))


def _states(states: pa.ChunkedArray) -> pa.Array:
    words = {GoalState.REACHED: _("reached"), GoalState.ABANDONED: _("given up"), GoalState.OPEN: _("open")}
    return pa.array([words[GoalState(s)] for s in states.to_pylist()], pa.string())


def _in_words(names: pa.ChunkedArray) -> pa.Array:
    words = {
        "journey_type": _("journey type"),
        "segment": _("segment"),
        "start_touchpoint": _("first touchpoint"),
        "variant": _("way"),
    }
    return pa.array([words[name] for name in names.to_pylist()], pa.string())


def goals(view: View, *, top: int = 12, holds: Held | None = None) -> GoalReport:
    """Question 6 asked of a view. top: how many drop-off points, and groups of each kind."""
    holds = holds or held(view)
    now = view.now_sql
    view.connection.execute(_SETTLING)
    watched = view.table(
        "select (case goal_state when 'reached' then 1 when 'abandoned' then 2 else 0 end)::tinyint as state, "
        f"greatest(epoch_us(coalesce(goal_at, {now})) - epoch_us(start_at), 0)::bigint as us from journeys"
    )
    states = watched["state"].to_numpy()
    by_number = np.bincount(states, minlength=3).tolist()
    counts = dict(zip((GoalState.OPEN, GoalState.REACHED, GoalState.ABANDONED), by_number, strict=True))
    curve = incidence(watched["us"].to_numpy(), states)
    horizon = _horizon(curve)
    return GoalReport(
        counts={str(state): counts[state] for state in GoalState},
        curve=curve.table(),
        horizon_s=horizon,
        reached=curve.at(horizon, "reached") if horizon is not None else None,
        abandoned=curve.at(horizon, "abandoned") if horizon is not None else None,
        half_s=curve.median_s("reached"),
        to_goal=durations(
            view,
            "select epoch_us(goal_at) / 1e6 - epoch_us(start_at) / 1e6 as s from journeys where goal_state = 'reached'",
        ),
        settled_by=_settled_by(view, top),
        drop_offs=_drop_offs(view, top),
        groups=_groups(view, top),
        stated=_stated(view) if ANSWER.name in holds.tables else _STATED.empty_table(),
        as_of=view.now,
    )


def _horizon(curve: Incidence) -> float | None:
    """The first round time by which nine tenths of all ends seen had happened, if journeys were watched so long."""
    if not len(curve.times_s):
        return None
    ended = 1 - curve.open_
    almost = curve.times_s[int(np.searchsorted(ended, 0.9 * ended[-1]))]
    return next((h for h in HORIZONS_S if almost <= h <= curve.last_watched_s), float(curve.times_s[-1]))


# The contacts of the instants at which goals were reached or given up; few settled journeys spare reading all contacts.
_SETTLING = (
    "create or replace temp table settled_journeys as select customer_key, journey_no, goal_state, goal_at "
    "from journeys where goal_at is not null; "
    "create or replace temp table settling_contacts as select r.customer_key, r.journey_no, r.journey_position, "
    "r.touchpoint, r.previous_touchpoint, r.goal, j.goal_state from rows r join settled_journeys j on "
    "j.customer_key = r.customer_key and j.journey_no = r.journey_no and j.goal_at = r.occurred_at; "
    "drop table settled_journeys"
)


def _settled_by(view: View, top: int) -> pa.Table:
    """Touchpoints at which goals were settled, with the number of journeys."""
    named = {touchpoint for kind in view.rules.types.values() for touchpoint in (*kind.reached, *kind.abandoned)}
    listed = ", ".join(map(literal, sorted(named))) or "null"
    return view.table(
        "select goal_state, touchpoint, count(*) as n from (select goal_state, "
        f"arg_min(touchpoint, journey_position) as touchpoint from settling_contacts where goal is not null or "
        f"touchpoint in ({listed}) group by customer_key, journey_no, goal_state) "
        f"group by all order by n desc, 1, 2 limit {top}"
    )


def _drop_offs(view: View, top: int) -> pa.Table:
    """The last touchpoint before a journey was given up, or after which it fell silent."""
    found = view.table(
        "with ends as (select previous_touchpoint as touchpoint, 1 as given_up, 0 as silent from settling_contacts "
        "where goal_state = 'abandoned' and previous_touchpoint is not null "
        "qualify row_number() over (partition by customer_key, journey_no order by journey_position) = 1 "
        "union all select end_touchpoint, 0, 1 from journeys where goal_state = 'open' and "
        f"(epoch_us({view.now_sql}) - epoch_us(end_at)) / 1e6 > {view.window_sql}) "
        "select touchpoint, sum(given_up)::bigint as given_up, sum(silent)::bigint as silent, count(*) as n, "
        f'(sum(count(*)) over ())::bigint as "of" from ends group by 1 order by n desc, 1 limit {top}'
    )
    return _with_shares(found, "n", "of", "share")


def _groups(view: View, top: int) -> pa.Table:
    """Share reached per group; the largest groups of each kind."""
    source = (
        f"({segmented('journeys')})" if view.has(CUSTOMER) else "(select *, null::varchar as segment from journeys)"
    )
    kinds = ("journey_type", "segment", "start_touchpoint")
    view.connection.execute(
        "create or replace temp table grouped as select journey_type, segment, start_touchpoint, goal_state, "
        f"epoch_us(goal_at) / 1e6 - epoch_us(start_at) / 1e6 as s from {source}"
    )
    parts = [_group(view, kind, top) for kind in kinds]
    view.connection.execute("drop table grouped")
    return pa.concat_tables(parts)


def _group(view: View, kind: str, top: int) -> pa.Table:
    counted = view.table(
        f"select '{kind}' as \"by\", {kind} as value, count(*) filter (goal_state = 'reached') as reached_n, "
        "count(*) filter (goal_state = 'abandoned') as abandoned_n, count(*) filter (goal_state = 'open') as open_n, "
        f"count(*) as n from grouped where {kind} is not null group by 2 order by n desc, value limit {top}"
    )
    if counted.num_rows < 2:
        counted = counted.slice(0, 0)
    counted = _with_shares(counted, "reached_n", "n", "reached")
    listed = ", ".join(literal(v) for v in counted["value"].to_pylist()) or "null"
    spent = durations(
        view,
        f"select {kind} as value, s from grouped where goal_state = 'reached' and {kind} in ({listed})",
        ("value",),
    )
    times = {row["value"]: row for row in spent.to_pylist()}
    for column in ("median_s", "low_s", "high_s"):
        values = [times.get(v, {}).get(column) for v in counted["value"].to_pylist()]
        counted = counted.append_column(column, pa.array(values, pa.float64()))
    return counted


def _with_shares(counted: pa.Table, count: str, of: str, name: str) -> pa.Table:
    pairs = list(zip(counted[count].to_pylist(), counted[of].to_pylist(), strict=True))
    bounds = [wilson_interval(k, n) for k, n in pairs]
    columns = {
        name: [k / n if n else None for k, n in pairs],
        "low": [b.low for b in bounds],
        "high": [b.high for b in bounds],
    }
    for column, values in columns.items():
        counted = counted.append_column(column, pa.array(values, pa.float64()))
    return counted


_STATED = pa.schema([("solved", pa.bool_()), ("goal_state", pa.string()), ("n", pa.int64())])


def _stated(view: View) -> pa.Table:
    """Customers' answers to "is it solved?" beside the state of the journey they speak of.

    An answer belongs to the journey of the contact it names, else to the customer's latest one begun before it. It says
    yes where its value lies above the middle of its scale.
    """
    said = (
        "select *, value > (split_part(scale, '-', 1)::double + split_part(scale, '-', 2)::double) / 2 as solved "
        "from answers where kind = 'solved' and respondent = 'customer' and value is not null and answered_at <= "
        f"{view.now_sql}"
    )
    found: pa.Table = view.table(
        f"with said as ({said}), named as (select s.answer_id, s.solved, r.customer_key, r.journey_no from said s join "
        "rows r on r.contact_id = s.contact_id and r.customer_key = s.customer_key), "
        "latest as (select s.answer_id, s.solved, j.customer_key, j.journey_no from "
        "(from said anti join named using (answer_id)) s asof join journeys j on j.customer_key = s.customer_key and "
        "j.start_at <= s.answered_at) "
        "select solved, j.goal_state, count(*)::bigint as n from (from named union all from latest) a join journeys j "
        "using (customer_key, journey_no) group by all order by 1 desc, 2"
    )
    return found.cast(_STATED)
