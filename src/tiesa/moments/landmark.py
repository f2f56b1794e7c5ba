"""The second opinion: episodes beside contacts at which the same could have happened and did not.

Rows are the episodes of a situation and, as controls, contacts with the same opportunity: every condition but the last
part (a second message that *was* answered in time), looked at after the same delay. Controls whose own journey comes
into the situation later are left out: keeping them pulls the effect down. Only rows that were followed for the whole
horizon count. What customers and journeys were like before, and which other situations had come true or do so at the
same contact (else a harmless contact looks good beside harmful ones), is balanced by weights and by a model of the
outcome: augmented inverse probability weighting for those exposed, cross-fitted by customer.

Sources: Robins, Rotnitzky & Zhao (1994), JASA 89; Chernozhukov et al. (2018), Econometrics Journal 21; Moodie, Saarela
& Stephens (2018), Stat 7; target trials: Hernan & Robins (2016), Am. J. Epidemiology 183. Assumes that nothing that is
not among the covariates makes both the situation and the outcome likelier.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tiesa.journeys.arrow_views import NONE
from tiesa.moments.compare import LEAST_SAMPLE, Opinion, cannot, compare
from tiesa.moments.confirm import Tested
from tiesa.moments.effect import Effect
from tiesa.moments.episodes import Episodes
from tiesa.moments.hazard import PersonTime
from tiesa.moments.measured import Measured, Met
from tiesa.moments.models import Floats
from tiesa.moments.opportunities import controls_of
from tiesa.moments.people import MOST_WORDS, NEVER, Flags, Ints, in_order
from tiesa.moments.timeline import Timeline

MOST_CONTROLS = 40_000
MOST_TRIALS = 15_000
"""Of journeys every contact may be a control: many of one journey tell little more than a few."""
LEAST_MEASURED = 20
"""Episodes and controls that are worth comparing: an outcome of few needs more of them than what is measured of all."""
STIFF = 1.5
"""How fast the penalty grows with what is missing of them, of what is measured of few."""
MATTER = ("journey_type", "process", "product", "reason")
"""What a contact is about: journeys that were joined too widely are about several things."""
MOST_TURNS = 6
_Z99 = 2.5758293035489004


def second_opinion(tested: Tested, k: int, horizon_us: int) -> Opinion:
    """Compare the episodes of situation number k with contacts that had the same opportunity."""
    if isinstance(tested.model, Measured):
        return _of_measured(tested, k, tested.model)
    return beside_each_other(tested, k, horizon_us, *rows_compared(tested, k, horizon_us))


def beside_each_other(tested: Tested, k: int, horizon_us: int, row: Ints, at: Ints, treated: Flags) -> Opinion:
    """Compare these contacts, looked at at these instants: those treated are episodes of situation number k."""
    if treated.sum() < LEAST_SAMPLE or (~treated).sum() < LEAST_SAMPLE:
        return cannot(int(treated.sum()), int((~treated).sum()), "few")
    people, customer = tested.timeline.people, tested.timeline.customer[row]
    outcome = people.left[customer] & (people.leave[customer] <= at + horizon_us)
    x = covariates(tested, k, row, at)
    return compare(x, treated, outcome * 1.0, people.cluster[customer])


def held_against(effect: Effect, opinion: Opinion) -> Opinion:
    """The opinion; where it is less than half of the effect, and the two differ beyond their errors (1 %), neither can
    be judged."""
    error = np.hypot(effect.error, opinion.error)
    is_less = opinion.value * np.sign(effect.value) < abs(effect.value) / 2
    if opinion.why_not or not is_less or abs(effect.value - opinion.value) <= _Z99 * error:
        return opinion
    return replace(opinion, why_not="disagree")


def rows_compared(tested: Tested, k: int, horizon_us: int) -> tuple[Ints, Ints, Flags]:
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


def _of_measured(tested: Tested, k: int, model: Measured) -> Opinion:
    """The same of what was measured: journeys with the situation beside journeys in which it could have come true."""
    unit, at, treated, _row = units_compared(tested, k, model)
    if not are_enough(treated):
        return cannot(int(treated.sum()), int((~treated).sum()), "few")
    x = known_before(tested, k, model, unit, at)
    return compare(x, treated, model.values.value[unit], model.cluster[unit], LEAST_MEASURED, STIFF)


def are_enough(treated: Flags) -> bool:
    """Whether so many that were measured are worth comparing."""
    return bool(treated.sum() >= LEAST_MEASURED <= (~treated).sum())


def units_compared(tested: Tested, k: int, model: Measured) -> tuple[Ints, Ints, Flags, Ints]:
    """What is compared of what was measured, when each is looked at, which were in the situation, and at which contact
    (or could have come into it)."""
    met, timeline = tested.exposures[k], tested.timeline
    could = controls_of(timeline, tested.situations[k].atoms, tested.episodes[k])
    controls = model.exposed(could)
    alone = ~np.isin(controls.unit, met.unit)
    most = min(MOST_CONTROLS, max(5_000, 10 * len(met)))
    if alone.sum() > most:
        alone = np.isin(np.arange(len(alone)), np.random.default_rng(20).choice(np.flatnonzero(alone), most, False))
    unit, at = np.concatenate([met.unit, controls.unit[alone]]), np.concatenate([met.at, controls.at[alone]])
    row = [_contacts(each, model, one, timeline) for each, one in ((tested.episodes[k], met), (could, controls))]
    return unit, at, np.arange(len(unit)) < len(met), np.concatenate([row[0], row[1][alone]])


def _contacts(episodes: Episodes, model: Measured, met: Met, timeline: Timeline) -> Ints:
    """The contact of each unit that came into a situation."""
    begins = timeline.people.begins
    key = in_order(episodes.customer, episodes.at, begins)
    order = np.argsort(key, kind="stable")
    place = np.searchsorted(key[order], in_order(model.values.customer[met.unit], met.at, begins))
    found: Ints = episodes.row[order[place]]
    return found


def known_before(tested: Tested, k: int, model: Measured, unit: Ints, at: Ints) -> Floats:
    """What was the case of each unit when it is looked at: its context, other situations, how old its journey was."""
    columns = [model.context[unit, 1:]]
    for other, theirs in enumerate(tested.exposures):
        if other != k:
            before = np.full(len(model), NEVER)
            before[theirs.unit] = theirs.at
            columns.append((before[unit] <= at)[:, None] * 1.0)
    if model.values.of_journeys:
        timeline = tested.timeline
        row = model.values.row[unit]
        columns.append(np.log1p((at - timeline.at[timeline.first[row]]) / 86_400_000_000)[:, None])
    x = np.concatenate(columns, axis=1)
    return x[:, x.std(axis=0) > 0]


def _followed(episodes: Episodes, timeline: Timeline, horizon_us: int) -> Ints:
    return np.flatnonzero(episodes.at + horizon_us <= timeline.people.watched_until(episodes.customer))


def covariates(tested: Tested, k: int, row: Ints, at: Ints) -> Floats:
    """What was the case at the contact: traits, season, other situations, how the journey had gone so far."""
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
    """What a contact is about, how often the customer had turned to us, and how the journey stood just before: at which
    usual touchpoint, and for how long."""
    before = np.maximum(row - 1, timeline.first[row])
    touchpoint = timeline.words["touchpoint"].codes[before]
    usual = np.argsort(-np.bincount(touchpoint[touchpoint != NONE]), kind="stable")[:MOST_WORDS]
    stood: list[Floats] = [(touchpoint == word) * 1.0 for word in usual]
    for name in MATTER:
        codes = timeline.words[name].codes[row]
        stood += [(codes == word) * 1.0 for word in np.unique(codes)[1 : MOST_WORDS + 1]]
    turns = np.minimum(timeline.number(timeline.inbound)[row], MOST_TURNS)
    stood += [(turns == n) * 1.0 for n in range(1, MOST_TURNS + 1)]
    return [*stood, np.log1p((timeline.at[row] - timeline.at[before]) / 3_600_000_000)]


def _is_in(customer: Ints, start: Ints, stop: Ints, whose: Ints, at: Ints, begins: int) -> Floats:
    """Whether somebody is within a window that began at an instant or before."""
    second = (at - begins) // 1_000_000
    span = np.int64(2**32)
    place = np.searchsorted(customer * span + start, whose.astype(np.int64) * span + second, side="right") - 1
    inside = np.maximum(place, 0)
    found = (place >= 0) & (customer[inside] == whose) if len(customer) else np.zeros(len(whose), np.bool_)
    return (found & (stop[inside] > second)) * 1.0 if len(customer) else found * 1.0
