"""What the log promises of every import: counts add up, nothing doubles, nothing is lost, all can be taken back."""

from __future__ import annotations

import csv
import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.unit.contacts.desk import (
    COLUMNS,
    WITH_IDS,
    WITHOUT_IDS,
    log_of,
    row,
    take_in,
    write_csv,
    write_json_lines,
    write_parquet,
    write_xlsx,
)

from tiesa.contacts.importing import import_frame, undo_import
from tiesa.contacts.log import HISTORY, ContactLog
from tiesa.contacts.mapping import parse_mapping
from tiesa.core.errors import DamagedHome, InvalidMapping, UnknownImport, UnusableInput
from tiesa.core.home import Home
from tiesa.core.tables import ANSWER, CONTACT, OUTCOME, RATE
from tiesa.journeys.build import build


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


ROWS = [row(n) for n in range(200)]


@pytest.mark.parametrize("text", [WITH_IDS, WITHOUT_IDS], ids=["with ids", "without ids"])
def test_the_same_file_twice_adds_nothing(home: Home, tmp_path: Path, text: str) -> None:
    file = write_csv(tmp_path / "a.csv", ROWS)
    first = take_in(home, file, text)
    before = log_of(home)
    again = take_in(home, file, text)
    assert (first.accepted, first.duplicates) == (200, 0)
    assert (again.accepted, again.duplicates, again.new_customers) == (0, 200, 0)
    assert log_of(home) == before
    assert len(before) == 200


@pytest.mark.parametrize("text", [WITH_IDS, WITHOUT_IDS], ids=["with ids", "without ids"])
def test_pieces_in_any_order_give_the_same_log(tmp_path: Path, text: str) -> None:
    whole, pieces = Home(tmp_path / "whole"), Home(tmp_path / "pieces")
    take_in(whole, write_csv(tmp_path / "whole.csv", ROWS), text)
    shuffled = random.Random(7).sample(ROWS, len(ROWS))
    for start in (120, 0, 60, 180):
        take_in(pieces, write_csv(tmp_path / f"{start}.csv", shuffled[start : start + 60]), text)
    ids = text == WITH_IDS
    assert log_of(pieces, ids=ids) == log_of(whole, ids=ids)


@pytest.mark.parametrize("text", [WITH_IDS, WITHOUT_IDS], ids=["with ids", "without ids"])
def test_another_format_gives_the_same_log(home: Home, tmp_path: Path, text: str) -> None:
    take_in(home, write_csv(tmp_path / "a.csv", ROWS), text)
    before = log_of(home)
    for again in (
        write_json_lines(tmp_path / "a.jsonl", ROWS),
        write_parquet(tmp_path / "a.parquet", ROWS),
        write_xlsx(tmp_path / "a.xlsx", ROWS),
    ):
        result = take_in(home, again, text)
        assert (result.accepted, result.duplicates) == (0, 200), again.name
    assert log_of(home) == before


def test_a_data_frame_gives_the_same_log(home: Home, tmp_path: Path) -> None:
    take_in(home, write_csv(tmp_path / "a.csv", ROWS))
    result = import_frame(pa.Table.from_pylist(ROWS), home, mapping=parse_mapping(WITH_IDS))
    assert (result.accepted, result.duplicates) == (0, 200)


def test_rows_equal_to_the_letter_survive_where_the_source_has_no_ids(home: Home, tmp_path: Path) -> None:
    file = write_csv(tmp_path / "a.csv", [row(1), row(2), row(1), row(1)])
    first = take_in(home, file, WITHOUT_IDS)
    again = take_in(home, file, WITHOUT_IDS)
    assert (first.accepted, again.accepted, again.duplicates) == (4, 0, 4)
    assert sorted(r["position"] for r in log_of(home)) == [1, 2, 3, 4]


def test_ids_of_rows_without_ids_cannot_be_guessed_from_their_values(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "a.csv", ROWS)
    ids = []
    for name in ("one", "two"):
        take_in(Home(tmp_path / name), file, WITHOUT_IDS)
        ids.append({r["contact_id"] for r in log_of(Home(tmp_path / name))})
    assert not ids[0] & ids[1]


