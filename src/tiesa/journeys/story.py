"""One customer's whole story: every contact over every channel and in both directions, in one line of time, with whose
wait each gap was, what was promised, what is still open, and what they have told us already (never ask twice)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pyarrow as pa

from tiesa.contacts.private import Private
from tiesa.core.tables import WORDS
from tiesa.engines.duckdb import literal, parquet
from tiesa.journeys.changes import CHANGES, changes
from tiesa.journeys.view import View

LONGEST = 400
"""Contacts that are shown at once, the latest ones."""


@dataclass(frozen=True, slots=True)
class Step:
    """One contact of the story. facts: the columns of an annotated contact; text: what was written, where the asker may
    read it; seen_by: employees who opened it, with the times."""

    facts: Mapping[str, Any]
    text: str | None = None
    seen_by: tuple[tuple[str, datetime], ...] = ()

    def __getattr__(self, name: str) -> Any:
        try:
            return self.facts[name]
        except KeyError:
            raise AttributeError(name) from None

    @property
    def is_from_customer(self) -> bool:
        return bool(self.facts["direction"] == "inbound")

    @property
    def is_unanswered(self) -> bool:
        return self.is_from_customer and self.facts["is_answered"] is False


@dataclass(frozen=True)
class Story:
    """A customer's story. who: customer_key with source_id, name, mail, phone (null where names may not be seen).
    known: the latest version of the customer (segment, since, language, unit, ...). steps: oldest first. journeys: by
    number. facts_given: (fact, when) the customer has told us; asked_again: those of them asked for once more since.
    total: contacts in all, of which `steps` are the last ones. changes: what the organisation changed in that time, as
    far as it holds for journeys like theirs."""

    who: Mapping[str, Any]
    known: Mapping[str, Any]
    steps: tuple[Step, ...]
    journeys: Mapping[int, Mapping[str, Any]]
    facts_given: tuple[tuple[str, datetime], ...]
    asked_again: tuple[str, ...]
    total: int
    now: datetime
    consents: tuple[Mapping[str, Any], ...] = field(default=())
    changes: pa.Table = field(default_factory=CHANGES.empty_table)

    @property
    def customer_key(self) -> int:
        return int(self.who["customer_key"])

    @property
    def unanswered(self) -> tuple[Step, ...]:
        """Messages of theirs that nobody answered, but for those after which their journey reached its end."""
        return tuple(s for s in self.steps if s.is_unanswered and not self._is_settled(s))

    def _is_settled(self, step: Step) -> bool:
        """Did the journey reach its goal, or was it given up, after this contact?"""
        ended = self.journeys[step.journey_no]["goal_at"]
        return ended is not None and ended >= step.facts["occurred_at"]

    @property
    def open_promises(self) -> tuple[Step, ...]:
        """Contacts with a promise in journeys still open."""
        return tuple(
            s
            for s in self.steps
            if s.facts["promised_at"] is not None and self.journeys[s.journey_no]["goal_state"] == "open"
        )

    @property
    def waiting(self) -> tuple[Mapping[str, Any], ...]:
        """Their journeys in which it is our turn, the longest first."""
        mine = [j for j in self.journeys.values() if j["waiting_for"] == "us"]
        return tuple(sorted(mine, key=lambda j: j["waiting_since"]))

    @property
    def felt(self) -> tuple[Step, ...]:
        """The contacts at which a feeling is known."""
        return tuple(s for s in self.steps if s.facts["emotion"] is not None)

    @property
    def last_emotion(self) -> Step | None:
        """The last contact at which a feeling is known."""
        return next(reversed(self.felt), None)

    def by_journey(self) -> Iterator[tuple[Mapping[str, Any], list[Step]]]:
        """Each journey with its contacts, the latest journey first."""
        for number in sorted(self.journeys, key=lambda n: self.journeys[n]["start_at"], reverse=True):
            steps = [s for s in self.steps if s.journey_no == number]
            if steps:
                yield self.journeys[number], steps


_SHOWN = (
    "contact_id, source, occurred_at, touchpoint, channel, direction, kind, reason, promised_at, employee, unit, "
    "organisation, process, product, emotion, emotion_label, emotion_source, emotion_confidence, severity, language, "
    "goal, journey_no, journey_position, wait_owner, wait_s::double as wait_s, wait_business_s::double as "
    "wait_business_s, is_repeat, is_answered, answered_at, insistence, is_handover, is_channel_change"
)


def story(view: View, customer_key: int, *, words: bool = False) -> Story | None:
    """The story of one customer, as far as the view's scope goes; None where the scope holds nothing of them.

    Args: customer_key: their number. words: also what was written (the asker's right to read texts).
    """
    whose = f"customer_key = {int(customer_key)}"
    steps = _plain(
        view,
        f"select {_SHOWN}, count(*) over () as total from all_rows where {whose} "
        f"order by occurred_at desc, source, position desc limit {LONGEST}",
    )
    if not steps:
        return None
    texts = _texts(view, customer_key) if words else {}
    seen = _seen(view, [step["contact_id"] for step in steps])
    names = view.scope.names
    made = []
    for step in reversed(steps):
        key = (step["source"], step["contact_id"])
        if not names:
            step = {**step, "contact_id": None, "employee": None}
        made.append(Step(step, texts.get(key), tuple(seen.get(key[1], ())) if names else ()))
    numbers = ", ".join(sorted({str(s["journey_no"]) for s in steps}))
    journeys = {
        j["journey_no"]: j
        for j in _plain(view, f"select * from all_journeys where {whose} and journey_no in ({numbers})")
    }
    given, again = _facts(view, whose)
    return Story(
        who=_who(view, customer_key),
        known=next(iter(_plain(view, f"select * from customers where {whose} order by as_of desc limit 1")), {}),
        steps=tuple(made),
        journeys=journeys,
        facts_given=given,
        asked_again=again,
        total=steps[0]["total"],
        now=view.now,
        changes=changes(
            view,
            since=made[0].facts["occurred_at"].date(),
            until=made[-1].facts["occurred_at"].date(),
            customer_key=customer_key,
        ),
        consents=tuple(_plain(view, f'select * from consents where {whose} order by "at" desc')),
    )


def _plain(view: View, sql: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = view.table(sql).to_pylist()
    return rows


def _who(view: View, customer_key: int) -> dict[str, Any]:
    """Who it is: numbers only where the scope shows no names."""
    nobody: dict[str, Any] = {
        "customer_key": customer_key, "source": None, "source_id": None, "name": None, "mail": None, "phone": None,
    }  # fmt: skip
    if not view.scope.names:
        return nobody
    found = _plain(
        view,
        f"select customer_key, source, source_id, name, mail, phone from persons where customer_key = {customer_key} "
        "order by source_id limit 1",
    )
    return found[0] if found else nobody


def _texts(view: View, customer_key: int) -> dict[tuple[str, str], str]:
    files = [f.path for f in Private(view.home).words.version().current()]
    numbers = ", ".join(map(str, view.numbers_of(int(customer_key))))
    found = view.rows(
        f"select source, contact_id, text from {parquet(files, WORDS)} where customer_key in ({numbers}) "
        "and contact_id is not null"
    )
    return {(source, contact): text for source, contact, text in found}


def _seen(view: View, contacts: list[str]) -> dict[str, list[tuple[str, datetime]]]:
    among = ", ".join(map(literal, contacts))
    rows = view.table(
        f'select contact_id, employee, "at" from seens where contact_id in ({among}) order by "at", employee'
    ).to_pylist()
    found: dict[str, list[tuple[str, datetime]]] = {}
    for row in rows:
        found.setdefault(row["contact_id"], []).append((row["employee"], row["at"]))
    return found


def _facts(view: View, whose: str) -> tuple[tuple[tuple[str, datetime], ...], tuple[str, ...]]:
    """What they told us (latest time), and which of it we asked for again afterwards."""
    rows = view.table(
        "select fact, max(\"at\") filter (state = 'given') as given, max(\"at\") filter (state = 'asked') as asked "
        f"from facts where {whose} group by 1 order by 1"
    ).to_pylist()
    given = tuple((row["fact"], row["given"]) for row in rows if row["given"] is not None)
    again = tuple(row["fact"] for row in rows if row["given"] and row["asked"] and row["asked"] > row["given"])
    return given, again
