"""Figures in words: the language decides separators, and no sign, unit or digit is invented or lost on the way."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiesa.core import formats
from tiesa.core.intervals import Interval
from tiesa.core.intervals import share as share_of
from tiesa.core.locale import LANGUAGES, use_language

NBSP = "\u00a0"
SEPARATORS = {
    "en": (",", "."), "sr": (".", ","), "sr_Latn": (".", ","), "lt": (NBSP, ","), "ru": (NBSP, ","), "sl": (".", ","),
    "ro": (".", ","),
}  # fmt: skip
"""Thousands and decimals as CLDR has them."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_its_separators(language: str) -> None:
    thousands, point = SEPARATORS[language]
    with use_language(language):
        assert formats.number(1_234_567.25, digits=1) == f"1{thousands}234{thousands}567{point}2"
        assert formats.share(0.0425) == f"4{point}2 %"
        assert formats.number(Decimal("0.5"), digits=2) == f"0{point}50"
        assert formats.length(5_400).startswith(f"1{point}5")
        assert formats.whole_share(share_of(1, 100)).startswith(f"1{point}0 % (0{point}2–5{point}4 %")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_minus_is_a_minus_sign_and_never_a_hyphen(language: str) -> None:
    with use_language(language):
        for text in (
            formats.number(-1.5, digits=1), formats.share(-0.05), formats.length(-7_200), formats.money(-5, "EUR"),
            formats.money(-1_234, "RSD"),
        ):  # fmt: skip
            assert text.startswith("−")
            assert "-" not in text


@given(value=st.floats(-1e6, 1e6), digits=st.integers(0, 3), language=st.sampled_from(LANGUAGES))
def test_a_number_can_be_read_back_and_has_a_sign_only_where_it_shows_one(
    value: float, digits: int, language: str
) -> None:
    thousands, point = SEPARATORS[language]
    with use_language(language):
        text = formats.number(value, digits=digits, sign=True)
    read = float(text.replace(thousands, "").replace(point, ".").replace("−", "-"))
    assert read == pytest.approx(value, abs=0.5 * 10**-digits + 1e-9)
    assert (text[0] in "−+") == (read != 0)


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "–"), (0, "0 %"), (1, "100 %"), (0.7812, "78 %"), (0.042, "4.2 %"), (0.0994, "9.9 %"), (0.0996, "10 %"),
     (0.992, "99.2 %"), (0.989, "99 %"), (0.5, "50 %")],
)  # fmt: skip
def test_a_share_has_a_tenth_only_near_its_ends(value: float | None, text: str) -> None:
    assert formats.share(value) == text


def test_digits_of_a_share_can_be_asked_for() -> None:
    assert formats.share(0.5, digits=2) == "50.00 %"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, "–"), (0, "0 s"), (89, "89 s"), (120, "2 min"), (89 * 60, "89 min"), (90 * 60, "1.5 h"),
     (10 * 3600, "10 h"), (71 * 3600, "71 h"), (72 * 3600, "3.0 days"), (40 * 86_400, "40 days"),
     (Decimal(93600), "26 h"), (-7_200, "−2.0 h")],
)  # fmt: skip
def test_a_length_of_time_has_one_unit(seconds: float | Decimal | None, text: str) -> None:
    assert formats.length(seconds) == text


@pytest.mark.parametrize(
    ("language", "euro", "dinar"),
    [
        ("en", "€12,346", f"RSD{NBSP}12,346"),
        ("sr", "12.346 €", "12.346 RSD"),
        ("lt", f"12{NBSP}346 €", f"12{NBSP}346 RSD"),
        ("ru", f"12{NBSP}346 €", f"12{NBSP}346 RSD"),
        ("sl", "12.346 €", "12.346 RSD"),
        ("ro", "12.346 EUR", "12.346 RSD"),
    ],
)
def test_money_stands_where_the_language_puts_it(language: str, euro: str, dinar: str) -> None:
    with use_language(language):
        assert formats.money(Decimal("12345.6"), "EUR") == euro
        assert formats.money(Decimal("12345.6"), "RSD") == dinar


def test_small_money_keeps_its_cents_and_nothing_stays_nothing() -> None:
    assert (formats.money(7.5, "EUR"), formats.money(-0.001, "EUR"), formats.money(None, "EUR")) == (
        "€7.50", "€0.00", "–",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [("77 %", "79 %", "77–79 %"), ("4.2 %", "11 %", "4.2–11 %"), ("45 min", "2.0 h", "45 min – 2.0 h"),
     ("5,00 €", "7,00 €", "5,00–7,00 €"), ("€5.00", "€7.00", "€5.00 – €7.00"), ("3", "8", "3 – 8"),
     ("−5.0 %", "5.0 %", "−5.0 to 5.0 %"), ("−0.20", "+0.30", "−0.20 to +0.30"),
     ("+0.65", "+1.02", "+0.65 to +1.02"), ("–", "5 %", "– – 5 %")],
)  # fmt: skip
def test_two_bounds_share_a_unit_and_never_confuse_a_dash_with_a_minus(low: str, high: str, text: str) -> None:
    assert formats.between(low, high) == text


def test_negative_money_bounds_are_not_joined_by_a_dash() -> None:
    with use_language("sl"):
        assert "–" not in formats.between(formats.money(-5, "EUR"), formats.money(7, "EUR"))


def test_an_interval_that_is_not_known_says_so() -> None:
    assert formats.interval(None) == "too few"
    assert formats.interval(Interval(0.49, 0.94)) == "49–94 %"


def test_a_whole_share_travels_with_interval_and_counts() -> None:
    # Wilson of 8 of 10 is 0.4902 to 0.9433 (tests of intervals).
    assert formats.whole_share(share_of(8, 10)) == "80 % (49–94 %, 8 of 10)"
    assert formats.whole_share(share_of(0, 0)) == "cannot be judged (n 0)"


def test_dates_are_those_of_the_language() -> None:
    instant = datetime(2026, 3, 9, 8, 5, tzinfo=UTC)
    assert (formats.day(date(2026, 3, 9)), formats.moment(instant)) == ("9 Mar 2026", "9 Mar 2026, 08:05")
    assert (formats.day(None), formats.moment(None)) == ("–", "–")
    with use_language("lt"):
        assert formats.moment(instant) == "2026-03-09, 08:05"
    with use_language("sr"):
        assert formats.day(instant) == "9. 3. 2026."
