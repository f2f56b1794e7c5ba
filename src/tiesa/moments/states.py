"""What is known of a situation."""

from __future__ import annotations

from enum import StrEnum

from tiesa.core.locale import _


class State(StrEnum):
    """What is known of a situation."""

    CANDIDATE = "candidate"
    CONFIRMED = "confirmed"
    PAIN_POINT = "pain_point"
    UNKNOWN = "effect_unknown"
    NO_EVIDENCE = "no_evidence"
    CANNOT_BE_JUDGED = "cannot_be_judged"


def state_in_words(state: State, *, felt: bool = False) -> str:
    """The state as people read it. felt: of what is confirmed on a feeling, so that it tells of what customers do."""
    if felt and state == State.UNKNOWN:
        return _("felt; effect on leaving unknown")
    if felt and state == State.NO_EVIDENCE:
        return _("felt; no effect on leaving to speak of")
    return {
        State.CANDIDATE: _("candidate"),
        State.CONFIRMED: _("confirmed moment"),
        State.PAIN_POINT: _("pain point"),
        State.UNKNOWN: _("effect unknown"),
        State.NO_EVIDENCE: _("no evidence"),
        State.CANNOT_BE_JUDGED: _("cannot be judged"),
    }[state]
