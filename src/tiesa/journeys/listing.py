"""Journeys as a list: those behind a figure, the open ones by age, those who wait for us, page by page."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import pyarrow as pa

from tiesa.core.locale import _
from tiesa.journeys.questions.sides import names_of
from tiesa.journeys.view import View

PAGE = 50


class Which(StrEnum):
    """all: every journey. open: neither goal reached nor given up. waiting: it is our turn. unanswered: the customer's
    message has no answer. again: the same question came again. long: those with most contacts."""

    ALL = "all"
    OPEN = "open"
    WAITING = "waiting"
    UNANSWERED = "unanswered"
    AGAIN = "again"
    REACHED = "reached"
    ABANDONED = "abandoned"

    def in_words(self) -> str:
        return {
            Which.ALL: _("all journeys"),
            Which.OPEN: _("open"),
            Which.WAITING: _("waiting for us"),
            Which.UNANSWERED: _("with a message unanswered"),
            Which.AGAIN: _("with the same question again"),
            Which.REACHED: _("goal reached"),
            Which.ABANDONED: _("given up"),
        }[self]


_CONDITIONS = {
    Which.ALL: "true",
    Which.OPEN: "goal_state = 'open'",
    Which.WAITING: "waiting_for = 'us'",
    Which.UNANSWERED: "unanswered > 0",
    Which.AGAIN: "repeats > 0",
    Which.REACHED: "goal_state = 'reached'",
    Which.ABANDONED: "goal_state = 'abandoned'",
}


class Order(StrEnum):
    """age: the longest open first (by start). waiting: the longest without our answer first. latest: the last contact
    first. contacts: most contacts first."""

    AGE = "age"
    WAITING = "waiting"
    LATEST = "latest"
    CONTACTS = "contacts"

    def in_words(self) -> str:
        return {
            Order.AGE: _("oldest first"),
            Order.WAITING: _("longest waiting first"),
            Order.LATEST: _("latest contact first"),
            Order.CONTACTS: _("most contacts first"),
        }[self]


_ORDERS = {
    Order.AGE: "start_at",
    Order.WAITING: "waiting_since nulls last",
    Order.LATEST: "end_at desc",
    Order.CONTACTS: "contacts desc",
}


@dataclass(frozen=True)
class JourneyList:
    """One page of journeys. total: how many there are in all.

    rows: customer_key, journey_no, customer (name, else the source's id), case_id (both null where the scope shows no
    names), journey_type, reason, start_at, end_at, end_touchpoint, contacts, goal_state, waiting_for, waiting_since,
    repeats, unanswered, insistence, handovers, emotion_end, age_s, waited_s.
    """

    which: Which
    order: Order
    page: int
    total: int
    rows: pa.Table

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE))

    def answer(self) -> str:
        """How many there are, in a sentence."""
        from tiesa.core import formats
        from tiesa.core.locale import ngettext

        line = ngettext("{n} journey: {which}.", "{n} journeys: {which}.", self.total)
        return line.format(n=formats.number(self.total), which=self.which.in_words())


def journey_list(view: View, *, which: Which = Which.ALL, order: Order = Order.AGE, page: int = 1) -> JourneyList:
    """The journeys of a view, PAGE at a time.

    Args: page: from 1; one past the end is empty.
    """
    total = view.one(f"select count(*) from journeys where {_CONDITIONS[which]}")[0]
    names = view.scope.names
    chosen = (
        f"select * from journeys where {_CONDITIONS[which]} order by {_ORDERS[order]}, customer_key, journey_no "
        f"limit {PAGE} offset {PAGE * (max(page, 1) - 1)}"
    )
    rows = view.table(
        f"with chosen as ({chosen}) select j.customer_key, j.journey_no, "
        f"{'coalesce(p.name, i.source_id)' if names else 'null::varchar'} as customer, "
        f"{'j.case_id' if names else 'null::varchar'} as case_id, j.journey_type, j.reason, j.start_at, j.end_at, "
        "j.end_touchpoint, j.contacts, j.goal_state, j.waiting_for, j.waiting_since, j.repeats, j.unanswered, "
        f"j.insistence, j.handovers, j.emotion_end, epoch({view.now_sql} - j.start_at)::double as age_s, "
        f"epoch({view.now_sql} - j.waiting_since)::double as waited_s "
        f"from chosen j left join {names_of('chosen')} i using (customer_key) left join (select customer_key, "
        "min(name) as name from persons where name is not null group by 1) p using (customer_key) "
        f"order by {_ORDERS[order]}, "
        "customer_key, journey_no"
    )
    return JourneyList(which, order, max(page, 1), total, rows)
