"""What is asked for about one person's data; every step is noted in the audit log, by customer number."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from tiesa.app.insight.rules_work import change_rules
from tiesa.app.jobs.models import Job
from tiesa.app.jobs.work import ask, ask_once
from tiesa.app.people.audit import record
from tiesa.app.privacy import consents
from tiesa.app.privacy.jobs import DELETE, ERASE, EXPORT
from tiesa.core.errors import WrongUsage
from tiesa.core.home import Home
from tiesa.core.locale import _
from tiesa.engines.duckdb import engine
from tiesa.upkeep.person import Person, find, people_called
from tiesa.upkeep.privacy_rules import Kind, PrivacyRules, changed, privacy_rules, rules_text


def look_up(home: Home, words: str, *, by: Any) -> list[Person]:
    """Everybody of that id, mail address or telephone number. What was typed is not noted."""
    if not words.strip() or not home.settings.exists():
        return []
    with engine(spill=home.spill) as connection:
        found = people_called(connection, home, customer=words.strip())
    record(by, "privacy.find", about=f"customer {found[0].number}" if len(found) == 1 else "", found=len(found))
    return found


def person_of(home: Home, number: int) -> Person:
    """The customer of a number. Raises: UnknownCustomer."""
    with engine(spill=home.spill) as connection:
        return find(connection, home, number=number)


@transaction.atomic
def ask_export(person: Person, *, by: Any) -> Job:
    job = ask(EXPORT, {"number": person.number}, by=by)
    record(by, "privacy.export", about=f"customer {person.number}", job=str(job.pk))
    return job


@transaction.atomic
def ask_erasure(person: Person, why: str, *, by: Any) -> Job:
    """Raises: WrongUsage without a reason, or with one that names the person."""
    if not why.strip():
        raise WrongUsage(_("An erasure needs a reason: who asked for it, and how"))
    if person.stands_in(why):
        raise WrongUsage(_("The reason must not name the person: the receipt keeps it"))
    job = ask(ERASE, {"number": person.number, "why": why.strip()[:500]}, by=by)
    record(by, "privacy.erase", about=f"customer {person.number}", job=str(job.pk))
    return job


@transaction.atomic
def note_consent(
    home: Home, person: Person, *, purpose: str, channel: str, basis: str, state: str, at: datetime, by: Any
) -> str:
    """Put what somebody said into the log; returns the import's id. Raises: WrongUsage."""
    import_id = consents.add_consent(home, person, purpose=purpose, channel=channel, basis=basis, state=state, at=at)
    record(by, "privacy.object", about=f"customer {person.number}", purpose=purpose, state=state, entry=import_id)
    return import_id


@transaction.atomic
def take_back_consent(home: Home, number: int, import_id: str, *, by: Any) -> None:
    """Raises: UnknownImport."""
    consents.undo_consent(home, import_id)
    record(by, "privacy.object", about=f"customer {number}", undone=import_id)


@transaction.atomic
def save_rules(home: Home, said: Mapping[Kind, Mapping[str, str]], *, automatic: bool, by: Any) -> PrivacyRules:
    """Raises: InvalidRules that says which kind and why."""
    before = privacy_rules(home)
    after = changed(before, said, automatic=automatic)
    if after == before:
        return before
    record(by, "privacy.rules", automatic=automatic, changed=[k.kind.value for k in after.kept if k != before[k.kind]])
    home.make()
    change_rules(home, "privacy", rules_text(after), by=by)
    return after


@transaction.atomic
def ask_deletion(*, by: Any) -> Job:
    return ask_once(DELETE, {}, by=by)
