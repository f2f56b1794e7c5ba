"""How numbers and times are written in a column, told by a sample of its texts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from tiesa.core.locale import _

FIT = 0.9
"""Share of the non-blank values that a format must fit; the rest are for the checks to set aside."""
SPACES = " \u00a0\u202f"


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """decimal: "." or ",". thousands: "" or the mark between groups of three. ambiguous: the other reading fits too
    (`1.234` alone), and the values were read as thousands."""

    decimal: str
    thousands: str
    ambiguous: bool = False


@dataclass(frozen=True, slots=True)
class TimeFormat:
    """How a column writes times.

    formats: strptime formats, the most frequent first, as DuckDB's `try_strptime` knows them; empty for counts
    since 1970. A final `Z` or ` UTC` stands as it is in its format and means UTC. day_first: None where no value
    leaves that open (ISO) or where all leave it open: then `ambiguous` is true and the formats are day first.
    has_offset: all | none | some of the values carry an offset from UTC. epoch: "s" or "ms" since 1970 UTC, or "".
    """

    formats: tuple[str, ...]
    day_first: bool | None
    has_offset: str
    epoch: str = ""
    ambiguous: bool = False

    def note(self) -> str:
        """What had to be assumed, in a sentence; empty where nothing had."""
        if not self.ambiguous:
            return ""
        return _("Every date could be read day first or month first; it was read day first")


_NUMBER_FORMATS: tuple[tuple[NumberFormat, str], ...] = (
    (NumberFormat(".", ""), r"\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+"),
    (NumberFormat(",", ""), r"\d+(?:,\d+)?|,\d+"),
    (NumberFormat(".", ","), r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"),
    (NumberFormat(",", "."), r"\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+(?:,\d+)?"),
    (NumberFormat(",", " "), rf"\d{{1,3}}(?:[{SPACES}]\d{{3}})+(?:,\d+)?|\d+(?:,\d+)?"),
    (NumberFormat(".", " "), rf"\d{{1,3}}(?:[{SPACES}]\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?"),
    (NumberFormat(".", "'"), r"\d{1,3}(?:['’]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"),
)
_NUMBERS = tuple((form, re.compile(rf"[+-]?(?:{pattern})")) for form, pattern in _NUMBER_FORMATS)
_GROUPS_OR_DECIMALS = {".": re.compile(r"[+-]?[1-9]\d{0,2}\.\d{3}"), ",": re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")}
_WHOLE = re.compile(r"[+-]?\d{1,3}")


def find_number_format(values: Iterable[str | None]) -> NumberFormat | None:
    """The format that fits nearly all non-blank values, or None where they are no numbers.

    >>> find_number_format(["1.234,50", "7", None])
    NumberFormat(decimal=',', thousands='.', ambiguous=False)
    """
    texts = _texts(values)
    if not texts:
        return None
    for mark, pattern in _GROUPS_OR_DECIMALS.items():
        marked = [text for text in texts if not _WHOLE.fullmatch(text)]
        if marked and _fits(marked, pattern):
            return NumberFormat("." if mark == "," else ",", mark, ambiguous=True)
    return next((form for form, pattern in _NUMBERS if _fits(texts, pattern)), None)


def _texts(values: Iterable[str | None]) -> list[str]:
    return [text for value in values if value is not None and (text := value.strip())]


def _fits(texts: list[str], pattern: re.Pattern[str]) -> bool:
    return sum(pattern.fullmatch(text) is not None for text in texts) >= FIT * len(texts)


_DATE = re.compile(r"(\d{1,4})([./-])( ?)(\d{1,2})\2\3(\d{4}|\d{1,2})(\.?)(?!\d)")
_COMPACT_DATE = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\d)")
_CLOCK = re.compile(
    r"(?P<gap>T|, | )\d{1,2}:\d{2}(?P<seconds>:\d{2}(?P<fraction>\.\d{1,9})?)?(?P<half> ?[AaPp][Mm])?"
    r"(?P<offset>Z| UTC| ?[+-]\d{2}(?::?\d{2})?)?"
)
_EPOCHS = (("s", re.compile(r"[1-3]\d{9}(?:\.\d+)?")), ("ms", re.compile(r"[1-3]\d{12}")))
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.\w+")


@dataclass(frozen=True, slots=True)
class _Shape:
    """One time as written: its format with `first` and `second` for the two parts that may be day or month."""

    format: str
    parts: tuple[int, int] | None
    has_offset: bool


def find_time_format(values: Iterable[str | None]) -> TimeFormat | None:
    """The formats that nearly all non-blank values have, or None where they are no times.

    >>> find_time_format(["31.12.2025. 14:05", "1.2.2026. 9:30"])
    TimeFormat(formats=('%d.%m.%Y. %H:%M',), day_first=True, has_offset='none', epoch='', ambiguous=False)
    """
    texts = _texts(values)
    if not texts:
        return None
    for unit, pattern in _EPOCHS:
        if _fits(texts, pattern):
            return TimeFormat((), None, "all", epoch=unit)
    shapes = [shape for text in texts if (shape := _shape(text))]
    if len(shapes) < FIT * len(texts):
        return None
    day_first, ambiguous = _reading([shape.parts for shape in shapes if shape.parts])
    names = ("%m", "%d") if day_first is False else ("%d", "%m")
    formats = Counter(shape.format.format(first=names[0], second=names[1]) for shape in shapes)
    offsets = {shape.has_offset for shape in shapes}
    has_offset = "some" if len(offsets) == 2 else "all" if True in offsets else "none"
    return TimeFormat(tuple(form for form, _count in formats.most_common()), day_first, has_offset, ambiguous=ambiguous)


def _reading(parts: list[tuple[int, int]]) -> tuple[bool | None, bool]:
    """(day first?, ambiguous?) of the pairs that may be day and month; the majority where they contradict."""
    if not parts:
        return None, False
    day_first, month_first = sum(first > 12 for first, _m in parts), sum(second > 12 for _d, second in parts)
    if not day_first and not month_first:
        return None, True
    return day_first >= month_first, False


def _shape(text: str) -> _Shape | None:
    date = _date_shape(text)
    if date is None:
        return None
    form, parts, length = date
    if length == len(text):
        return _Shape(form, parts, False)
    clock = _CLOCK.fullmatch(text, length)
    if clock is None:
        return None
    return _Shape(form + _clock_format(clock), parts, clock["offset"] is not None)


def _date_shape(text: str) -> tuple[str, tuple[int, int] | None, int] | None:
    """Format, day-or-month parts and length of the date that starts the text."""
    if compact := _COMPACT_DATE.match(text):
        return "%Y%m%d", None, compact.end()
    found = _DATE.match(text)
    if found is None:
        return None
    first, mark, blank, second, last, end = found.groups()
    if end and mark != ".":
        return None
    if len(first) == 4:
        if len(last) > 2 or not (1 <= int(second) <= 12 and 1 <= int(last) <= 31):
            return None
        return f"%Y{mark}{blank}%m{mark}{blank}%d{end}", None, found.end()
    parts = int(first), int(second)
    if len(first) > 2 or len(last) == 1 or not (1 <= min(parts) <= 12 and max(parts) <= 31):
        return None
    year = "%Y" if len(last) == 4 else "%y"
    return f"{{first}}{mark}{blank}{{second}}{mark}{blank}{year}{end}", parts, found.end()


def _clock_format(clock: re.Match[str]) -> str:
    half, offset = clock["half"] or "", clock["offset"] or ""
    seconds = ":%S" if clock["seconds"] else ""
    fraction = clock["fraction"] or ""
    if fraction:
        seconds += ".%f" if len(fraction) <= 7 else ".%n"
    if offset.strip() not in ("", "Z", "UTC"):
        offset = " %z" if offset.startswith(" ") else "%z"
    hour = "%I" if half else "%H"
    half = {"": "", " ": " %p"}.get(half[:1], "%p")
    return f"{clock['gap']}{hour}:%M{seconds}{half}{offset}"


def is_value(text: str) -> bool:
    """Whether a text is a number, a time or an address rather than a name.

    >>> [is_value(text) for text in ("12,50", "31.12.2025", "ana@example.org", "customer")]
    [True, True, True, False]
    """
    if _MAIL.fullmatch(text):
        return True
    return find_number_format([text]) is not None or find_time_format([text]) is not None
