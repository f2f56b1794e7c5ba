"""A build: one switch for readers, the same journeys however the log came about, costs in home currency."""

from __future__ import annotations

import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from tests.unit.contacts.desk import WITH_IDS, WITHOUT_IDS, row, take_in, write_csv

from tiesa.contacts.importing import undo_import
from tiesa.core.errors import EmptyHome
from tiesa.core.home import Home
from tiesa.core.tables import JOURNEY, JOURNEY_CONTACT
from tiesa.journeys.build import build
from tiesa.journeys.evidence import evidence
from tiesa.journeys.held import held
from tiesa.journeys.ladder import ladder
from tiesa.journeys.questions.again import again
from tiesa.journeys.questions.asking import questions
from tiesa.journeys.questions.silence import silence
from tiesa.journeys.questions.waits import waits
from tiesa.journeys.rules import Rules
from tiesa.journeys.variants import variants
from tiesa.journeys.view import open_view

ROWS = [row(n) for n in range(300)]


def built(home: Home, *, without: str = "") -> list[dict[str, Any]]:
    """Annotated contacts with the source's own customers, in an order of their own."""
    view = evidence(home)
    known = home.private / "identities"
    left_out = ", ".join(["customer_key", *(without.split() if without else [])])
    with duckdb.connect() as sql:
        sql.execute("set TimeZone = 'UTC'")
        return (
            sql.sql(
                f"select r.* exclude ({left_out}), i.source_id as customer from {view.rows_sql} r "
                f"join read_parquet('{known}/*/*.parquet', hive_partitioning = false) i using (customer_key) order "
                "by all"
            )
            .to_arrow_table()
            .to_pylist()
        )


def test_pieces_and_order_of_files_do_not_change_journeys(tmp_path: Path) -> None:
    whole, pieces = Home(tmp_path / "whole"), Home(tmp_path / "pieces")
    take_in(whole, write_csv(tmp_path / "whole.csv", ROWS))
    shuffled = random.Random(1).sample(ROWS, len(ROWS))
    for start in (200, 0, 100):
        take_in(pieces, write_csv(tmp_path / f"{start}.csv", shuffled[start : start + 100]))
    assert build(whole).journeys == build(pieces).journeys
    assert built(whole) == built(pieces)


def test_batches_of_the_feed_do_not_change_journeys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = Home(tmp_path / "home")
    take_in(home, write_csv(tmp_path / "a.csv", [row(n, who=f"person {n % 97}") for n in range(9_000)]), WITHOUT_IDS)
    build(home)
    before = built(home)
    monkeypatch.setattr("tiesa.journeys.feed.BATCH_ROWS", 2_048)  # the engine's smallest batch
    monkeypatch.setattr("tiesa.journeys.rolling_files.ROWS_PER_FILE", 1_000)
    again = build(home, full=True)
    assert len(evidence(home).rows) > 3
    assert built(home) == before
    assert again.version == 2


