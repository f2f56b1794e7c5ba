"""What is done with people: inviting, joining, giving and taking roles, switching accounts off and on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from tiesa.app.people.audit import record
from tiesa.app.people.models import JoinInvitation, Membership, Person, Unit, hashed, new_token
from tiesa.app.people.roles import Role
from tiesa.core.errors import WrongUsage
from tiesa.core.locale import _

INVITATION_DAYS = 7


class NotAllowed(WrongUsage):
    """What was asked for would break a rule about people."""


@transaction.atomic
def invite(
    *, email: str, role: Role, by: Any, unit: Unit | None = None, process: str = "", days: int = INVITATION_DAYS
) -> tuple[JoinInvitation, str]:
    """Make an invitation; returns it and its token, which is not kept and can be shown only now.

    email: "" where whoever opens the link says it. Raises: NotAllowed where they are here already, or the role cannot
    be had within a unit.
    """
    address = email.strip().lower()
    check_place(role, unit, process)
    if address and Person.objects.filter(email=address).exists():
        raise NotAllowed(_("Somebody with that address is here already: give them the role on their page"))
    token = new_token()
    made = JoinInvitation.objects.create(
        email=address,
        role=role,
        unit=unit,
        process=process,
        token_hash=hashed(token),
        invited_by=by,
        expires_at=timezone.now() + timedelta(days=days),
    )
    record(
        by, "person.invite", about=f"invitation {made.pk}", role=role, unit=unit.name if unit else "", process=process
    )
    return made, token


def check_place(role: Role, unit: Unit | None, process: str) -> None:
    """Raise NotAllowed where a role would be given for a place in which it makes no sense."""
    if role == Role.ADMINISTRATOR and (unit is not None or process):
        raise NotAllowed(_("An administrator looks after the whole installation: leave unit and process empty"))


def invitation_by_token(token: str) -> JoinInvitation | None:
    """The invitation of a link, where it can still be taken up."""
    found = JoinInvitation.objects.select_related("unit").filter(token_hash=hashed(token)).first()
    return found if found is not None and found.is_open else None


def invitation_of(email: str) -> JoinInvitation | None:
    """The newest invitation of an address that can still be taken up."""
    if not email:
        return None
    found = JoinInvitation.objects.select_related("unit").filter(email=email.strip().lower()).order_by("-created_at")
    return next((one for one in found if one.is_open), None)


@transaction.atomic
def join(token: str, *, name: str, password: str, email: str = "", language: str = "") -> Person:
    """Take up an invitation: once, and not after it ran out or was withdrawn.

    Raises: NotAllowed where the link does not hold (any more), or the address has an account here.
    """
    invitation = invitation_by_token(token)
    if invitation is None:
        raise NotAllowed(_("This link does not work any more"))
    address = invitation.email or email.strip().lower()
    if Person.objects.filter(email=address).exists():
        raise NotAllowed(_("Somebody with that address has an account here already"))
    person = Person.objects.create_user(address, password, name=name.strip(), language=language)
    take_up(invitation, person)
    return person


@transaction.atomic
def take_up(invitation: JoinInvitation, person: Person) -> None:
    """Give the person what the invitation says, and close it. Raises: NotAllowed where somebody else was faster."""
    from allauth.account.models import EmailAddress

    now = timezone.now()
    mine = JoinInvitation.objects.filter(
        pk=invitation.pk, used_at__isnull=True, withdrawn_at__isnull=True, expires_at__gt=now
    )
    if not mine.update(used_at=now):
        raise NotAllowed(_("This link does not work any more"))
    EmailAddress.objects.update_or_create(
        user=person, email=person.email, defaults={"verified": True, "primary": True}
    )  # the invitation stands for the proof
    Membership.objects.create(person=person, role=invitation.role, unit=invitation.unit, process=invitation.process)
    record(person, "person.join", about=f"invitation {invitation.pk}", role=invitation.role)


@transaction.atomic
def withdraw(invitation: JoinInvitation, *, by: Any, back: bool = False) -> None:
    """Withdraw an invitation that is open, or (back) take the withdrawal back."""
    open_or_withdrawn = JoinInvitation.objects.filter(pk=invitation.pk, used_at__isnull=True)
    if open_or_withdrawn.update(withdrawn_at=None if back else timezone.now()):
        record(by, "person.invite_again" if back else "person.uninvite", about=f"invitation {invitation.pk}")


@transaction.atomic
def give(person: Person, role: Role, *, by: Any, unit: Unit | None = None, process: str = "") -> Membership:
    """Give a role; one that they have stays. Raises: NotAllowed."""
    check_place(role, unit, process)
    made, is_new = Membership.objects.get_or_create(person=person, role=role, unit=unit, process=process)
    if is_new:
        record(by, "role.give", about=f"person {person.pk}", role=role, unit=unit.name if unit else "", process=process)
    return made


@transaction.atomic
def take(membership: Membership, *, by: Any) -> None:
    """Take a role away. Raises: NotAllowed where nobody could look after the installation afterwards."""
    if membership.role == Role.ADMINISTRATOR:
        _keep_an_administrator(besides=membership.person)
    record(
        by, "role.take", about=f"person {membership.person_id}", role=membership.role,
        unit=membership.unit.name if membership.unit else "", process=membership.process,
    )  # fmt: skip
    membership.delete()


@transaction.atomic
def set_active(person: Person, active: bool, *, by: Any) -> None:
    """Switch an account off (all its sessions end) or on. Raises: NotAllowed for the last administrator."""
    if person.is_active == active:
        return
    if not active:
        if person.memberships.filter(role=Role.ADMINISTRATOR).exists():
            _keep_an_administrator(besides=person)
        end_sessions(person)
    person.is_active = active
    person.save(update_fields=["is_active"])
    record(by, "person.switch_on" if active else "person.switch_off", about=f"person {person.pk}")


def _keep_an_administrator(*, besides: Person) -> None:
    """The rows are locked, so that two administrators do not take the role from each other at once."""
    held = Membership.objects.select_for_update(of=("self",)).filter(role=Role.ADMINISTRATOR, person__is_active=True)
    if not any(one.person_id != besides.pk for one in held):
        raise NotAllowed(_("Nobody could look after the installation any more: make somebody else administrator first"))


def end_sessions(person: Person) -> None:
    """Sign somebody out of every browser."""
    from allauth.usersessions.models import UserSession

    for session in UserSession.objects.filter(user=person):
        session.end()


@transaction.atomic
def save_self(person: Person, *, name: str, language: str) -> None:
    """What everybody may change of themselves."""
    if (person.name, person.language) == (name, language):
        return
    person.name, person.language = name, language
    person.save(update_fields=["name", "language"])
    record(person, "self.change", about=f"person {person.pk}")


@transaction.atomic
def set_employee(person: Person, *, name: str, employee: str, by: Any) -> None:
    """Name and employee number, as an administrator sets them."""
    if (person.name, person.employee) == (name, employee):
        return
    person.name, person.employee = name, employee
    person.save(update_fields=["name", "employee"])
    record(by, "person.change", about=f"person {person.pk}")


def is_locked(person: Person) -> bool:
    """Did somebody try so many wrong passwords that the address waits?"""
    from axes.models import AccessAttempt
    from django.conf import settings

    since = timezone.now() - settings.AXES_COOLOFF_TIME
    attempts = AccessAttempt.objects.filter(username=person.email, attempt_time__gt=since)
    return bool(attempts.filter(failures_since_start__gte=settings.AXES_FAILURE_LIMIT).exists())


@transaction.atomic
def unlock(person: Person, *, by: Any) -> None:
    """Let somebody try again at once."""
    from axes.utils import reset

    reset(username=person.email)
    record(by, "person.unlock", about=f"person {person.pk}")
