"""Deciding which customer numbers are one person: what stands, who may decide, and every decision with its way back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction

from tiesa.app.jobs.work import ask_once
from tiesa.app.people.audit import record
from tiesa.app.people.policies import Access
from tiesa.app.people.roles import Right
from tiesa.contacts.log import ContactLog
from tiesa.contacts.private import CASE_PREFIX, Private
from tiesa.core.enums import JoinReason, JoinState
from tiesa.core.home import Home
from tiesa.core.tables import CONTACT, CUSTOMER, IDENTITY
from tiesa.engines.duckdb import engine, literal, parquet
from tiesa.journeys.joining.alike import Proposals
from tiesa.journeys.joining.deciding import conflicts_of, join, keep_apart, part, unsay
from tiesa.journeys.joining.links import Link, join_store, links_of
from tiesa.journeys.joining.persons import Conflict, Persons
from tiesa.journeys.joining.rules import JoiningRules

Pair = tuple[int, int]
NOTHING = "none"
"""How the way back says that nobody had said anything of two numbers."""
_STEP = re.compile(rf"(\d{{1,18}})-(\d{{1,18}}):({NOTHING}|{JoinState.JOINED}|{JoinState.APART})")


@dataclass(frozen=True, slots=True)
class Who:
    """Who a number is, as the private tables have it; all of it empty where the person was erased."""

    number: int
    source: str = ""
    source_id: str = ""
    name: str = ""
    mail: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands in one version of the joins.

    version: its number. persons: the numbers of each that has several. links: what joins whom, by number. apart: what
    people keep apart, the latest first.
    """

    version: int
    persons: tuple[tuple[int, ...], ...]
    links: Mapping[int, tuple[Link, ...]]
    apart: tuple[Link, ...]
    conflicts: tuple[Conflict, ...]

    def person(self, numbers: Iterable[int]) -> tuple[tuple[int, ...], ...]:
        """The persons who have one of these numbers."""
        wanted = set(numbers)
        return tuple(person for person in self.persons if wanted.intersection(person))


def may_decide(access: Access) -> bool:
    """May somebody say who is one person? Who sees the names of some units only sees one side of it."""
    scope = access.scope(Right.SEE_NAMES)
    return access.may(Right.EDIT_RULES) and scope.sees_everything and scope.names


def standing(home: Home) -> Standing:
    """What the latest version of the joins says."""
    version = join_store(home).version()
    links = links_of(version)
    persons, of_number = Persons({}), dict[int, list[Link]]()
    for link in links:
        if link.state == JoinState.JOINED:
            persons.join(*link.pair)
            for number in link.pair:
                of_number.setdefault(number, []).append(link)
    return Standing(
        version.number,
        tuple(sorted({tuple(persons.numbers(number)) for number in of_number})),
        {number: tuple(found) for number, found in of_number.items()},
        tuple(sorted((k for k in links if k.state == JoinState.APART), key=lambda k: (k.at, k.pair), reverse=True)),
        conflicts_of(home, version),
    )


def rests_on(home: Home, rules: JoiningRules) -> tuple[Any, ...]:
    """What proposals depend on, but for what is decided already."""
    log, of_contract = ContactLog(home), (CUSTOMER, CONTACT) if rules.contract else ()
    return (
        str(home.root),
        rules.fingerprint,
        Private(home).identities.version().number,
        *(log.store(table).version().number for table in of_contract),
    )


def still_open(earlier: Proposals, stands: Standing) -> Proposals:
    """Earlier proposals without those that are decided since."""
    of_number = {number: person for person in stands.persons for number in person}
    apart = {link.pair for link in stands.apart}
    items = tuple(one for one in earlier.items if one.pair not in apart and one.high not in of_number.get(one.low, ()))
    return replace(earlier, items=items, found=earlier.found - len(earlier.items) + len(items))


def people_of(home: Home, numbers: Iterable[int]) -> dict[int, Who]:
    """Who these numbers are; a number of an erased person, too, has an entry."""
    wanted = sorted(set(numbers))
    files = [f.path for f in Private(home).identities.version().current()]
    with engine(spill=home.spill) as connection:
        rows = connection.execute(
            f"select customer_key, source, source_id, name, mail, phone from {parquet(files, IDENTITY)} "
            "semi join (select unnest(?::bigint[]) as customer_key) using (customer_key)",
            [wanted],
        ).fetchall()
    return {number: Who(number) for number in wanted} | {
        int(key): Who(int(key), *(value or "" for value in known)) for key, *known in rows
    }


def numbers_called(home: Home, words: str) -> list[int]:
    """The customer numbers that are called so: our number, or the id in one of the systems."""
    files = [f.path for f in Private(home).identities.version().current()]
    with engine(spill=home.spill) as connection:
        rows = connection.execute(
            f"select customer_key from {parquet(files, IDENTITY)} where (customer_key::varchar = ? or "
            f"lower(source_id) = lower(?)) and not starts_with(source_id, {literal(CASE_PREFIX)}) limit 100",
            [words, words],
        ).fetchall()
    return [int(key) for (key,) in rows]


def decide_joined(home: Home, numbers: Sequence[int], *, by: Any) -> str:
    """They are one person. Returns the way back, for `undo`. Raises: WrongUsage, UnknownCustomer, LostRace."""
    return _decided(home, "join.numbers", numbers, lambda name: join(home, numbers, by=name), by)


def decide_apart(home: Home, one: int, other: int, *, by: Any) -> str:
    """They are two persons. Returns and raises as `decide_joined`."""
    return _decided(home, "join.apart", (one, other), lambda name: keep_apart(home, one, other, by=name), by)


def decide_parted(home: Home, number: int, *, by: Any) -> str:
    """This number is not the person it is joined with. Returns and raises as `decide_joined`."""
    return _decided(home, "join.part", (number,), lambda name: part(home, number, by=name), by)


def undo(home: Home, back: str, *, by: Any) -> None:
    """Have said again what was said before. back: as deciding returned it; anything else in it is passed over."""
    steps = [((int(low), int(high)), state) for low, high, state in _STEP.findall(back)]

    def step(name: str) -> None:
        for pair, state in steps:
            if state == NOTHING:
                unsay(home, *pair)
        for pair, state in steps:
            if state == JoinState.JOINED:
                join(home, pair, by=name)
        for pair, state in steps:  # last, since joining two persons takes back what kept them apart
            if state == JoinState.APART:
                keep_apart(home, *pair, by=name)

    if steps:
        _decided(home, "join.unsay", sorted({number for pair, _state in steps for number in pair}), step, by)


def _decided(home: Home, verb: str, numbers: Sequence[int], act: Callable[[str], object], by: Any) -> str:
    """Decide, with its entry in the audit log and journeys for those whom it touches. The joins are written last:
    where that fails, nothing is noted."""
    before = _said(home)
    with transaction.atomic():
        entry = record(by, verb, about=f"customer {min(numbers)}", numbers=sorted(numbers))
        ask_once("build", {}, by=by)
        act(entry.who)
    after = _said(home)
    changed = sorted(pair for pair in before.keys() | after.keys() if before.get(pair) != after.get(pair))
    return ",".join(f"{low}-{high}:{before.get((low, high), NOTHING)}" for low, high in changed)


def back_of(link: Link) -> str:
    """The way back from what somebody said of two numbers."""
    return f"{link.low}-{link.high}:{NOTHING}"


def _said(home: Home) -> dict[Pair, JoinState]:
    """What people say of pairs of numbers."""
    links = links_of(join_store(home).version())
    return {link.pair: link.state for link in links if link.reason == JoinReason.PERSON}