def test_a_changed_row_replaces_and_undo_brings_it_back(home: Home, tmp_path: Path) -> None:
    take_in(home, write_csv(tmp_path / "a.csv", ROWS))
    before = log_of(home)
    changed = take_in(home, write_csv(tmp_path / "b.csv", [row(5, topic="other"), row(6), row(900)]))
    assert (changed.accepted, changed.corrected, changed.duplicates) == (2, 1, 1)
    reasons = {r["contact_id"]: r["reason"] for r in log_of(home)}
    assert reasons["c5"] == "other"
    assert len(reasons) == 201
    assert undo_import(home, changed.import_id) == {"contact": 2}
    assert log_of(home) == before


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (2, 1, 0), (1, 2, 0), (0, 2, 1), (2, 0, 1)])
def test_undoing_imports_in_any_order_leaves_what_the_others_say(
    home: Home, tmp_path: Path, order: tuple[int, ...]
) -> None:
    imports = []
    for n, topic in enumerate(("first", "second", "third")):
        file = write_csv(tmp_path / f"{n}.csv", [row(1, topic=topic), row(10 + n)])
        imports.append(take_in(home, file).import_id)
    standing = {0, 1, 2}
    for undone in order:
        undo_import(home, imports[undone])
        standing.discard(undone)
        found = {r["contact_id"]: r["reason"] for r in log_of(home)}
        assert set(found) == ({"c1"} if standing else set()) | {f"c{10 + n}" for n in standing}
        if standing:
            assert found["c1"] == ("first", "second", "third")[max(standing)]


def test_a_key_that_stands_twice_in_a_file_keeps_its_last_row_and_the_counts_add_up(home: Home, tmp_path: Path) -> None:
    rows = [row(1, topic="old"), row(1, topic="older still"), row(2), row(2), row(1, topic="new"), row(3)]
    file = write_csv(tmp_path / "a.csv", rows)
    first = take_in(home, file)
    assert (first.read, first.accepted, first.corrected, first.duplicates) == (6, 5, 2, 1)
    assert {r["contact_id"]: r["reason"] for r in log_of(home)}["c1"] == "new"
    again = take_in(home, file)
    assert (again.accepted, again.duplicates) == (0, 6)
    store = ContactLog(home).store(CONTACT).version()
    assert sum(f.rows for f in store.current(first.import_id)) == 2
    undo_import(home, first.import_id)
    assert log_of(home) == []


def test_undo_of_an_unknown_import_is_refused(home: Home, tmp_path: Path) -> None:
    take_in(home, write_csv(tmp_path / "a.csv", ROWS))
    with pytest.raises(UnknownImport, match="tiesa imports"):
        undo_import(home, "20200101-000000-abcdef")


def test_undo_twice_is_refused(home: Home, tmp_path: Path) -> None:
    result = take_in(home, write_csv(tmp_path / "a.csv", ROWS))
    undo_import(home, result.import_id)
    with pytest.raises(UnknownImport):
        undo_import(home, result.import_id)


def test_bad_rows_wait_in_quarantine_and_come_in_once_mended(home: Home, tmp_path: Path) -> None:
    bad = [
        row(1, when="yesterday"),
        row(2, when="1889-01-01 10:00"),
        row(3, when="2999-01-01 10:00"),
        row(4, dir="sideways"),
        row(5, price="much"),
        row(6, price="-3"),
        row(7, who="", ticket=""),
        row(8, what=""),
    ]
    result = take_in(home, write_csv(tmp_path / "a.csv", [*ROWS[20:], *bad]))
    assert (result.accepted, result.quarantined) == (180, 8)
    assert result.quarantine_file is not None
    with result.quarantine_file.open(encoding="utf-8-sig", newline="") as file:
        waiting = list(csv.DictReader(file))
    assert [r["quarantine_row"] for r in waiting] == [str(181 + n) for n in range(8)]
    assert [r["quarantine_column"] for r in waiting] == [
        "when",
        "when",
        "when",
        "dir",
        "price",
        "price",
        "who, ticket",
        "what",
    ]
    assert waiting[0]["quarantine_value"] == "yesterday"
    assert "date or time" in waiting[0]["quarantine_reason"]
    assert len({r["quarantine_reason"] for r in waiting}) == 8
    mended = [dict(each, **row(n + 1)) for n, each in enumerate(waiting)]
    columns = [*COLUMNS, *(c for c in waiting[0] if c.startswith("quarantine_"))]
    after = take_in(home, write_csv(tmp_path / "mended.csv", mended, columns))
    assert (after.accepted, after.quarantined, after.dropped) == (8, 0, ())
    whole = Home(tmp_path / "whole")
    take_in(whole, write_csv(tmp_path / "whole.csv", [*ROWS[20:], *(row(n) for n in range(1, 9))]))
    assert log_of(home) == log_of(whole)


