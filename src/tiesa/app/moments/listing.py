"""The register as a list: filtered, sorted, and as a board with a column per state."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from tiesa.app.moments.models import Stand, Verdict
from tiesa.core.locale import _
from tiesa.moments.kept import (
    ORDER,
    Estimate,
    effect_words,
    is_harm,
    other_words,
    outcome_words,
    situation_words,
    state_words,
    timed_outcome,
)
from tiesa.moments.states import State, state_in_words
from tiesa.moments.words import sentence

FILTERS = ("outcome", "state", "journey_type", "touchpoint", "decided")
NOTHING_DECIDED = "nothing"
SORTS: dict[str, Callable[[Estimate], Any]] = {
    "state": lambda one: ORDER.index(State(one["state"])),
    "situation": situation_words,
    "outcome": outcome_words,
    "effect": lambda one: -abs(one["effect"] or 0),
    "n": lambda one: -one["exposed_n"],
}


@dataclass(frozen=True, slots=True)
class Row:
    """A moment as a line or a card shows it. verdict: what people decided, None where nobody did."""

    estimate: Estimate
    verdict: Verdict | None

    @property
    def id(self) -> str:
        return str(self.estimate["id"])

    @property
    def set_against(self) -> list[str]:
        return other_words(self.estimate)

    @property
    def situation(self) -> str:
        return sentence(situation_words(self.estimate))

    @property
    def state(self) -> str:
        return state_words(self.estimate)

    @property
    def outcome(self) -> str:
        return sentence(timed_outcome(self.estimate))

    @property
    def effect(self) -> str:
        return effect_words(self.estimate)

    @property
    def is_harm(self) -> bool:
        return self.estimate["state"] == State.CONFIRMED and is_harm(self.estimate)


@dataclass(frozen=True)
class Listing:
    """What a page shows of the register. choices: by filter its words and the values there are."""

    rows: list[Row]
    all: int
    chosen: dict[str, str]
    choices: dict[str, tuple[str, list[tuple[str, str]]]]
    sort: str

    def columns(self) -> list[tuple[State, str, list[Row]]]:
        """The board: the states that have any, in order, each with its rows."""
        made = [(s, state_in_words(s), [row for row in self.rows if row.estimate["state"] == s]) for s in ORDER]
        return [column for column in made if column[2]]


def listing(found: Sequence[Estimate], verdicts: dict[str, Verdict], query: QueryDict) -> Listing:
    """The register as an address asks for it; words that mean nothing there are left out."""
    estimates = [{**one, "decided": _decided(one, verdicts)} for one in found]
    choices = {name: (words, values) for name, words in _names() if (values := _values(estimates, name))}
    chosen = {
        name: str(query[name])
        for name, (_words, values) in choices.items()
        if query.get(name) in {value for value, _label in values}
    }
    left = [one for one in estimates if all(one[name] == value for name, value in chosen.items())]
    sort = query.get("sort", "")
    if sort in SORTS:
        left = sorted(left, key=SORTS[sort])
    rows = [Row(one, verdicts.get(one["id"])) for one in left]
    return Listing(rows, len(estimates), chosen, choices, sort if sort in SORTS else "")


def _decided(estimate: Estimate, verdicts: dict[str, Verdict]) -> str:
    verdict = verdicts.get(estimate["id"])
    return verdict.stand if verdict else NOTHING_DECIDED


def _names() -> list[tuple[str, str]]:
    words = {
        "outcome": _("What changes"),
        "state": _("State"),
        "journey_type": _("Journey type"),
        "touchpoint": _("Touchpoint"),
        "decided": _("Decided"),
    }
    return [(name, words[name]) for name in FILTERS]


def _values(estimates: Sequence[Estimate], name: str) -> list[tuple[str, str]]:
    """The values of a filter with their words, where there is more than one."""
    words: dict[str, Callable[[Estimate], str]] = {
        "outcome": outcome_words, "state": lambda one: state_in_words(State(one["state"])),
        "decided": lambda one: stand_words(one["decided"]),
    }  # fmt: skip
    label: Callable[[Estimate], str] = words.get(name, lambda one: str(one[name]))
    found = {one[name]: label(one) for one in estimates if one[name]}
    return sorted(found.items(), key=lambda pair: pair[1]) if len(found) > 1 else []


def stand_words(stand: str) -> str:
    """A verdict as people read it."""
    return {
        Stand.ACCEPTED.value: _("accepted"),
        Stand.REJECTED.value: _("rejected"),
        Stand.WATCHING.value: _("being watched"),
        NOTHING_DECIDED: _("nothing yet"),
    }[stand]
