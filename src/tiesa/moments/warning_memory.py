"""Who was on a list, who was held out by chance, and whom somebody contacted because of it: kept, never changed.

Every note is a file of its own in the home: nothing is ever rewritten. With a share held out, whether contacting does
any good can be measured later: the same risk, chance alone between them. Customers are named by their number only.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import blake2b
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from tiesa.core.home import Home
from tiesa.core.whole_files import creating, make_folder

if TYPE_CHECKING:
    from tiesa.moments.warning import EarlyWarning, Warned

FOLDER = "early-warning"


class Kept(StrEnum):
    """What happened to somebody because of a list."""

    LISTED = "listed"
    HELD_OUT = "held_out"
    CONTACTED = "contacted"


@dataclass(frozen=True)
class Entry:
    """One note. at: when it was noted; now: the list's "now". target: `left` or a moment's id. by: who noted it."""

    kept: Kept
    customer_key: int
    journey_no: int
    risk: float
    target: str
    horizon_days: int
    now: datetime
    at: datetime
    by: str = ""

    @property
    def name(self) -> tuple[object, ...]:
        """Two entries with the same are the same."""
        return self.kept, self.customer_key, self.target, self.now

    def as_plain(self) -> dict[str, Any]:
        """The entry for a file."""
        return asdict(self) | {"now": self.now.isoformat(), "at": self.at.isoformat()}

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> Entry:
        """The entry that `as_plain` told of."""
        times = {name: datetime.fromisoformat(plain[name]) for name in ("now", "at")}
        return cls(**(plain | times | {"kept": Kept(plain["kept"])}))


def remember(home: Home, entries: Iterable[Entry]) -> int:
    """Add entries, and say how many; one of a customer, kind, target and `now` that is there is not added again."""
    home.check()
    there = {entry.name for entry in remembered(home)}
    new = {entry.name: entry for entry in entries if entry.name not in there}
    if new:
        folder = home.root / FOLDER
        make_folder(folder)
        text = json.dumps([entry.as_plain() for entry in new.values()], indent=1, ensure_ascii=False)
        with creating(folder / f"{now_utc():%Y%m%dT%H%M%S}-{token_hex(4)}.json") as draft:
            draft.write_text(text, "utf-8")
    return len(new)


def remembered(home: Home) -> list[Entry]:
    """Every entry once, oldest first."""
    found: dict[tuple[object, ...], Entry] = {}
    for path in sorted((home.root / FOLDER).glob("[!.]*.json")):
        for plain in json.loads(path.read_text("utf-8")):
            entry = Entry.from_plain(plain)
            found.setdefault(entry.name, entry)
    return list(found.values())


def is_held_out(customer_key: int, share: float) -> bool:
    """Whether chance holds a customer out: the same for every list, so that the comparison is not mixed up."""
    digest = blake2b(f"early-warning {customer_key}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") < share * 2**64


def now_utc() -> datetime:
    """The wall clock, to the second."""
    return datetime.now(UTC).replace(microsecond=0)


def remember_list(home: Home, result: EarlyWarning, *, by: str = "") -> int:
    """Note who is on a list and who is held out. Returns how many notes are new."""
    listed = [_entry(Kept.LISTED, result, one, by) for one in result.warned]
    return remember(home, listed + [_entry(Kept.HELD_OUT, result, one, by) for one in result.held_out])


def held_out_before(home: Home, now: datetime, target: str) -> frozenset[int]:
    """Customers whom a kept list of this target held out: they stay so until what it looked ahead to is over."""
    return frozenset(
        one.customer_key
        for one in remembered(home)
        if one.kept == Kept.HELD_OUT and one.target == target
        and one.now <= now < one.now + timedelta(days=one.horizon_days)
    )  # fmt: skip


def remember_contact(home: Home, result: EarlyWarning, one: Warned, *, by: str = "") -> int:
    """Note that somebody turned to a customer because of the list. Returns how many notes are new."""
    return remember(home, [_entry(Kept.CONTACTED, result, one, by)])


def _entry(kept: Kept, result: EarlyWarning, one: Warned, by: str) -> Entry:
    return Entry(
        kept, one.customer_key, one.journey_no, one.risk, result.target, result.horizon_days, result.now, now_utc(), by
    )