def test_a_row_with_several_faults_names_them_all(home: Home, tmp_path: Path) -> None:
    result = take_in(home, write_csv(tmp_path / "a.csv", [row(0), row(1, when="?", price="x")]))
    assert result.quarantine_file is not None
    text = result.quarantine_file.read_text("utf-8-sig")
    assert "when; price" in text
    assert "?; x" in text


def test_ragged_lines_are_set_aside_and_the_rest_goes_on(home: Home, tmp_path: Path) -> None:
    file = write_csv(tmp_path / "a.csv", ROWS[:5])
    lines = file.read_text().splitlines()
    file.write_text("\n".join([*lines[:3], "only,three,cells", *lines[3:], "x" + "," * 30]) + "\n")
    result = take_in(home, file)
    assert (result.read, result.accepted, result.quarantined) == (7, 5, 2)
    assert result.quarantine_file is not None
    with result.quarantine_file.open(encoding="utf-8-sig", newline="") as quarantined:
        assert [r["quarantine_row"] for r in csv.DictReader(quarantined)] == ["3", "7"]


def test_a_dry_run_shows_rows_and_counts_and_writes_nothing(home: Home, tmp_path: Path) -> None:
    file = write_csv(tmp_path / "a.csv", [*ROWS, row(1, when="?")])
    result = take_in(home, file, dry_run=True)
    assert (result.read, result.accepted, result.quarantined) == (201, 200, 1)
    assert result.preview[0]["occurred_at"] == "2025-03-01 07:00:00+00"  # 08:00 in Belgrade
    assert result.quarantine_file is None
    assert not home.root.exists()
    take_in(home, file)
    before = {p: p.stat().st_mtime_ns for p in home.root.rglob("*") if p.is_file()}
    again = take_in(home, write_csv(tmp_path / "b.csv", [row(1, topic="new"), row(2), row(999)]), dry_run=True)
    assert (again.accepted, again.corrected, again.duplicates) == (2, 1, 1)
    assert {p: p.stat().st_mtime_ns for p in home.root.rglob("*") if p.is_file()} == before


def test_every_file_of_the_log_has_the_contract_schema(home: Home, tmp_path: Path) -> None:
    take_in(home, write_csv(tmp_path / "a.csv", ROWS))
    take_in(home, write_csv(tmp_path / "b.csv", [row(5, topic="other"), row(6), row(900)]))
    version = ContactLog(home).store(CONTACT).version()
    assert {f.partition is None for f in version.files} == {True, False}
    for stored in version.files:
        found = pq.read_schema(stored.path)
        assert [(f.name, f.type) for f in found] == [(f.name, f.type) for f in CONTACT.schema]
        table = pq.read_table(stored.path, partitioning=None)
        assert all(table[c.name].null_count == 0 for c in CONTACT.columns if not c.null)
    assert HISTORY not in CONTACT.names


def test_no_personal_data_reaches_the_log(home: Home, tmp_path: Path) -> None:
    text = WITH_IDS.replace('reason = "topic"', 'reason = "topic"\nreply_to = "topic"')
    rows = [
        row(1, id="<a1@mail.example>", topic="", who="ana@example.org", agent="bojan@firm.example"),
        row(2, id="<a2@mail.example>", topic="<a1@mail.example>", who="ana@example.org"),
    ]
    text = text.replace('reason = "topic"\n', "")
    take_in(home, write_csv(tmp_path / "a.csv", rows), text)
    first, second = sorted(log_of(home), key=lambda r: r["contact_id"])
    assert second["reply_to"] == first["contact_id"] == "#0"
    assert first["employee"].startswith("#")
    for stored in ContactLog(home).store(CONTACT).version().files:
        content = str(pq.read_table(stored.path, partitioning=None).to_pylist())
        assert "@" not in content
        assert "words of" not in content
    again = take_in(home, tmp_path / "a.csv", text)
    assert (again.accepted, again.duplicates) == (0, 2)


