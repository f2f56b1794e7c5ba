"""The filter bar: which journeys a page is about, said in its address, so that a link shows the same to a colleague."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from django.http import QueryDict

from tiesa.core import formats
from tiesa.core.locale import _
from tiesa.journeys.selection import ALL, Selection
from tiesa.journeys.view import View

PARTS = ("journey_type", "segment", "channel", "touchpoint", "language", "unit", "product")
PERIODS = {"30d": 30, "90d": 90, "1y": 365}
MOST_CHOICES = 200


@dataclass(frozen=True, slots=True)
class Filters:
    """What the bar says. parts: as in the address (an empty word is not there). selection: the same for the library."""

    parts: tuple[tuple[str, str], ...] = ()
    selection: Selection = ALL

    @property
    def query(self) -> str:
        """As it stands in an address, always in the same order."""
        made = QueryDict(mutable=True)
        for name, word in self.parts:
            made[name] = word
        return made.urlencode()

    @property
    def chosen(self) -> dict[str, str]:
        return dict(self.parts)

    @property
    def count(self) -> int:
        return len(self.parts)


def read(query: QueryDict, last_contact: datetime) -> Filters:
    """What an address says; words that cannot be meant (a day that does not exist) are left out.

    >>> found = read(QueryDict("channel=phone&from=2026-01-01&to=never"), datetime(2026, 9, 30, tzinfo=UTC))
    >>> found.query, found.selection.in_words()
    ('channel=phone&from=2026-01-01', 'channel phone, begun from 1 Jan 2026')
    """
    words = {name: query.get(name, "").strip() for name in (*PARTS, "period", "from", "to")}
    since, until = _day(words["from"]), _day(words["to"])
    if words["period"] in PERIODS:
        since, until = last_contact - timedelta(days=PERIODS[words["period"]]), None
        since = since.replace(hour=0, minute=0, second=0, microsecond=0)
        words["from"] = words["to"] = ""
    else:
        words["period"] = ""
        until = until + timedelta(days=1) if until is not None else None
        if since is not None and until is not None and since >= until:
            since = until = None
        words["from"], words["to"] = words["from"] if since else "", words["to"] if until else ""
    chosen = {name: words[name] or None for name in PARTS}
    selection = replace(Selection(**chosen), since=since, until=until)  # type: ignore[arg-type]
    return Filters(tuple((name, word) for name, word in words.items() if word), selection)


def _day(word: str) -> datetime | None:
    try:
        return datetime.strptime(word, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Choice:
    """A part of the bar: its words, and the values there are with how many journeys each has (most first)."""

    name: str
    words: str
    values: tuple[tuple[str, int], ...]


def choices(view: View) -> tuple[Choice, ...]:
    """What can be chosen from, of everything the person may see."""
    made = []
    for name, words in part_words().items():
        if name == "segment":
            sql = "select segment, count(*) from customers where segment is not null group by 1"
        elif name == "journey_type":
            sql = "select journey_type, count(*) from all_journeys where journey_type is not null group by 1"
        else:
            sql = f"select {name}, count(*) from all_rows where {name} is not null group by 1"
        values = view.rows(f"from ({sql}) order by 2 desc, 1 limit {MOST_CHOICES}")
        made.append(Choice(name, words, tuple((str(value), n) for value, n in values)))
    return tuple(made)


def part_words() -> dict[str, str]:
    """The parts of the bar in words."""
    return {
        "journey_type": _("Journey type"),
        "segment": _("Segment"),
        "channel": _("Channel"),
        "touchpoint": _("Touchpoint"),
        "language": _("Language"),
        "unit": _("Unit"),
        "product": _("Product"),
    }


def chips(filters: Filters) -> list[tuple[str, str, str]]:
    """What is chosen, as (name in the address, what it is, value)."""
    words = part_words()
    periods = {"30d": _("the last 30 days"), "90d": _("the last 90 days"), "1y": _("the last year")}
    made = []
    for name, value in filters.parts:
        if name == "period":
            made.append((name, _("Period"), periods[value]))
        elif name in ("from", "to"):
            day = _day(value)
            made.append((name, _("from day") if name == "from" else _("to day"), formats.day(day) if day else value))
        else:
            made.append((name, words[name], value))
    return made
