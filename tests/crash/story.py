"""The files that the rounds send in, and what a home must hold once some of them were accepted.

A base file, and small ones that bring new contacts, correct some of the base and repeat others. Each small file
corrects rows of its own, so that the order in which they come makes no difference.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

MAPPING = """
source = "desk"
[time]
zone = "UTC"
[contact]
contact_id = "id"
occurred_at = "when"
customer = "who"
customer_name = "name"
customer_mail = "mail"
case_id = "ticket"
touchpoint = "what"
channel = "way"
direction = { column = "dir", values = { in = "inbound", out = "outbound", step = "internal" } }
reason = "topic"
employee = "agent"
cost = "price"
currency = "currency"
text = "words"
[answer]
only_with = "score"
answered_at = "when"
question = { constant = "How satisfied are you?" }
kind = { constant = "overall" }
scale = { constant = "1-5" }
value = "score"
"""
COLUMNS = tuple("id when who name mail ticket what way dir topic agent price currency score words".split())  # noqa: SIM905
PERSONS, IN_BASE = 400, 2000
FRESH, CORRECTED, REPEATED = 40, 10, 10
BASE = 0
"""Number of the base file; the small ones are 1, 2, ..."""


@dataclass(frozen=True, slots=True)
class Contact:
    """What must be found of one row: `topic` is its own, so that it can be told from all others."""

    topic: str
    person: str
    at: datetime
    touchpoint: str
    cost: Decimal
    words: str
    score: float | None


def person(number: int) -> str:
    return f"person {number}"


def contact(number: int, file: int) -> Contact:
    """Row `number` as `file` tells it: a correction has another cost, other words and another score."""
    who = number % PERSONS if number < IN_BASE else CORRECTED * ((number - IN_BASE) // FRESH + 1) + number % CORRECTED
    return Contact(
        topic=f"topic {number}",
        person=person(who % PERSONS),
        at=datetime(2025, 1, 1, 8, tzinfo=UTC) + timedelta(minutes=37 * number),
        touchpoint=("asks", "answers", "checks")[number % 3],
        cost=Decimal(f"{number % 7}.{file}5"),
        words=f"words of {number} by file {file}" if number % 2 else "",
        score=float(1 + (number + file) % 5) if number % 3 == 0 else None,
    )


def contacts_of(file: int) -> list[Contact]:
    """The rows of a file, in order."""
    if file == BASE:
        return [contact(n, BASE) for n in range(IN_BASE)]
    first = IN_BASE + FRESH * (file - 1)
    fresh = [contact(n, file) for n in range(first, first + FRESH)]
    corrected = [contact(n, file) for n in range(CORRECTED * file, CORRECTED * (file + 1))]
    repeats = range(IN_BASE - REPEATED * (file + 1), IN_BASE - REPEATED * file)
    return fresh + corrected + [contact(n, BASE) for n in repeats]


@cache
def expected(files: tuple[int, ...]) -> tuple[Contact, ...]:
    """All rows that hold once exactly these files were taken in."""
    return tuple({c.topic: c for file in sorted(files) for c in contacts_of(file)}.values())


def write_files(folder: Path, numbers: Iterable[int]) -> None:
    """The mapping and the files, as `desk.toml` and `NUMBER.csv`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "desk.toml").write_text(MAPPING, "utf-8")
    for number in numbers:
        with (folder / f"{number}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            writer.writerows(_line(c, known_by_mail=number != BASE) for c in contacts_of(number))


def _line(c: Contact, *, known_by_mail: bool) -> list[str]:
    number = int(c.topic.split()[1])
    who = int(c.person.split()[1])
    return [
        f"m{number}@desk.example" if number % 5 == 0 else f"c{number}",
        f"{c.at:%Y-%m-%dT%H:%M:%SZ}",
        c.person,
        f"Name of {who}",
        f"{who}@people.example" if known_by_mail else "",
        f"T{who}-{number // 1000}",
        c.touchpoint,
        ("e-mail", "phone")[number % 2],
        ("in", "out", "step")[number % 3],
        c.topic,
        ("", "Ana", "Bojan")[number % 3],
        str(c.cost),
        "EUR",
        "" if c.score is None else f"{c.score:.0f}",
        c.words,
    ]
