"""Money: an amount is worth nothing without its currency, and a rate nothing without its date."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

from tiesa.core.errors import TiesaError
from tiesa.core.locale import _

CENT = Decimal("0.0001")
"""Smallest amount kept: four decimals, rounded half to even."""


class MissingRate(TiesaError):
    """No dated rate leads from one currency to the other."""


@dataclass(frozen=True, slots=True, order=True)
class Rate:
    """From `day` on, one unit of `source` is `rate` units of `target`."""

    day: date
    source: str
    target: str
    rate: Decimal


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in a currency; amounts of different currencies do not add up.

    >>> Money(Decimal("2.50"), "EUR") + Money(Decimal("1"), "EUR")
    Money(amount=Decimal('3.50'), currency='EUR')
    """

    amount: Decimal
    currency: str

    def __add__(self, other: Money) -> Money:
        if self.currency != other.currency:
            raise TiesaError(
                _("{a} and {b} cannot be added").format(a=self.currency, b=other.currency),
                remedy=_("Convert one of them with a dated rate first"),
            )
        return Money(self.amount + other.amount, self.currency)


@dataclass(frozen=True, slots=True)
class Rates:
    """Dated exchange rates; the latest one not after the day holds, in either direction.

    >>> rates = Rates.of([Rate(date(2025, 1, 1), "EUR", "RSD", Decimal("117.0"))])
    >>> rates.convert(Money(Decimal(2), "EUR"), "RSD", on=date(2025, 3, 1))
    Money(amount=Decimal('234.0000'), currency='RSD')
    """

    rates: tuple[Rate, ...]

    @classmethod
    def of(cls, rates: Iterable[Rate]) -> Rates:
        return cls(tuple(sorted(rates)))

    def factor(self, source: str, target: str, *, on: date) -> Decimal:
        """Units of `target` for one unit of `source` on that day. Raises MissingRate."""
        if source == target:
            return Decimal(1)
        for rate in reversed(self.rates):
            if rate.day <= on:
                if (rate.source, rate.target) == (source, target):
                    return rate.rate
                if (rate.source, rate.target) == (target, source):
                    return 1 / rate.rate
        raise MissingRate(
            _("No rate from {source} to {target} on {day}").format(source=source, target=target, day=on),
            remedy=_(
                "Import rates: a file with date, from_currency, to_currency, rate (tiesa import rates.csv --as rate)"
            ),
        )

    def convert(self, money: Money, target: str, *, on: date) -> Money:
        """The same money in another currency, rounded half to even at four decimals."""
        amount = money.amount * self.factor(money.currency, target, on=on)
        return Money(amount.quantize(CENT, ROUND_HALF_EVEN), target)
