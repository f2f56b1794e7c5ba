"""The people of the demo: one for each role, named as the made-up company's own staff are."""

from __future__ import annotations

from tiesa.app.people.models import Membership, Person, Unit
from tiesa.app.people.roles import Role

PEOPLE = {
    Role.CX_MANAGER: ("Jelena Marković", "", ""),
    Role.ADVISER: ("Rasa Kazlauskienė", "shop Vilnius", ""),
    Role.PROCESS_OWNER: ("Matej Novak", "", "fault clearance"),
    Role.ANALYST: ("Ioana Popescu", "", ""),
    Role.COMMITTEE_MEMBER: ("Павел Орлов", "", ""),
    Role.VIEWER: ("Ana Horvat", "", ""),
    Role.ADMINISTRATOR: ("Chris Byrne", "", ""),
}
"""Role -> name, unit, process."""
SHOPS = "shops"


def make_people(employees: dict[str, str]) -> None:
    """Make the demo's units and people, unless they are there. employees: of each unit that the data name, somebody who
    works there."""
    shops, _new = Unit.objects.get_or_create(name=SHOPS)
    for unit in employees:
        Unit.objects.get_or_create(name=unit, defaults={"parent": shops if unit.startswith("shop ") else None})
    for role, (name, unit, process) in PEOPLE.items():
        person, is_new = Person.objects.get_or_create(
            email=f"{role.replace('_', '-')}@demo.example",
            defaults={"name": name, "is_demo": True, "employee": employees.get(unit, "")},
        )
        if is_new:
            person.set_unusable_password()
            person.save()
        Membership.objects.get_or_create(
            person=person, role=role, unit=Unit.objects.filter(name=unit).first(), process=process
        )