def test_words_are_kept_apart_once_and_go_with_their_import(home: Home, tmp_path: Path) -> None:
    first = take_in(home, write_csv(tmp_path / "a.csv", ROWS))
    take_in(home, tmp_path / "a.csv")
    words = ContactLog(home).private.words

    def kept() -> dict[str, str]:
        rows = [r for f in words.version().files for r in pq.read_table(f.path, partitioning=None).to_pylist()]
        return {r["contact_id"]: r["text"] for r in rows}

    assert len(kept()) == words.version().rows_of(None) == 200
    assert kept()["c17"] == "words of 17"
    undo_import(home, first.import_id)
    assert kept() == {}
    assert not any(p.suffix == ".parquet" for p in words.root.rglob("*"))


def test_a_row_may_also_yield_an_answer_and_an_outcome(home: Home, tmp_path: Path) -> None:
    text = (
        WITH_IDS
        + """
[answer]
only_with = "price"
answered_at = "when"
question = { constant = "How satisfied are you?" }
kind = { constant = "overall" }
scale = { constant = "1-5" }
value = "price"
[outcome]
only_with = "agent"
kind = { constant = "left" }
at = "when"
"""
    )
    rows = [row(1, price="4"), row(2, price="", agent=""), row(3, price="2", agent="")]
    result = take_in(home, write_csv(tmp_path / "a.csv", rows), text)
    assert {name: kept.accepted for name, kept in result.tables.items()} == {"contact": 3, "outcome": 1, "answer": 2}
    answers = log_of(home, ANSWER)
    assert {(a["contact_id"], a["value"], a["customer"]) for a in answers} == {
        ("c1", 4.0, "person 1"),
        ("c3", 2.0, "person 3"),
    }
    assert [o["customer"] for o in log_of(home, OUTCOME)] == ["person 1"]
    corrected = take_in(home, write_csv(tmp_path / "b.csv", [row(1, price="5"), *rows[1:]]), text)
    assert corrected.tables["answer"].corrected == 1
    undo_import(home, corrected.import_id)
    assert {a["value"] for a in log_of(home, ANSWER)} == {4.0, 2.0}


def test_a_row_that_stands_twice_yields_one_answer(home: Home, tmp_path: Path) -> None:
    text = WITH_IDS + (
        '[answer]\nonly_with = "price"\nanswered_at = "when"\nquestion = { constant = "q" }\n'
        'kind = { constant = "overall" }\nscale = { constant = "1-5" }\nvalue = "price"\n'
    )
    rows = [row(1, price="4"), row(1, price="4"), row(2, price="3"), row(2, price="5", topic="other")]
    result = take_in(home, write_csv(tmp_path / "a.csv", rows), text)
    assert {a["contact_id"]: a["value"] for a in log_of(home, ANSWER)} == {"c1": 4.0, "c2": 5.0}
    assert len(log_of(home, ANSWER)) == 2
    assert (result.tables["answer"].duplicates, result.tables["answer"].corrected) == (1, 1)


def test_mixed_offsets_are_said(home: Home, tmp_path: Path) -> None:
    rows = [row(1, when="2025-03-01T10:00:00+03:00"), row(2, when="2025-03-01 10:00")]
    result = take_in(home, write_csv(tmp_path / "a.csv", rows))
    assert any("Europe/Belgrade" in note for note in result.notes)
    assert [r["occurred_at"].isoformat() for r in sorted(log_of(home), key=lambda r: r["contact_id"])] == [
        "2025-03-01T07:00:00+00:00",
        "2025-03-01T09:00:00+00:00",
    ]


