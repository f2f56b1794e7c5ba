"""What a column of a file may become, in words."""

from __future__ import annotations

from dataclasses import dataclass

from tiesa.contacts.mapping import target_names
from tiesa.core.columns import Table
from tiesa.core.locale import _
from tiesa.core.tables import IMPORTABLE

ATTRIBUTE = "attribute"
"""Kept under its own name beside the columns of the table."""
LEFT_OUT = ""


@dataclass(frozen=True, slots=True)
class Target:
    """One place a column may go to: as it stands in the form ("contact.channel"), and in words."""

    use: str
    words: str


def targets_of(table: Table) -> list[Target]:
    """The places of one table, by their words."""
    words = _columns()
    made = [Target(f"{table.name}.{name}", words.get(name, name)) for name in target_names(table)]
    return sorted(made, key=lambda target: target.words.casefold())


def words_of_use(use: str) -> str:
    """A place in words."""
    return _columns().get(use.partition(".")[2], use)


def table_words(name: str) -> str:
    """What rows of a table are, in words."""
    return dict(tables()).get(name, name)


def tables() -> list[tuple[str, str]]:
    """The kinds of rows that a file may hold: name and words."""
    words = {
        "contact": _("contacts with customers"),
        "customer": _("what is known of customers"),
        "outcome": _("what customers did in the end"),
        "answer": _("answers to questions"),
        "seen": _("what employees opened"),
        "absence": _("absences of employees"),
        "rate": _("exchange rates"),
        "invitation": _("invitations to surveys"),
        "study": _("surveys and visits"),
        "fact": _("facts customers gave"),
        "change": _("changes in the organisation"),
        "process": _("processes with their steps"),
        "consent": _("consents and objections"),
    }
    return [(table.name, words[table.name]) for table in IMPORTABLE]


def word_in_words(word: str) -> str:
    """One of our closed words as people say it."""
    return _words().get(word, word)


def _words() -> dict[str, str]:
    return {
        "inbound": _("customer turns to us"), "outbound": _("we turn to the customer"),
        "self_service": _("customer serves themselves"), "indirect": _("indirect, as advertising"),
        "internal": _("internal step"), "question": _("question"), "request": _("request"),
        "complaint": _("complaint"), "objection": _("objection"), "praise": _("praise"), "notice": _("notice"),
        "us": _("us"), "customer": _("the customer"), "third_party": _("a third party"),
        "reached": _("goal reached"), "abandoned": _("given up"), "stated": _("stated"), "observed": _("observed"),
        "inferred": _("inferred"), "left": _("left"), "dormant": _("dormant"), "product_closed": _("closed a product"),
        "bought": _("bought"), "margin": _("margin"), "referred": _("recommended us"),
        "service_quality": _("quality of service"), "product": _("product"), "overall": _("overall"),
        "recommendation": _("recommendation"), "effort": _("effort"), "expectation": _("expectation"),
        "emotion": _("emotion"), "solved": _("solved"), "open": _("open question"), "employee": _("employee"),
        "mystery_visitor": _("mystery visitor"), "sent": _("sent"), "bounced": _("bounced"),
        "held_back": _("held back"), "opened": _("opened"), "answered": _("answered"), "given": _("given"),
        "asked": _("asked"), "shown": _("shown"), "withdrawn": _("withdrawn"), "objected": _("objected"),
    }  # fmt: skip


def _columns() -> dict[str, str]:
    return {
        "contact_id": _("Number of the contact"), "source": _("System it came from"),
        "position": _("Order among rows of the same time"), "occurred_at": _("When it happened"),
        "touchpoint": _("Touchpoint: what the contact was"), "channel": _("Channel"),
        "direction": _("Direction: who turned to whom"), "kind": _("Kind"), "reason": _("Reason, the question"),
        "reply_to": _("Number of the contact it answers"), "promised_at": _("Promised by"),
        "waits_for": _("Whose turn it is"), "journey_type": _("Journey type"), "case_id": _("Case or ticket"),
        "employee": _("Employee"), "unit": _("Unit"), "organisation": _("Other organisation"),
        "process": _("Process"), "product": _("Product"), "branch": _("Branch"), "severity": _("Severity, 1 to 5"),
        "emotion": _("Emotion, -1 to 1"), "emotion_label": _("Emotion in a word"),
        "emotion_source": _("How the emotion is known"), "emotion_confidence": _("How sure the emotion is"),
        "language": _("Language"), "duration_s": _("Length in seconds"), "cost": _("Cost"), "amount": _("Amount"),
        "currency": _("Currency"), "goal": _("Goal reached or given up"), "customer": _("Customer"),
        "customer_name": _("Customer's name"), "customer_mail": _("Customer's mail address"),
        "customer_phone": _("Customer's telephone"), "text": _("Words of the customer"), "as_of": _("Holds from"),
        "segment": _("Segment"), "since": _("Customer since"), "yearly_margin": _("Yearly margin"),
        "acquired_by": _("Acquired by"), "outcome_id": _("Number of the outcome"), "at": _("When"),
        "value": _("Value"), "answer_id": _("Number of the answer"), "respondent": _("Who answered"),
        "study_id": _("Survey"), "invitation_id": _("Number of the invitation"), "answered_at": _("Answered at"),
        "question": _("Question"), "scale": _("Scale, as 0-10"), "prompted": _("Asked by us"),
        "sent_at": _("Sent at"), "state": _("State"), "method_version": _("Version of the method"),
        "period_from": _("First day"), "period_to": _("Last day"), "fact": _("Fact"),
        "absent_from": _("Away from"), "absent_to": _("Back at"), "change_id": _("Number of the change"),
        "what": _("What was changed"), "live_from": _("In force from"), "scope": _("Where it holds"),
        "moment_id": _("Moment of truth"), "steps": _("Steps"), "units": _("Units"), "owner": _("Owner"),
        "date": _("Day"), "from_currency": _("From currency"), "to_currency": _("To currency"),
        "rate": _("Exchange rate"), "purpose": _("Purpose"), "basis": _("Legal basis"),
    }  # fmt: skip
