"""The evidence sheet of one moment: what it is, what it does, and what was tried to disprove it.

Figures come from the register (estimates of all builds) and from one view (reach, contacts, words); each part stands
alone: a sentence, findings, a picture with its table, and the limits. Parts for which nothing is known are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from tiesa.core import formats
from tiesa.core.locale import _, ngettext
from tiesa.core.shown import ShownTable
from tiesa.journeys.held import is_made_up
from tiesa.journeys.view import View
from tiesa.moments.confirm import FALSE_SHARE
from tiesa.moments.kept import (
    ORDER,
    Estimate,
    condition_words,
    effect_words,
    episodes_words,
    estimates_in,
    is_felt,
    outcome_words,
    registers,
    situation_words,
    state_words,
    timed_outcome,
    told_as,
)
from tiesa.moments.outcomes import Outcome
from tiesa.moments.states import State
from tiesa.moments.words import sentence
from tiesa.pictures.charts_frame import Picture
from tiesa.pictures.palette import Theme

Draw = Callable[[Theme, int], Picture]


@dataclass(frozen=True)
class Part:
    """One part. name: a plain word for files and links; draw: its picture, by theme and width in pixels."""

    name: str
    heading: str
    answer: str
    findings: tuple[str, ...] = ()
    tables: tuple[ShownTable, ...] = ()
    draw: Draw | None = None
    method: str = ""


@dataclass(frozen=True)
class Sheet:
    """Everything a sheet says. title: the situation; lead: what is known; facts: what it rests on. by_outcome: what is
    known of it for each outcome; told_as: what was found in its place."""

    id: str
    title: str
    state: State
    lead: str
    facts: str
    made_up: bool
    estimate: Estimate
    by_outcome: tuple[Estimate, ...]
    told_as: Estimate | None
    parts: tuple[Part, ...]


def latest_of(estimates: Sequence[Estimate], outcome: str = "") -> Estimate:
    """Of the estimates of one moment the one to show: the latest of the outcome asked for; without one, of the latest
    build the outcome of which most is known."""
    found = [estimate for estimate in estimates if estimate["outcome"] == outcome] or list(estimates)
    version = max(estimate["version"] for estimate in found)
    latest = [estimate for estimate in found if estimate["version"] == version]
    return min(latest, key=lambda estimate: ORDER.index(State(estimate["state"])))


def _by_outcome(found: Iterable[Mapping[str, Any]], estimates: Iterable[Estimate], one: Estimate) -> list[Estimate]:
    """The estimate shown, and what the latest register of every other outcome says of the same."""
    latest = {(register["outcome"], register["version"]) for register in found}
    others = [e for e in estimates if (e["outcome"], e["version"]) in latest and e["outcome"] != one["outcome"]]
    return sorted([one, *others], key=lambda e: list(Outcome).index(Outcome(e["outcome"])))


def evidence_sheet(
    view: View,
    estimates: Sequence[Estimate],
    *,
    outcome: str = "",
    words: bool = False,
    contacts: bool = True,
    exposed: pa.Table | None = None,
    withhold_few: bool = False,
) -> Sheet:
    """The sheet of a moment.

    Args: estimates: all that the register keeps of it (`register.estimates`). outcome: which one to tell of, else that
    of which most is known. words: also what customers wrote (the asker's right to read texts). contacts: also single
    contacts. exposed: its contacts in the view (`exposed_of`), where they are at hand. withhold_few: without small
    groups, for those who may see figures only.
    """
    from tiesa.moments.exposed import exposed_of
    from tiesa.moments.sheet_behind import behind, customers_words, reach
    from tiesa.moments.sheet_challenges import challenges, limits
    from tiesa.moments.sheet_effect import builds, effect, feelings, segments
    from tiesa.moments.sheet_thresholds import standard

    one = latest_of(estimates, outcome)
    if exposed is None:
        exposed = exposed_of(view, [one])
    series = [e for e in estimates if e["outcome"] == one["outcome"]]
    same = told_as(one, estimates_in(registers(view.home, one["version"])))
    by_outcome = _by_outcome(registers(view.home), estimates, one)
    parts = [
        _situation(one, by_outcome, same),
        effect(one),
        feelings(one),
        customers_words(view, exposed) if words else None,
        reach(view, exposed, one, withhold_few=withhold_few),
        segments(one, withhold_few=withhold_few),
        builds(series),
        challenges(one),
        standard(one),
        behind(view, exposed, one) if contacts else None,
        limits(one),
    ]
    return Sheet(
        id=one["id"],
        title=sentence(situation_words(one)),
        state=State(one["state"]),
        lead=_lead(one),
        facts=_facts(view, one),
        made_up=is_made_up(view),
        estimate=one,
        by_outcome=tuple(by_outcome),
        told_as=same,
        parts=tuple(part for part in parts if part is not None),
    )


def headline(one: Estimate) -> str:
    """What is known, in one sentence; a change is claimed of what is confirmed only."""
    given = {"outcome": timed_outcome(one), "effect": effect_words(one), "n": episodes_words(one["exposed_n"])}
    if is_felt(one):
        return _felt_headline(one, given)
    match State(one["state"]):
        case State.CONFIRMED:
            return _("One such episode changes {outcome} by {effect}.").format(**given)
        case State.CANNOT_BE_JUDGED if one.get("few"):
            return _("Whether it changes {outcome} cannot be judged: too little came after it ({n}).").format(**given)
        case State.CANNOT_BE_JUDGED if one["second_opinion"]["cannot_be_judged"] == "disagree":
            return _("Whether it changes {outcome} cannot be judged: two methods contradict each other.").format(
                **given
            )
        case State.CANNOT_BE_JUDGED:
            return _("Whether it changes {outcome} cannot be judged: nobody comparable was without it.").format(**given)
        case State.NO_EVIDENCE:
            return _("No evidence that it changes {outcome}: any effect would be too small to matter.").format(**given)
        case _ if one["q_value"] <= FALSE_SHARE and not one.get("size", {}).get("matters", True):
            return _("Whether it changes {outcome} by enough to matter is not known: {effect}, {n}.").format(**given)
        case _ if one.get("needed_episodes"):
            given["more"] = formats.number(one["needed_episodes"])
            return _("Whether it changes {outcome} is not known yet; {n} so far, and some {more} more needed.").format(
                **given
            )
        case _:
            return _("Whether it changes {outcome} is not known yet; {n} so far.").format(**given)


def _felt_headline(one: Estimate, given: dict[str, str]) -> str:
    """Of what is confirmed on a feeling, with what is known of what customers do."""
    needed = one.get("needed_episodes")
    match State(one["state"]):
        case State.PAIN_POINT:
            done = _("What customers do stays as it was: it is a pain point.")
        case State.CONFIRMED:
            done = _("What customers do changes too.")
        case _ if needed:
            done = _("Whether it changes what they do is not known yet: {n} more are needed.").format(
                n=episodes_words(needed)
            )
        case _:
            done = _("Whether it changes what they do is not known.")
    return _("One such episode changes {outcome} by {effect}.").format(**given) + " " + done


def _lead(one: Estimate) -> str:
    customers = ngettext("{n} customer", "{n} customers", one["exposed_customers"])
    measured = _("Measured on {n} of {customers}, the half of them that the search never saw.").format(
        n=episodes_words(one["exposed_n"]), customers=customers.format(n=formats.number(one["exposed_customers"]))
    )
    return f"{headline(one)} {measured}"


def _facts(view: View, one: Estimate) -> str:
    parts = [
        one["id"],
        _("estimate of evidence {n}").format(n=one["version"]),
        _("as of {now} UTC").format(now=formats.moment(view.now)),
        _("evidence {n}").format(n=view.evidence.version),
    ]
    return " · ".join([*parts, _("made-up company")] if is_made_up(view) else parts)


def _situation(one: Estimate, by_outcome: Sequence[Estimate], same: Estimate | None) -> Part:
    found = [sentence(words) for words in condition_words(one)]
    if same is not None:
        words = {"situation": situation_words(same), "id": same["id"]}
        found.append(_("What was found speaks of the same: {situation} ({id}).").format(**words))
    elif one.get("again"):
        found.append(_("An earlier build confirmed it; this search did not select it, and it was tested for that."))
    found += [_relation(relation) for relation in one.get("relations", ())]
    found += [
        _("The same situation for {outcome}: {state}.").format(outcome=outcome_words(e), state=state_words(e))
        for e in by_outcome
        if e is not one
    ]
    answer = _("Its contacts are at different touchpoints, in journeys of different types.")
    if one["touchpoint"] and one["journey_type"]:
        answer = _("Mostly at “{touchpoint}”, in journeys of the type “{name}”.").format(
            touchpoint=one["touchpoint"], name=one["journey_type"]
        )
    elif one["touchpoint"]:
        answer = _("Mostly at “{touchpoint}”.").format(touchpoint=one["touchpoint"])
    return Part("situation", _("The situation: all of this holds"), answer, tuple(found))


def _relation(relation: Estimate) -> str:
    """A situation that brings it about, or through which it shows."""
    words = {
        "comes_from": _("It comes from: {situation} (together in {share} of its time or journeys)."),
        "seen_as": _("It is seen as: {situation} (together in {share} of its time or journeys)."),
    }
    return words[relation["kind"]].format(situation=situation_words(relation), share=formats.share(relation["share"]))
