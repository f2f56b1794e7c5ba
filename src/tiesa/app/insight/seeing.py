"""That somebody opened what a customer had sent is itself a fact of the log: question 5 is answered from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

if TYPE_CHECKING:
    from tiesa.app.people.models import Person
    from tiesa.journeys.story import Story

LATEST = 20
"""So many of the customer's latest messages count as seen when their story is opened."""


def note_seen(person: Person, story: Story) -> int:
    """Keep that this employee has the customer's latest messages before them; returns how many. Somebody whom the data
    do not know as an employee leaves no such mark."""
    if not person.employee:
        return 0
    from tiesa.app.api.checking import Row, checker
    from tiesa.app.intake.outbox import keep
    from tiesa.core.tables import SEEN

    at = timezone.now().isoformat()
    check = checker(SEEN)
    sent = [step for step in story.steps if step.is_from_customer and step.facts["contact_id"]][-LATEST:]
    made = [
        check({"source": "tiesa", "employee": person.employee, "contact_id": step.contact_id, "at": at})
        for step in sent
    ]
    rows = [row for row in made if isinstance(row, Row)]
    if rows:
        keep(rows)
    return len(rows)
