"""A moment's estimate as plain figures: for programs, and as the register keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tiesa.moments.effect import episodes_needed
from tiesa.moments.felt import MARGIN
from tiesa.moments.outcomes import Outcome
from tiesa.moments.states import State
from tiesa.moments.words import situation_in_words

if TYPE_CHECKING:
    from tiesa.moments.moments import Moment


def known(value: float) -> float | None:
    """None for what is not a number."""
    return None if value != value else value


def moment_as_plain(moment: Moment, horizon_days: int) -> dict[str, Any]:
    """One estimate of a moment, as the register keeps it; of what cannot be judged without its effect."""
    effect, told = moment.effect, moment.figures
    plain: dict[str, Any] = {
        "id": moment.id,
        "situation": situation_in_words(moment.situation),
        "condition": moment.situation.as_plain(),
        "journey_type": moment.journey_type,
        "touchpoint": moment.touchpoint,
        "state": moment.state.value,
        "outcome": moment.outcome.value,
        "horizon_days": horizon_days if moment.outcome.happens else None,
        "exposed_n": effect.episodes,
        "exposed_customers": effect.customers,
        "outcomes_after": effect.events,
        "compared_customers": effect.compared,
        "effect": told["effect"],
        "effect_unit": "risk difference" if moment.outcome.happens else "difference",
        "unit": moment.outcome.unit,
        "low": told["low"],
        "high": told["high"],
        "risk": None if moment.state == State.CANNOT_BE_JUDGED else effect.risk,
        "measured": effect.measured,
        "few": not effect.enough,
        "unadjusted": told["unadjusted"],
        "hazard_ratio": {
            "value": told["ratio"],
            "low": told["ratio_low"],
            "high": told["ratio_high"],
        }
        if moment.outcome.happens
        else None,
        "e_value": {"value": told["e_value"], "bound": told["e_value_bound"]},
        "p_value": moment.p,
        "q_value": moment.q,
        "second_opinion": _opinion_as_plain(moment),
    }
    if moment.again:
        plain["again"] = True
    if moment.is_felt:
        plain["is_felt"] = True
    if moment.behaviour:
        done = moment.behaviour
        plain["behaviour"] = {
            "outcome": Outcome.LEFT.value, "state": done.state.value, "effect": done.effect.value,
            "low_90": done.low, "high_90": done.high, "margin": MARGIN,
        }  # fmt: skip
        if done.state == State.PAIN_POINT:
            plain["equivalence"] = {"margin": MARGIN, "low": done.low, "high": done.high}
        if done.needed is not None:
            plain["needed_episodes"] = done.needed
    elif moment.state == State.UNKNOWN and not moment.is_felt:
        plain["needed_episodes"] = episodes_needed(effect)
    if moment.felt:
        plain["felt"] = [
            {"outcome": f.outcome.value, "effect": f.value, "low": f.low, "high": f.high, "n": f.n} for f in moment.felt
        ]
    return plain | moment.diagnostics


def _opinion_as_plain(moment: Moment) -> dict[str, Any]:
    opinion, told = moment.opinion, moment.figures
    return {
        "effect": told["second"],
        "low": told["second_low"],
        "high": told["second_high"],
        "exposed": opinion.exposed,
        "controls": opinion.controls,
        "effective_controls": opinion.sample,
        "all_but_certain": opinion.too_sure,
        "largest_difference_before": known(opinion.before),
        "largest_difference_after": known(opinion.after),
        "cannot_be_judged": opinion.why_not or None,
    }