def test_a_missing_rate_is_a_warning_and_never_a_bad_row(home: Home, tmp_path: Path) -> None:
    file = write_csv(tmp_path / "a.csv", [row(1), row(2, currency="RSD")])
    result = take_in(home, file)
    assert result.quarantined == 0
    assert not any("RSD" in note for note in result.notes)  # the rates may come with the next file
    assert any("RSD" in note for note in build(home).notes)
    rates = tmp_path / "rates.csv"
    rates.write_text("day,a,b,r\n2025-01-01,EUR,RSD,117.2\n")
    text = 'source = "bank"\n[rate]\ndate = "day"\nfrom_currency = "a"\nto_currency = "b"\nrate = "r"\n'
    assert take_in(home, rates, text).accepted == 1
    assert str(log_of_rates(home)[0]["rate"]) == "117.20000000"
    assert take_in(home, rates, text).duplicates == 1
    assert not any("RSD" in note for note in build(home).notes)


def log_of_rates(home: Home) -> list[dict[str, object]]:
    return [r for f in ContactLog(home).files(RATE) for r in pq.read_table(f.path, partitioning=None).to_pylist()]


def test_a_log_without_customers_takes_the_case_and_says_so(home: Home, tmp_path: Path) -> None:
    result = take_in(home, write_csv(tmp_path / "a.csv", ROWS), WITH_IDS.replace('customer = "who"\n', ""))
    assert result.customers == 11
    assert any("each case stands for one" in note for note in result.notes)
    assert {r["customer"] for r in log_of(home)} == {f"case:desk:T{n}" for n in range(11)}


def test_a_customer_of_one_file_is_the_same_in_another_unless_its_system_has_its_own_numbers(
    home: Home, tmp_path: Path
) -> None:
    outcomes = tmp_path / "left.csv"
    outcomes.write_text("customer,on\nperson 1,2025-06-01\n")
    left = '[outcome]\ncustomer = "customer"\nat = "on"\nkind = { constant = "left" }\n'
    take_in(home, write_csv(tmp_path / "a.csv", ROWS))
    assert take_in(home, outcomes, 'source = "crm"\n' + left).new_customers == 0
    assert take_in(home, outcomes, 'source = "till"\ncustomers = "till"\n' + left).new_customers == 1


def test_a_case_belongs_to_its_first_customer_however_the_files_came(tmp_path: Path) -> None:
    rows = [row(3, ticket="A", who="later"), row(1, ticket="A", who="first"), row(2, ticket="B", who="later")]
    for name, pieces in (("whole", [rows]), ("pieces", [[rows[0]], [rows[2]], [rows[1]]])):
        home = Home(tmp_path / name)
        for n, piece in enumerate(pieces):
            take_in(home, write_csv(tmp_path / f"{name}{n}.csv", piece))
        result = build(home)
        assert (result.customers, result.journeys) == (2, 2)
        assert any(note.startswith("1 case names more than one customer") for note in result.notes)


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "a.csv"), ("", "empty"), ("id,when,who,ticket,what,way,dir,topic,agent,price,currency,words\n", "no row")],
)
def test_nothing_usable_is_one_sentence_and_leaves_no_home(
    home: Home, tmp_path: Path, content: str | None, said: str
) -> None:
    file = tmp_path / "a.csv"
    if content is not None:
        file.write_text(content)
    with pytest.raises(UnusableInput) as error:
        take_in(home, file)
    assert said in str(error.value)
    assert "\n" not in str(error.value)
    assert not home.root.exists()


def test_no_usable_row_is_said_with_the_first_reason_and_leaves_no_home(home: Home, tmp_path: Path) -> None:
    with pytest.raises(UnusableInput, match=r"row 1.*'when'.*'never'"):
        take_in(home, write_csv(tmp_path / "a.csv", [row(n, when="never") for n in range(5)]))
    assert not home.root.exists()


def test_a_mapping_for_another_file_is_refused_with_a_hint(home: Home, tmp_path: Path) -> None:
    with pytest.raises(InvalidMapping, match="Did you mean 'when'"):
        take_in(home, write_csv(tmp_path / "a.csv", ROWS), WITH_IDS.replace('"when"', '"wehn"'))
    assert not home.root.exists()


def test_a_home_of_another_layout_is_refused(home: Home, tmp_path: Path) -> None:
    home.root.mkdir()
    home.settings.write_text("layout = 999\n")
    with pytest.raises(DamagedHome, match="layout 999"):
        take_in(home, write_csv(tmp_path / "a.csv", ROWS))
