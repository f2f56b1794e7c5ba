"""The same customer's situation at other organisations: lanes, waits for them, how such journeys end (S4.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import pyarrow as pa

from tiesa.core import formats
from tiesa.core.enums import GoalState, WaitOwner
from tiesa.core.intervals import Share, share
from tiesa.core.locale import _, ngettext
from tiesa.core.shown import Kind, Shown, ShownTable
from tiesa.engines.duckdb import literal
from tiesa.journeys.held import Held, held
from tiesa.journeys.questions.durations import durations
from tiesa.journeys.questions.result import Result
from tiesa.journeys.questions.shares import bounded, rows_table
from tiesa.journeys.questions.sides import of_another
from tiesa.journeys.view import View

ENOUGH = 20
"""Waits for an organisation that are needed before it is named in a sentence."""
_CROSSING = "crossing_contacts"
"""The temporary table of all contacts of journeys that another organisation takes part in; `other` is its name."""


@dataclass(frozen=True)
class OrganisationsReport(Result):
    """Other organisations in the same journeys; an organisation that is null is a third party the data do not name.

    crossing: journeys with a contact of another organisation, of all. lanes: per organisation: contacts, journeys,
    journeys_share with low and high, goal (journeys that reached theirs), goal_share with its bounds. waits: per
    organisation that had to act: n, total_s, median_s, low_s, high_s, p90_s, share (of the time of the journeys it is
    in), ended_by_them and ended_share with its bounds. reached_with, reached_without: journeys that reached their goal,
    with and without another organisation; None where no goal is known. sequences: `path`, n, share: the order in which
    the journeys went from one organisation to the next, commonest first.
    """

    name: ClassVar[str] = "organisations"
    crossing: Share
    lanes: pa.Table
    waits: pa.Table
    reached_with: Share | None
    reached_without: Share | None
    sequences: pa.Table
    has_names: bool

    def question(self) -> str:
        return _("Which other organisations are in the same situation?")

    @property
    def can_be_judged(self) -> bool:
        return self.crossing.count > 0

    @property
    def longest_wait(self) -> dict[str, Any] | None:
        """The named organisation for which customers waited longest in all."""
        rows = [r for r in self.waits.to_pylist() if r["organisation"] is not None and r["n"] >= ENOUGH]
        return rows[0] if rows else None

    def answer(self) -> str:
        if not self.has_names:
            return _("Cannot be judged: the log names no other organisation.")
        if not self.crossing.count:
            return _("No other organisation takes part in these journeys (n {n}).").format(
                n=formats.number(self.crossing.n)
            )
        first = self.lanes.to_pylist()[0]
        return _("Another organisation takes part in {share} of journeys, most often “{name}” (in {n}).").format(
            share=formats.whole_share(self.crossing), name=first["organisation"], n=formats.number(first["journeys"])
        )

    def findings(self) -> tuple[str, ...]:
        found = []
        if wait := self.longest_wait:
            found.append(
                _(
                    "Customers wait {median} for “{name}” ({interval}, n {n}): {share} of the time of these journeys."
                ).format(
                    median=formats.length(wait["median_s"]),
                    name=wait["organisation"],
                    interval=_interval(wait),
                    n=formats.number(wait["n"]),
                    share=formats.share(wait["share"]),
                )
            )
        if self.reached_with and self.reached_without and self.reached_with.n and self.reached_without.n:
            found.append(
                _("With another organisation {share} of journeys reach their goal, without {other}; that is a "
                  "comparison, not an effect.").format(
                    share=formats.whole_share(self.reached_with), other=formats.whole_share(self.reached_without)
                )
            )  # fmt: skip
        if self.sequences.num_rows and self.crossing.count >= ENOUGH:
            path = self.sequences.to_pylist()[0]
            found.append(
                ngettext(
                    "The commonest way leads {path} ({n} journey).",
                    "The commonest way leads {path} ({n} journeys).",
                    path["n"],
                ).format(path=path_in_words(path["path"]), n=formats.number(path["n"]))
            )
        return tuple(found)

    def missing(self) -> str:
        return "" if self.has_names else _("organisation (the bank, airline or partner that a contact was with)")

    def tables(self) -> tuple[ShownTable, ...]:
        organisation = Shown("organisation", _("organisation"))
        goal = (Shown("goal_share", _("reached the goal"), Kind.SHARE, "goal_low", "goal_high"),)
        lanes = ShownTable(
            "organisation_lanes",
            _("Other organisations in these journeys"),
            self.lanes,
            (
                organisation,
                Shown("journeys_share", _("of journeys"), Kind.SHARE, "low", "high"),
                Shown("journeys", _("journeys"), Kind.COUNT),
                Shown("contacts", _("contacts"), Kind.COUNT),
                *(goal if self.reached_with else ()),
            ),
            note=_("A journey that crosses several organisations stands with each of them."),
        )
        names = [n or _("not named") for n in self.waits["organisation"].to_pylist()]
        waits = ShownTable(
            "waits_for_organisations",
            _("Waits for them"),
            self.waits.append_column("who", pa.array(names, pa.string())),
            (
                Shown("who", _("organisation")),
                Shown("median_s", _("median"), Kind.SECONDS, "low_s", "high_s"),
                Shown("p90_s", _("1 in 10 over"), Kind.SECONDS),
                Shown("share", _("of the time of these journeys"), Kind.SHARE),
                Shown("ended_share", _("ended by them"), Kind.SHARE, "ended_low", "ended_high"),
                Shown("n", _("n"), Kind.COUNT),
            ),
        )
        paths = [path_in_words(path) for path in self.sequences["path"].to_pylist()]
        ways = ShownTable(
            "organisation_sequences",
            _("The way from one to the next"),
            self.sequences.append_column("way", pa.array(paths, pa.string())),
            (
                Shown("way", _("way")),
                Shown("share", _("of journeys with others"), Kind.SHARE, "low", "high"),
                Shown("n", _("n"), Kind.COUNT),
            ),
        )
        return tuple(t for t in (lanes, waits, ways) if len(t))

    def explain(self) -> str:
        return _(
            "Another organisation is one that a contact names and that the rules do not list as ours. A wait for it "
            "runs "
            "while it is its turn: after a contact with it, at a touchpoint that a third party answers for, or where "
            "the "
            "source says so; it counts for the organisation of the contact before it, else for the one last met in "
            "the journey. Medians are exact, with 95 % intervals (Campbell and Gardner 1988); shares have Wilson "
            "intervals; both take journeys as independent. Journeys with and without others are compared as they are: "
            "they differ in more than that. What customers did with an organisation outside this log is not known."
        )


def _interval(row: dict[str, Any]) -> str:
    if row["low_s"] is None:
        return _("too few for an interval")
    return formats.between(formats.length(row["low_s"]), formats.length(row["high_s"]))


def path_in_words(path: list[str | None]) -> str:
    """The organisations of a journey in their order; null is us."""
    return " → ".join(_("we") if organisation is None else organisation for organisation in path)


def organisations(view: View, *, top: int = 20, holds: Held | None = None) -> OrganisationsReport:
    """The other organisations in the journeys of a view. top: ways to show. holds: `held(view)`, if at hand."""
    holds = holds or held(view)
    has_names = bool(holds["organisation"]) and bool(
        view.rows(f"select 1 from all_rows where {of_another(view)} limit 1")
    )
    _make_crossing(view, has_names)
    every = view.one("select count(*) from journeys")[0]
    crossing = view.one(f"select count(*) from (select distinct customer_key, journey_no from {_CROSSING})")[0]
    reached = dict(
        view.rows(
            "select c.customer_key is not null, count(*) from journeys j left join "
            f"(select distinct customer_key, journey_no from {_CROSSING}) c using (customer_key, journey_no) "
            f"where j.goal_state = '{GoalState.REACHED}' group by 1"
        )
    )
    return OrganisationsReport(
        crossing=share(crossing, every),
        lanes=_lanes(view, every),
        waits=_waits(view),
        reached_with=share(reached.get(True, 0), crossing) if reached else None,
        reached_without=share(reached.get(False, 0), every - crossing) if reached else None,
        sequences=_sequences(view, crossing, top),
        has_names=has_names,
    )


def _make_crossing(view: View, has_names: bool) -> None:
    others = f"select distinct customer_key, journey_no from rows where {of_another(view) if has_names else 'false'}"
    columns = "customer_key, journey_no, journey_position, direction, waits_for, wait_owner, wait_s, touchpoint"
    view.connection.execute(
        f"create or replace temp table {_CROSSING} as select {columns}, case when {of_another(view)} then "
        "organisation end "
        f"as other from rows semi join ({others}) using (customer_key, journey_no)"
    )


def _lanes(view: View, every: int) -> pa.Table:
    found = view.rows(
        "select l.other, sum(l.contacts)::bigint, count(*), count(*) filter (j.goal_state = 'reached') from (select "
        "other, "
        f"customer_key, journey_no, count(*) as contacts from {_CROSSING} where other is not null group by all) l "
        "join journeys j using (customer_key, journey_no) group by 1 order by 3 desc, 2 desc, 1"
    )
    rows = [
        {"organisation": organisation, "contacts": contacts, "journeys": journeys, "goal": goal}
        | bounded(journeys, every, ("journeys_share", "low", "high"))
        | bounded(goal, journeys, ("goal_share", "goal_low", "goal_high"))
        for organisation, contacts, journeys, goal in found
    ]
    shares = ("journeys_share", "low", "high", "goal_share", "goal_low", "goal_high")
    return rows_table(rows, ("organisation",), ("contacts", "journeys", "goal"), shares)


def _waits(view: View) -> pa.Table:
    """Waits for third parties in these journeys, by the organisation that had to act."""
    boundary = "(wait_s is not null or direction is distinct from 'internal' or waits_for is not null)"
    order = "over (partition by customer_key, journey_no order by journey_position"
    nameless = ", ".join(map(literal, sorted(view.rules.third_party))) or "null"
    waits = (
        f"select case when lag(other is null and touchpoint in ({nameless})) {order}) then null else "
        f"coalesce(lag(other) {order}), last_value(other ignore nulls) {order} rows between unbounded preceding "
        "and 1 preceding)) end as organisation, other as ended_by, wait_s as s, wait_owner "
        f"from {_CROSSING} where {boundary}"
    )
    view.connection.execute(
        "create or replace temp table waits_for_others as "
        f"select * from ({waits}) where wait_owner = '{WaitOwner.THIRD_PARTY}' and s is not null"
    )
    found = durations(view, "select organisation, s::double as s from waits_for_others", ("organisation",))
    ended = dict(
        view.rows("select organisation, count(*) filter (ended_by = organisation) from waits_for_others group by 1")
    )
    spent = dict(
        view.rows(
            "select c.other, sum(j.duration_s)::double from (select distinct other, customer_key, journey_no from "
            f"{_CROSSING} "
            "where other is not null) c join journeys j using (customer_key, journey_no) group by 1"
        )
    )
    rows = [
        {"share": row["total_s"] / spent[row["organisation"]] if spent.get(row["organisation"]) else None}
        | {"ended_by_them": ended[row["organisation"]] if row["organisation"] is not None else None}
        | bounded(ended[row["organisation"]], row["n"], ("ended_share", "ended_low", "ended_high"))
        for row in found.to_pylist()
    ]
    for column, kind in (("share", pa.float64()), ("ended_by_them", pa.int64())):
        found = found.append_column(column, pa.array([row[column] for row in rows], kind))
    for column in ("ended_share", "ended_low", "ended_high"):
        values = [row[column] if row["ended_by_them"] is not None else None for row in rows]
        found = found.append_column(column, pa.array(values, pa.float64()))
    return found


def _sequences(view: View, crossing: int, top: int) -> pa.Table:
    found = view.rows(
        "select path, count(*) from (select list(other order by journey_position) as path from (select *, "
        "lag(coalesce(other, '')) over (partition by customer_key, journey_no order by journey_position) as before "
        f"from {_CROSSING}) where before is null or before <> coalesce(other, '') group by customer_key, journey_no) "
        f"group by 1 order by 2 desc, 1 limit {top}"
    )
    rows = [{"path": path, "n": n} | bounded(n, crossing) for path, n in found]
    shares = [(c, pa.float64()) for c in ("share", "low", "high")]
    return pa.Table.from_pylist(rows, pa.schema([("path", pa.list_(pa.string())), ("n", pa.int64()), *shares]))
