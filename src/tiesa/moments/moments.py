"""The answer: which situations are moments of truth, what each does, and what was looked at to find them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

import pyarrow as pa

from tiesa.core import formats
from tiesa.core.enums import OutcomeKind
from tiesa.core.locale import _, ngettext
from tiesa.core.shown import Kind, Shown, ShownTable
from tiesa.journeys.questions.result import Result
from tiesa.moments.effect import Effect
from tiesa.moments.landmark import Opinion
from tiesa.moments.situations import Situation
from tiesa.moments.words import situation_in_words


class State(StrEnum):
    """What is known of a situation."""

    CANDIDATE = "candidate"
    CONFIRMED = "confirmed"
    PAIN_POINT = "pain_point"
    UNKNOWN = "effect_unknown"
    NO_EVIDENCE = "no_evidence"
    CANNOT_BE_JUDGED = "cannot_be_judged"


def state_in_words(state: State) -> str:
    """The state as people read it."""
    return {
        State.CANDIDATE: _("candidate"),
        State.CONFIRMED: _("confirmed moment"),
        State.PAIN_POINT: _("pain point"),
        State.UNKNOWN: _("effect unknown"),
        State.NO_EVIDENCE: _("no evidence"),
        State.CANNOT_BE_JUDGED: _("cannot be judged"),
    }[state]


def outcome_in_words(outcome: OutcomeKind) -> str:
    """What customers did, as a noun."""
    return {
        OutcomeKind.LEFT: _("leaving"),
        OutcomeKind.DORMANT: _("falling silent"),
        OutcomeKind.PRODUCT_CLOSED: _("closing a product"),
    }[outcome]


@dataclass(frozen=True)
class Moment:
    """A situation that was selected on one half of the customers, with what the other half says of it.

    touchpoint, journey_type: those of most of its contacts. p: of the joint test; q: the same, adjusted for everything
    that was tested.
    """

    situation: Situation
    state: State
    touchpoint: str | None
    journey_type: str | None
    effect: Effect
    opinion: Opinion
    p: float
    q: float

    @property
    def id(self) -> str:
        return self.situation.id

    @property
    def weight(self) -> float:
        """Reach times effect: outcomes that these episodes brought about (below 0: prevented)."""
        return self.effect.value * self.effect.episodes


@dataclass(frozen=True)
class Moments(Result):
    """The register. generated: situations that enough customers were in; tested: those of them with enough outcomes to
    be expected; one_by_one: how many of these look significant when nothing else is looked at."""

    name: ClassVar[str] = "moments"
    outcome: OutcomeKind
    horizon_days: int
    customers: int
    outcomes: int
    contacts: int
    adjusted_for: tuple[str, ...]
    generated: int
    tested: int
    one_by_one: int
    moments: tuple[Moment, ...]
    steps: tuple[str, ...]
    version: int

    def of(self, state: State) -> tuple[Moment, ...]:
        return tuple(moment for moment in self.moments if moment.state == state)

    @property
    def needs_attention(self) -> bool:
        return any(moment.effect.low > 0 for moment in self.of(State.CONFIRMED))

    def question(self) -> str:
        return {
            OutcomeKind.LEFT: _("Which contacts decide whether a customer leaves?"),
            OutcomeKind.DORMANT: _("Which contacts decide whether a customer falls silent?"),
            OutcomeKind.PRODUCT_CLOSED: _("Which contacts decide whether a customer closes a product?"),
        }[self.outcome]

    def answer(self) -> str:
        confirmed = self.of(State.CONFIRMED)
        if not confirmed:
            return _("None of the situations looked at ({n}) is confirmed to change what customers do.").format(
                n=formats.number(self.tested)
            )
        said = ngettext(
            "{n} situation is confirmed to change what customers do, of {tested} looked at.",
            "{n} situations are confirmed to change what customers do, of {tested} looked at.",
            len(confirmed),
        ).format(n=len(confirmed), tested=formats.number(self.tested))
        return f"{said} {self._told(confirmed[0])}"

    def _told(self, moment: Moment) -> str:
        effect = moment.effect
        return _("{situation}: {effect} ({outcome} within {time}; 95 % {interval}; {n}).").format(
            situation=situation_in_words(moment.situation),
            effect=_points(effect.value),
            outcome=outcome_in_words(self.outcome),
            time=formats.length(self.horizon_days * 86_400),
            interval=formats.between(_points(effect.low), _points(effect.high)),
            n=ngettext("{n} episode", "{n} episodes", effect.episodes).format(n=formats.number(effect.episodes)),
        )

    def findings(self) -> tuple[str, ...]:
        return tuple(self._told(moment) for moment in self.of(State.CONFIRMED)[1:])

    def tables(self) -> tuple[ShownTable, ...]:
        rows = [
            {
                "id": m.id,
                "situation": situation_in_words(m.situation),
                "state": state_in_words(m.state),
                "effect": m.effect.value,
                "low": m.effect.low,
                "high": m.effect.high,
                "episodes": m.effect.episodes,
                "customers": m.effect.customers,
                "outcomes": m.effect.events,
                "unadjusted": m.effect.unadjusted,
                "ratio": m.effect.ratio,
                "ratio_low": m.effect.ratio_low,
                "ratio_high": m.effect.ratio_high,
                "second": _known(m.opinion.value),
                "second_low": _known(m.opinion.low),
                "second_high": _known(m.opinion.high),
                "e_value": m.effect.e_value,
                "q_value": m.q,
            }
            for m in self.moments
        ]
        columns = (
            Shown("id", _("id")),
            Shown("situation", _("situation")),
            Shown("state", _("state")),
            Shown("effect", _("change of the risk"), Kind.SHARE, "low", "high"),
            Shown("episodes", _("episodes"), Kind.COUNT),
            Shown("outcomes", _("outcomes after them"), Kind.COUNT, extra=True),
            Shown("second", _("second opinion"), Kind.SHARE, "second_low", "second_high", extra=True),
            Shown("unadjusted", _("unadjusted"), Kind.SHARE, extra=True),
            Shown("ratio", _("ratio of rates"), Kind.SCORE, "ratio_low", "ratio_high", extra=True),
            Shown("e_value", _("E-value"), Kind.NUMBER, extra=True),
        )
        data = pa.Table.from_pylist(rows, schema=_SCHEMA)
        return (ShownTable("moments", _("Situations that were selected"), data, columns, note=self._note()),)

    def _note(self) -> str:
        return _(
            "Situations generated: {generated}; tested: {tested}; that would look significant one by one: {single}."
        ).format(
            generated=formats.number(self.generated),
            tested=formats.number(self.tested),
            single=formats.number(self.one_by_one),
        )

    def explain(self) -> str:
        return _(
            "Situations are generated from the data and searched on one half of the customers (all customers: "
            "{customers}; with the outcome: {outcomes}), in a joint model of how often the outcome ({outcome}) comes "
            "within {time} of each, adjusted for {context}. What is selected is tested on the other half: "
            "Benjamini-Hochberg at 5 %, the ratio of rates beyond 1.1 with its whole interval, and the same sign "
            "against contacts at which the same could have happened and did not. The effect is the risk with one "
            "episode less the risk without it, everything else as it was. Limits: a cause that is in no column can "
            "make up an effect; the E-value says how strong it would have to be. The factor is taken as constant over "
            "the whole time."
        ).format(
            customers=formats.number(self.customers),
            outcomes=formats.number(self.outcomes),
            outcome=outcome_in_words(self.outcome),
            time=formats.length(self.horizon_days * 86_400),
            context=", ".join(self.adjusted_for),
        )

    def as_plain(self) -> dict[str, Any]:
        return {
            "outcome": self.outcome.value,
            "horizon_days": self.horizon_days,
            "customers": self.customers,
            "contacts": self.contacts,
            "outcomes": self.outcomes,
            "version": self.version,
            "adjusted_for": list(self.adjusted_for),
            "tried": self.generated,
            "tested": self.tested,
            "one_by_one": self.one_by_one,
            "selected": len(self.moments),
            "confirmed": len(self.of(State.CONFIRMED)),
            "moments": [self._plain(moment) for moment in self.moments],
            "explain": self.explain(),
            "steps": list(self.steps),
        }

    def _plain(self, moment: Moment) -> dict[str, Any]:
        effect, opinion = moment.effect, moment.opinion
        return {
            "id": moment.id,
            "situation": situation_in_words(moment.situation),
            "condition": moment.situation.as_plain(),
            "journey_type": moment.journey_type,
            "touchpoint": moment.touchpoint,
            "state": moment.state.value,
            "outcome": self.outcome.value,
            "horizon_days": self.horizon_days,
            "exposed_n": effect.episodes,
            "exposed_customers": effect.customers,
            "outcomes_after": effect.events,
            "compared_customers": effect.compared,
            "effect": effect.value,
            "effect_unit": "risk difference",
            "low": effect.low,
            "high": effect.high,
            "risk": effect.risk,
            "unadjusted": effect.unadjusted,
            "hazard_ratio": {"value": effect.ratio, "low": effect.ratio_low, "high": effect.ratio_high},
            "e_value": {"value": effect.e_value, "bound": effect.e_value_bound},
            "p_value": moment.p,
            "q_value": moment.q,
            "second_opinion": {
                "effect": _known(opinion.value),
                "low": _known(opinion.low),
                "high": _known(opinion.high),
                "exposed": opinion.exposed,
                "controls": opinion.controls,
                "effective_controls": opinion.sample,
                "all_but_certain": opinion.too_sure,
                "largest_difference_before": _known(opinion.before),
                "largest_difference_after": _known(opinion.after),
                "cannot_be_judged": opinion.why_not or None,
            },
        }


_SCHEMA = pa.schema(
    [("id", pa.string()), ("situation", pa.string()), ("state", pa.string())]
    + [(name, pa.float64()) for name in ("effect", "low", "high")]
    + [(name, pa.int64()) for name in ("episodes", "customers", "outcomes")]
    + [
        (name, pa.float64())
        for name in (
            "unadjusted", "ratio", "ratio_low", "ratio_high", "second", "second_low", "second_high", "e_value",
            "q_value",
        )
    ]
)  # fmt: skip


def _known(value: float) -> float | None:
    return None if value != value else value


def _points(value: float) -> str:
    """A difference of risks, in percentage points.

    >>> _points(0.052)
    '+5.2 points'
    """
    return _("{n} points").format(n=formats.number(value * 100, digits=1, sign=True))
