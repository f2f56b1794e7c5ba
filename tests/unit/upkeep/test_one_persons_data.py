"""Everything about one person is told, earlier versions too; what is past its time goes, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.unit.upkeep.homes import (
    ID,
    MAIL,
    NAME,
    PERSONAL,
    WORD,
    figures,
    file_of,
    made_home,
    rows_of_person,
    send,
    telling,
)

from tiesa.contacts.private import Private
from tiesa.core.errors import InvalidRules, UnknownCustomer
from tiesa.core.home import Home
from tiesa.upkeep.check import check
from tiesa.upkeep.erase import erase
from tiesa.upkeep.old_data import MOST_NAMES, delete_old, old_data
from tiesa.upkeep.privacy_rules import Kind, PrivacyRules, changed, privacy_rules, rules_text
from tiesa.upkeep.receipts import receipts
from tiesa.upkeep.rule_files import write_rules
from tiesa.upkeep.told_of import told_of


def said_by(told) -> str:
    return "".join(str(table.to_pylist()) for table in told.tables.values())


def test_everything_is_told_and_nothing_of_anybody_else(tmp_path: Path) -> None:
    home, _file = made_home(tmp_path)
    told = told_of(home, ID)
    assert told.counts == {"identities": 1, "texts": 4, "ids": 4, "contacts": 4, "journeys": 1, "rows_set_aside": 1}
    for word in (ID, NAME, MAIL, WORD):
        assert word in said_by(told)
    assert "Name of person" not in said_by(told)
    assert told_of(home, MAIL).counts == told_of(home, number=told.person.number).counts == told.counts


def test_what_was_corrected_is_told_as_it_was_too(tmp_path: Path) -> None:
    home, _file = made_home(tmp_path)
    first, *rest = rows_of_person()
    send(home, file_of(tmp_path, [{**first, "what": "another touchpoint", "words": "other words"}, *rest], "again.csv"))
    told = told_of(home, ID)
    assert told.counts["contacts"] == 4
    assert told.counts["contacts_earlier"] == 1
    assert told.tables["contacts_earlier"]["replaced_by"].to_pylist()[0]
    assert {"other words", f"I called about the {WORD} 1000"} <= set(told.tables["texts"]["text"].to_pylist())


def test_of_an_erased_person_only_bare_numbers_are_told(tmp_path: Path) -> None:
    home, _file = made_home(tmp_path)
    number = told_of(home, ID).person.number
    erase(home, ID, why="asked")
    told = told_of(home, number=number)
    assert not [word for word in PERSONAL if word in said_by(told)]
    assert told.counts["contacts"] == 4


def test_a_stranger_is_not_told_of(tmp_path: Path) -> None:
    home, _file = made_home(tmp_path)
    with pytest.raises(UnknownCustomer):
        told_of(home, "nobody")


def rules_of(home: Home, **days: int) -> PrivacyRules:
    said = {Kind(kind): {"keep": f"{n} d"} for kind, n in days.items()}
    return changed(privacy_rules(home), said, automatic=True)


def last_heard(home: Home, customer: str) -> datetime:
    return max(told_of(home, customer).tables["contacts"]["occurred_at"].to_pylist())


def test_words_go_by_the_age_of_what_they_belong_to_and_figures_stay(tmp_path: Path) -> None:
    home, _file = made_home(tmp_path)
    before = figures(home)
    now = last_heard(home, ID) + timedelta(days=10)
    rules = rules_of(home, names=36_500, words=10)
    told = old_data(home, rules, now=now)
    assert 0 < told.counts[Kind.WORDS] < 44
    assert delete_old(home, rules, by="clock", now=now).counts[Kind.WORDS] == told.counts[Kind.WORDS]
    assert sum(f.rows for f in Private(home).words.version().files) == 44 - told.counts[Kind.WORDS]
    assert old_data(home, rules, now=now).counts[Kind.WORDS] == 0
    assert figures(home) == before
    assert check(home).is_sound
    everything = rules_of(home, names=36_500, words=1)
    delete_old(home, everything, by="clock", now=now + timedelta(days=900))
    assert not [file for file, said in telling(home.root).items() if WORD in said and file.endswith(".parquet")]


def test_people_are_forgotten_after_their_last_contact_and_not_before(tmp_path: Path) -> None:
    home, _file = made_home(tmp_path)
    heard = last_heard(home, ID)
    rules = rules_of(home, names=30)
    others = old_data(home, rules, now=heard + timedelta(days=30)).counts[Kind.NAMES]
    assert told_of(home, ID).person.name == NAME
    delete_old(home, rules, by="clock", now=heard + timedelta(days=30))
    assert told_of(home, ID).person.name == NAME, "on the thirtieth day they are still known"
    assert len(receipts(home)) == others <= MOST_NAMES
    delete_old(home, rules, by="clock", now=heard + timedelta(days=30, seconds=1))
    assert not [word for word in (ID, NAME, MAIL) if word in said_by(told_of(home, number=0)) + str(telling(home.root))]


def test_without_rules_of_its_own_a_home_has_cautious_ones_and_keeps_them_when_written(tmp_path: Path) -> None:
    home, _file = made_home(tmp_path)
    rules = privacy_rules(home)
    assert not rules.automatic
    write_rules(home, "privacy", rules_text(rules))
    assert privacy_rules(home) == rules
    assert check(home).is_sound
    (home.rules / "privacy.toml").write_text('[names]\nkeep = "soon"\n')
    assert [finding.code for finding in check(home).findings] == ["rules"]
    with pytest.raises(InvalidRules, match=r"names\.keep"):
        privacy_rules(home)


def test_an_empty_home_has_nothing_old(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.make()
    found = old_data(home, privacy_rules(home), now=datetime(2090, 1, 1, tzinfo=UTC))
    assert set(found.counts.values()) == {0}
    assert set(delete_old(home, privacy_rules(home), by="clock").counts.values()) == {0}
