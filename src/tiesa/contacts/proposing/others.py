"""What proposed customers, outcomes, answers and rates need beyond the columns found."""

from __future__ import annotations

from datetime import UTC, date, datetime

from tiesa.contacts.mapping import Field
from tiesa.contacts.proposing.answers import answer_kind, scale_of
from tiesa.contacts.proposing.draft import TARGETS, Draft, need_customer
from tiesa.core.errors import UnusableInput
from tiesa.core.locale import _
from tiesa.core.tables import RATE


def finish_customer(made: Draft, where: str) -> None:
    if not need_customer(made):
        raise _no_customer(where)
    if "as_of" in made.fields:
        return
    if (facts := made.found.get("since")) and facts.is_full:
        why = _("no column says from when the rest holds; taken from when they became customers")
        made.take("as_of", Field((facts.name,)), why)
        return
    today = datetime.now(UTC).date()
    why = _("no column says from when this holds: today; write an earlier day if it held then")
    made.take("as_of", Field(constant=date.isoformat(today)), why)


def finish_outcome(made: Draft, where: str) -> None:
    if not need_customer(made):
        raise _no_customer(where)
    facts = made.found.get("kind")
    used = {column for given in made.fields.values() for column in given.columns}
    spare = [f for f in made.columns if f.said("outcome")[1] and f.name not in used]
    if facts is None or not facts.said("outcome")[1]:
        facts = max(spare, key=lambda f: f.said("outcome")[1], default=None)
    if facts is None:
        made.take("kind", Field(constant="left"), _("no column says what the customers did: taken for those who left"))
        return
    shown = _("the words of {column} say what customers did").format(column=repr(facts.name))
    made.take("kind", Field((facts.name,), values=facts.said("outcome")[0]), shown)


def finish_rate(made: Draft, where: str) -> None:
    missing = [target for target in TARGETS[RATE.name] if target not in made.fields]
    if missing:
        what = _("An exchange rate needs {columns}").format(columns=", ".join(missing))
        raise UnusableInput(what, where=where, remedy=_("Say what the rows are with --as"))


def _no_customer(where: str) -> UnusableInput:
    return UnusableInput(
        _("No column names a customer"), where=where, remedy=_("Export the file with the customer's number")
    )


def finish_answer(made: Draft, where: str) -> None:
    if "value" not in made.found:
        raise UnusableInput(_("No column holds a score"), where=where, remedy=_("Say what the rows are with --as"))
    facts = made.found["value"]
    if "question" not in made.fields:
        made.take("question", Field(constant=facts.name), _("no column holds the question"))
    made.take("kind", Field(constant=answer_kind(facts)), _("what the name of the score suggests"))
    why = _("the lowest and highest values seen suggest it: look whether it is right")
    made.take("scale", Field(constant=scale_of(facts)), why)
