"""Inviting, joining, roles, units: what an administrator does, and what nobody can."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tiesa.app.people import units, work
from tiesa.app.people.models import AuditEntry, JoinInvitation, Membership, Person, Unit
from tiesa.app.people.policies import Access, access_of
from tiesa.app.people.roles import Right, Role

PASSWORD = "a sentence of my own 7"
OfRole = Callable[[Role | None], Client]


def invite(client_of: OfRole, **said: str) -> str:
    """Invite on the page; returns the path of the link that is shown."""
    page = client_of(Role.ADMINISTRATOR).post("/people/invite", {"role": "analyst", **said}).content.decode()
    return re.search(r'id="link">https?://[^/]+(/people/join/[^<]+)<', page)[1]


def test_who_is_invited_joins_with_that_role_and_is_signed_in(home, client_of: OfRole) -> None:
    link, client = invite(client_of, email="New.One@example.org", role="viewer"), Client()
    assert "new.one@example.org" in client.get(link).content.decode()
    assert client.post(link, {"name": "New One", "password": PASSWORD}).status_code == 302
    person = Person.objects.get(email="new.one@example.org")
    assert [m.role for m in person.memberships.all()] == ["viewer"]
    assert client.get("/people/me/").status_code == 200


def test_an_invitation_works_once(home, client_of: OfRole) -> None:
    link = invite(client_of)
    first = {"email": "first@example.org", "name": "First", "password": PASSWORD}
    assert Client().post(link, first).status_code == 302
    second = Client().post(link, {**first, "email": "second@example.org"})
    assert second.status_code == 410
    assert not Person.objects.filter(email="second@example.org").exists()


def test_two_who_open_the_link_at_once_do_not_both_get_in(people) -> None:
    invitation, _token = work.invite(email="", role=Role.VIEWER, by=None)
    work.take_up(invitation, people[Role.ANALYST])
    with pytest.raises(work.NotAllowed):
        work.take_up(invitation, people[Role.ADVISER])
    assert not people[Role.ADVISER].memberships.filter(role="viewer").exists()


def test_an_invitation_does_not_work_after_it_ran_out(home, client_of: OfRole) -> None:
    link = invite(client_of, email="late@example.org")
    JoinInvitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert Client().get(link).status_code == 410
    assert Client().post(link, {"name": "Late", "password": PASSWORD}).status_code == 410
    assert not Person.objects.filter(email="late@example.org").exists()


def test_an_invitation_that_is_withdrawn_works_again_when_that_is_undone(home, client_of: OfRole) -> None:
    link, administrator = invite(client_of, email="maybe@example.org"), client_of(Role.ADMINISTRATOR)
    number = JoinInvitation.objects.get().pk
    page = administrator.post(f"/people/invitations/{number}/withdraw", follow=True).content.decode()
    assert Client().get(link).status_code == 410
    undo = re.search(r'action="([^"]+)" class="row"><input[^>]+><input type="hidden" name="back" value="1">', page)
    administrator.post(undo[1], {"back": "1"})
    assert Client().get(link).status_code == 200


@pytest.mark.parametrize("password", ["short", "password1234", "late@example.org"])
def test_a_weak_password_does_not_get_in(home, client_of: OfRole, password: str) -> None:
    link = invite(client_of, email="late@example.org")
    page = Client().post(link, {"name": "Late", "password": password})
    assert page.status_code == 200
    assert 'role="alert"' in page.content.decode()
    assert JoinInvitation.objects.get().is_open


def test_the_token_is_kept_nowhere(home, client_of: OfRole) -> None:
    token = invite(client_of).rsplit("/", 1)[1]
    assert token not in str(list(JoinInvitation.objects.values()))
    assert token not in str(list(AuditEntry.objects.values()))


def test_an_address_that_is_here_cannot_be_invited_again(home, people, client_of: OfRole) -> None:
    page = client_of(Role.ADMINISTRATOR).post(
        "/people/invite", {"role": "viewer", "email": people[Role.ANALYST].email.upper()}, follow=True
    )
    assert "is here already" in page.content.decode()
    assert not JoinInvitation.objects.exists()


def test_the_last_administrator_stays(home, people, client_of: OfRole) -> None:
    last, client = people[Role.ADMINISTRATOR], client_of(Role.ADMINISTRATOR)
    membership = last.memberships.get()
    assert "administrator first" in client.post(f"/people/roles/{membership.pk}/take", follow=True).content.decode()
    assert "administrator first" in client.post(f"/people/{last.pk}/switch", {"on": "0"}, follow=True).content.decode()
    last.refresh_from_db()
    assert last.is_active
    assert last.memberships.filter(role=Role.ADMINISTRATOR).exists()


def test_one_of_two_administrators_may_go_but_one_who_is_switched_off_does_not_count(people) -> None:
    first, second = people[Role.ADMINISTRATOR], people[Role.VIEWER]
    work.give(second, Role.ADMINISTRATOR, by=first)
    work.set_active(second, False, by=first)
    with pytest.raises(work.NotAllowed):
        work.take(first.memberships.get(), by=first)
    work.set_active(second, True, by=first)
    work.take(first.memberships.get(), by=first)
    assert not first.memberships.exists()


def test_an_administrator_is_one_everywhere_or_not_at_all(people) -> None:
    with pytest.raises(work.NotAllowed):
        work.give(people[Role.VIEWER], Role.ADMINISTRATOR, by=None, unit=Unit.objects.first())


def test_a_role_taken_away_comes_back_as_it_was_when_that_is_undone(home, people, client_of: OfRole) -> None:
    adviser, client = people[Role.ADVISER], client_of(Role.ADMINISTRATOR)
    before = list(adviser.memberships.values("role", "unit_id", "process"))
    page = client.post(f"/people/roles/{adviser.memberships.get().pk}/take", follow=True).content.decode()
    assert not adviser.memberships.exists()
    form = re.search(r'<form method="post" action="([^"]+)" class="row">(.*?)</form>', page, re.DOTALL)
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[2]))
    client.post(form[1], fields)
    assert list(adviser.memberships.values("role", "unit_id", "process")) == before


def test_what_became_of_somebody_is_told_with_who_did_it(home, people, client_of: OfRole) -> None:
    client, viewer = client_of(Role.ADMINISTRATOR), people[Role.VIEWER]
    client.post(f"/people/{viewer.pk}/give", {"role": "analyst", "unit": "", "process": ""})
    client.post(f"/people/{viewer.pk}/switch", {"on": "0"})
    page = client.get(f"/people/{viewer.pk}/").content.decode()
    assert re.search(r"Role given: Analyst\.</td><td>The administrator", page)
    assert re.search(r"The account was switched off\.</td><td>The administrator", page)


def test_roles_hold_below_the_unit_they_are_given_for(people) -> None:
    top = Unit.objects.create(name="region north")
    units.move(Unit.objects.get(name="shop Vilnius"), top, by=None)
    Membership.objects.filter(person=people[Role.ADVISER]).update(unit=top)
    scope = access_of(Person.objects.get(pk=people[Role.ADVISER].pk)).scope(Right.SEE_CUSTOMERS)
    assert scope.units == {"region north", "shop Vilnius"}


def test_a_unit_never_lies_below_itself(home, client_of: OfRole) -> None:
    client, (first, second) = client_of(Role.ADMINISTRATOR), Unit.objects.order_by("pk")[:2]
    client.post(f"/people/units/{first.pk}/move", {"parent": str(second.pk)})
    page = client.post(f"/people/units/{second.pk}/move", {"parent": str(first.pk)}, follow=True).content.decode()
    assert "cannot lie below itself" in page
    second.refresh_from_db()
    assert second.parent is None


def test_units_of_the_data_are_offered_and_added(home, client_of: OfRole) -> None:
    client = client_of(Role.ADMINISTRATOR)
    offered = re.findall(r'name="found" value="([^"]+)"', client.get("/people/units/").content.decode())
    assert len(offered) > 3
    client.post("/people/units/add", {"found": offered})
    assert set(offered) <= set(Unit.objects.values_list("name", flat=True))
    assert "more in the data" not in client.get("/people/units/").content.decode()


def test_everybody_changes_their_own_name_and_language_and_no_more(home, people, client_of: OfRole) -> None:
    client, viewer = client_of(Role.VIEWER), people[Role.VIEWER]
    client.post("/people/me/save", {"name": "Ana", "language": "sl", "employee": "boss", "email": "x@example.org"})
    viewer.refresh_from_db()
    assert (viewer.name, viewer.language, viewer.employee) == ("Ana", "sl", "")
    client.post("/people/me/save", {"name": "Ana", "language": "tlh"})
    viewer.refresh_from_db()
    assert viewer.language == "sl"


def test_my_account_says_in_words_what_i_may_see(home, client_of: OfRole) -> None:
    page = client_of(Role.ADVISER).get("/people/me/").content.decode()
    assert "You see single customers of the unit shop Vilnius, with names." in page
    assert "You may export" not in page
    assert "You see no single customers." in client_of(Role.VIEWER).get("/people/me/").content.decode()


def test_the_identity_provider_lets_in_who_was_invited_and_nobody_else(people, rf) -> None:
    from allauth.account.models import EmailAddress
    from allauth.socialaccount.models import SocialAccount, SocialLogin

    from tiesa.app.people.adapters import SocialAccountAdapter

    def arrives(address: str, *, proven: bool = True) -> SocialLogin:
        return SocialLogin(
            user=Person(email=address, name="From outside"),
            account=SocialAccount(provider="company", uid=address),
            email_addresses=[EmailAddress(email=address, verified=proven, primary=True)],
        )

    adapter, request = SocialAccountAdapter(), rf.get("/")
    request.session = {}
    work.invite(email="invited@example.org", role=Role.ANALYST, by=people[Role.ADMINISTRATOR])
    assert not adapter.is_open_for_signup(request, arrives("stranger@example.org"))
    assert not adapter.is_open_for_signup(request, arrives("invited@example.org", proven=False))
    login = arrives("Invited@example.org")
    assert adapter.is_open_for_signup(request, login)
    person = adapter.save_user(request, login)
    assert [m.role for m in person.memberships.all()] == ["analyst"]
    assert not adapter.is_open_for_signup(request, arrives("invited@example.org"))


def test_what_somebody_may_is_said_for_every_right() -> None:
    from tiesa.app.people.in_words import may_see
    from tiesa.app.people.policies import Grant

    inside = {Right.SEE_NAMES, Right.SEND_CONTACTS}
    for right in set(Right) - inside:
        assert may_see(Access((Grant(frozenset({right})),))) != may_see(Access()), right
