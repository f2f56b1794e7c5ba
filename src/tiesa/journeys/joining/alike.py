"""Numbers that may be one person and no rule joins: proposals with their evidence, the strongest first.

Method: record linkage after Fellegi & Sunter (1969), with frequencies as Winkler (1989) puts them in: that two numbers
agree in something weighs log2(N / n) bits, where n of the N numbers share it (a rare name says more than a common
one); that they differ in something weighs against them, DIFFER bits a field. Against the sum stand log2(N) bits: of N
others, one is expected to agree by chance where the sum is no higher. The weight is the sum less that; a proposal needs
LEAST bits. Compared are pairs that share a name, the local part of a mail address, or the last digits of a
telephone number, unless more than BLOCK numbers share it.

Limits: fields are taken as independent (a family shares address and surname: hence names must not differ), and a field
that differs counts the same for all. The weight orders proposals; it is no probability, and nothing is joined by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import log2
from typing import TYPE_CHECKING, Any

from tiesa.core.enums import JoinReason, JoinState
from tiesa.core.folding import folded_sql
from tiesa.core.home import Home
from tiesa.engines.duckdb import count, engine
from tiesa.journeys.joining.links import join_store, links_of
from tiesa.journeys.joining.persons import Doubt, Persons, same_name
from tiesa.journeys.joining.rules import JoiningRules, read_joining
from tiesa.journeys.joining.values import known_persons, shared

if TYPE_CHECKING:
    import duckdb

DIFFER = 4.0
"""Bits against a pair for a field in which it differs: one person in sixteen has two."""
LEAST = 3.0
"""Bits a proposal needs: eight to one against chance."""
BLOCK = 20
LAST_DIGITS = 7
SHORTEST_LOCAL = 5
_FIELDS = ("name", "mail", "phone", "local", "digits")


@dataclass(frozen=True, slots=True)
class Agreement:
    """One piece of evidence: a field in which two numbers agree, and how many numbers share that; `differs`: they do
    not agree, and n is 0. what: name, mail, phone, contract, local (of the mail address), digits (the last of the
    telephone number)."""

    what: str
    differs: bool
    n: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """Two numbers that may be one person. weight: bits (see the module). reason: the rule that would join them."""

    low: int
    high: int
    weight: float
    evidence: tuple[Agreement, ...]
    reason: JoinReason | None
    doubt: Doubt | None

    @property
    def pair(self) -> tuple[int, int]:
        return self.low, self.high


@dataclass(frozen=True, slots=True)
class Proposals:
    """numbers: how many were compared. compared: pairs. items: the strongest first, cut at the limit; found: all."""

    numbers: int
    compared: int
    found: int
    items: tuple[Proposal, ...]


def proposals(home: Home, rules: JoiningRules | None = None, *, limit: int = 500) -> Proposals:
    """What may be one person and is not joined, nor kept apart by somebody.

    Raises: InvalidRules.
    """
    home.check()
    rules = rules or read_joining(home.rules)
    links = links_of(join_store(home).version())
    decided = Persons({}, [link.pair for link in links if link.state == JoinState.APART])
    for link in links:
        if link.state == JoinState.JOINED:
            decided.join(*link.pair)
    with engine(spill=home.spill) as connection:
        known_persons(connection, home, rules)
        numbers = count(connection, "select count(*) from known")
        exact = _exact(connection, home, rules)
        _counted(connection)
        _pairs(connection, exact)
        rows = connection.execute(_COMPARED).fetchall()
        columns = [each[0] for each in connection.description or ()]
    made = [_proposal(dict(zip(columns, row, strict=True)), numbers, exact) for row in rows]
    open_ones = [one for one in made if one and one.high not in decided.numbers(one.low)]
    open_ones = [one for one in open_ones if decided.doubt(one.low, one.high) != Doubt.APART]
    open_ones.sort(key=lambda one: (-one.weight, one.pair))
    return Proposals(numbers, len(rows), len(open_ones), tuple(open_ones[:limit]))


def _exact(
    connection: duckdb.DuckDBPyConnection, home: Home, rules: JoiningRules
) -> dict[tuple[int, int], tuple[JoinReason, int]]:
    """Pairs that share a whole value, with the strongest rule that would join them and how many share it."""
    reasons = [JoinReason.CONTRACT] if rules.contract or rules.same_ids else []
    found: dict[tuple[int, int], tuple[JoinReason, int]] = {}
    for reason, keys, n in shared(connection, home, rules, [*reasons, JoinReason.MAIL, JoinReason.PHONE]):
        if n <= rules.most:
            for other in keys[1:]:
                found.setdefault((keys[0], other), (reason, n))
    return found


def _counted(connection: duckdb.DuckDBPyConnection) -> None:
    """`compared`: what is compared of each number; `shares` (what, value, n): how many numbers have a value."""
    words = "array_to_string(list_sort(regexp_extract_all(" + folded_sql("name") + ", '\\w+')), ' ')"
    connection.execute(
        "create or replace temp table compared as select customer_key, name as said_name, "
        f"nullif({words}, '') as name, mail, phone, "
        f"case when length(split_part(mail, '@', 1)) >= {SHORTEST_LOCAL} then split_part(mail, '@', 1) end as local, "
        f"right(phone, {LAST_DIGITS}) as digits from known"
    )
    each = " union all ".join(f"select '{c}' as what, {c} as value from compared" for c in _FIELDS)
    connection.execute(
        "create or replace temp table shares as select what, value, count(*) as n "
        f"from ({each}) where value is not null group by all having count(*) > 1"
    )


def _pairs(connection: duckdb.DuckDBPyConnection, exact: Mapping[tuple[int, int], object]) -> None:
    blocks = " union ".join(
        f"select a.customer_key as low, b.customer_key as high from compared a join compared b on a.{c} = b.{c} "
        f"and a.customer_key < b.customer_key join shares s on s.what = '{c}' and s.value = a.{c} and s.n <= {BLOCK}"
        for c in ("name", "local", "digits")
    )
    connection.execute(f"create or replace temp table pairs as {blocks}")
    if exact:
        connection.execute(
            "insert into pairs select * from (select unnest(?::bigint[]) as low, unnest(?::bigint[]) as high) e "
            "where not exists (from pairs p where p.low = e.low and p.high = e.high)",
            [[low for low, _high in exact], [high for _low, high in exact]],
        )


_COMPARED = (
    "select p.low, p.high, a.said_name as low_name, b.said_name as high_name, "
    + ", ".join(f"a.{c} = b.{c} as {c}_same, coalesce({c}_n.n, 2) as {c}_n" for c in _FIELDS)
    + " from pairs p join compared a on a.customer_key = p.low join compared b on b.customer_key = p.high"
    + "".join(f" left join shares {c}_n on {c}_n.what = '{c}' and {c}_n.value = a.{c}" for c in _FIELDS)
)


def _proposal(
    row: Mapping[str, Any], numbers: int, exact: Mapping[tuple[int, int], tuple[JoinReason, int]]
) -> Proposal | None:
    """The evidence for one pair; None where it is too weak and no whole value is the same."""
    pair = (row["low"], row["high"])
    reason, sharing = exact.get(pair, (None, 0))
    evidence = []
    named = same_name(row["low_name"], row["high_name"])
    if named is not None:
        evidence.append(Agreement("name", not named, row["name_n"] if named else 0))
    if reason == JoinReason.CONTRACT:
        evidence.append(Agreement("contract", False, sharing))
    for whole, part_of_it in (("mail", "local"), ("phone", "digits")):
        if row[f"{whole}_same"] is None:
            continue
        if row[f"{whole}_same"]:
            evidence.append(Agreement(whole, False, row[f"{whole}_n"]))
        elif row[f"{part_of_it}_same"]:
            evidence.append(Agreement(part_of_it, False, row[f"{part_of_it}_n"]))
        else:
            evidence.append(Agreement(whole, True, 0))
    weight = sum(-DIFFER if one.differs else log2(max(numbers, 2) / one.n) for one in evidence) - log2(max(numbers, 2))
    doubt = Doubt.NAMES if named is False else None
    if weight < LEAST and reason is None:
        return None
    return Proposal(*pair, round(weight, 1), tuple(evidence), reason, doubt)
