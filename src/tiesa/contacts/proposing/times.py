"""How the times of a file are written, as a mapping says it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tiesa.contacts.proposing.matching import ENOUGH, named
from tiesa.contacts.proposing.values import ColumnFacts
from tiesa.contacts.readers.values import find_time_format
from tiesa.core.locale import _

_ISO = re.compile(r"%Y-%m-%d([T ]%H:%M(:%S(\.%[fn])?)?(%z|Z)?)?")


def with_clock(day: ColumnFacts, columns: Sequence[ColumnFacts]) -> ColumnFacts | None:
    """The column with the time of day, where `day` holds dates alone."""
    form = day.time
    if form is None or day.typed or any("%H" in f or "%I" in f for f in form.formats) or form.epoch:
        return None
    clocks = [f for f in columns if f.is_clock and f.is_full]
    return max(clocks, key=lambda f: named(f, "contact", "clock"), default=None) if _one_is_named(clocks) else None


def _one_is_named(clocks: Sequence[ColumnFacts]) -> bool:
    return any(named(f, "contact", "clock") >= ENOUGH for f in clocks)


def time_formats(texts: Sequence[Sequence[str | None]]) -> tuple[tuple[str, ...], bool, dict[str, str]]:
    """Formats beyond ISO 8601, whether the day comes first, and the reasons, for all time columns together."""
    formats: dict[str, None] = {}
    day_first, reasons, offsets = True, {}, set()
    for values in texts:
        form = find_time_format(values)
        if form is None:
            continue
        offsets.add(form.has_offset)
        if form.epoch:
            formats[f"epoch_{form.epoch}"] = None
            reasons["time.formats"] = _("numbers that count since 1970")
        for one in form.formats:
            if not _ISO.fullmatch(one):
                formats[one] = None
                example = next(v for v in values if v)
                reasons["time.formats"] = _("times are written as {example}").format(example=example)
        if form.day_first is False:
            day_first = False
            reasons["time.day_first"] = _("the second number goes beyond 12, so the month comes first")
        if form.note():
            reasons["time.formats"] = form.note()
    if offsets - {"all"}:
        reasons["time.zone"] = _("the times carry no offset: write your own time zone here, as in Europe/Vilnius")
    return tuple(formats), day_first, reasons
