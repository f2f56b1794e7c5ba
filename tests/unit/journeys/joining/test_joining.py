"""One person under several ids: joined as if the log had said so from the start, and never against a word."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.unit.contacts.desk import Row
from tests.unit.upkeep.homes import ID as THEIRS
from tests.unit.upkeep.homes import MAIL, NAME, PHONE, WORD, figures, file_of, other, send, telling, texts_of

from tiesa.contacts.importing import undo_import
from tiesa.core.enums import JoinReason, JoinState
from tiesa.core.errors import InvalidRules, UnknownCustomer, WrongUsage
from tiesa.core.home import Home
from tiesa.journeys.build import BuildResult, build
from tiesa.journeys.joining.alike import proposals
from tiesa.journeys.joining.deciding import apply_rules, join, keep_apart, part, unsay
from tiesa.journeys.joining.links import join_store, links_of, numbers_of
from tiesa.journeys.joining.persons import Doubt
from tiesa.journeys.joining.rules import parse_joining
from tiesa.journeys.view import open_view
from tiesa.upkeep.backup import backup
from tiesa.upkeep.check import check
from tiesa.upkeep.erase import erase
from tiesa.upkeep.restore import restore
from tiesa.upkeep.told_of import told_of
from tiesa.upkeep.vacuum import vacuum

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def desk(n: int = 42) -> list[Row]:
    return [other(i, ticket="") for i in range(n)]


def crowd(n: int = 400, people: int = 100) -> list[Row]:
    """Contacts of many people, so that a few of them are few."""
    return [
        {
            **other(i, ticket="", who=f"person {i % people}", name=f"Name {word_of(i % people)}"),
            "mail": f"p{i % people}@x.example",
        }
        for i in range(n)
    ]


def word_of(number: int) -> str:
    """A family name of its own."""
    return "".join("bcdfghjklm"[int(digit)] + "aeiou"[int(digit) % 5] for digit in f"{number:04d}")


def split(rows: list[Row]) -> list[Row]:
    """The same contacts by a log in which every second contact names another id of its customer."""
    return [{**r, "who": r["who"].replace("person", "web")} if i % 2 else r for i, r in enumerate(rows)]


def home_of(folder: Path, rows: list[Row], rules: str = "") -> Home:
    home = Home(folder)
    folder.mkdir(parents=True)
    send(home, file_of(folder.parent, rows, f"{folder.name}.csv"))
    say(home, rules)
    return home


def say(home: Home, rules: str) -> None:
    home.rules.mkdir(exist_ok=True)
    (home.rules / "joining.toml").write_text(f"[joining]\n{rules}\n")


def told(home: Home, version: int | None = None) -> list[dict[str, Any]]:
    """Everything journeys say, but for the customers' numbers."""
    plain = [{k: v for k, v in row.items() if k != "customer_key"} for row in figures(home, version)]
    return sorted(plain, key=repr)


def test_journeys_of_joined_ids_are_those_of_a_log_with_one_id(tmp_path: Path) -> None:
    whole, apart = home_of(tmp_path / "whole", desk()), home_of(tmp_path / "apart", split(desk()))
    build(whole)
    alone = build(apart)
    assert told(apart) != told(whole)
    say(apart, 'automatic = ["mail"]')
    joined = build(apart)
    assert (alone.customers, joined.customers) == (14, 7)
    assert told(apart) == told(whole)
    build(apart, full=True)
    assert told(apart) == told(whole)
    assert check(apart).is_sound


@pytest.mark.parametrize("automatic", ["mail", "phone", "contract"])
def test_each_rule_joins_by_itself(tmp_path: Path, automatic: str) -> None:
    rules = f'automatic = ["{automatic}"]\ncountry_code = "+386"\nsame_ids = ["desk"]'
    home = home_of(tmp_path / "home", split(desk()), rules)
    if automatic == "contract":  # these ids differ
        assert apply_rules(home).persons == 0
        return
    found = apply_rules(home)
    assert (found.persons, found.numbers, found.by_reason) == (7, 14, {JoinReason(automatic): 7})


