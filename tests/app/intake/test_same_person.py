"""Who is one person under several numbers is decided by who sees both sides, noted by number only, and taken back."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from django.test import Client
from tests.app.insight.test_pages import in_words
from tests.app.test_sentinels import seen_until_done as page

from tiesa.app.intake.same_person import numbers_called
from tiesa.app.jobs.models import Job
from tiesa.app.people.models import AuditEntry, Membership, Person, Unit
from tiesa.app.people.roles import Role
from tiesa.contacts.mapping import parse_mapping
from tiesa.core.home import Home
from tiesa.journeys.build import build
from tiesa.journeys.joining.links import join_store, numbers_of

ADDRESS = "/data/same-person/"
IN_SALES, AT_DESK, NAMESAKE = "S-4401", "D-9902", "D-9903"
MAIL, NAME, PHONE = "rugile.sentinel@example.net", "Rugilė Sentinelytė", "+370 600 77120"
OTHERS = [(f"S-{n}", f"Person Number{chr(65 + n)}", f"p{n}.else@example.net", f"+370 611 {n:05}") for n in range(12)]
HEAD = "who,name,mail,phone,at,what,channel\n"
MAPPING = """source = "{source}"
customers = "{source}"
[contact]
customer = "who"
customer_name = "name"
customer_mail = "mail"
customer_phone = "phone"
occurred_at = "at"
touchpoint = "what"
channel = "channel"
"""
SAME_MAIL = '[joining]\nautomatic = ["mail"]\n'


def line(who: str, name: str, mail: str, phone: str, day: int) -> str:
    return f"{who},{name},{mail},{phone},2026-03-{day:02}T09:00:00Z,call,phone\n"


@pytest.fixture(scope="module")
def two_systems(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Sales and a help desk: she stands in both with one mail address, another of her mail has another name."""
    from tiesa.contacts.importing import import_file

    folder = tmp_path_factory.mktemp("two-systems")
    home = Home(folder / "home")
    sales = [line(*other, 1 + n) for n, other in enumerate(OTHERS)] + [line(IN_SALES, NAME, MAIL, PHONE, 2)]
    desk = [line(AT_DESK, NAME, MAIL.upper(), "", 5), line(NAMESAKE, "Otto Otherman", MAIL, "+370 699 11111", 6)]
    for source, lines in (("sales", sales), ("desk", desk)):
        file = folder / f"{source}.csv"
        file.write_text(HEAD + "".join(lines), "utf-8")
        import_file(file, home, mapping=parse_mapping(MAPPING.format(source=source)))
    build(home)
    return home


