"""What a proposed contact needs beyond the columns found: something to join it, a channel, a touchpoint, its score."""

from __future__ import annotations

from tiesa.contacts.mapping import Field, TableMapping
from tiesa.contacts.proposing.answers import answer_kind, scale_of
from tiesa.contacts.proposing.draft import Draft, field_for, need_customer
from tiesa.contacts.proposing.matching import CLEAR_NAME, ENOUGH, LIKELY, scores
from tiesa.contacts.proposing.names import likeness, phrases, words_of
from tiesa.contacts.proposing.values import ColumnFacts
from tiesa.core.errors import UnusableInput
from tiesa.core.locale import _
from tiesa.core.tables import ANSWER

CURRENCIES = frozenset({"eur", "usd", "gbp", "rsd", "ron", "rub", "chf", "bam", "mkd", "pln", "czk", "huf"})


def finish_contact(made: Draft, where: str) -> None:
    _join_rows(made, where)
    _share_words(made)
    made.take("channel", *_channel(made))
    made.take("touchpoint", *_touchpoint(made))
    if (facts := made.found.get("emotion")) and facts.said("emotion")[1]:
        made.take("emotion_label", Field((facts.name,)), _("the word as it stands"))
    if "amount" in made.fields and "currency" not in made.fields and (code := _currency_in(made.found["amount"].name)):
        made.take("currency", Field(constant=code), _("the name of the amount says so"))
    if "reply_to" in made.fields and "contact_id" not in made.fields:
        del made.fields["reply_to"], made.reasons["reply_to"]
        made.why[made.found["reply_to"].name] = _("it names other rows, but no column is an id of the rows")
    _take_answer(made)


def _join_rows(made: Draft, where: str) -> None:
    """A contact needs a customer or a case."""
    if need_customer(made) or "case_id" in made.fields:
        return
    spare = [f for f in made.columns if f not in made.found.values() and _may_join(f)]
    if not spare:
        raise UnusableInput(
            _("No column names a customer or a case, so nothing can be joined to a journey"),
            where=where,
            remedy=_("Export the file with the customer's number or the ticket's number"),
        )
    facts = max(spare, key=lambda f: len(f.counts))
    why = _("{column} is the only one that could join rows: look at it").format(column=repr(facts.name))
    made.take("case_id", Field((facts.name,)), why)


def _may_join(facts: ColumnFacts) -> bool:
    return (
        not facts.is_empty
        and not facts.time
        and not facts.is_free_text
        and not facts.is_clock
        and len(facts.counts) > 1
    )


def _share_words(made: Draft) -> None:
    """One column may say two things: "Incoming call", "Complaint"."""
    facts = made.found.get("touchpoint")
    if facts is None:
        return
    for target in ("direction", "kind"):
        if target not in made.fields and facts.said(target)[1] >= CLEAR_NAME:
            why = _("the words of {column} tell it too").format(column=repr(facts.name))
            made.take(target, field_for(target, facts), why)


def _channel(made: Draft) -> tuple[Field, str]:
    facts = made.found.get("channel")
    if facts:
        return Field((facts.name,), otherwise="unknown"), made.reasons["channel"]
    for channel in ("phone", "twitter", "email", "chat"):
        said = phrases("words", "channel", channel)
        spoken = next((f.name for f in made.columns if likeness(f.name, said) >= ENOUGH), "")
        if spoken:
            return Field(constant=channel), _("a column is called {column}").format(column=repr(spoken))
    return Field(constant="unknown"), _("no column tells by which way a contact came; write it here if you know it")


def _touchpoint(made: Draft) -> tuple[Field, str]:
    if facts := made.found.get("touchpoint"):
        return Field((facts.name,), otherwise="contact"), made.reasons["touchpoint"]
    for target in ("channel", "direction"):
        facts = made.found.get(target)
        if facts and facts.has_few_words and len(facts.counts) > 1:
            why = _("no column says what a contact was; {column} is the nearest").format(column=repr(facts.name))
            return Field((facts.name,), otherwise="contact"), why
    return Field(constant="contact"), _("no column says what a contact was")


def _currency_in(name: str) -> str:
    return next((word.upper() for word in words_of(name) if word in CURRENCIES), "")


def _take_answer(made: Draft) -> None:
    """A score beside a contact is an answer of its own."""
    spare = [f for f in made.columns if f not in made.found.values() and f.name not in made.why]
    found = scores(spare, ANSWER, ["value"])["value"]
    if not found or max(found.values()) < LIKELY:
        return
    facts = next(f for f in spare if f.name == max(found, key=lambda name: found[name]))
    fields = {
        "answered_at": made.fields["occurred_at"],
        "question": Field(constant=facts.name),
        "kind": Field(constant=answer_kind(facts)),
        "scale": Field(constant=scale_of(facts)),
        "value": Field((facts.name,)),
    }
    made.answer = TableMapping(ANSWER, fields, only_with=facts.name)
    made.reasons["answer.value"] = _("{column} is a score, so its rows also yield an answer").format(
        column=repr(facts.name)
    )
    made.reasons["answer.scale"] = _("the lowest and highest values seen suggest it: look whether it is right")
