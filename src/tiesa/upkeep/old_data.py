"""What is older than the home's rules allow: counted, or deleted. Figures stay, since they rest on bare numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from tiesa.contacts.log import ContactLog
from tiesa.contacts.private import Private, write
from tiesa.core.home import Home
from tiesa.core.locale import _
from tiesa.core.tables import ANSWER, CONTACT, IDENTITY
from tiesa.core.whole_files import DRAFT, remove
from tiesa.engines.duckdb import count, engine, literal, parquet
from tiesa.journeys.joining.links import PERSONS, join_store, of_persons, read_persons
from tiesa.upkeep.erase import erase
from tiesa.upkeep.privacy_rules import Kind, PrivacyRules
from tiesa.upkeep.turns import turn

if TYPE_CHECKING:
    import duckdb

MOST_NAMES = 300
"""So many people are erased at one time: each has a receipt of their own."""


@dataclass(frozen=True, slots=True)
class OldData:
    """How much there is past its time. before: of each kind, what is older than this. counts: people, texts, files."""

    before: Mapping[Kind, datetime]
    counts: Mapping[Kind, int]


def old_data(home: Home, rules: PrivacyRules, *, now: datetime | None = None) -> OldData:
    """Count what is past its time; nothing is changed.

    A person counts by their last contact or answer; one without any is never past it.
    """
    at = now or datetime.now(UTC)
    before = _before(rules, at)
    with engine(spill=home.spill) as connection:
        names = len(_people(connection, home, before[Kind.NAMES])) if Kind.NAMES in before else 0
        words = _count_words(connection, home, before[Kind.WORDS]) if Kind.WORDS in before else 0
    files = len(_files(home, before[Kind.SET_ASIDE])) if Kind.SET_ASIDE in before else 0
    counts = {Kind.NAMES: names, Kind.WORDS: words, Kind.SET_ASIDE: files}
    return OldData(before, {kind: counts[kind] for kind in counts if kind in before})


def delete_old(
    home: Home,
    rules: PrivacyRules,
    *,
    by: str,
    now: datetime | None = None,
    told: Callable[[int, int], None] = lambda _done, _all: None,
) -> OldData:
    """Delete what is past its time; what was deleted is returned. Begun again after a kill, it goes on where it was.

    People are erased one by one, each with a receipt, at most MOST_NAMES at a time; `told` hears how far it is.
    """
    at = now or datetime.now(UTC)
    before, counts = _before(rules, at), dict[Kind, int]()
    if Kind.NAMES in before:
        with engine(spill=home.spill) as connection:
            due = _people(connection, home, before[Kind.NAMES])[:MOST_NAMES]
        keeping = rules[Kind.NAMES].keep_in_words
        why = _("Kept no longer than {time} after the last contact (rules/privacy.toml)").format(time=keeping)
        for done, number in enumerate(due):
            told(done, len(due))
            erase(home, number=number, why=why, by=by)
        counts[Kind.NAMES] = len(due)
    if Kind.WORDS in before:
        with turn(home), engine(spill=home.spill) as connection:
            counts[Kind.WORDS] = _delete_words(connection, home, before[Kind.WORDS])
    if Kind.SET_ASIDE in before:
        old = _files(home, before[Kind.SET_ASIDE])
        for path in old:
            remove(path)
        counts[Kind.SET_ASIDE] = len(old)
    return OldData(before, counts)


def _before(rules: PrivacyRules, at: datetime) -> dict[Kind, datetime]:
    return {one.kind: at - timedelta(days=one.keep_days) for one in rules.kept if one.keep_days is not None}


def _people(connection: duckdb.DuckDBPyConnection, home: Home, before: datetime) -> list[int]:
    """Numbers of the customers known by name or id who were last heard of before that."""
    identities = [f.path for f in Private(home).identities.version().current()]
    if not identities:
        return []
    heard, of = (
        f"({_heard(home)})",
        f"(select customer_key, customer_key as person from {parquet(identities, IDENTITY)})",
    )
    if read_persons(connection, join_store(home).version()):
        heard = f"(select customer_key, max(last_at) as last_at from {of_persons(heard)} group by 1)"
        persons = f"left join {PERSONS} p on p.customer_key = k.customer_key"
        of = f"(select k.customer_key, coalesce(p.person_key, k.customer_key) as person from {of} k {persons})"
    rows = connection.execute(
        f"select distinct i.customer_key from {of} i join {heard} h on h.customer_key = i.person "
        f"where last_at < {_instant(before)} order by 1"
    ).fetchall()
    return [int(number) for (number,) in rows]


def _heard(home: Home) -> str:
    """SQL: when each customer was last heard of."""
    log = ContactLog(home)
    parts = [
        f"select customer_key, {column} as heard_at from {parquet([f.path for f in log.files(table)], table)} "
        "where customer_key is not null"
        for table, column in ((CONTACT, "occurred_at"), (ANSWER, "answered_at"))
    ]
    return f"select customer_key, max(heard_at) as last_at from ({' union all '.join(parts)}) group by 1"


def _old_words(home: Home, before: datetime) -> str:
    """SQL of the ids (source, contact_id, answer_id) whose words are past their time."""
    log = ContactLog(home)
    contacts = parquet([f.path for f in log.files(CONTACT)], CONTACT)
    answers = parquet([f.path for f in log.files(ANSWER)], ANSWER)
    return (
        f"select source, contact_id, null::varchar as answer_id from {contacts} where occurred_at < {_instant(before)} "
        f"union all select source, null::varchar, answer_id from {answers} where answered_at < {_instant(before)}"
    )


_SAME = " and ".join(f"o.{c} is not distinct from w.{c}" for c in ("source", "contact_id", "answer_id"))


def _count_words(connection: duckdb.DuckDBPyConnection, home: Home, before: datetime) -> int:
    files = [f.path for f in Private(home).words.version().files]
    if not files:
        return 0
    old = f"from {parquet(files)} w semi join ({_old_words(home, before)}) o on {_SAME}"
    return count(connection, f"select count(*) {old}")


def _delete_words(connection: duckdb.DuckDBPyConnection, home: Home, before: datetime) -> int:
    """Write the files anew that hold some; what is replaced goes from the disk at once, with dead processes' files."""
    private = Private(home)
    if not private.words.exists:
        return 0
    with private.writing(alone=True):
        version, gone = private.words.version(), 0
        connection.execute(f"create or replace temp table old_words as {_old_words(home, before)}")
        add, replaced = [], []
        for f in version.files:
            rows = f"{parquet([f.path])} w"
            n = count(connection, f"select count(*) from {rows} semi join old_words o on {_SAME}")
            if not n:
                continue
            gone += n
            replaced.append(f)
            rest = f"select w.* from {rows} anti join old_words o on {_SAME}"
            add += write(connection, private.words, rest, partition=f.partition)
        if replaced:
            private.words.commit(after=version, add=add, remove=replaced)
            for f in replaced:
                remove(f.path)
    return gone


def _files(home: Home, before: datetime) -> list[Path]:
    """Files of rows set aside that were written before that."""
    return [
        path
        for path in sorted(home.quarantine.glob("*"))
        if path.is_file()
        and not path.name.startswith(DRAFT)
        and datetime.fromtimestamp(path.stat().st_mtime, UTC) < before
    ]


def _instant(moment: datetime) -> str:
    return f"timestamptz {literal(moment.isoformat())}"