def test_only_the_touched_are_made_anew_and_the_figures_equal_a_full_build(tmp_path: Path) -> None:
    home = home_of(tmp_path / "home", split(crowd(people=99)))
    build(home)
    first = numbers_by_id(home)
    join(home, [first["person 1"], first["web 1"]], by="somebody", now=NOW)
    made = build(home)
    assert made.touched == 2, "both numbers, as they stood"
    layered = figures(home)
    build(home, full=True)
    assert figures(home) == layered
    part(home, first["web 1"], by="somebody", now=NOW)
    assert build(home).touched == 2
    layered = figures(home)
    build(home, full=True)
    assert figures(home) == layered


def test_evidence_of_before_stays_what_it_was(tmp_path: Path) -> None:
    home = home_of(tmp_path / "home", split(desk()))
    version = build(home).version
    before = figures(home)
    say(home, 'automatic = ["mail"]')
    build(home)
    assert figures(home, version) == before
    with open_view(home) as view:
        assert view.one("select count(distinct customer_key), count(*) from identities") == (7, 14)


def numbers_by_id(home: Home) -> dict[str, int]:
    with open_view(home) as view:
        return dict(view.rows("select source_id, customer_key from identities"))


def test_what_a_person_says_goes_before_every_rule_and_can_be_taken_back(tmp_path: Path) -> None:
    home = home_of(tmp_path / "home", split(desk()), 'automatic = ["mail"]')
    build(home)
    persons = numbers_by_id(home)
    number = persons["person 1"]
    one, other_one = numbers_of(join_store(home).version(), number)
    part(home, other_one, by="somebody", now=NOW)
    assert apply_rules(home).persons == 6
    said = [link for link in links_of(join_store(home).version()) if link.reason == JoinReason.PERSON]
    assert [(link.pair, link.state, link.said_by) for link in said] == [((one, other_one), JoinState.APART, "somebody")]
    unsay(home, one, other_one)
    assert apply_rules(home).persons == 7
    keep_apart(home, one, other_one, by="somebody")
    assert apply_rules(home).persons == 6
    join(home, [one, other_one], by="another")
    assert apply_rules(home).persons == 7
    with pytest.raises(UnknownCustomer):
        join(home, [one, 10_000], by="somebody")
    with pytest.raises(WrongUsage):
        join(home, [one, one], by="somebody")


def test_two_of_one_family_are_not_joined_but_shown(tmp_path: Path) -> None:
    rows = [
        other(1, who="a", name="Ana Petrović", mail="petrovici@example.org", phone=""),
        other(2, who="b", name="Марко Петровић", mail="Petrovici@example.org", phone=""),
        other(3, who="c", name="А. Петровић", mail=" petrovici@example.org ", phone=""),
    ]
    home = home_of(tmp_path / "home", rows, 'automatic = ["mail"]')
    found = apply_rules(home)
    assert found.numbers == 2
    assert [(c.pair, c.doubt) for c in found.conflicts] == [((0, 1), Doubt.NAMES)]
    assert numbers_of(join_store(home).version(), 2) == (0, 2)


def test_a_switchboard_joins_nobody(tmp_path: Path) -> None:
    rows = [other(i, who=f"w{i}", name="", mail="", phone="+386 1 555 000") for i in range(6)]
    home = home_of(tmp_path / "home", rows, 'automatic = ["phone"]\ncountry_code = "+386"\nmost = 4')
    found = apply_rules(home)
    assert found.persons == 0
    assert [(c.doubt, c.n) for c in found.conflicts] == [(Doubt.CROWDED, 6)]


def test_numbers_are_the_same_however_they_are_written(tmp_path: Path) -> None:
    written = ["+386 41 555-01-77", "041 555 0177", "0038641 5550177", "41 555 0177"]
    rows = [other(i, who=f"w{i}", name="", mail="", phone=phone) for i, phone in enumerate(written)]
    home = home_of(tmp_path / "home", rows, 'automatic = ["phone"]\ncountry_code = "386"')
    assert apply_rules(home).numbers == 4


def test_a_nameless_id_between_two_persons_joins_them_not(tmp_path: Path) -> None:
    rows = [
        other(1, who="a", name="Ana Petrović", mail="shared@example.org", phone=""),
        other(2, who="b", name="", mail="shared@example.org", phone="+386 41 555 0177"),
        other(3, who="c", name="Marko Jovanović", mail="", phone="+386 41 555 0177"),
    ]
    home = home_of(tmp_path / "home", rows, 'automatic = ["mail", "phone"]')
    found = apply_rules(home)
    assert numbers_of(join_store(home).version(), 0) == (0, 1)
    assert [(c.pair, c.doubt) for c in found.conflicts] == [((1, 2), Doubt.NAMES)]


