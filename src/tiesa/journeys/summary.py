"""A first answer about a whole log: counts, waits by owner, who waits for us now, repeats, silence, hand-overs.

Each figure carries its n and a 95 % interval; what the log cannot say is said, with the column that would.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tiesa.contacts.private import Private
from tiesa.core.enums import WaitOwner
from tiesa.core.home import Home
from tiesa.core.intervals import Share, quantile_ranks, share
from tiesa.core.locale import _
from tiesa.core.tables import IDENTITY
from tiesa.engines.duckdb import engine, literal, parquet
from tiesa.journeys.build import Evidence, evidence

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class Duration:
    """A median and a ninth decile in seconds with n; `low` and `high` bound the median (None: too few)."""

    n: int
    median_s: float | None
    low_s: float | None
    high_s: float | None
    p90_s: float | None


@dataclass(frozen=True, slots=True)
class OwnedWait:
    """The waits of one owner: each a wait that a contact ended; `share` of all the time journeys took."""

    owner: WaitOwner
    waits: Duration
    share: float | None


@dataclass(frozen=True, slots=True)
class OpenWait:
    """A journey in which somebody waits for us now. `customer` is the source's own id (private)."""

    customer: str
    case_id: str | None
    touchpoint: str
    since: datetime
    waited: timedelta


@dataclass(frozen=True, slots=True)
class Variant:
    """A way journeys go: its touchpoints in order, and how many journeys go it."""

    touchpoints: tuple[str, ...]
    journeys: Share


@dataclass(frozen=True, slots=True)
class Missing:
    """A question the log cannot answer, and the column that would make it answer."""

    question: str
    column: str


@dataclass(frozen=True, slots=True)
class Summary:
    """The first answer (see the module). `as_of` is "now": the log's last contact unless given.

    Where replies are not recorded, silence proves nothing: then `waiting_for_us` is None, `waits` is empty and
    `unanswered` has no value.
    """

    contacts: int
    customers: int
    journeys: int
    first_contact: datetime
    last_contact: datetime
    as_of: datetime
    duration: Duration
    ended: Duration
    goals: Share
    waits: tuple[OwnedWait, ...]
    waiting_for_us: int | None
    longest_open: tuple[OpenWait, ...]
    repeats: Share
    unanswered: Share
    insisted: Share
    handovers: Share
    variants: tuple[Variant, ...]
    variant_count: int
    missing: tuple[Missing, ...]

    def explain(self) -> str:
        """One plain paragraph: what was counted, how, and its limits."""
        return _(
            "{contacts} contacts of {customers} customers make {journeys} journeys. A wait runs from one contact "
            "to the next "
            "that is not an internal step; its owner is whoever owed the next step. Medians are exact order "
            "statistics with "
            "95 % intervals (Campbell and Gardner); shares have Wilson intervals, which take contacts as "
            "independent. Now is {now}. "
            "Journeys that were still open then count with the time they had taken so far."
        ).format(
            contacts=self.contacts,
            customers=self.customers,
            journeys=self.journeys,
            now=f"{self.as_of:%Y-%m-%d %H:%M} UTC",
        )


def summarise(home: Home, *, as_of: datetime | None = None, version: int | None = None, top: int = 5) -> Summary:
    """Answer the first questions from the latest build (or evidence number `version`).

    Args: as_of: "now"; contacts after it are left out of open waits. top: how many open waits and variants.
    Raises: EmptyHome before the first build.
    """
    view = evidence(home, version)
    now = as_of or view.last_contact
    with engine(spill=home.spill) as connection:
        connection.execute(
            f"create view rows as from {view.rows_sql}; create view journeys as from {view.journeys_sql}"
        )
        return _Questions(connection, home, view, now, top).answer()


