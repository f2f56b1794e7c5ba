"""Rows that need nothing but their customers' numbers are written by columns, all others by SQL: the same log."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.unit.contacts.desk import WITH_IDS, WITHOUT_IDS, Row, mapping, row, take_in, write_csv, write_parquet

from tiesa.contacts import importing, plain_rows, staging
from tiesa.contacts.importing import import_file
from tiesa.contacts.log import ContactLog
from tiesa.core.home import Home
from tiesa.core.tables import CONTACT
from tiesa.journeys.feed import filled_columns

ROWS = [row(n, topic="" if n % 5 else f"Über, {n}", price="" if n % 4 else "1,234.5") for n in range(300)]
BAD = [row(900, when="never", who="only here"), row(901, dir="", what="")]


def kept(home: Home) -> list[dict[str, Any]]:
    """All columns of all rows that hold but what tells one import from another."""
    files = [f.path for f in ContactLog(home).files(CONTACT)]
    rows = [r for f in files for r in pq.read_table(f, partitioning=None).to_pylist()]
    left_out = ("import_id", "recorded_at")
    return sorted(({c: v for c, v in r.items() if c not in left_out} for r in rows), key=str)


def customers(home: Home) -> list[dict[str, Any]]:
    files = [f.path for f in ContactLog(home).private.identities.version().files]
    return sorted((r for f in files for r in pq.read_table(f, partitioning=None).to_pylist()), key=str)


@pytest.mark.parametrize("text", [WITH_IDS, WITHOUT_IDS], ids=["with ids", "without ids"])
@pytest.mark.parametrize("rows", [ROWS, [BAD[0], *ROWS, BAD[1]]], ids=["all usable", "some set aside"])
@pytest.mark.parametrize("write", [write_csv, write_parquet])
def test_both_ways_of_writing_give_the_same_rows_numbers_and_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, rows: list[Row], write: Any
) -> None:
    file, homes, results = write(tmp_path / f"a.{write.__name__[6:]}", rows), [], []
    written: list[str] = []
    by_columns = importing.write_plain

    def counted(*given: Any, **named: Any) -> Any:
        written.append("by columns")
        return by_columns(*given, **named)

    monkeypatch.setattr(importing, "write_plain", counted)
    monkeypatch.setattr(plain_rows, "ROWS_PER_FILE", 70)
    for way in ("columns", "sql"):
        home = Home(tmp_path / way)
        home.make()
        (home.private / "salt").write_text("the same in both")
        if way == "sql":
            monkeypatch.setattr(importing, "code_customers", lambda _staging: None)
        result = take_in(home, file, text)
        results.append((result.read, result.accepted, result.quarantined, result.customers, result.new_customers))
        homes.append(home)
    assert written == ["by columns"]
    assert results[0] == results[1] == (len(rows), 300, len(rows) - 300, 7, 7)
    assert kept(homes[0]) == kept(homes[1])
    assert customers(homes[0]) == customers(homes[1])


@pytest.mark.parametrize(
    "rows",
    [
        [row(1), row(2), row(1, topic="new")],
        [row(1, id="<a@mail.example>"), row(2)],
        [row(1, agent="ana@firm.example"), row(2)],
    ],
    ids=["an id twice", "a personal id", "a personal employee"],
)
def test_rows_that_need_more_are_not_written_by_columns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: list[Row]
) -> None:
    monkeypatch.setattr(importing, "write_plain", None)  # would be called, and fail
    home = Home(tmp_path / "home")
    assert take_in(home, write_csv(tmp_path / "a.csv", rows)).accepted == len(rows)
    assert len(kept(home)) == 2
    assert "@" not in str(kept(home))


def test_rows_that_the_log_knows_already_are_left_out_of_a_longer_file(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    take_in(home, write_csv(tmp_path / "a.csv", ROWS[:100]))
    again = take_in(home, write_csv(tmp_path / "b.csv", ROWS))
    assert (again.accepted, again.duplicates, again.new_customers) == (200, 100, 0)
    next_month = take_in(home, write_csv(tmp_path / "c.csv", [row(n, id=f"d{n}", who=f"new {n}") for n in range(9)]))
    assert (next_month.accepted, next_month.new_customers) == (9, 9)
    assert len({r["customer_key"] for r in kept(home)}) == 16


@pytest.mark.parametrize(
    "cell", [" c5", "c5 ", '"c5 "', '"  "', '""'], ids=["before", "after", "quoted", "blank", "empty"]
)
@pytest.mark.parametrize("column", ["id", "topic", "who"])
def test_blanks_around_a_text_never_reach_the_log(tmp_path: Path, column: str, cell: str) -> None:
    """Texts are staged as they are until one is found that needs trimming."""
    marked = write_csv(tmp_path / "a.csv", [row(n, **({column: "MARK"} if n == 5 else {})) for n in range(9)])
    content = marked.read_text("utf-8")
    marked.write_text(content.replace("MARK", cell), "utf-8")
    plain = tmp_path / "b.csv"
    plain.write_text(content.replace("MARK", cell.strip('"').strip()), "utf-8")
    found = []
    for file in (marked, plain):
        home = Home(tmp_path / file.stem)
        result = import_file(file, home, mapping=mapping())
        found.append((result.accepted, result.quarantined, result.customers, kept(home)))
    assert found[0] == found[1]


def test_tidy_texts_are_not_trimmed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[bool] = []
    plan = staging.plan

    def counted(*given: Any, trim: bool, **named: Any) -> Any:
        tried.append(trim)
        return plan(*given, trim=trim, **named)

    monkeypatch.setattr(staging, "plan", counted)
    take_in(Home(tmp_path / "home"), write_csv(tmp_path / "a.csv", ROWS))
    assert tried == [False]


def test_every_file_has_the_columns_of_the_contract_and_its_bounds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plain_rows, "ROWS_PER_FILE", 1)
    home = Home(tmp_path / "home")
    take_in(home, write_csv(tmp_path / "a.csv", ROWS))
    for file in ContactLog(home).files(CONTACT):
        schema = pq.read_schema(file.path)
        assert [(f.name, f.type) for f in schema] == [(f.name, f.type) for f in CONTACT.schema]
        with duckdb.connect() as sql:
            least, most, n = sql.execute(
                f"select min(contact_id), max(contact_id), count(*) from '{file.path}'"
            ).fetchall()[0]
        assert file.bounds["contact_id"] == (least, most)
        assert file.rows == n == 300


@pytest.mark.parametrize("write", [write_csv, write_parquet])
def test_of_columns_that_hold_nothing_the_files_say_so_whoever_wrote_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Any
) -> None:
    """A build reads no column that is empty everywhere; it asks the files' statistics."""
    file = write(tmp_path / f"a.{write.__name__[6:]}", ROWS)
    with_words = WITH_IDS + '[contact.attributes]\nwords = "words"\n'
    for way, text in (("columns", WITH_IDS), ("sql", WITH_IDS), ("full", with_words)):
        with monkeypatch.context() as patched:
            if way == "sql":
                patched.setattr(importing, "code_customers", lambda _staging: None)
            home = Home(tmp_path / way)
            take_in(home, file, text)
        files = [f.path for f in ContactLog(home).files(CONTACT)]
        filled = filled_columns(duckdb.connect(), files)
        assert ("attributes" in filled) == (way == "full"), way
        assert {"contact_id", "touchpoint", "cost"} <= filled
        assert not {"unit", "amount", "promised_at"} & filled


@pytest.mark.parametrize("bad", [False, True], ids=["all usable", "one set aside"])
def test_of_what_is_staged_only_the_customers_are_held_while_they_are_numbered(tmp_path: Path, bad: bool) -> None:
    """A column that is read from the staging file keeps its whole batch: ten times as much."""
    ids = pa.array([f"person {n:06}" for n in range(10_000)])
    problems = pa.array([None] * 9_999 + ["x" if bad else None], pa.string())
    batch = pa.record_batch({"who": ids, "problems": problems, **{f"other {n}": ids for n in range(9)}})
    with pa.OSFile(str(tmp_path / "staging.arrow"), "wb") as file, pa.ipc.new_file(file, batch.schema) as writer:
        writer.write_batch(batch)
    reader = pa.ipc.open_file(pa.OSFile(str(tmp_path / "staging.arrow")))
    before = pa.total_allocated_bytes()
    held = plain_rows._usable(reader.get_batch(0), "who")
    assert held.null_count == bad
    assert pa.total_allocated_bytes() - before < 2 * ids.nbytes