@pytest.fixture
def place(two_systems: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """The same home for one test alone, as the application's own."""
    from tiesa.app.config.installation import installation
    from tiesa.app.insight.looking import look_anew

    home = Home(tmp_path / "home")
    shutil.copytree(two_systems.root, home.root)
    monkeypatch.setattr(installation(), "home", home.root)
    look_anew()
    return home


def number(home: Home, called: str) -> int:
    (found,) = numbers_called(home, called)
    return found


def person(home: Home, called: str) -> set[int]:
    return set(numbers_of(join_store(home).version(), number(home, called)))


def say(client: Client, home: Home, said: str, one: str, other: str) -> str:
    """The page after it was said."""
    fields = {"said": said, "one": number(home, one), "other": number(home, other), "next": ADDRESS}
    assert client.post(f"{ADDRESS}decide", fields)["Location"] == ADDRESS
    return page(client, ADDRESS)


def way_back(text: str) -> str:
    found = re.search(r'name="back" value="([^"]+)"', text)
    assert found, in_words(text)
    return found[1]


def test_two_numbers_with_a_rare_name_and_one_mail_address_are_proposed_with_the_evidence(place, client_of) -> None:
    shown = in_words(page(client_of(Role.CX_MANAGER), ADDRESS))
    assert "15 customer numbers, none joined with another." in shown
    for words in (IN_SALES, AT_DESK, NAME, MAIL, PHONE, "same name, which 2 of 15 have"):
        assert words in shown, words
    assert "same mail address, which 3 of 15 have" in shown
    assert shown.index("same name") < shown.index("the names differ"), "the strongest stands first"


def test_who_says_that_two_are_one_joins_them_and_can_take_it_back(place, client_of) -> None:
    client, both = client_of(Role.CX_MANAGER), {number(place, IN_SALES), number(place, AT_DESK)}
    after = say(client, place, "joined", IN_SALES, AT_DESK)
    assert person(place, AT_DESK) == both
    assert "1 person stands under 2 of the 15 customer numbers." in in_words(after)
    assert Job.objects.filter(kind="build").count() == 1
    joined = in_words(page(client, f"{ADDRESS}?show=joined&q={AT_DESK}"))
    assert "The cx_manager said so" in joined
    assert IN_SALES in joined
    assert client.post(f"{ADDRESS}undo", {"back": way_back(after)}).status_code == 302
    assert person(place, AT_DESK) == {number(place, AT_DESK)}
    assert "none joined with another" in in_words(page(client, ADDRESS))


def test_a_number_that_is_parted_stands_alone_though_a_rule_would_join_it_until_that_is_taken_back(
    place, client_of
) -> None:
    client = client_of(Role.CX_MANAGER)
    (place.rules).mkdir(parents=True, exist_ok=True)
    (place.rules / "joining.toml").write_text(SAME_MAIL, "utf-8")
    build(place)
    assert len(person(place, AT_DESK)) == 2
    client.post(f"{ADDRESS}part", {"number": number(place, AT_DESK)})
    assert len(person(place, AT_DESK)) == 1
    build(place)
    assert len(person(place, AT_DESK)) == 1, "no rule joins it there again"
    kept = page(client, f"{ADDRESS}?show=apart")
    assert "The cx_manager said so" in in_words(kept)
    client.post(f"{ADDRESS}undo", {"back": way_back(kept)})
    assert len(person(place, AT_DESK)) == 2


def test_taking_a_join_back_keeps_apart_again_what_was_kept_apart_before_it(place, client_of) -> None:
    client = client_of(Role.CX_MANAGER)
    say(client, place, "apart", IN_SALES, AT_DESK)
    back = way_back(say(client, place, "joined", IN_SALES, AT_DESK))
    assert len(person(place, AT_DESK)) == 2
    client.post(f"{ADDRESS}undo", {"back": back})
    shown = in_words(page(client, f"{ADDRESS}?show=apart"))
    assert IN_SALES in shown
    assert AT_DESK in shown
    assert len(person(place, AT_DESK)) == 1


def test_what_a_rule_would_join_under_two_names_is_shown_as_a_conflict(place, client_of) -> None:
    place.rules.mkdir(parents=True, exist_ok=True)
    (place.rules / "joining.toml").write_text(SAME_MAIL, "utf-8")
    build(place)
    shown = in_words(page(client_of(Role.CX_MANAGER), f"{ADDRESS}?show=conflicts"))
    assert "same mail address the names differ" in shown
    assert NAMESAKE in shown
    assert NAMESAKE not in in_words(page(client_of(Role.CX_MANAGER), f"{ADDRESS}?show=joined"))


def test_a_decision_is_noted_by_number_and_tells_nothing_of_the_person(place, client_of) -> None:
    client = client_of(Role.CX_MANAGER)
    back = way_back(say(client, place, "joined", IN_SALES, AT_DESK))
    client.post(f"{ADDRESS}undo", {"back": back})
    say(client, place, "apart", IN_SALES, AT_DESK)
    say(client, place, "joined", IN_SALES, NAMESAKE)
    client.post(f"{ADDRESS}part", {"number": number(place, NAMESAKE)})
    noted = list(AuditEntry.objects.filter(what__startswith="join.").order_by("number"))
    assert [e.what for e in noted] == ["join.numbers", "join.unsay", "join.apart", "join.numbers", "join.part"]
    assert noted[0].details == {"numbers": sorted([number(place, IN_SALES), number(place, AT_DESK)])}
    told = json.dumps([[e.about, e.details, e.who] for e in noted]).lower()
    for personal in (IN_SALES, AT_DESK, NAMESAKE, MAIL, "sentinel", "otto", "77120"):
        assert personal.lower() not in told


def test_a_home_without_anybody_says_what_to_bring(tmp_path, monkeypatch, client_of) -> None:
    from tiesa.app.config.installation import installation

    monkeypatch.setattr(installation(), "home", tmp_path / "nothing")
    shown = in_words(page(client_of(Role.CX_MANAGER), ADDRESS))
    assert "Nobody here looks like somebody else." in shown
    assert "customer_mail" in shown
    assert not (tmp_path / "nothing").exists(), "looking makes nothing"


def test_after_a_decision_the_next_page_does_not_wait_until_all_are_compared_again(
    place, client_of, monkeypatch
) -> None:
    from tiesa.app.insight.desk import Desk, NotYet

    client = client_of(Role.CX_MANAGER)
    assert AT_DESK in page(client, ADDRESS)

    def late(*_of: object, **_named: object) -> None:
        raise NotYet

    monkeypatch.setattr(Desk, "ask", late)
    shown = in_words(say(client, place, "apart", IN_SALES, AT_DESK))
    assert "Kept apart 1" in shown
    assert AT_DESK not in shown
    assert NAMESAKE in shown


def test_what_is_refused_changes_nothing_and_is_not_noted_as_done(place, client_of) -> None:
    client = client_of(Role.CX_MANAGER)
    for said in ({"one": "0", "other": "0"}, {"one": "x", "other": "1"}, {"one": "0", "other": "99999999"}):
        client.post(f"{ADDRESS}decide", {"said": "joined", **said})
        assert 'class="message error' in client.get(ADDRESS).content.decode()
    client.post(f"{ADDRESS}part", {"number": number(place, AT_DESK)})
    assert not AuditEntry.objects.filter(what__startswith="join.").exists()
    assert not Job.objects.exists()
    outside = client.post(f"{ADDRESS}undo", {"back": "drop table", "next": "//elsewhere.example"})
    assert outside["Location"] == ADDRESS


@pytest.mark.parametrize("role", [role for role in Role if role != Role.CX_MANAGER], ids=str)
def test_who_does_not_see_every_name_or_sets_no_rules_decides_nothing(role: Role, place, client_of) -> None:
    client = client_of(role)
    assert client.get(ADDRESS).status_code == 403
    for what in ("decide", "part", "undo"):
        assert client.post(f"{ADDRESS}{what}", {"one": "0", "other": "1", "number": "0"}).status_code == 403
    assert not join_store(place).version().files


def test_who_sees_the_names_of_one_unit_only_is_refused_though_they_set_rules(place, db) -> None:
    of_unit = Person.objects.create_user("unit@example.org", "a long password 1", name="Of a unit")
    Membership.objects.create(person=of_unit, role=Role.CX_MANAGER, unit=Unit.objects.create(name="north"))
    client = Client()
    client.force_login(of_unit, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get(ADDRESS).status_code == 403
    assert client.post(f"{ADDRESS}decide", {"said": "joined", "one": "0", "other": "1"}).status_code == 403
    assert AuditEntry.objects.filter(what="refused", about__startswith="intake:same_person").count() == 2
    assert ADDRESS not in client.get("/data/").content.decode()


def test_a_customers_page_says_under_which_numbers_they_are_known(place, client_of) -> None:
    client = client_of(Role.CX_MANAGER)
    assert f'href="{ADDRESS}"' in client.get("/data/").content.decode()
    say(client, place, "joined", IN_SALES, AT_DESK)
    build(place)
    from tiesa.app.insight.looking import look_anew

    look_anew()
    lowest = min(person(place, AT_DESK))
    shown = page(client, f"/customers/{lowest}/")
    assert f"known under 2 numbers {AT_DESK}, {IN_SALES} Why?" in in_words(shown)
    assert f"{ADDRESS}?show=joined&amp;q={lowest}" in shown
    without_names = in_words(page(client_of(Role.ANALYST), f"/customers/{lowest}/"))
    assert "known under 2 numbers" in without_names
    assert IN_SALES not in without_names