@dataclass(frozen=True, slots=True)
class _Questions:
    connection: duckdb.DuckDBPyConnection
    home: Home
    view: Evidence
    now: datetime
    top: int

    def one(self, sql: str) -> tuple[Any, ...]:
        row: tuple[Any, ...] = self.connection.execute(sql).fetchall()[0]
        return row

    def answer(self) -> Summary:
        journeys, customers, reached, decided, handed, variants, staffed, waiting = self.one(
            "select count(*), count(distinct customer_key), count(*) filter (goal_state = 'reached'), "
            "count(*) filter (goal_state <> 'open'), count(*) filter (handovers > 0), count(distinct variant), "
            "count(*) filter (employees > 0), count(*) filter (waiting_for = 'us') from journeys"
        )
        contacts, first, last, inbound, repeats, due, silent, insisted = self.one(
            "select count(*), epoch_us(min(occurred_at)), epoch_us(max(occurred_at)), "
            "count(*) filter (direction = 'inbound' and reason is not null), "
            "count(*) filter (is_repeat), count(is_answered), count(*) filter (not is_answered), "
            "count(*) filter (is_answered and insistence > 1) from rows"
        )
        filled = self.filled()
        told = bool(filled["replies"]) or not filled["spoken"]
        if not told:
            due = silent = insisted = 0
        return Summary(
            contacts=contacts,
            customers=customers,
            journeys=journeys,
            first_contact=_instant(first),
            last_contact=_instant(last),
            as_of=self.now,
            duration=self.durations("select duration_s as s from journeys"),
            ended=self.durations(
                "select date_diff('microsecond', start_at, goal_at) / 1e6 as s from journeys where goal_state = "
                "'reached'"
            ),
            goals=share(reached, journeys),
            waits=self.waits() if told else (),
            waiting_for_us=waiting if told else None,
            longest_open=self.longest_open() if told and waiting else (),
            repeats=share(repeats, inbound),
            unanswered=share(silent, due),
            insisted=share(insisted, due - silent),
            handovers=share(handed, staffed),
            variants=self.variants(journeys),
            variant_count=variants,
            missing=tuple(_missing(filled, decided)),
        )

    def filled(self) -> dict[str, int]:
        """How many rows have a value, per column that opens a question."""
        columns = ("direction", "employee", "reason", "emotion", "goal", "case_id", "product")
        counts = self.one(f"select {', '.join(f'count({c})' for c in columns)} from rows")
        named = self.one(
            "select count(*) filter (direction in ('inbound', 'outbound')), count(*) filter (direction = 'outbound' "
            "or waits_for is not null or is_answered), count(distinct channel) from rows"
        )
        return dict(zip((*columns, "spoken", "replies", "channels"), (*counts, *named), strict=True))

    def durations(self, seconds: str) -> Duration:
        """Median, its interval and ninth decile of a query's column s, all discrete (exact on every engine)."""
        n = self.one(f"select count(s) from ({seconds})")[0]
        if not n:
            return Duration(0, None, None, None, None)
        ranks = quantile_ranks(n, 0.5)
        points = [0.5, 0.9, *([(r - 0.5) / n for r in ranks] if ranks else [])]
        found = [float(x) for x in self.one(f"select quantile_disc(s, {points}) from ({seconds})")[0]]
        return Duration(n, found[0], found[2] if ranks else None, found[3] if ranks else None, found[1])

    def waits(self) -> tuple[OwnedWait, ...]:
        sums = ", ".join(f"sum(wait_{owner}_s)::double" for owner in WaitOwner)
        totals = dict(zip(WaitOwner, (float(x or 0) for x in self.one(f"select {sums} from journeys")), strict=True))
        whole = sum(totals.values())
        return tuple(
            OwnedWait(
                owner,
                self.durations(f"select wait_s as s from rows where wait_owner = {literal(owner)}"),
                totals[owner] / whole if whole else None,
            )
            for owner in WaitOwner
        )

    def longest_open(self) -> tuple[OpenWait, ...]:
        private = Private(self.home).identities.version()
        known = parquet([f.path for f in private.files], IDENTITY)
        rows = self.connection.execute(
            "select i.source_id, j.case_id, j.end_touchpoint, epoch_us(j.waiting_since) from "
            "(select * from journeys where waiting_for = 'us' order by waiting_since, customer_key, journey_no "
            f"limit {self.top}) j "
            f"left join (select customer_key, min(source_id) as source_id from {known} group by 1) i using "
            "(customer_key) "
            "order by j.waiting_since, j.customer_key, j.journey_no"
        ).fetchall()
        return tuple(
            OpenWait(customer or "", case, touchpoint, _instant(since), self.now - _instant(since))
            for customer, case, touchpoint, since in rows
        )

    def variants(self, journeys: int) -> tuple[Variant, ...]:
        rows = self.connection.execute(
            "select v.n, (select list(touchpoint order by journey_position) from rows r "
            "where r.customer_key = v.customer_key and r.journey_no = v.journey_no) from "
            "(select variant, count(*) as n, arg_min(customer_key, row(customer_key, journey_no)) as customer_key, "
            "arg_min(journey_no, row(customer_key, journey_no)) as journey_no from journeys group by variant "
            f"order by n desc, variant limit {self.top}) v order by v.n desc, v.variant"
        ).fetchall()
        return tuple(Variant(tuple(touchpoints), share(n, journeys)) for n, touchpoints in rows)


def _instant(microseconds: int) -> datetime:
    return datetime.fromtimestamp(microseconds // 1_000_000, UTC) + timedelta(microseconds=microseconds % 1_000_000)


def _missing(filled: dict[str, int], decided: int) -> Sequence[Missing]:
    """The steps of the data ladder this log does not reach."""
    steps = []
    if not filled["spoken"] and not filled["replies"]:
        question = _("whose wait each gap was, and which messages stayed unanswered")
        steps.append(Missing(question, _("direction (who wrote to whom)")))
    elif not filled["spoken"]:
        steps.append(Missing(_("which messages stayed unanswered"), _("direction (who wrote to whom)")))
    elif not filled["replies"]:
        steps.append(
            Missing(
                _("who still waits, and which messages stayed unanswered"), _("your own replies (outbound contacts)")
            )
        )
    if not filled["reason"]:
        steps.append(Missing(_("who had to come back with the same question"), _("reason (what the customer asked)")))
    if not filled["employee"]:
        steps.append(
            Missing(_("how often customers were handed to another employee"), _("employee (any code will do)"))
        )
    if filled["channels"] < 2:
        steps.append(Missing(_("where customers change channel"), _("channel (phone, e-mail, chat, ...)")))
    if not decided:
        steps.append(
            Missing(_("who reached their goal"), _("goal, or a status that says a case was solved or given up"))
        )
    if not filled["emotion"]:
        steps.append(
            Missing(_("what customers felt on the way"), _("emotion, a sentiment, or a score after the contact"))
        )
    steps.append(
        Missing(
            _("which contacts cost you customers, and how much"),
            _("outcomes: a file of who left and when, and their yearly margin"),
        )
    )
    return steps
