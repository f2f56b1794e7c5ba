"""What the search asks of a model, whatever the outcome: how often customers leave, or what a journey scored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tiesa.moments.episodes import Episodes

Floats = NDArray[Any]
Exposure = Any
"""Where a situation holds: windows of days (`hazard`), or measured journeys (`measured`)."""
Packed = Any
"""The same in little memory, as a model keeps it of thousands of candidates."""


class Fitted(Protocol):
    """A joint model of some situations. effect, error: of each; n: what an information criterion counts."""

    @property
    def effect(self) -> Floats: ...
    @property
    def error(self) -> Floats: ...
    @property
    def z(self) -> Floats: ...
    @property
    def log_likelihood(self) -> float: ...
    @property
    def n(self) -> int: ...
    @property
    def limit(self) -> float:
        """From when on an effect matters: of rates their ratio, else a change."""
        ...

    @property
    def material(self) -> NDArray[np.bool_]:
        """Whether the whole 95 % interval of each effect lies beyond what matters."""
        ...


class Model(Protocol):
    """One half of the customers, ready to be asked about any situations."""

    def exposed(self, episodes: Episodes) -> Exposure:
        """Where a situation with these episodes holds."""
        ...

    def packed(self, exposure: Exposure) -> Packed: ...

    def unpacked(self, packed: Packed) -> Exposure: ...

    def first_look(self, exposure: Exposure) -> float | None:
        """How far the outcome there is from what is expected, in standard errors; None where too little is expected."""
        ...

    def fit(self, exposures: Sequence[Exposure]) -> Fitted: ...

    def scores(self, fit: Any, chosen: Sequence[Exposure], candidates: Sequence[Packed]) -> Floats:
        """The same of each candidate, beside those chosen, whose fit it is."""
        ...

    def size(self, exposure: Exposure) -> float:
        """How much of what is looked at is exposed; only comparisons mean something."""
        ...

    def common(self, one: Exposure, other: Exposure) -> float:
        """The size of what is exposed to both."""
        ...

    def whose(self, exposure: Exposure) -> tuple[Floats, Floats]:
        """The customers of its windows or journeys, and when each began (microseconds)."""
        ...

    def part(self, exposure: Exposure, chosen: NDArray[np.bool_]) -> Exposure:
        """Some of its windows or journeys."""
        ...

    def surplus(
        self, fit: Any, chosen: Sequence[Exposure], exposures: Iterable[Exposure]
    ) -> Iterator[tuple[Floats, Floats]]:
        """Of each exposure, what each of its windows or journeys has beyond what is expected beside those chosen, and
        its variance."""
        ...

    def order(self, one: Exposure, other: Exposure) -> tuple[int, int, int]:
        """Where both hold: how often the one came first, how often the other, and how often both at once."""
        ...
