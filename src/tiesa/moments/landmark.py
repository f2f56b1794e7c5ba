"""The second opinion: episodes beside contacts at which the same could have happened and did not.

Rows are the episodes of a situation and, as controls, contacts with the same opportunity: every condition but the last
part (a second message that *was* answered in time), looked at after the same delay. Controls whose own journey comes
into the situation later are left out: keeping them pulls the effect down. Only rows that were followed for the whole
horizon count. What customers and journeys were like before is balanced by weights and by a model of the outcome:
augmented inverse probability weighting for those exposed, cross-fitted by customer.

Sources: Robins, Rotnitzky & Zhao (1994), JASA 89; Chernozhukov et al. (2018), Econometrics Journal 21; Moodie, Saarela
& Stephens (2018), Stat 7; target trials: Hernan & Robins (2016), Am. J. Epidemiology 183. Assumes that nothing that is
not among the covariates makes both the situation and the outcome likelier.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tiesa.journeys.arrow_views import NONE
from tiesa.moments.confirm import Tested
from tiesa.moments.effect import Effect
from tiesa.moments.episodes import Episodes
from tiesa.moments.hazard import PersonTime
from tiesa.moments.measured import Measured
from tiesa.moments.models import Floats
from tiesa.moments.opportunities import controls_of
from tiesa.moments.people import MOST_WORDS, NEVER, Flags, Ints
from tiesa.moments.timeline import Timeline

MOST_CONTROLS = 40_000
MOST_TRIALS = 15_000
"""Of journeys every contact may be a control: many of one journey tell little more than a few."""
TOO_SURE = 0.97
"""Episodes that were all but certain have nobody to be compared with."""
LEAST_SAMPLE = 50
LEAST_MEASURED = 20
"""Episodes and controls that are worth comparing: an outcome of few needs more of them than what is measured of all."""
CASES_A_COLUMN = 10
STIFF = 1.5
"""How fast the penalty grows with what is missing of them, of what is measured of few."""
FOLDS = 5
_Z = 1.959963984540054
_Z99 = 2.5758293035489004


@dataclass(frozen=True)
class Opinion:
    """What the comparison says: a risk difference over the horizon among those exposed, and how far to trust it.

    exposed, controls: rows compared. sample: how many controls their weights are worth. too_sure: share of episodes
    left out because they were all but certain. before, after: largest standardised difference of a covariate without
    and with weights. overlap: exposed and controls by tenth of the chance of being exposed. why_not: why nothing can be
    judged (few, overlap, disagree), empty where something can.
    """

    value: float
    low: float
    high: float
    exposed: int
    controls: int
    sample: float
    too_sure: float
    before: float
    after: float
    overlap: tuple[tuple[float, ...], tuple[float, ...]]
    why_not: str = ""

    @property
    def error(self) -> float:
        return (self.high - self.low) / (2 * _Z)

    @property
    def z(self) -> float:
        """The value in standard errors; 0 where nothing can be judged."""
        return 0.0 if self.why_not else self.value / max(self.error, 1e-12)


NO_OPINION = (float("nan"),) * 3


def second_opinion(tested: Tested, k: int, horizon_us: int) -> Opinion:
    """Compare the episodes of situation number k with contacts that had the same opportunity."""
    if isinstance(tested.model, Measured):
        return _of_measured(tested, k, tested.model)
    people = tested.timeline.people
    row, at, treated = _rows(tested, k, horizon_us)
    if treated.sum() < LEAST_SAMPLE or (~treated).sum() < LEAST_SAMPLE:
        return _cannot(int(treated.sum()), int((~treated).sum()), "few")
    customer = tested.timeline.customer[row]
    outcome = people.left[customer] & (people.leave[customer] <= at + horizon_us)
    x = _covariates(tested, k, row, at)
    return _compare(x, treated, outcome * 1.0, people.cluster[customer])


def held_against(effect: Effect, opinion: Opinion) -> Opinion:
    """The opinion; where it differs from the effect beyond their errors (1 %) and sees none by itself, neither can be
    judged."""
    if opinion.why_not or opinion.low * opinion.high > 0:
        return opinion
    error = np.hypot(effect.error, opinion.error)
    return replace(opinion, why_not="disagree") if abs(effect.value - opinion.value) > _Z99 * error else opinion


def _rows(tested: Tested, k: int, horizon_us: int) -> tuple[Ints, Ints, Flags]:
    """Contacts that are compared, when they are looked at, and which of them are episodes; all followed to the end."""
    timeline, episodes = tested.timeline, tested.episodes[k]
    controls = controls_of(timeline, tested.situations[k].atoms, episodes)
    exposed = _followed(episodes, timeline, horizon_us)
    others = _followed(controls, timeline, horizon_us)
    most = MOST_TRIALS if timeline.people.are_journeys else MOST_CONTROLS
    if len(others) > most:
        others = np.sort(np.random.default_rng(20).choice(others, most, replace=False))
    row = np.concatenate([episodes.row[exposed], controls.row[others]])
    at = np.concatenate([episodes.at[exposed], controls.at[others]])
    return row, at, np.arange(len(row)) < len(exposed)


def negative_control(tested: Tested, k: int, horizon_us: int) -> dict[str, Any] | None:
    """What the situation seems to do to something it cannot have changed: contacts of the customer's journey before.

    It should be none. Where it is not, those exposed were different before, and the effect may be that difference too
    (Lipsitch, Tchetgen Tchetgen & Cohen 2010, Epidemiology 21). None where nobody comparable had a journey before.
    """
    if not isinstance(tested.model, PersonTime):
        return None
    timeline = tested.timeline
    row, at, treated = _rows(tested, k, horizon_us)
    before = _contacts_before(timeline, row)
    there = before >= 0
    if (treated & there).sum() < LEAST_SAMPLE or (~treated & there).sum() < LEAST_SAMPLE:
        return None
    x = _covariates(tested, k, row[there], at[there])
    cluster = timeline.people.cluster[timeline.customer[row[there]]]
    opinion = _compare(x, treated[there], before[there].astype(np.float64), cluster)
    if opinion.why_not:
        return None
    return {
        "outcome": "contacts", "effect": opinion.value, "low": opinion.low, "high": opinion.high, "n": int(there.sum())
    }  # fmt: skip


def _contacts_before(timeline: Timeline, row: Ints) -> Ints:
    """How often the customer turned to us in the journey before the one of each row, until this one began; else -1."""
    starts = timeline.starts
    journey = timeline.journey[row]
    begins = timeline.at[starts]
    found = np.full(len(row), NONE)
    own = np.flatnonzero(
        (journey > 0) & (timeline.customer[starts[np.maximum(journey - 1, 0)]] == timeline.customer[row])
    )
    so_far = np.concatenate([[0], np.cumsum(timeline.inbound)])
    for i in own:
        first, end = starts[journey[i] - 1], starts[journey[i]]
        last = first + int(np.searchsorted(timeline.at[first:end], begins[journey[i]]))
        found[i] = so_far[last] - so_far[first]
    return found


def _of_measured(tested: Tested, k: int, model: Measured) -> Opinion:
    """The same of what was measured: journeys with the situation beside journeys in which it could have come true."""
    met = tested.exposures[k]
    controls = model.exposed(controls_of(tested.timeline, tested.situations[k].atoms, tested.episodes[k]))
    alone = ~np.isin(controls.unit, met.unit)
    if len(met) < LEAST_MEASURED or alone.sum() < LEAST_MEASURED:
        return _cannot(len(met), int(alone.sum()), "few")
    most = min(MOST_CONTROLS, max(5_000, 10 * len(met)))
    if alone.sum() > most:
        alone = np.isin(np.arange(len(alone)), np.random.default_rng(20).choice(np.flatnonzero(alone), most, False))
    unit, at = np.concatenate([met.unit, controls.unit[alone]]), np.concatenate([met.at, controls.at[alone]])
    columns = [model.context[unit, 1:]]
    for other, theirs in enumerate(tested.exposures):
        if other != k:
            before = np.full(len(model), NEVER)
            before[theirs.unit] = theirs.at
            columns.append((before[unit] < at)[:, None] * 1.0)
    if model.values.of_journeys:
        timeline = tested.timeline
        row = model.values.row[unit]
        columns.append(np.log1p((at - timeline.at[timeline.first[row]]) / 86_400_000_000)[:, None])
    x = np.concatenate(columns, axis=1)
    treated = np.arange(len(unit)) < len(met)
    return _compare(
        x[:, x.std(axis=0) > 0], treated, model.values.value[unit], model.cluster[unit], LEAST_MEASURED, STIFF
    )


def _followed(episodes: Episodes, timeline: Timeline, horizon_us: int) -> Ints:
    return np.flatnonzero(episodes.at + horizon_us <= timeline.people.watched_until(episodes.customer))


def _covariates(tested: Tested, k: int, row: Ints, at: Ints) -> Floats:
    """What was the case before the contact: traits, season, other situations, how the journey had gone so far."""
    assert isinstance(tested.model, PersonTime)
    timeline, people, cells = tested.timeline, tested.timeline.people, tested.model.cells
    customer = timeline.customer[row]
    b = ((at - people.begins) // 1_000_000 // cells.width).astype(np.int64)
    factors = cells.factors(cells.codes[customer, b].astype(np.int64))
    columns: list[Floats] = []
    for codes in factors.values():
        columns += [(codes == word) * 1.0 for word in np.unique(codes)[1:]]
    for other, windows in enumerate(tested.exposures):
        if other != k:
            columns.append(_is_in(windows.customer, windows.start, windows.stop, customer, at, people.begins))
    first = timeline.first[row]
    kinds = timeline.words["journey_type"].codes[first]
    columns += [(kinds == word) * 1.0 for word in np.unique(kinds)[1:]]
    columns.append(np.log1p((timeline.at[row] - timeline.at[first]) / 86_400_000_000))
    columns.append(np.log1p(row - first))
    severity = timeline.numbers["severity"][first]
    columns.append(np.nan_to_num(severity, nan=0.0).astype(np.float64))
    columns.append(np.isnan(severity) * 1.0)
    if people.are_journeys:
        columns += _stood(timeline, row)
    x = np.stack(columns, axis=1)
    return x[:, x.std(axis=0) > 0]


def _stood(timeline: Timeline, row: Ints) -> list[Floats]:
    """How a journey stood just before a contact: at which of the usual touchpoints, and for how long."""
    before = np.maximum(row - 1, timeline.first[row])
    touchpoint = timeline.words["touchpoint"].codes[before]
    usual = np.argsort(-np.bincount(touchpoint[touchpoint != NONE]), kind="stable")[:MOST_WORDS]
    stood: list[Floats] = [(touchpoint == word) * 1.0 for word in usual]
    return [*stood, np.log1p((timeline.at[row] - timeline.at[before]) / 3_600_000_000)]


def _is_in(customer: Ints, start: Ints, stop: Ints, whose: Ints, at: Ints, begins: int) -> Floats:
    """Whether somebody is within a window just before an instant."""
    second = (at - begins) // 1_000_000 - 1
    span = np.int64(2**32)
    place = np.searchsorted(customer * span + start, whose.astype(np.int64) * span + second, side="right") - 1
    inside = np.maximum(place, 0)
    found = (place >= 0) & (customer[inside] == whose) if len(customer) else np.zeros(len(whose), np.bool_)
    return (found & (stop[inside] > second)) * 1.0 if len(customer) else found * 1.0


def _compare(
    x: Floats, treated: Flags, y: Floats, cluster: Ints, least: int = LEAST_SAMPLE, stiff: float = 1.0
) -> Opinion:
    names, place = np.unique(cluster, return_inverse=True)
    fold = np.random.default_rng(7).permutation(len(names))[place] % FOLDS
    chance, base = np.zeros(len(y)), np.zeros(len(y))
    for f in range(FOLDS):
        learn, use = fold != f, fold == f
        chance[use] = _logistic(x[learn], treated[learn], x[use], stiff)
        alone = learn & ~treated
        base[use] = _outcome_model(x[alone], y[alone], x[use])
    sure = chance > TOO_SURE
    too_sure = float(sure[treated].mean())
    kept = ~sure
    t, c = treated & kept, ~treated & kept
    weight = np.where(c, chance / (1 - np.minimum(chance, TOO_SURE)), 0.0)
    total = weight.sum()
    sample = float(total**2 / max((weight**2).sum(), 1e-12))
    n, m = int(t.sum()), int(c.sum())
    if too_sure > 0.5 or sample < least or n < least:
        return _cannot(n, m, "overlap", too_sure, sample)
    residual = y - base
    value = float(residual[t].mean() - (weight * residual).sum() / total)
    influence = np.where(t, residual - residual[t].mean(), 0.0) / n
    own = (weight * residual).sum() / total
    influence -= weight * (residual - own) / total
    error = float(np.sqrt((np.bincount(place, influence) ** 2).sum()))
    spread = np.maximum(np.sqrt((x[treated].var(axis=0) + x[~treated].var(axis=0)) / 2), 1e-9)
    raw = abs(x[treated].mean(axis=0) - x[~treated].mean(axis=0)) / spread
    balanced = abs(x[t].mean(axis=0) - (weight[:, None] * x).sum(axis=0) / total) / spread
    edges = np.linspace(0, 1, 11)
    overlap = (
        tuple(np.histogram(chance[treated], edges)[0] / max(treated.sum(), 1)),
        tuple(np.histogram(chance[~treated], edges)[0] / max((~treated).sum(), 1)),
    )
    return Opinion(
        value, value - _Z * error, value + _Z * error, n, m, sample, too_sure,
        float(raw.max(initial=0)), float(balanced.max(initial=0)), overlap,
    )  # fmt: skip


def _outcome_model(x: Floats, y: Floats, new: Floats) -> Floats:
    """What is expected without the situation: a chance where the outcome is yes or no, else a mean."""
    if np.isin(y, (0.0, 1.0)).all():
        return _logistic(x, y > 0, new)
    from sklearn.linear_model import Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    found: Floats = make_pipeline(StandardScaler(), Ridge(alpha=10.0)).fit(x, y).predict(new)
    return found


def _logistic(x: Floats, y: NDArray[np.bool_], new: Floats, stiff: float = 1.0) -> Floats:
    """Chances by ridge logistic regression; where only one thing was ever seen, its share.

    The penalty grows where there are fewer than ten cases for each column: without it a few cases among many columns
    are all but certain.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    cases = min(int(y.sum()), int((~y).sum()))
    if not cases:
        return np.full(len(new), float(y.mean()) if len(y) else 0.0)
    weight = min(1.0, cases / (CASES_A_COLUMN * x.shape[1])) ** stiff
    chosen = LogisticRegression(C=weight, max_iter=200, solver="newton-cholesky")
    found: Floats = make_pipeline(StandardScaler(), chosen).fit(x, y).predict_proba(new)[:, 1]
    return found


def _cannot(exposed: int, controls: int, why: str, too_sure: float = 0.0, sample: float = 0.0) -> Opinion:
    return Opinion(*NO_OPINION, exposed, controls, sample, too_sure, float("nan"), float("nan"), ((), ()), why)
