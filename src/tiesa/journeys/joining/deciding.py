"""Joining and un-joining: by the rules, by a person's word, each in one commit of the table of joins.

Rules are worked out anew from the private tables whenever these changed: a join whose value is gone is gone too. What a
person said stays until they say otherwise, and goes before every rule. Joins of erased numbers stay as they are, since
nothing of the person is left to compare and no figure may change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations
from typing import TYPE_CHECKING, Any

from tiesa.contacts.erased import ERASED
from tiesa.contacts.log import ContactLog
from tiesa.contacts.private import TRIES, Private
from tiesa.core.enums import JoinReason, JoinState
from tiesa.core.errors import LostRace, UnknownCustomer, WrongUsage
from tiesa.core.home import Home
from tiesa.core.locale import _
from tiesa.core.tables import CONTACT, CUSTOMER, IDENTITY
from tiesa.engines.duckdb import engine, parquet
from tiesa.engines.store import Overtaken, Version
from tiesa.journeys.joining.links import Link, join_store, links_of, numbers_of, write_links
from tiesa.journeys.joining.persons import Conflict, Doubt, Persons
from tiesa.journeys.joining.rules import JoiningRules, read_joining
from tiesa.journeys.joining.values import known_persons, shared

if TYPE_CHECKING:
    import duckdb

_ORDER = (JoinReason.PERSON, JoinReason.CONTRACT, JoinReason.MAIL, JoinReason.PHONE)


@dataclass(frozen=True, slots=True)
class Joined:
    """How it stands after joining. version: of the joins (0: none yet). persons: with several numbers, and numbers:
    theirs together. by_reason: pairs by what joined them. conflicts: what the rules would join and something speaks
    against."""

    version: int
    persons: int
    numbers: int
    by_reason: dict[JoinReason, int]
    conflicts: tuple[Conflict, ...] = ()


def apply_rules(home: Home, rules: JoiningRules | None = None, *, now: datetime | None = None) -> Joined:
    """Join what the home's rules join by themselves, and no longer what they do not. Cheap where nothing changed.

    Raises: InvalidRules; LostRace when others kept deciding at the same time.
    """
    home.check()
    rules = rules or read_joining(home.rules)
    store, facts = join_store(home), _facts(home, rules)
    version = store.version()
    if version.number < 1 and not rules.automatic:
        return Joined(0, 0, 0, {})
    if version.number >= 1 and _same(store.facts(version.number)[0], facts):
        return _standing(version, links_of(version))
    return _decide(home, rules, lambda links: links, now=now)


def join(home: Home, numbers: Sequence[int], *, by: str, now: datetime | None = None) -> Joined:
    """Say that these customer numbers are one person. It holds until somebody says otherwise.

    Raises: WrongUsage for fewer than two; UnknownCustomer for a number that nobody has.
    """
    wanted = sorted(set(numbers))
    if len(wanted) < 2:
        raise WrongUsage(_("Joining needs two customers at least"))
    _known(home, wanted)
    at = now or datetime.now(UTC)
    said = [Link(wanted[0], other, JoinState.JOINED, JoinReason.PERSON, by, at) for other in wanted[1:]]
    pairs = set(combinations(wanted, 2))

    def step(links: list[Link]) -> list[Link]:
        kept = [link for link in links if link.pair not in pairs]
        apart = [link for link in kept if link.state == JoinState.APART]
        return [*(link for link in kept if link not in _between(apart, links, wanted)), *said]

    return _decide(home, read_joining(home.rules), step, now=at)


def part(home: Home, number: int, *, by: str, now: datetime | None = None) -> Joined:
    """Say that this number is not the person it is joined with: it stands alone, and no rule joins it there again.

    Raises: UnknownCustomer for a number that nobody has; WrongUsage for one that is not joined.
    """
    _known(home, [number])
    if len(numbers_of(join_store(home).version(), number)) < 2:
        raise WrongUsage(_("Customer {number} is not joined with another").format(number=number))
    at = now or datetime.now(UTC)

    def step(links: list[Link]) -> list[Link]:
        others = [n for n in _persons(links).numbers(number) if n != number]
        return _set_apart(links, [(number, other) for other in others], by, at)

    return _decide(home, read_joining(home.rules), step, now=at)


def keep_apart(home: Home, one: int, other: int, *, by: str, now: datetime | None = None) -> Joined:
    """Say that two numbers are two persons; what had joined them holds no longer.

    Raises: UnknownCustomer for a number that nobody has; WrongUsage where both are the same.
    """
    if one == other:
        raise WrongUsage(_("Keeping apart needs two customers"))
    _known(home, [one, other])
    at = now or datetime.now(UTC)
    return _decide(home, read_joining(home.rules), lambda links: _set_apart(links, [(one, other)], by, at), now=at)


def unsay(home: Home, one: int, other: int, *, now: datetime | None = None) -> Joined:
    """Take back what a person said of two numbers, that they are one or are not; the rules decide again."""
    pair = (min(one, other), max(one, other))

    def step(links: list[Link]) -> list[Link]:
        return [link for link in links if link.pair != pair or link.reason != JoinReason.PERSON]

    return _decide(home, read_joining(home.rules), step, now=now)


def _set_apart(links: list[Link], pairs: Iterable[tuple[int, int]], by: str, at: datetime) -> list[Link]:
    wanted = {(min(pair), max(pair)) for pair in pairs}
    said = [Link(*pair, JoinState.APART, JoinReason.PERSON, by, at) for pair in sorted(wanted)]
    return [*(link for link in links if link.pair not in wanted), *said]


def _between(apart: list[Link], links: list[Link], wanted: Sequence[int]) -> list[Link]:
    """What kept the persons of these numbers apart: who joins two persons joins all of their numbers."""
    persons = _persons(links)
    every = {number for one in wanted for number in persons.numbers(one)}
    return [link for link in apart if {link.low, link.high} <= every]


def _persons(links: Iterable[Link]) -> Persons:
    persons = Persons({})
    for link in links:
        if link.state == JoinState.JOINED:
            persons.join(*link.pair)
    return persons


def _decide(
    home: Home, rules: JoiningRules, step: Callable[[list[Link]], list[Link]], *, now: datetime | None
) -> Joined:
    """Look, let the step say what people say, work the rules out, commit, until nobody else came between."""
    store, at = join_store(home), now or datetime.now(UTC)
    home.make()
    with engine(spill=home.spill) as connection:
        for _attempt in range(TRIES):
            version = store.version()
            before = links_of(version)
            said = step(before)
            links, persons, conflicts = _worked_out(connection, home, rules, said, at)
            facts = {**_facts(home, rules), "conflicts": [_told(one) for one in conflicts]}
            if links == before and version.number >= 1 and _same(store.facts(version.number)[0], facts):
                return _standing(version, links, conflicts)
            add = write_links(connection, store, links, persons.by_number())
            try:
                number = store.commit(after=version, add=add, remove=version.files, facts=facts)
            except Overtaken:
                store.discard(add)
                continue
            return _standing(store.version(number), links, conflicts)
    raise LostRace(_("Others kept joining at the same time"), remedy=_("Try again"))


def _worked_out(
    connection: duckdb.DuckDBPyConnection, home: Home, rules: JoiningRules, said: list[Link], at: datetime
) -> tuple[list[Link], Persons, tuple[Conflict, ...]]:
    """What people said, and what the rules make of the private tables beside it."""
    known_persons(connection, home, rules)
    wanted = shared(connection, home, rules, rules.automatic)
    erased = _erased_numbers(connection, home)
    stays = [
        link for link in said
        if link.reason == JoinReason.PERSON or link.low in erased or link.high in erased
    ]  # fmt: skip
    since = {(link.pair, link.reason): link.at for link in said}
    concerned = {key for _reason, keys, _n in wanted for key in keys}.union(*(link.pair for link in stays))
    names = _names(connection, concerned)
    persons = Persons(names, [link.pair for link in stays if link.state == JoinState.APART])
    for link in stays:
        if link.state == JoinState.JOINED:
            persons.join(*link.pair)
    links, conflicts = {link.pair: link for link in stays}, list[Conflict]()
    for reason, keys, n in wanted:
        if n > rules.most:
            conflicts.append(Conflict(keys[0], keys[1], reason, Doubt.CROWDED, n))
            continue
        for place, high in enumerate(keys[1:], 1):
            low, doubt = _joined_to_one(persons, keys[:place], high)
            if doubt is None:
                when = since.get(((low, high), reason), at)
                links.setdefault((low, high), Link(low, high, JoinState.JOINED, reason, "", when))
            elif links.get((low, high)) is None:  # where a person has said so, there is nothing to decide
                conflicts.append(Conflict(low, high, reason, doubt, n))
    return sorted(links.values(), key=lambda link: link.pair), persons, tuple(conflicts)


def _joined_to_one(persons: Persons, earlier: Sequence[int], number: int) -> tuple[int, Doubt | None]:
    """Join a number to the first of these that nothing speaks against; else the first and what does."""
    for other in earlier:
        if number in persons.numbers(other):
            return other, None
    for other in earlier:
        if persons.doubt(other, number) is None:
            persons.join(other, number)
            return other, None
    return earlier[0], persons.doubt(earlier[0], number)


def _names(connection: duckdb.DuckDBPyConnection, numbers: set[int]) -> dict[int, str]:
    if not numbers:
        return {}
    rows = connection.execute(
        "select customer_key, name from known semi join (select unnest(?::bigint[]) as customer_key) "
        "using (customer_key) where name is not null",
        [sorted(numbers)],
    ).fetchall()
    return dict(rows)


def _erased_numbers(connection: duckdb.DuckDBPyConnection, home: Home) -> set[int]:
    files = [f.path for f in Private(home).identities.version().current(ERASED)]
    if not files:
        return set()
    return {
        int(key) for (key,) in connection.execute(f"select customer_key from {parquet(files, IDENTITY)}").fetchall()
    }


def _known(home: Home, numbers: Sequence[int]) -> None:
    """Raises UnknownCustomer for a number that nobody has."""
    files = [f.path for f in Private(home).identities.version().files]
    with engine(spill=home.spill) as connection:
        held = connection.execute(
            f"select customer_key from {parquet(files, IDENTITY)} where list_contains(?::bigint[], customer_key)",
            [list(numbers)],
        ).fetchall()
    if missing := sorted(set(numbers) - {int(key) for (key,) in held}):
        raise UnknownCustomer(
            _("This home knows no customer {name}").format(name=missing[0]), where=str(home.root),
            remedy=_("Give the customer's number, as `tiesa joins` and the pages show it"),
        )  # fmt: skip


def _facts(home: Home, rules: JoiningRules) -> dict[str, Any]:
    """What the rules' part of the joins was worked out from."""
    log = ContactLog(home)
    facts: dict[str, Any] = {"rules": rules.fingerprint, "identities": Private(home).identities.version().number}
    if JoinReason.CONTRACT in rules.automatic and rules.contract:
        facts |= {"customers": log.store(CUSTOMER).version().number, "contacts": log.store(CONTACT).version().number}
    return facts


def _same(before: dict[str, Any], facts: dict[str, Any]) -> bool:
    return all(before.get(key) == value for key, value in facts.items())


def _told(conflict: Conflict) -> list[Any]:
    return [conflict.low, conflict.high, conflict.reason.value, conflict.doubt.value, conflict.n]


def conflicts_of(home: Home, version: Version) -> tuple[Conflict, ...]:
    """What spoke against joining when a version of the joins was made."""
    if version.number < 1:
        return ()
    told = join_store(home).facts(version.number)[0].get("conflicts", [])
    return tuple(Conflict(low, high, JoinReason(reason), Doubt(doubt), n) for low, high, reason, doubt, n in told)


def _standing(version: Version, links: Sequence[Link], conflicts: tuple[Conflict, ...] = ()) -> Joined:
    joined = [link for link in links if link.state == JoinState.JOINED]
    persons = _persons(joined).by_number()
    by_reason = {reason: sum(link.reason == reason for link in joined) for reason in _ORDER}
    return Joined(
        version.number,
        len(set(persons.values())),
        len(persons),
        {reason: n for reason, n in by_reason.items() if n},
        conflicts,
    )