def test_a_join_whose_value_is_gone_is_gone_too(tmp_path: Path) -> None:
    home = home_of(tmp_path / "home", split(desk()), 'automatic = ["mail"]')
    build(home)
    changed = [{**r, "mail": "new@example.org"} if r["who"] == "web 1" else r for r in split(desk())]
    send(home, file_of(tmp_path, [r for r in changed if r["who"] == "web 1"], "changed.csv"))
    assert apply_rules(home).persons == 6


def test_without_rules_nothing_is_joined_and_no_table_is_made(tmp_path: Path) -> None:
    home = home_of(tmp_path / "home", split(desk()))
    assert apply_rules(home).version == 0
    assert not join_store(home).exists


def test_proposals_tell_their_evidence_strongest_first(tmp_path: Path) -> None:
    pairs = [
        other(100, who="a", name="Jurgita Žukauskienė", mail="jurgita.z@example.org", phone="+370 600 11122"),
        other(101, who="b", name="jurgita zukauskiene", mail="jurgita.z@work.example", phone=""),
        other(102, who="c", name="Ana Petrović", mail="ana@example.org", phone=""),
        other(103, who="d", name="Ana Petrović", mail="petrovic.ana@work.example", phone=""),
    ]
    home = home_of(tmp_path / "home", [*crowd(100), *pairs])
    found = proposals(home)
    assert [one.pair for one in found.items] == [(100, 101)]
    assert {(e.what, e.differs) for e in found.items[0].evidence} == {("name", False), ("local", False)}
    join(home, [100, 101], by="somebody")
    assert proposals(home).items == ()
    part(home, 101, by="somebody")
    assert proposals(home).items == (), "who was parted is not proposed again"


def test_a_joined_person_is_told_and_erased_whole(tmp_path: Path) -> None:
    rows = [
        other(501, who=THEIRS, name=NAME, mail=MAIL, phone=PHONE, words=f"about {WORD}"),
        other(502, who="WEB-9", name="Z. Vrtačnik", mail=MAIL, phone="", words=f"{WORD} again"),
        *desk(20),
    ]
    home = home_of(tmp_path / "home", rows, 'automatic = ["mail"]')
    build(home)
    before = figures(home)
    assert told_of(home, THEIRS).counts["contacts"] == 2
    erased = erase(home, THEIRS, why="asked for it")
    assert len(erased.joined) == 1
    assert not telling(home.root)
    assert not [file for file, text in texts_of(home.root) if "WEB-9" in text]
    build(home)
    assert figures(home) == before, "the figures stay, as one person's"
    build(home, full=True)
    assert figures(home) == before


def test_joins_outlive_backup_restore_and_vacuum(tmp_path: Path) -> None:
    home = home_of(tmp_path / "home", split(desk()), 'automatic = ["mail"]')
    build(home)
    before = figures(home)
    vacuum(home)
    backup(home, tmp_path / "home.backup")
    again = Home(tmp_path / "again")
    restore(tmp_path / "home.backup", again)
    assert figures(again) == before
    assert check(again).is_sound


def test_contacts_that_are_all_taken_back_leave_a_customer_that_is_gone(tmp_path: Path) -> None:
    home = home_of(tmp_path / "home", crowd())
    lonely = send(home, file_of(tmp_path, [other(900, who="lonely")], "lonely.csv"))
    build(home)
    undo_import(home, lonely.import_id)
    made: BuildResult = build(home)
    assert made.touched == 1
    layered = figures(home)
    assert made.customers == 100
    build(home, full=True)
    assert figures(home) == layered


def test_rules_that_cannot_be_are_refused_with_the_key() -> None:
    for text, key in (
        ('automatic = ["name"]', "automatic"),
        ('automatic = ["contract"]', "automatic"),
        ('country_code = "RS"', "country_code"),
        ("most = 1", "most"),
        ("all = true", "all"),
    ):
        with pytest.raises(InvalidRules, match=key):
            parse_joining(f"[joining]\n{text}")
