"""Log-linear rates by maximum likelihood, and which traits tell how easily customers leave by themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tiesa.journeys.arrow_views import NONE
from tiesa.moments.episodes import SECOND_US
from tiesa.moments.models import Floats
from tiesa.moments.people import Ints, People


def choose_traits(people: People) -> list[str]:
    """The traits that tell how easily customers leave by themselves: taken in while BIC falls.

    Judged on whole customers, not on days: what a trait is worth there it is worth in the cells.
    """
    days = (people.leave - people.enter) / SECOND_US
    events = people.left * 1.0
    last = np.full(len(people), NONE, np.int64)
    last[people.traits.customer] = np.arange(len(people.traits.customer))
    chosen: list[str] = []
    worth = _trait_likelihood(people, last, days, events, [])
    price = np.log(max(events.sum(), 2))
    while left := [name for name in people.traits.words if name not in chosen]:
        tried = {name: _trait_likelihood(people, last, days, events, [*chosen, name]) for name in left}
        best = max(tried, key=lambda name: 2 * tried[name] - price * len(people.traits.words[name].texts))
        gain = 2 * (tried[best] - worth) - price * (len(people.traits.words[best].texts) - 1)
        if gain <= 0:
            break
        chosen.append(best)
        worth = tried[best]
    return chosen


def _trait_likelihood(people: People, last: Ints, days: Floats, events: Floats, names: Sequence[str]) -> float:
    codes = [np.where(last == NONE, 0, people.traits.words[name].codes[last] + 1) for name in names]
    if not codes:
        total, n = days.sum(), events.sum()
        return float(n * np.log(max(n, 1) / total) - n)
    combos, inverse = np.unique(np.stack(codes, axis=1), axis=0, return_inverse=True)
    inverse = inverse.reshape(-1)
    seconds, counts = np.bincount(inverse, days), np.bincount(inverse, events)
    design, _ = design_of({name: combos[:, i] for i, name in enumerate(names)}, counts)
    return poisson(design, counts, seconds)[1]


def design_of(factors: dict[str, Ints], events: Floats) -> tuple[Any, list[tuple[str, int]]]:
    """Columns of 0 and 1: one for all, and one for each word of a factor but its most frequent one.

    A word without any outcome stands with the most frequent one: its own rate could not be told.
    """
    from scipy import sparse

    n = len(events)
    columns, names = [np.ones(n)], [("", 0)]
    for name, codes in factors.items():
        counts = np.bincount(codes, events)
        for word in np.flatnonzero(counts > 0):
            if word != counts.argmax():
                columns.append((codes == word) * 1.0)
                names.append((name, int(word)))
    return sparse.csr_matrix(np.stack(columns, axis=1)), names


def poisson(design: Any, events: Floats, exposure: Floats, *, most: int = 50) -> tuple[Floats, float, Floats]:
    """Maximum likelihood of a log-linear rate by Newton's method: parameters, log-likelihood, covariance.

    The log-likelihood leaves out what does not depend on the rate within a row: sum(events * log rate) - sum(expected).
    A direction that the data do not tell has an infinite variance and a parameter of 0.
    """
    p = design.shape[1]
    parameters = np.zeros(p)
    parameters[0] = np.log(max(events.sum(), 0.5) / exposure.sum())
    value = -np.inf
    inverse = np.full((p, p), np.inf)
    for _step in range(most):
        eta = design @ parameters
        mean = np.exp(np.clip(eta, -60, 30)) * exposure
        now = float(events @ eta - mean.sum())
        information = (design.T @ design.multiply(mean[:, None])).toarray()
        inverse = np.linalg.pinv(information, hermitian=True)
        if abs(now - value) < 1e-9 * (1 + abs(now)):
            break
        value = now
        step = inverse @ (design.T @ (events - mean))
        parameters = parameters + np.clip(step, -4, 4)
    return parameters, value, inverse