def test_files_have_the_contract_schema(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    take_in(home, write_csv(tmp_path / "a.csv", ROWS))
    build(home)
    view = evidence(home)
    for files, table in ((view.rows, JOURNEY_CONTACT), (view.journeys, JOURNEY)):
        for file in files:
            found = pq.read_schema(file)
            assert [(f.name, f.type) for f in found] == [(f.name, f.type) for f in table.schema]
            content = pq.read_table(file, partitioning=None)
            assert all(content[c.name].null_count == 0 for c in table.columns if not c.null)


def test_an_old_evidence_number_still_shows_what_it_showed(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    take_in(home, write_csv(tmp_path / "a.csv", ROWS[:100]))
    first = build(home)
    take_in(home, write_csv(tmp_path / "b.csv", ROWS))
    second = build(home)
    assert (first.contacts, second.contacts) == (100, 300)
    counts = "select (select count(*) from rows), (select count(*) from journeys)"
    with open_view(home, version=first.version) as then, open_view(home) as now:
        assert then.one(counts) == (100, first.journeys)
        assert now.one(counts) == (300, second.journeys)
    assert evidence(home, first.version).contacts_version == first.contacts_version


def test_after_undo_a_build_is_as_if_the_import_never_was(tmp_path: Path) -> None:
    home, never = Home(tmp_path / "home"), Home(tmp_path / "never")
    take_in(home, write_csv(tmp_path / "a.csv", ROWS[:200]))
    extra = take_in(home, write_csv(tmp_path / "b.csv", [row(5, topic="other"), *ROWS[200:]]))
    undo_import(home, extra.import_id)
    build(home)
    take_in(never, tmp_path / "a.csv")
    build(never)
    assert built(home) == built(never)


def test_an_empty_home_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(EmptyHome, match="tiesa import"):
        build(Home(tmp_path / "home"))
    home = Home(tmp_path / "home")
    take_in(home, write_csv(tmp_path / "a.csv", ROWS))
    with pytest.raises(EmptyHome, match="tiesa build"):
        questions(home)


def test_costs_are_added_up_in_home_currency_by_the_rate_of_their_day(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    rows = [
        row(1, ticket="A", who="x", price="2", currency="EUR", when="2025-03-01 10:00"),
        row(2, ticket="A", who="x", price="234", currency="RSD", when="2025-03-02 10:00"),
        row(3, ticket="A", who="x", price="236", currency="RSD", when="2025-03-09 10:00"),
        row(4, ticket="A", who="x", price="9", currency="HUF", when="2025-03-09 11:00"),
        row(5, ticket="A", who="x", price="", currency="", when="2025-03-09 12:00"),
    ]
    take_in(home, write_csv(tmp_path / "a.csv", rows))
    rates = tmp_path / "rates.csv"
    rates.write_text("day,a,b,r\n2025-03-01,EUR,RSD,117\n2025-03-05,EUR,RSD,118\n")
    take_in(home, rates, 'source = "bank"\n[rate]\ndate = "day"\nfrom_currency = "a"\nto_currency = "b"\nrate = "r"\n')
    result = build(home, rules=Rules(currency="EUR"))
    assert any("1 costs in HUF" in note for note in result.notes)
    with duckdb.connect() as sql:
        (total,) = sql.execute(f"select cost from {evidence(home).journeys_sql}").fetchall()[0]
    assert total == Decimal("6.0000")


def test_silence_is_not_counted_where_replies_are_not_recorded(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    take_in(home, write_csv(tmp_path / "a.csv", [row(n, dir="in", way="e-mail", agent="") for n in range(30)]))
    build(home)
    with open_view(home) as view:
        ours, silent, steps = waits(view), silence(view), ladder(held(view))
    assert silent.unanswered.value is None
    assert ours.waiting_now is None
    assert ours.owners.num_rows == ours.open_now.num_rows == silent.ledger.num_rows == 0
    assert not ours.can_be_judged
    assert not silent.can_be_judged
    assert any("replies" in column for rung in steps.rungs for column in rung.lacking)


def test_the_answers_agree_with_counting_by_hand(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    rows = [
        row(
            0, ticket="A", who="x", dir="in", way="e-mail", when="2025-03-03 10:00", topic="bill", agent="", what="asks"
        ),
        row(
            1,
            ticket="A",
            who="x",
            dir="out",
            way="e-mail",
            when="2025-03-03 14:00",
            topic="",
            agent="Ana",
            what="answers",
        ),
        row(
            2, ticket="B", who="y", dir="in", way="e-mail", when="2025-03-03 10:00", topic="bill", agent="", what="asks"
        ),
        row(
            3, ticket="B", who="y", dir="in", way="e-mail", when="2025-03-05 10:00", topic="bill", agent="", what="asks"
        ),
        row(
            4,
            ticket="C",
            who="z",
            dir="in",
            way="phone",
            when="2025-03-06 10:00",
            topic="fault",
            agent="Ana",
            what="asks",
        ),
    ]
    take_in(home, write_csv(tmp_path / "a.csv", rows), WITH_IDS)
    build(home)
    with open_view(home) as view:
        counts = view.one("select (select count(*) from rows), count(distinct customer_key), count(*) from journeys")
        ours, asked, silent, ways = waits(view), again(view), silence(view), variants(view)
    assert counts == (5, 3, 3)
    # x's message was answered within 4 h. Of y's two, both unanswered, the first was due on the 4th; the second, sent
    # on the 5th at 9 UTC, has seen 7 + 1 of its 8 business hours at the log's last contact, the 6th at 9 UTC.
    assert (silent.unanswered.count + silent.not_due, silent.unanswered.n + silent.not_due) == (2, 3)
    assert (asked.repeats.count, asked.repeats.n) == (1, 4)
    assert ours.waiting_now == 1
    (longest,) = ours.open_now.to_pylist()
    assert (longest["customer"], longest["case_id"]) == ("y", "B")
    assert longest["waited_s"] == 3 * 86_400  # since the first message without an answer, not since the last
    us = next(row for row in ours.owners.to_pylist() if row["wait_owner"] == "us")
    assert (us["n"], us["share"]) == (2, 1.0)
    assert [ribbon.journeys.count for ribbon in ways.ribbons] == [1, 1, 1]
