"""A register in the home: what a search of a larger company would have kept."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.unit.moments.kept_estimates import UNANSWERED, estimate, keep_register

from tiesa.app.insight.looking import look_anew
from tiesa.core.home import Home
from tiesa.moments.register import FOLDER

MOMENT = str(estimate()["id"])
OTHER = str(estimate(UNANSWERED)["id"])


@pytest.fixture
def no_register(home: Home) -> Iterator[Home]:
    """Nobody has looked for moments; what a test finds or keeps is gone after it."""

    def emptied() -> None:
        for path in (home.root / FOLDER).glob("*.json"):
            path.unlink()
        look_anew()

    emptied()
    yield home
    emptied()


@pytest.fixture
def register(no_register: Home) -> Home:
    """One moment confirmed for leaving, one situation whose effect is unknown; another outcome knows the first too."""
    keep_register(no_register, [estimate(), estimate(UNANSWERED, state="effect_unknown", touchpoint="reply sent")])
    keep_register(no_register, [estimate(state="cannot_be_judged", unit="points", hazard_ratio=None)], outcome="score")
    look_anew()
    return no_register
