"""Money is converted with the rate of its day, in either direction, or not at all."""

from datetime import date
from decimal import Decimal

import pytest

from tiesa.core.errors import TiesaError
from tiesa.core.money import MissingRate, Money, Rate, Rates

RATES = Rates.of(
    [
        Rate(date(2025, 6, 1), "EUR", "RSD", Decimal(118)),
        Rate(date(2025, 1, 1), "EUR", "RSD", Decimal(117)),
    ]
)


@pytest.mark.parametrize(
    ("day", "dinars"), [(date(2025, 1, 1), 117), (date(2025, 5, 31), 117), (date(2025, 6, 2), 118)]
)
def test_the_latest_rate_not_after_the_day_holds(day: date, dinars: int) -> None:
    assert RATES.convert(Money(Decimal(1), "EUR"), "RSD", on=day) == Money(Decimal(dinars), "RSD")


def test_a_rate_serves_in_both_directions() -> None:
    assert RATES.convert(Money(Decimal(234), "RSD"), "EUR", on=date(2025, 2, 1)) == Money(Decimal("2.0000"), "EUR")


def test_no_rate_is_said_with_what_to_do() -> None:
    with pytest.raises(MissingRate, match=r"RSD on 2024-12-31.*--as rate"):
        RATES.factor("EUR", "RSD", on=date(2024, 12, 31))


def test_currencies_do_not_add_up() -> None:
    with pytest.raises(TiesaError, match="EUR and RSD"):
        Money(Decimal(1), "EUR") + Money(Decimal(1), "RSD")
