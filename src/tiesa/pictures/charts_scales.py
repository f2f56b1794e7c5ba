"""How figures stand on an axis: units, ticks that people read, and the d3 locale of the running language.

Ticks are chosen here and not by the renderer: labels are written as `core.formats` writes them, and do not touch.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any, Literal

from tiesa.core import formats
from tiesa.core.locale import _, current_language, ngettext
from tiesa.pictures.svg import text_width

Unit = Literal["share", "seconds", "count", "score"]
"""What a value is: a share in [0, 1], a length of time in seconds, a count, or a signed score (emotion in [-1, 1])."""

LABEL_SIZE = 11
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
LOG_TICKS = (
    _MINUTE, 10 * _MINUTE, _HOUR, 8 * _HOUR, _DAY, 3 * _DAY, 7 * _DAY, 30 * _DAY, 90 * _DAY, 365 * _DAY, 3650 * _DAY
)  # fmt: skip
"""Lengths of time in seconds that people think in, from a minute to ten years."""
_STEPS = (
    1, 5, 10, 30, _MINUTE, 2 * _MINUTE, 5 * _MINUTE, 10 * _MINUTE, 15 * _MINUTE, 30 * _MINUTE,
    _HOUR, 2 * _HOUR, 3 * _HOUR, 6 * _HOUR, 12 * _HOUR,
    *(days * _DAY for days in (1, 2, 5, 7, 10, 14, 30, 60, 90, 180, 365, 730, 1825, 3650)),
)  # fmt: skip


def written(value: float | None, unit: Unit) -> str:
    """A value as people write it.

    >>> written(0.784, "share"), written(93_600, "seconds"), written(-0.41, "score"), written(None, "count")
    ('78 %', '26 h', '−0.41', '–')
    """
    if unit == "share":
        return formats.share(value)
    if unit == "seconds":
        return formats.length(value)
    return formats.number(value, digits=2, sign=True) if unit == "score" else formats.number(value)


def written_interval(low: float | None, high: float | None, unit: Unit) -> str:
    """The bounds of a value; "too few" where there are none.

    >>> written_interval(0.77, 0.79, "share"), written_interval(None, None, "share")
    ('77–79 %', 'too few')
    """
    if low is None or high is None:
        return _("too few")
    return formats.between(written(low, unit), written(high, unit))


def written_figure(value: float | None, low: float | None, high: float | None, n: int | None, unit: Unit) -> str:
    """A value with its interval and n, in one breath.

    >>> written_figure(0.784, 0.77, 0.79, 8203, "share"), written_figure(None, None, None, 3, "share")
    ('78 % (77–79 %), n 8,203', 'cannot be judged, n 3')
    """
    known_n = formats.number(n or 0)
    if value is None:
        return _("cannot be judged, n {n}").format(n=known_n)
    return _("{value} ({interval}), n {n}").format(
        value=written(value, unit), interval=written_interval(low, high, unit), n=known_n
    )


def written_difference(value: float | None, unit: Unit) -> str:
    """A difference with its sign; of shares, in points.

    >>> written_difference(-0.054, "share"), written_difference(-25_200, "seconds")
    ('−5.4 points', '−7.0 h')
    """
    if value is None:
        return "–"
    if unit == "share":
        return formats.points(value)
    if unit == "score":
        return formats.number(value, digits=2, sign=True)
    text = formats.length(abs(value)) if unit == "seconds" else formats.number(abs(value))
    return text if value == 0 else ("+" if value > 0 else "−") + text


def written_change(value: float, low: float | None, high: float | None, unit: Unit) -> str:
    """A difference with its interval.

    >>> written_change(-0.07, -0.1, -0.04, "share")
    '−7.0 points (−10.0 to −4.0)'
    """
    if low is None or high is None:
        bounds = _("too few")
    elif unit == "share":  # "points" stands before the brackets already
        ends = [formats.number(100 * end, digits=1, sign=True) for end in (low, high)]
        bounds = _("{low} to {high}").format(low=ends[0], high=ends[1])
    else:
        bounds = formats.between(written_difference(low, unit), written_difference(high, unit))
    return f"{written_difference(value, unit)} ({bounds})"


def span(seconds: float) -> str:
    """A round length of time as a tick says it.

    >>> [span(s) for s in (60, 3600, 28_800, 86_400, 604_800, 2_592_000)]
    ['1 min', '1 h', '8 h', '1 day', '1 week', '30 days']
    """
    if seconds and seconds % (365 * _DAY) == 0:
        years = round(seconds / (365 * _DAY))
        return ngettext("{n} year", "{n} years", years).format(n=formats.number(years))
    if seconds == 7 * _DAY:
        return _("1 week")
    if seconds and seconds % _DAY == 0:
        days = round(seconds / _DAY)
        return ngettext("{n} day", "{n} days", days).format(n=formats.number(days))
    if seconds and seconds % _HOUR == 0:
        return _("{n} h").format(n=formats.number(seconds / _HOUR))
    if seconds and seconds % _MINUTE == 0:
        return _("{n} min").format(n=formats.number(seconds / _MINUTE))
    return "0" if seconds == 0 else _("{n} s").format(n=formats.number(seconds))


def span_ticks(high: float, count: int) -> list[float]:
    """At most about `count` round lengths of time from 0 to `high`, evenly apart.

    >>> span_ticks(10 * 86_400, 5) == [days * 86_400 for days in (0, 2, 4, 6, 8, 10)]
    True
    """
    step = next((s for s in _STEPS if high / s <= count + 0.5), _STEPS[-1])
    return [float(step * i) for i in range(int(high / step + 1e-9) + 1)]


def calendar_label(day: date, *, month: bool) -> str:
    """A day, or its month, short.

    >>> calendar_label(date(2026, 3, 2), month=False), calendar_label(date(2026, 3, 2), month=True)
    ('2 Mar', 'Mar 2026')
    """
    from babel.dates import format_skeleton

    made = format_skeleton("yMMM" if month else "MMMd", day, locale=formats.babel_locale(current_language()))
    return made.removesuffix("\u0433.").rstrip()  # Russian adds "of the year", which a label has no room for


def fitting(labels: Sequence[str], at: Sequence[float], *, gap: float = 8) -> list[int]:
    """Which labels, centred at these pixels, fit side by side: from the first on, each that touches none before it.

    >>> fitting(["1 min", "2 min", "1 h"], [0, 12, 80])
    [0, 2]
    """
    kept: list[int] = []
    end = float("-inf")
    for i, (label, x) in enumerate(zip(labels, at, strict=True)):
        half = max(text_width(line, LABEL_SIZE) for line in label.split("\n")) / 2
        if x - half >= end + gap:
            kept.append(i)
            end = x + half
    return kept


def lookup(values: Sequence[float], labels: Sequence[str]) -> str:
    r"""The Vega expression that labels each tick with its text; a line break in a text starts a new line.

    >>> lookup([60], ["1 min"])
    'split(["1 min"][indexof([60], datum.value)], "\\n")'
    """
    return f'split({json.dumps(labels)}[indexof({json.dumps(values)}, datum.value)], "\\n")'


@lru_cache(maxsize=16)
def d3_locale(language: str) -> dict[str, Any]:
    """The d3 number and time locale of a language, from Babel's data: what Vega's `config.locale` takes.

    >>> d3_locale("ru")["number"]["decimal"], d3_locale("lt")["time"]["months"][0]
    (',', 'sausis')
    """
    locale = formats.babel_locale(language)
    symbols = locale.number_symbols["latn"]
    months, days = locale.months["stand-alone"], locale.days["stand-alone"]
    return {
        "number": {
            "decimal": symbols["decimal"],
            "thousands": symbols["group"],
            "grouping": [3],
            "currency": ["", ""],
            "percent": "\u00a0%",
            "minus": "−",
        },
        "time": {
            "dateTime": "%e %b %Y, %H:%M",
            "date": "%e %b %Y",
            "time": "%H:%M",
            "periods": [str(locale.day_periods["format"]["abbreviated"][half]) for half in ("am", "pm")],
            "days": [days["wide"][(i - 1) % 7] for i in range(7)],  # d3 starts on Sunday, Babel on Monday
            "shortDays": [days["abbreviated"][(i - 1) % 7] for i in range(7)],
            "months": [months["wide"][i] for i in range(1, 13)],
            "shortMonths": [months["abbreviated"][i] for i in range(1, 13)],
        },
    }
