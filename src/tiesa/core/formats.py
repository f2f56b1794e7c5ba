"""Numbers, shares, lengths of time, money and dates as people write them in the running language.

The only place that turns a figure into words: command line, pictures, reports and pages all ask here.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from tiesa.core.intervals import Interval, Share
from tiesa.core.locale import _, current_language, ngettext

if TYPE_CHECKING:
    from babel import Locale

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


@lru_cache(maxsize=16)
def babel_locale(language: str) -> Locale:
    """Babel's locale of one of our languages."""
    from babel import Locale

    return Locale.parse({"sr": "sr_Cyrl", "en": "en_GB"}.get(language, language))


def number(value: float | Decimal | None, *, digits: int = 0, sign: bool = False) -> str:
    """A number with the language's separators; "–" where there is none.

    >>> number(12345.678, digits=1), number(0.2, digits=2, sign=True)
    ('12,345.7', '+0.20')
    """
    from babel.numbers import format_decimal

    if value is None:
        return "–"
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    size = -value if value < 0 else value
    text = format_decimal(size, format=pattern, locale=babel_locale(current_language()))
    if not any(c in "123456789" for c in text):
        return text
    return "−" + text if value < 0 else "+" + text if sign else text


def share(value: float | None, *, digits: int | None = None) -> str:
    """A share in per cent; a tenth where it is small.

    >>> share(0.7812), share(0.042), share(None)
    ('78 %', '4.2 %', '–')
    """
    if value is None:
        return "–"
    percent = 100 * value
    if digits is None:
        digits = 1 if 0 < abs(percent) < 9.95 else 0
        if 99 < percent < 100:
            digits = 1
    return number(percent, digits=digits) + " %"


def length(seconds: float | Decimal | None) -> str:
    """A length of time in one unit, short.

    >>> length(93_600), length(45), length(8 * 86_400), length(5400)
    ('26 h', '45 s', '8.0 days', '1.5 h')
    """
    if seconds is None:
        return "–"
    span = float(seconds)
    if abs(span) < 89.5:
        return _("{n} s").format(n=number(span))
    if abs(span) < 89.5 * _MINUTE:
        return _("{n} min").format(n=number(span / _MINUTE))
    if abs(span) < 71.5 * _HOUR:
        return _("{n} h").format(n=number(span / _HOUR, digits=1 if abs(span) < 9.95 * _HOUR else 0))
    if abs(span) < 9.95 * _DAY:
        return _("{n} days").format(n=number(span / _DAY, digits=1))
    days = round(span / _DAY)
    return ngettext("{n} day", "{n} days", abs(days)).format(n=number(days))


def money(amount: float | Decimal | None, currency: str) -> str:
    """An amount with its currency, without cents from a hundred on.

    >>> money(Decimal("12345.6"), "EUR")
    '€12,346'
    """
    from babel.numbers import format_currency, get_currency_symbol

    if amount is None:
        return "–"
    locale = babel_locale(current_language())
    gap = "\u00a0" if get_currency_symbol(currency, locale)[-1:].isalpha() else ""
    pattern = f"¤{gap}#,##0" if current_language() == "en" else "#,##0 ¤"
    size = -amount if amount < 0 else amount
    text = format_currency(
        size,
        currency,
        format=pattern if size >= 100 else pattern.replace("0", "0.00"),
        locale=locale,
        currency_digits=False,
    )
    return "−" + text if amount < 0 and any(c in "123456789" for c in text) else text


def day(instant: date | datetime | None) -> str:
    """A date.

    >>> day(date(2026, 3, 9))
    '9 Mar 2026'
    """
    from babel.dates import format_date

    if instant is None:
        return "–"
    return format_date(instant, format="medium", locale=babel_locale(current_language()))


def moment(instant: datetime | None) -> str:
    """A date with its time to the minute, in the zone the instant carries."""
    return "–" if instant is None else f"{day(instant)}, {instant:%H:%M}"


def points(difference: float) -> str:
    """A difference of shares in percentage points, with its sign.

    >>> points(-0.054)
    '−5.4 points'
    """
    return _("{n} points").format(n=number(100 * difference, digits=1, sign=True))


def between(low: str, high: str) -> str:
    """Two formatted bounds as one; a unit both end in stands once, and signed bounds are told in words.

    >>> between("77 %", "79 %"), between("45 min", "2.0 h"), between("+4.6 points", "+9.7 points")
    ('77–79 %', '45 min – 2.0 h', '+4.6 to +9.7 points')
    """
    low_number, _space, low_unit = low.rpartition(" ")
    high_number, _space, high_unit = high.rpartition(" ")
    signed = any(c in low + high for c in "−+")
    if low_unit == high_unit and low_number and "–" not in low_number + high_number:
        if not signed:
            return f"{low_number}–{high_number} {high_unit}"
        low = low_number
    return _("{low} to {high}").format(low=low, high=high) if signed else f"{low} – {high}"


def interval(bounds: Interval | None) -> str:
    """The bounds of a share."""
    return _("too few") if bounds is None else between(share(bounds.low), share(bounds.high))


def whole_share(given: Share) -> str:
    """A share with its counts and interval, in one breath.

    >>> from tiesa.core.intervals import share as share_of
    >>> whole_share(share_of(8, 10))
    '80 % (49–94 %, 8 of 10)'
    """
    if given.value is None:
        return _("cannot be judged (n 0)")
    return _("{share} ({interval}, {count} of {n})").format(
        share=share(given.value), interval=interval(given.interval), count=number(given.count), n=number(given.n)
    )
