"""What was tried to disprove a moment, and where it holds: reach, segments, half-years, half-samples, thresholds.

Everything here uses the half of the customers on which the moment was confirmed, but reach (everybody) and the
half-samples (the half on which it was selected).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tiesa.journeys.arrow_views import NONE
from tiesa.moments.confirm import Tested
from tiesa.moments.effect import effect_of
from tiesa.moments.episodes import Episodes, episodes_of
from tiesa.moments.landmark import beside_each_other, rows_compared
from tiesa.moments.matters import several_matters
from tiesa.moments.models import Floats
from tiesa.moments.negative_control import negative_control
from tiesa.moments.people import Ints, People
from tiesa.moments.search import STOP_Z, Search, beside
from tiesa.moments.situations import Situation
from tiesa.moments.thresholds import learned_thresholds
from tiesa.moments.timeline import Timeline

LEAST_EPISODES = 30
"""A part of a moment with fewer episodes is left out; with too few outcomes after them it cannot be judged."""
MOST_PARTS = 6
DRAWS = 50
RIVAL, CONTENDING = 0.4, 60
"""Candidates that share so much with a moment contend for its place in a half-sample, of so many of the strongest."""


def diagnostics(
    searched: Search, tested: Tested, k: int, first: Timeline, horizon_us: int, instead_of: int | None = None
) -> dict[str, Any]:
    """Everything that is said beside the effect of situation number k, as the register keeps it. first: the
    contacts of the searched half. instead_of: the candidate that was selected in its place, mostly itself; None where
    the search selected none."""
    situation = tested.situations[k]
    everybody = [(episodes_of(situation.atoms, half), half) for half in (first, tested.timeline)]
    told: dict[str, Any] = {
        "reach": reach([(episodes, half.people) for episodes, half in everybody]),
        "several_matters": several_matters(everybody),
        "stability": stability(searched, situation, instead_of),
        "by_segment": by_segment(tested, k, horizon_us),
        "by_half_year": by_half_year(tested, k, horizon_us),
        "negative_control": negative_control(tested, k, horizon_us),
    }
    if tested.trials is None:  # else a limit is none of the figures that were compared
        told["thresholds"] = learned_thresholds(tested, k)
    return {name: value for name, value in told.items() if value}


def reach(found: Sequence[tuple[Episodes, People]]) -> list[dict[str, Any]]:
    """Episodes and customers by calendar month. found: of people none of whom are the same."""
    months: dict[str, dict[str, int]] = defaultdict(lambda: {"episodes": 0, "customers": 0})
    for episodes, people in found:
        at = people.in_calendar(episodes.customer, episodes.at)
        month = at.astype("datetime64[us]").astype("datetime64[M]")
        for one in np.unique(month):
            there = month == one
            months[str(one)]["episodes"] += int(there.sum())
            months[str(one)]["customers"] += people.customers(episodes.customer[there])
    return [{"month": month, **months[month]} for month in sorted(months)]


def by_segment(tested: Tested, k: int, horizon_us: int) -> list[dict[str, Any]]:
    """The effect in each segment, in one joint model; empty where no segments are known."""
    people = tested.timeline.people
    words = people.traits.words.get("segment")
    if words is None:
        return []
    last = np.full(len(people), NONE, np.int64)
    last[people.traits.customer] = words.codes
    parts = _parts(tested, k, horizon_us, last)
    return [{"segment": words.texts[code].as_py(), **part} for code, part in parts if code != NONE]


def by_half_year(tested: Tested, k: int, horizon_us: int) -> list[dict[str, Any]]:
    """The effect of the episodes of each half-year of the calendar."""

    def half_year(at: Any) -> Any:
        return at.astype("datetime64[us]").astype("datetime64[M]").astype(np.int64) // 6

    parts = _parts(tested, k, horizon_us, None, half_year)
    begins = [np.datetime64(int(code) * 6, "M") for code, _part in parts]
    return [
        {"from": str(begin), "to": str(begin + np.timedelta64(5, "M")), **part}
        for begin, (_code, part) in zip(begins, parts, strict=True)
    ]


def _parts(
    tested: Tested, k: int, horizon_us: int, of_customer: Ints | None, of_time: Any = None
) -> list[tuple[int, dict[str, Any]]]:
    """Effects of parts of a situation, all parts and the other situations in one model. By customer, or by time."""
    if tested.trials is not None:
        return _parts_on_trial(tested, k, horizon_us, of_customer, of_time)
    episodes, model = tested.episodes[k], tested.model
    whose, since = model.whose(tested.exposures[k])
    own = of_time(episodes.at) if of_customer is None else of_customer[episodes.customer]
    held = of_time(since) if of_customer is None else of_customer[whose]
    codes, counts = np.unique(own, return_counts=True)
    chosen = list(codes[np.argsort(-counts, kind="stable")][:MOST_PARTS])
    rest = [place for place in range(len(tested.situations)) if place != k]
    split = [Episodes(*(a[own == code] for a in (episodes.row, episodes.customer, episodes.at))) for code in chosen]
    exposures = (*(tested.exposures[j] for j in rest), *(model.part(tested.exposures[k], held == c) for c in chosen))
    parts = replace(
        tested,
        situations=(*(tested.situations[j] for j in rest), *(tested.situations[k] for _code in chosen)),
        episodes=(*(tested.episodes[j] for j in rest), *split),
        exposures=exposures,
        fit=model.fit(exposures),
    )
    found = []
    for place, code in enumerate(chosen):
        if len(split[place]) >= LEAST_EPISODES:
            effect = effect_of(parts, len(rest) + place, horizon_us)
            figures = (effect.value, effect.low, effect.high) if effect.enough else (None, None, None)
            told = dict(zip(("effect", "low", "high"), figures, strict=True)) | {"episodes": effect.episodes}
            found.append((int(code), told))
    return sorted(found, key=lambda part: part[0])


def _parts_on_trial(
    tested: Tested, k: int, horizon_us: int, of_customer: Ints | None, of_time: Any
) -> list[tuple[int, dict[str, Any]]]:
    """The same where contacts are compared, each part with the contacts of its own kind or time."""
    row, at, treated = rows_compared(tested, k, horizon_us)
    people, customer = tested.timeline.people, tested.timeline.customer[row]
    own = of_time(people.in_calendar(customer, at)) if of_customer is None else of_customer[customer]
    codes, counts = np.unique(own[treated], return_counts=True)
    found = []
    for code in codes[np.argsort(-counts, kind="stable")][:MOST_PARTS]:
        here = own == code
        if (n := int(treated[here].sum())) >= LEAST_EPISODES:
            part = beside_each_other(tested, k, horizon_us, row[here], at[here], treated[here])
            figures = (None, None, None) if part.why_not else (part.value, part.low, part.high)
            found.append((int(code), dict(zip(("effect", "low", "high"), figures, strict=True)) | {"episodes": n}))
    return sorted(found, key=lambda part: part[0])


def stability(searched: Search, situation: Situation, instead_of: int | None) -> dict[str, Any] | None:
    """How often the situation is selected again on a random half of the customers it was selected on.

    It is, where it, or what it took the place of, is further from what is expected beside the other selected ones than
    everything that shares much with it, and as clear as half the customers can show. instead_of: the candidate that was
    selected, mostly itself; None where the search selected none, and there is nothing to be selected again.
    """
    place = next((i for i, one in enumerate(searched.candidates) if one.situation == situation), None)
    if place is None or instead_of is None:
        return None
    own = list(dict.fromkeys((place, instead_of)))
    rest = [i for i in searched.selected if i not in own]
    fit = searched.joint(rest)
    others = [i for i in searched.strongest(CONTENDING) if i not in searched.selected and i not in own]
    contenders = [*own, *(i for i in others if beside(searched, i, place)[0] >= RIVAL)]
    model = searched.model
    each = model.surplus(fit, searched.exposures(rest), (searched.exposure(i) for i in contenders))
    whose = (model.whose(searched.exposure(i))[0] for i in contenders)
    z = np.stack([_half_samples(customer, *told) for customer, told in zip(whose, each, strict=True)])
    price = 4.0 * (searched.conditions[contenders] - 1)
    best = (z**2 - price[:, None]).argmax(axis=0)
    found = z[best, np.arange(DRAWS)]
    again = (best < len(own)) & (abs(found) >= STOP_Z / np.sqrt(2)) & (np.sign(found) == np.sign(z[0].mean()))
    return {"selected_again": float(again.mean()), "draws": DRAWS, "rivals": len(contenders) - len(own)}


def _half_samples(customer: Floats, surplus: Floats, variance: Floats) -> Floats:
    """z of a candidate on each of the random halves of the customers, the same halves for all."""
    customer = customer.astype(np.uint64)
    found = np.zeros(DRAWS)
    for draw in range(DRAWS):
        bits = (customer + np.uint64(draw * 7_919 + 1)) * np.uint64(0x9E3779B97F4A7C15)
        taken = (bits >> np.uint64(40)) & np.uint64(1) == 1
        found[draw] = surplus[taken].sum() / np.sqrt(max(float(variance[taken].sum()), 1e-9))
    return found
