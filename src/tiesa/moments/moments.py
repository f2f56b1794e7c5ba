"""The answer: which situations are moments of truth, what each does, and what was looked at to find them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import pyarrow as pa

from tiesa.core import formats
from tiesa.core.locale import _, ngettext
from tiesa.core.shown import Kind, Shown, ShownTable
from tiesa.journeys.questions.result import Result
from tiesa.moments.compare import Opinion
from tiesa.moments.effect import Effect
from tiesa.moments.felt import Behaviour
from tiesa.moments.given_shown import Judged, own_table
from tiesa.moments.looked_at import LookedAt
from tiesa.moments.outcomes import Outcome
from tiesa.moments.plain import known, moment_as_plain
from tiesa.moments.situations import Situation
from tiesa.moments.states import State, state_in_words
from tiesa.moments.words import sentence, situation_in_words


@dataclass(frozen=True)
class Felt:
    """What the contacts of a moment do to a feeling: in the unit of the outcome, with 95 % bounds; n: measured."""

    outcome: Outcome
    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class Moment:
    """A situation that was selected on one half of the customers, with what the other half says of it.

    shown: whether its effect on the outcome was confirmed (a pain point's on feelings is). touchpoint, journey_type:
    those of most of its contacts. p: of the joint test; q: the same, adjusted for everything that was tested.
    behaviour: of what is felt, what it does to leaving. felt: of what is done, what it does to feelings. again: whether
    an earlier build confirmed it and this search did not select it, so that it was tested for that.
    """

    situation: Situation
    outcome: Outcome
    state: State
    shown: bool
    touchpoint: str | None
    journey_type: str | None
    effect: Effect
    opinion: Opinion
    p: float
    q: float
    behaviour: Behaviour | None = None
    felt: tuple[Felt, ...] = ()
    again: bool = False
    diagnostics: dict[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return self.situation.id

    @property
    def is_felt(self) -> bool:
        """Whether it is confirmed to change what customers feel, whatever they do."""
        return self.shown and self.outcome.is_felt

    @property
    def is_harmful(self) -> bool:
        """Whether the whole interval says that it makes things worse."""
        return self.effect.is_harmful(self.outcome.more_is_better)

    @property
    def figures(self) -> dict[str, float | None]:
        """Effect, ratio of rates, E-value and second opinion with their bounds, and the unadjusted figure; None where
        there is none, or it cannot be judged."""
        one, second, judged = self.effect, self.opinion, self.state != State.CANNOT_BE_JUDGED
        told = {
            "effect": one.value, "low": one.low, "high": one.high,
            "ratio": one.ratio, "ratio_low": one.ratio_low, "ratio_high": one.ratio_high,
            "e_value": one.e_value, "e_value_bound": one.e_value_bound, "unadjusted": one.unadjusted,
            "second": second.value, "second_low": second.low, "second_high": second.high,
        }  # fmt: skip
        return {name: known(value) if judged else None for name, value in told.items()}

    @property
    def weight(self) -> float:
        """Reach times effect: outcomes that these episodes brought about (below 0: prevented)."""
        return self.effect.value * self.effect.episodes


@dataclass(frozen=True)
class Moments(Result):
    """The register. generated: situations that enough customers were in; tested: those of them with enough outcomes to
    be expected; one_by_one: how many of these look significant when nothing else is looked at; family: tests on the
    second half that the q-values count, over all outcomes looked at together. looked_at: what was not selected."""

    name: ClassVar[str] = "moments"
    outcome: Outcome
    horizon_days: int
    customers: int
    outcomes: int
    contacts: int
    adjusted_for: tuple[str, ...]
    generated: int
    tested: int
    one_by_one: int
    family: int
    moments: tuple[Moment, ...]
    steps: tuple[str, ...]
    version: int
    given: tuple[Judged, ...] = ()
    looked_at: tuple[LookedAt, ...] = ()

    @property
    def own(self) -> tuple[Judged, ...]:
        """What a person defined."""
        return tuple(one for one in self.given if one.name)

    @property
    def told_as_others(self) -> tuple[Judged, ...]:
        """What earlier builds confirmed, and something found now speaks of."""
        return tuple(one for one in self.given if not one.name)

    def of(self, state: State) -> tuple[Moment, ...]:
        return tuple(moment for moment in self.moments if moment.state == state)

    @property
    def needs_attention(self) -> bool:
        return any(moment.is_harmful for moment in self.of(State.CONFIRMED))

    def question(self) -> str:
        return self.outcome.question()

    def answer(self) -> str:
        shown = [moment for moment in self.moments if moment.shown]
        if not shown:
            return _("None of the situations looked at ({n}) is confirmed to change it: {outcome}.").format(
                n=formats.number(self.tested), outcome=self.outcome.in_words()
            )
        said = ngettext(
            "{n} situation is confirmed to change it, of {tested} looked at.",
            "{n} situations are confirmed to change it, of {tested} looked at.",
            len(shown),
        ).format(n=len(shown), tested=formats.number(self.tested))
        return f"{said} {self._told(shown[0])}"

    def _told(self, moment: Moment) -> str:
        effect = moment.effect
        words = {
            "situation": sentence(situation_in_words(moment.situation)),
            "effect": said(effect.value, self.outcome),
            "outcome": self.outcome.in_words(),
            "interval": formats.between(said(effect.low, self.outcome), said(effect.high, self.outcome)),
            "n": ngettext("{n} episode", "{n} episodes", effect.episodes).format(n=formats.number(effect.episodes)),
        }
        if self.outcome.happens:
            words["time"] = formats.length(self.horizon_days * 86_400)
            return _("{situation}: {effect} ({outcome} within {time}; 95 % {interval}; {n}).").format(**words)
        words["measured"] = formats.number(effect.measured)
        told = _("{situation}: {effect} ({outcome}; 95 % {interval}; {n}, measured after {measured}).").format(**words)
        return f"{told} {self._behaviour(moment)}".rstrip()

    def _behaviour(self, moment: Moment) -> str:
        """What is known of leaving beside a feeling."""
        done = moment.behaviour
        if done is None:
            return _("Whether it changes what customers do was not looked at.") if moment.is_felt else ""
        bounds = formats.between(said(done.low, Outcome.LEFT), said(done.high, Outcome.LEFT))
        match done.state:
            case State.PAIN_POINT:
                return _("It is felt, and as good as without effect on leaving (90 % {interval}).").format(
                    interval=bounds
                )
            case State.CONFIRMED:
                return _("It changes leaving too.")
        if done.low > 0 or done.high < 0:
            return _("It seems to change leaving too (90 % {interval}), which is not confirmed.").format(
                interval=bounds
            )
        if done.needed is None:
            return _("What it does to leaving is not known (90 % {interval}).").format(interval=bounds)
        return _("What it does to leaving is not known (90 % {interval}): some {n} more episodes are needed.").format(
            interval=bounds, n=formats.number(done.needed)
        )

    def findings(self) -> tuple[str, ...]:
        return tuple(self._told(moment) for moment in self.moments if moment.shown)[1:]

    def tables(self) -> tuple[ShownTable, ...]:
        rows = [
            {
                "id": m.id,
                "situation": situation_in_words(m.situation),
                "state": state_in_words(m.state, felt=m.is_felt),
                **m.figures,
                "episodes": m.effect.episodes,
                "customers": m.effect.customers,
                "outcomes": m.effect.events,
                "q_value": m.q,
            }
            for m in self.moments
        ]
        kind = Kind.POINTS if self.outcome.is_share else Kind.SCORE
        columns = (
            Shown("id", _("id"), whole=True),
            Shown("situation", _("situation"), whole=True),
            Shown("state", _("state")),
            Shown("effect", self.outcome.effect_in_words(), kind, "low", "high"),
            Shown("episodes", _("episodes"), Kind.COUNT),
            Shown("outcomes", _("outcomes after them"), Kind.COUNT, extra=True),
            Shown("second", _("second opinion"), kind, "second_low", "second_high", extra=True),
            Shown("unadjusted", _("unadjusted"), kind, extra=True),
            Shown("ratio", _("ratio of rates"), Kind.SCORE, "ratio_low", "ratio_high", extra=True),
            Shown("e_value", _("E-value"), Kind.NUMBER, extra=True),
        )
        data = pa.Table.from_pylist(rows, schema=_SCHEMA)
        found = ShownTable("moments", _("Situations that were selected"), data, columns, note=self._note())
        return (found, own_table(self.own, self.outcome)) if self.own else (found,)

    def _note(self) -> str:
        counted = _(
            "Situations generated: {generated}; tested: {tested}; that would look significant one by one: {single}."
        ).format(
            generated=formats.number(self.generated),
            tested=formats.number(self.tested),
            single=formats.number(self.one_by_one),
        )
        again = ", ".join(moment.id for moment in self.moments if moment.again)
        if not again:
            return counted
        return f"{counted} " + _("Known from earlier builds, and tested again: {ids}.").format(ids=again)

    def explain(self) -> str:
        searched = _(
            "Situations are generated from the data and searched on one half of the customers (all customers: "
            "{customers}; with the outcome, or measured: {outcomes}), in a joint model adjusted for {context}. What is "
            "selected is set against other explanations and tested on the other half: Benjamini-Hochberg at 5 % over "
            "{family} tests of all outcomes looked at, and the same sign against contacts at which the same could have "
            "happened and did not."
        ).format(
            customers=formats.number(self.customers),
            outcomes=formats.number(self.outcomes),
            context=", ".join(self.adjusted_for),
            family=formats.number(self.family),
        )
        return f"{searched} {self._explain_effect()}"

    def _explain_effect(self) -> str:
        if self.outcome == Outcome.SOLVED:
            return _(
                "Searched is how soon journeys are solved among journeys of the same age: a situation counts from the "
                "instant at which it came true, for {time}. Solved is a journey from when on nothing but the "
                "customer's own part was missing to its goal. The effect is the share that is solved within {time} of "
                "a contact at which it came true, less the share after contacts of other journeys at which it could "
                "have and did not, age, what was before and what the journey is about made alike. Limits: harder "
                "journeys both gather such situations and take longer; what makes them hard and is in no column can "
                "make up an effect."
            ).format(time=formats.length(self.horizon_days * 86_400))
        if self.outcome == Outcome.GOAL_MISSED:
            return _(
                "Searched is how soon journeys are given up among journeys of the same age: a situation counts from "
                "the instant at which it came true, for {time}. The effect is the share that is given up within {time} "
                "of a contact at which it came true, less the share after contacts of other journeys at which it could "
                "have and did not, age, what was before and what the contact is about made alike; what nobody says was "
                "given up is not. Limits: journeys that go badly both gather such situations and are given up; what "
                "makes them go badly and is in no column can make up an effect."
            ).format(time=formats.length(self.horizon_days * 86_400))
        if not self.outcome.happens:
            told = _(
                "The effect is the difference that the situation makes to the value, in a linear model with errors "
                "clustered by household; its interval must lie beyond a tenth of the standard deviation. Limits: a "
                "cause that is in no column can make up an effect; who answers may differ from who does not."
            )
            if self.outcome != Outcome.SCORE:
                return told
            alike = _(
                "Scores of journeys that ended alike (goal reached, given up, still open) are compared: what a "
                "situation does to the end is an outcome of its own ({outcome}), and no part of this effect."
            ).format(outcome=Outcome.GOAL_MISSED.in_words())
            return f"{told} {alike}"
        return _(
            "The model is of how often the outcome ({outcome}) comes within {time} of each; the ratio of rates must "
            "lie beyond 1.1 with its whole interval. The effect is the risk with one episode less the risk without "
            "it, everything else as it was. Limits: a cause that is in no column can make up an effect; the E-value "
            "says how strong it would have to be. The factor is taken as constant over the whole time."
        ).format(outcome=self.outcome.in_words(), time=formats.length(self.horizon_days * 86_400))

    def as_plain(self) -> dict[str, Any]:
        return {
            "outcome": self.outcome.value,
            "horizon_days": self.horizon_days if self.outcome.happens else None,
            "customers": self.customers,
            "contacts": self.contacts,
            "outcomes": self.outcomes,
            "family": self.family,
            "version": self.version,
            "adjusted_for": list(self.adjusted_for),
            "tried": self.generated,
            "tested": self.tested,
            "one_by_one": self.one_by_one,
            "selected": sum(not moment.again for moment in self.moments),
            "confirmed": sum(moment.shown for moment in self.moments),
            "moments": [moment_as_plain(moment, self.horizon_days) for moment in self.moments],
            "own": [{"name": one.name} | self._judged_as_plain(one) for one in self.own],
            "again": [self._judged_as_plain(one) for one in self.told_as_others],
            "explain": self.explain(),
            "steps": list(self.steps),
            "candidates": [
                {
                    "id": one.situation.id,
                    "situation": situation_in_words(one.situation),
                    "condition": one.situation.as_plain(),
                    "state": State.CANDIDATE.value,
                    "z_alone": one.alone,
                    "z": one.beside,
                    "n": one.n,
                }
                for one in self.looked_at
            ],
        }

    def _judged_as_plain(self, one: Judged) -> dict[str, Any]:
        known: dict[str, Any] = {
            "id": one.situation.id,
            "situation": situation_in_words(one.situation),
            "condition": one.situation.as_plain(),
            "outcome": self.outcome.value,
        }
        if one.moment:
            known = moment_as_plain(one.moment, self.horizon_days)
        return known | {"state": one.state.value, "same_as": one.same_as or None, "is_explained": one.is_explained}


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


def said(value: float, outcome: Outcome) -> str:
    """A difference in the unit of an outcome: percentage points, points of a scale, or money.

    >>> said(0.052, Outcome.LEFT), said(-1.5, Outcome.SCORE)
    ('+5.2 points', '−1.5')
    """
    if outcome.is_share:
        return formats.points(value)
    return formats.number(value, digits=1 if outcome != Outcome.MARGIN else 0, sign=True)
