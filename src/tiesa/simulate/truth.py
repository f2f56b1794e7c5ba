"""What is true of the made-up company: each situation's effect and exposures, and what the options did."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import pyarrow as pa

from tiesa.core.business_time import DAY_US
from tiesa.core.columns import INSTANT, TEXT
from tiesa.simulate.arrow import MADE_UP, instants, numbered
from tiesa.simulate.clock import END_DAY, END_US, FIRST_DAY
from tiesa.simulate.company import HORIZON_DAYS
from tiesa.simulate.contact_table import contact_ids
from tiesa.simulate.feelings import DISSATISFIED_UP_TO, dissatisfied
from tiesa.simulate.leaving import effect_of
from tiesa.simulate.people import SEGMENT_FACTOR, TENURE_BOUNDS_US, TENURE_FACTOR, YEAR_US
from tiesa.simulate.situations import Situation
from tiesa.simulate.story import Episodes
from tiesa.simulate.vocabulary import SEGMENTS
from tiesa.simulate.world import Life

NOTE = (
    "This company, its customers and everything they say are made up. An effect is the risk of leaving within the "
    "horizon with one episode less the risk without it, everything else as it is, averaged over the episodes met."
)


def truth_of(life: Life) -> dict[str, Any]:
    """The whole of `truth.json`. Effects are shares: 0.05 is five points of risk."""
    at_risk = np.maximum(np.minimum(life.left_at, END_US) - life.people.at_risk_from, 0).sum() / (365 * DAY_US)
    return {
        "made_up": True,
        "note": NOTE,
        "options": asdict(life.company),
        "from": FIRST_DAY.isoformat(),
        "to": END_DAY.isoformat(),
        "horizon_days": HORIZON_DAYS,
        "customers": len(life.people),
        "contacts": int(life.there.sum()),
        "left": len(life.leavers),
        "left_per_year": _rounded(len(life.leavers) / max(at_risk, 1e-9)),
        "context": _context(),
        "situations": [_situation(life, situation) for situation in life.situations.values()],
        "surveys": _surveys(life),
    }


def _context() -> dict[str, Any]:
    """Facts about customers that move leaving and are nobody's doing: adjusters, never moments."""
    years = [bound / YEAR_US for bound in TENURE_BOUNDS_US]
    return {
        "segment": {name: float(factor) for name, factor in zip(SEGMENTS.words, SEGMENT_FACTOR, strict=True)},
        "tenure_years": {"below": years, "factor": [float(factor) for factor in TENURE_FACTOR]},
    }


def _situation(life: Life, situation: Situation) -> dict[str, Any]:
    met = life.met(situation.id)
    effect = effect_of(life.world, situation.id, met, life.left_at, life.rate)
    kind = situation.kind
    if kind == "hidden_confounded" and not life.company.hidden:
        kind = "harmless"
    if not life.company.effects and kind in ("moment", "positive", "pain_point"):
        kind = "harmless"
    return {
        "id": situation.id,
        "name": situation.name,
        "kind": kind,
        "planted_as": situation.kind,
        "journey_type": situation.journey_type or None,
        "condition": situation.words,
        "machine_readable": situation.condition,
        "outcome": "left",
        "horizon_days": HORIZON_DAYS,
        "effect": _rounded(effect.effect),
        "effect_se": _rounded(effect.se),
        "effect_one_draw": _rounded(effect.paired),
        "effect_one_draw_se": _rounded(effect.paired_se),
        "hazard_ratio": situation.hazard_ratio,
        "apparent_hazard_ratio": _rounded(effect.apparent_hazard_ratio),
        "leavings_caused": effect.leavings_caused,
        "exposed_episodes": len(met),
        "exposed_customers": len(np.unique(met.customer)),
        "score": _score(life, situation, met),
    }


def _score(life: Life, situation: Situation, met: Episodes) -> dict[str, Any]:
    """What the situation does to overall satisfaction: the journeys met, with and without it, same noise.

    Satisfaction of the journey when the situation has come true, whether or not anybody asked about it.
    """
    score = life.asking.journey_scores(met.journey, met.at)
    without = life.asking.journey_scores(met.journey, met.at, without=situation.id)
    n = len(met)
    change = np.clip(np.round(score), 0, 10) - np.clip(np.round(without), 0, 10)
    worse = dissatisfied(score) * 1.0 - dissatisfied(without)
    return {
        "question": "overall, 0-10",
        "planted_points": situation.score,
        "points": _rounded(change.mean() if n else 0.0),
        "dissatisfied": _rounded(worse.mean() if n else 0.0),
        "dissatisfied_se": _rounded(worse.std() / np.sqrt(n) if n else 0.0),
        "dissatisfied_up_to": DISSATISFIED_UP_TO,
        "emotion": situation.emotion,
    }


def _surveys(life: Life) -> dict[str, Any]:
    """Satisfaction of everybody invited, beside that of those who answered: what non-response hides."""
    reached = np.isin(life.invitations.state, (0, 3, 4))
    asked = reached & (life.invitations.journey >= 0)
    answered = life.invitations.answered & (life.invitations.journey >= 0)
    score = np.clip(np.round(life.invitations.score), 0, 10)
    return {
        "question": "overall after a journey, 0-10",
        "invited_and_reached": int(asked.sum()),
        "answered": int(answered.sum()),
        "mean_of_all_reached": _rounded(score[asked].mean() if asked.any() else float("nan")),
        "mean_of_answers": _rounded(score[answered].mean() if answered.any() else float("nan")),
    }


def exposure_table(life: Life) -> pa.Table:
    """Every episode met: situation, the contact it hangs on, customer, and when it came true; in order of time."""
    met = [life.met(name) for name in life.situations]
    rows = np.concatenate([episodes.row for episodes in met])
    at = np.concatenate([episodes.at for episodes in met])
    customer = np.concatenate([episodes.customer for episodes in met])
    number = np.concatenate([np.full(len(episodes), i) for i, episodes in enumerate(met)])
    order = np.lexsort((rows, number, at))
    names = pa.array(list(life.situations), TEXT)
    schema = pa.schema(
        [
            pa.field("situation", TEXT, nullable=False),
            pa.field("contact_id", TEXT, nullable=False),
            pa.field("customer", TEXT, nullable=False),
            pa.field("exposed_at", INSTANT, nullable=False),
        ],
        metadata=MADE_UP,
    )
    columns = [
        names.take(pa.array(number[order])),
        contact_ids(rows[order]),
        numbered("C", customer[order], width=7),
        instants(at[order]),
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def _rounded(value: float) -> float | None:
    """Six places; null where there is nothing to tell."""
    return None if np.isnan(value) else round(float(value), 6)
