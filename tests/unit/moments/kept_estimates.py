"""A register as `tiesa moments` keeps it, with every key that an estimate may have; small logs find nothing to keep."""

from __future__ import annotations

import json
from typing import Any

from tiesa.core.home import Home
from tiesa.core.whole_files import write_whole
from tiesa.moments.register import FOLDER
from tiesa.moments.situations import Situation

AGAIN = {"all": [{"atom": "inbound", "k": 2}]}
"""The customer turns to us a second time: common enough in a small company."""
UNANSWERED = {"all": [{"atom": "unanswered", "owner": "us", "threshold_h": 24}]}
RARE = {"all": [{"atom": "inbound", "k": 3}, {"atom": "touchpoint", "touchpoint": "nowhere at all"}]}


def limit(condition: dict[str, Any] | None = None, **other: Any) -> dict[str, Any]:
    """A learned limit: how long we do not answer, where nothing else is given."""
    waiting = condition or {"atom": "unanswered", "owner": "us", "threshold_h": 72}
    return {"condition": waiting, "value": 72, "low": 48, "high": 120, "grid": [24, 48, 72, 120, 168]} | other


def estimate(condition: dict[str, Any] = AGAIN, **other: Any) -> dict[str, Any]:
    """One estimate; `other` replaces keys, and with None takes them away."""
    made: dict[str, Any] = {
        "id": Situation.from_plain(condition).id,
        "situation": "as it was kept",
        "condition": condition,
        "journey_type": "problem solving",
        "touchpoint": "status asked",
        "state": "confirmed",
        "outcome": "left",
        "horizon_days": 180,
        "exposed_n": 263,
        "exposed_customers": 255,
        "outcomes_after": 41,
        "compared_customers": 3788,
        "unit": "risk",
        "effect": 0.124,
        "low": 0.075,
        "high": 0.173,
        "risk": 0.17,
        "unadjusted": 0.13,
        "hazard_ratio": {"value": 4.2, "low": 3.0, "high": 5.8},
        "e_value": {"value": 7.9, "bound": 5.5},
        "p_value": 4e-18,
        "q_value": 4e-17,
        "second_opinion": {
            "effect": 0.137, "low": 0.083, "high": 0.191, "exposed": 208, "controls": 707, "effective_controls": 511.0,
            "all_but_certain": 0.0, "largest_difference_before": 0.24, "largest_difference_after": 0.09,
            "cannot_be_judged": None,
        },
        "felt": [{"outcome": "score", "effect": -1.5, "low": -1.9, "high": -1.1, "n": 120}],
        "relations": [{"id": "m-1", "situation": "a broken promise", "kind": "comes_from", "share": 0.4}],
        "by_segment": [
            {"segment": "budget", "effect": 0.13, "low": 0.02, "high": 0.24, "episodes": 66},
            {"segment": "premium", "effect": 0.06, "low": -0.02, "high": 0.15, "episodes": 3},
        ],
        "by_half_year": [{"from": "2025-01", "to": "2025-06", "effect": 0.1, "low": 0.0, "high": 0.2, "episodes": 92}],
        "set_against": [
            {
                "id": "m-0000000001",
                "situation": "message 2 in the journey",
                "condition": {"all": [{"atom": "message", "k": 2}]},
            }
        ],
        "same_before": True,
        "size": {"matters": True, "limit": 1.1},
        "stability": {"selected_again": 0.94, "draws": 50},
        "negative_control": {"outcome": "contacts", "effect": 0.09, "low": -0.11, "high": 0.3, "n": 759},
        "overlap": {"exposed": [0.1] * 10, "compared": [0.2, 0.2, 0.2, 0.2, 0.2, 0, 0, 0, 0, 0]},
        "balance": {"before": 0.24, "after": 0.09},
        "thresholds": [limit()],
    }  # fmt: skip
    return {name: value for name, value in (made | other).items() if value is not None}


def keep_register(
    home: Home, estimates: list[dict[str, Any]], *, version: int = 1, outcome: str = "left", **besides: Any
) -> None:
    """Write the register of one build and outcome. besides: `own` and `again`, where there are any."""
    register = {
        "outcome": outcome,
        "horizon_days": 180,
        "customers": 8000,
        "contacts": 195_462,
        "outcomes": 1353,
        "version": version,
        "adjusted_for": ["segment", "tenure"],
        "family": 149,
        "tried": 3116,
        "tested": 2128,
        "one_by_one": 246,
        "selected": len(estimates),
        "confirmed": sum(one["state"] == "confirmed" for one in estimates),
        "moments": [one | {"outcome": outcome} for one in estimates],
        "explain": "How it was made.",
        "steps": ["+ count:inbound=2 z 5.6"],
        "candidates": [
            {
                "id": "m-2",
                "situation": "kept so",
                "condition": RARE,
                "state": "candidate",
                "z_alone": -4.6,
                "z": 0.3,
                "n": 1234,
            },
        ],
        **besides,
    }
    write_whole(home.root / FOLDER / f"{version:08}-{outcome}.json", json.dumps(register))
