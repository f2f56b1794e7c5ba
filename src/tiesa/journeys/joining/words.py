"""What joins, proposes and doubts, in words."""

from __future__ import annotations

from tiesa.core.enums import JoinReason
from tiesa.core.locale import _
from tiesa.journeys.joining.alike import Agreement, Proposal
from tiesa.journeys.joining.persons import Conflict, Doubt


def reason_in_words(reason: JoinReason) -> str:
    """Why two numbers are one person."""
    return {
        JoinReason.CONTRACT: _("same contract"),
        JoinReason.MAIL: _("same mail address"),
        JoinReason.PHONE: _("same telephone number"),
        JoinReason.PERSON: _("somebody said so"),
    }[reason]


def doubt_in_words(doubt: Doubt, n: int = 0) -> str:
    """What speaks against joining; n: how many numbers share the value."""
    return {
        Doubt.NAMES: _("the names are not one person's"),
        Doubt.APART: _("somebody has said that two of them are two persons"),
        Doubt.CROWDED: _("{n:,} numbers share it").format(n=n),
        Doubt.CHAIN: _("the person would have too many numbers"),
    }[doubt]


def conflict_in_words(conflict: Conflict) -> str:
    """A conflict in a sentence."""
    return _("{low} and {high} are not joined ({reason}): {doubt}").format(
        low=conflict.low, high=conflict.high, reason=reason_in_words(conflict.reason),
        doubt=doubt_in_words(conflict.doubt, conflict.n),
    )  # fmt: skip


def evidence_in_words(proposal: Proposal, numbers: int) -> list[str]:
    """The evidence for a proposal, piece by piece. numbers: how many were compared."""
    return [agreement_in_words(one, numbers) for one in proposal.evidence]


def agreement_in_words(one: Agreement, numbers: int) -> str:
    """One piece of evidence, with how many of all numbers share it."""
    if one.differs:
        return {
            "name": _("names differ"), "mail": _("mail addresses differ"), "phone": _("telephone numbers differ"),
        }[one.what]  # fmt: skip
    said = {
        "name": _("same name"), "mail": _("same mail address"), "phone": _("same telephone number"),
        "contract": _("same contract"), "local": _("mail address is the same before the @"),
        "digits": _("last digits of the telephone number are the same"),
    }[one.what]  # fmt: skip
    return _("{what} ({n:,} of {all:,} have it)").format(what=said, n=one.n, all=numbers)
