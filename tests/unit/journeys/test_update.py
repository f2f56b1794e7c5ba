"""A build makes only the touched anew, and nobody can tell the difference from a full one."""

from __future__ import annotations

import random
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from tests.unit.contacts.desk import Row, row, take_in, write_csv

from tiesa.contacts.importing import import_file, undo_import
from tiesa.contacts.log import ContactLog
from tiesa.core.home import Home
from tiesa.core.tables import CONTACT
from tiesa.engines.duckdb import engine, table_of
from tiesa.journeys.build import BuildResult, build
from tiesa.journeys.evidence import evidence, journey_contact_store
from tiesa.journeys.held import held
from tiesa.journeys.questions.again import again
from tiesa.journeys.questions.silence import silence
from tiesa.journeys.questions.waits import waits
from tiesa.journeys.rules import Rules
from tiesa.journeys.view import open_view


def of(number: int, person: object) -> Row:
    """A contact of somebody, in a case of their own."""
    return row(number, who=f"person {person}", ticket=f"of {person}")


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small homes would be folded in at once."""
    monkeypatch.setattr("tiesa.journeys.build.FOLD_AT", 0.9)


def truth(home: Home) -> tuple[pa.Table, pa.Table]:
    """Everything a reader sees, in an order of its own."""
    found = evidence(home)
    with engine(spill=home.spill) as connection:
        rows, journeys = (
            table_of(connection, f"from {sql} order by {order}")
            for sql, order in (
                (found.rows_sql, "source, contact_id"),
                (found.journeys_sql, "customer_key, journey_no"),
            )
        )
    return rows, journeys


def assert_equals_a_full_build(home: Home, result: BuildResult, scratch: Path) -> None:
    copy = Home(scratch / "copy")
    shutil.rmtree(copy.root, ignore_errors=True)
    shutil.copytree(home.root, copy.root)
    whole = build(copy, full=True)
    assert (result.contacts, result.customers, result.journeys, result.last_contact) == (
        whole.contacts,
        whole.customers,
        whole.journeys,
        whole.last_contact,
    )
    for mine, full in zip(truth(home), truth(copy), strict=True):
        assert mine.equals(full)


def some(rng: random.Random, start: int, n: int, customers: int, cases: int) -> list[Row]:
    rows = []
    for i in range(start, start + n):
        who = rng.randrange(customers)
        # a case is usually one customer's, and sometimes somebody else writes in it
        case = who if rng.random() < 0.9 else rng.randrange(customers)
        rows.append(row(i, who=f"person {who}", ticket=f"case {case % cases}" if cases else ""))
    return rows


@pytest.mark.parametrize("seed", range(6))
def test_updates_equal_a_full_build_row_for_row(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    home = Home(tmp_path / "home")
    cases = (0, 1000, 60)[seed % 3]  # none; each one customer's and now and then two; many that several share
    take_in(home, write_csv(tmp_path / "base.csv", some(rng, 0, 400, 60, cases)))
    assert build(home).touched is None
    start, imports, updates = 400, [], 0
    for step in range(6):
        if imports and rng.random() < 0.3:
            undo_import(home, imports.pop(rng.randrange(len(imports))))
        else:
            fresh = some(rng, start, rng.randrange(1, 12), 70, cases)
            corrected = some(rng, rng.randrange(300), rng.randrange(0, 4), 70, cases)
            imports.append(take_in(home, write_csv(tmp_path / f"{step}.csv", fresh + corrected)).import_id)
            start += len(fresh)
        result = build(home)
        updates += result.touched is not None
        assert_equals_a_full_build(home, result, tmp_path)
    assert updates >= 3


def test_only_touched_customers_are_made_anew(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    take_in(home, write_csv(tmp_path / "a.csv", [of(n, n % 50) for n in range(500)]))
    base = build(home)
    take_in(home, write_csv(tmp_path / "b.csv", [of(900, 7), of(901, "new")]))
    result = build(home)
    assert result.touched == 2
    assert (result.contacts, result.customers) == (base.contacts + 2, base.customers + 1)
    found = evidence(home)
    assert set(found.rows) == set(evidence(home, base.version).rows)
    assert journey_contact_store(home).version().rows_of("recent") == 12
    with open_view(home) as view:
        assert view.one("select count(*), count(distinct contact_id) from rows") == (502, 502)


def test_a_build_without_news_changes_nothing(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    take_in(home, write_csv(tmp_path / "a.csv", [row(n) for n in range(100)]))
    first = build(home)
    again = build(home)
    assert (again.version, again.touched, again.journeys) == (first.version, 0, first.journeys)


def test_other_rules_make_everybody_anew(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    take_in(home, write_csv(tmp_path / "a.csv", [row(n) for n in range(100)]))
    first = build(home)
    take_in(home, write_csv(tmp_path / "b.csv", [row(200)]))
    assert build(home, rules=Rules(currency="RSD")).touched is None
    assert build(home).touched is None
    assert build(home).version == first.version + 2


def test_questions_see_no_seam_between_the_layers(tmp_path: Path) -> None:
    home, whole = Home(tmp_path / "home"), Home(tmp_path / "whole")
    first, second = [of(n, n % 20) for n in range(300)], [of(n, n % 3) for n in range(300, 310)]
    take_in(home, write_csv(tmp_path / "a.csv", first))
    build(home)
    take_in(home, write_csv(tmp_path / "b.csv", second))
    assert build(home).touched == 3
    take_in(whole, write_csv(tmp_path / "c.csv", first + second))
    build(whole)
    middle = datetime(2025, 3, 15, tzinfo=UTC)
    for as_of in (None, middle):
        with open_view(home, as_of=as_of) as mine, open_view(whole, as_of=as_of) as theirs:
            assert held(mine) == held(theirs)
            for question in (waits, again, silence):
                assert question(mine).findings() == question(theirs).findings()


def test_new_rates_make_everybody_anew(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    take_in(home, write_csv(tmp_path / "a.csv", [row(n) for n in range(100)]))
    build(home)
    rates = tmp_path / "rates.csv"
    rates.write_text("date,from_currency,to_currency,rate\n2020-01-01,EUR,RSD,117.2\n")
    import_file(rates, home)
    assert build(home).touched is None


def test_an_old_evidence_number_survives_updates_and_folding(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    take_in(home, write_csv(tmp_path / "a.csv", [of(n, n % 20) for n in range(200)]))
    build(home)
    take_in(home, write_csv(tmp_path / "b.csv", [of(500, 1)]))
    second = build(home)
    then = truth(home)
    take_in(home, write_csv(tmp_path / "c.csv", [of(501, 2)]))
    build(home)
    folded = build(home, full=True)
    assert not evidence(home).recent_rows
    assert folded.contacts == 202
    with open_view(home, version=second.version) as view:
        assert view.table("from all_rows order by source, contact_id").equals(then[0])


def test_many_new_contacts_are_folded_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tiesa.journeys.build.FOLD_AT", 0.05)
    home = Home(tmp_path / "home")
    take_in(home, write_csv(tmp_path / "a.csv", [of(n, n % 100) for n in range(1000)]))
    build(home)
    for n in range(6):
        take_in(home, write_csv(tmp_path / f"{n}.csv", [of(2000 + n, n)]))
        result = build(home)
        assert result.touched == (1 if n < 4 else None if n == 4 else 1)


def test_many_small_files_become_one_and_nobody_notices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tiesa.contacts.private.MANY", 4)
    home = Home(tmp_path / "home")
    imports = [
        take_in(home, write_csv(tmp_path / f"{n}.csv", [of(n * 10 + i, (n + i) % 9) for i in range(10)])).import_id
        for n in range(6)
    ]
    corrected = take_in(home, write_csv(tmp_path / "c.csv", [row(3, who="person 3", topic="other")]))
    log = ContactLog(home)
    before, words = log.store(CONTACT).version(), log.private.words.version()
    build(home)
    then, now = truth(home), log.store(CONTACT).version()
    assert len(before.current()) > 4 > len(now.current()) == len(log.private.words.version().current()) == 1
    assert now.rows_of(None) == before.rows_of(None)
    assert log.private.words.version().rows_of(None) == words.rows_of(None)
    assert [f["import_id"] for f in log.imports()] == [corrected.import_id, *reversed(imports)]
    assert all(f.path.exists() for f in before.files)
    assert not any(f.path.exists() for f in words.current())
    assert build(home).touched == 0
    assert truth(home)[0].equals(then[0])
    undo_import(home, corrected.import_id)
    undo_import(home, imports[-1])
    never = Home(tmp_path / "never")
    for n in range(5):
        take_in(never, tmp_path / f"{n}.csv")
    build(never)
    build(home)
    left_out = ["customer_key"]
    for mine, theirs in zip(truth(home), truth(never), strict=True):
        assert mine.drop(left_out).num_rows == theirs.drop(left_out).num_rows
    assert truth(home)[0].drop(left_out).equals(truth(never)[0].drop(left_out))


def test_contacts_put_together_by_a_killed_build_touch_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tiesa.contacts.private.MANY", 2)
    home = Home(tmp_path / "home")
    take_in(home, write_csv(tmp_path / "a.csv", [of(n, n % 9) for n in range(100)]))
    first = build(home)
    take_in(home, write_csv(tmp_path / "b.csv", [of(100, 3)]))
    with engine(spill=home.spill) as connection:
        ContactLog(home).put_together(connection)
    result = build(home)
    assert (result.touched, result.version) == (1, first.version + 1)
    assert_equals_a_full_build(home, result, tmp_path)


def test_a_killed_builds_leftover_is_not_built_upon(tmp_path: Path) -> None:
    """Journeys that were committed without their rows belong to nothing: the next build starts from scratch."""
    from tiesa.journeys.evidence import journey_store

    home = Home(tmp_path / "home")
    take_in(home, write_csv(tmp_path / "a.csv", [row(n) for n in range(100)]))
    build(home)
    store = journey_store(home)
    latest = store.version()
    store.commit(after=latest, add=[], remove=latest.files, facts={})
    take_in(home, write_csv(tmp_path / "b.csv", [row(200)]))
    result = build(home)
    assert result.touched is None
    assert_equals_a_full_build(home, result, tmp_path)


def test_a_customer_whose_last_contact_went_is_gone(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    take_in(home, write_csv(tmp_path / "a.csv", [row(n) for n in range(100)]))
    guest = take_in(home, write_csv(tmp_path / "b.csv", [row(700, who="a guest")]))
    build(home)
    undo_import(home, guest.import_id)
    result = build(home)
    assert result.contacts == 100 == sum(f.rows for f in ContactLog(home).files(CONTACT))
    assert_equals_a_full_build(home, result, tmp_path)
