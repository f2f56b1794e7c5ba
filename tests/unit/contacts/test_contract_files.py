"""Files whose columns are our own: every importable table comes in to the bit, from any format, in any order."""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tiesa.contacts.importing import ImportResult, import_file, import_frame, undo_import
from tiesa.contacts.log import ContactLog
from tiesa.contacts.mapping import needed_columns, parse_mapping
from tiesa.contacts.mapping_text import mapping_text
from tiesa.contacts.readers import open_source
from tiesa.contacts.recognise import recognise
from tiesa.core.columns import ATTRIBUTES, INSTANT, LIST, TEXT, Column, Table
from tiesa.core.errors import UnusableInput
from tiesa.core.home import Home
from tiesa.core.tables import (
    ABSENCE,
    ANSWER,
    CHANGE,
    CONSENT,
    CONTACT,
    CUSTOMER,
    FACT,
    IMPORTABLE,
    INVITATION,
    OUTCOME,
    PROCESS,
)

N = 40
START = dt.datetime(2025, 3, 1, 8, 0, 0, 123457, tzinfo=dt.UTC)
OURS = ("customer_key", "import_id", "recorded_at")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def value(table: Table, column: Column, n: int) -> Any:
    """A value of row n; every third of those that may be null is, and what is in the key differs from row to row."""
    if column.null and n % 3 == 0:
        return None
    if column.choices:
        return tuple(column.choices)[n % len(column.choices)]
    if column.type == INSTANT:
        return START + dt.timedelta(hours=n, microseconds=n)
    if column.type == ATTRIBUTES:
        return [("Zürich key", f"ž {n}"), ("shop", "a, b")][: n % 3]
    if column.type == LIST:
        return [f"{column.name} {i}" for i in range(n % 3 + 1)]
    if column.type == pa.bool_():
        return n % 2 == 0
    if pa.types.is_decimal(column.type):
        return Decimal(n * 12345).scaleb(-column.type.scale)
    if pa.types.is_date(column.type):
        return dt.date(2025, 1, 1) + dt.timedelta(days=n)
    if pa.types.is_floating(column.type):
        return (n % 10) / 10 if column.high == 1 else n / 7
    if pa.types.is_integer(column.type):
        return n % 5 + 1
    return {"source": "till", "scale": "0-10", "currency": "EUR"}.get(column.name, f"{column.name} {n}")


def contract_table(table: Table, rows: int = N, *, without: Iterable[str] = ("position",)) -> pa.Table:
    """Rows of a table as the contract has them on the way: a customer's own id instead of our number."""
    columns = [c for c in table.columns if c.name not in (*OURS, *without)]
    made = pa.table(
        {c.name: pa.array([value(table, c, n) for n in range(rows)], c.type) for c in columns},
        schema=pa.schema([pa.field(c.name, c.type) for c in columns]),
    )
    if "customer_key" in table:
        some = table["customer_key"].null
        customers = [None if some and n % 4 == 0 else f"person {n % 7}" for n in range(rows)]
        made = made.append_column("customer", pa.array(customers, TEXT))
    return made


def identities(home: Home) -> list[dict[str, Any]]:
    files = ContactLog(home).private.identities.version().files
    return [row for f in files for row in pq.read_table(f.path, partitioning=None).to_pylist()]


def log_of(home: Home, table: Table = CONTACT) -> list[dict[str, Any]]:
    """The rows that hold, with the source's own customer ids instead of numbers and without book-keeping."""
    customers = {row["customer_key"]: row["source_id"] for row in identities(home)}
    rows = [r for f in ContactLog(home).files(table) for r in pq.read_table(f.path, partitioning=None).to_pylist()]
    for row in rows:
        if "customer_key" in row:
            row["customer"] = customers.get(row["customer_key"])
    return sorted(({c: v for c, v in row.items() if c not in OURS} for row in rows), key=str)


def replaced(table: pa.Table, column: str, values: pa.Array) -> pa.Table:
    return table.set_column(table.column_names.index(column), column, values)


def write(path: Path, table: pa.Table) -> Path:
    pq.write_table(table, path)
    return path


def as_words(table: pa.Table) -> list[dict[str, str]]:
    """The rows as a CSV export writes them: each attribute in a column of its own, lists with semicolons."""
    rows = []
    for row in table.to_pylist():
        row |= {f"attributes.{key}": v for key, v in row.pop("attributes", None) or []}
        rows.append({k: ";".join(v) if isinstance(v, list) else "" if v is None else str(v) for k, v in row.items()})
    return rows


def write_csv(path: Path, table: pa.Table) -> Path:
    rows = as_words(table)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, dict.fromkeys(c for row in rows for c in row), restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_json(path: Path, table: pa.Table) -> Path:
    """JSON Lines with nested attributes and lists."""
    rows = []
    for row in table.to_pylist():
        if "attributes" in row:
            row["attributes"] = dict(row["attributes"] or [])
        rows.append({k: v if isinstance(v, dict | list | bool | None) else str(v) for k, v in row.items()})
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def take_in(home: Home, path: Path) -> ImportResult:
    result = import_file(path, home)
    assert result.read == result.accepted + result.duplicates + result.quarantined
    return result


def as_sent(rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> list[dict[str, Any]]:
    return sorted(({c: row[c] for c in columns} for row in rows), key=str)


@pytest.mark.parametrize("table", IMPORTABLE, ids=lambda table: table.name)
def test_every_table_comes_in_to_the_bit_once_and_goes_out_again(home: Home, tmp_path: Path, table: Table) -> None:
    sent = contract_table(table)
    file = write(tmp_path / f"{table.plural}.parquet", sent)
    first = take_in(home, file)
    assert (first.recognised, first.accepted) == (f"ready: contract {table.name}", N)
    stored = [pq.read_table(f.path, partitioning=None) for f in ContactLog(home).files(table)]
    assert all(same_types(t.schema, table) for t in stored)
    assert as_sent(log_of(home, table), sent.column_names) == as_sent(sent.to_pylist(), sent.column_names)
    again = take_in(home, file)
    assert (again.accepted, again.duplicates, again.new_customers) == (0, N, 0)
    assert undo_import(home, first.import_id) == {table.name: N}
    assert log_of(home, table) == []


def same_types(schema: pa.Schema, table: Table) -> bool:
    return [(f.name, f.type) for f in schema] == [(f.name, f.type) for f in table.schema]


@pytest.mark.parametrize("table", IMPORTABLE, ids=lambda table: table.name)
@pytest.mark.parametrize("written", ["csv", "jsonl", "frame"])
def test_other_formats_with_the_same_headers_give_the_same_rows(
    home: Home, tmp_path: Path, table: Table, written: str
) -> None:
    sent = contract_table(table)
    take_in(home, write(tmp_path / "a.parquet", sent))
    before = log_of(home, table)
    if written == "frame":
        again = import_frame(sent, home)
    else:
        again = take_in(home, {"csv": write_csv, "jsonl": write_json}[written](tmp_path / f"a.{written}", sent))
    assert again.recognised == f"ready: contract {table.name}"
    assert (again.accepted, again.duplicates, again.quarantined) == (0, N, 0)
    assert log_of(home, table) == before


def test_attributes_may_be_a_json_text(home: Home, tmp_path: Path) -> None:
    sent = contract_table(CONTACT)
    take_in(home, write(tmp_path / "a.parquet", sent))
    texts = [json.dumps(dict(pairs), ensure_ascii=False) for pairs in sent["attributes"].to_pylist()]
    place = sent.column_names.index("attributes")
    file = write_csv(tmp_path / "a.csv", sent.remove_column(place).append_column("x", pa.array(texts)))
    file.write_text(file.read_text("utf-8").replace(",x", ",attributes", 1), "utf-8")
    assert (take_in(home, file).duplicates, len(log_of(home))) == (N, N)


def test_a_position_that_is_given_is_kept(home: Home, tmp_path: Path) -> None:
    sent = contract_table(CONTACT, without=())
    sent = replaced(sent, "position", pa.array(range(N, 0, -1), pa.int64()))
    take_in(home, write(tmp_path / "a.parquet", sent))
    kept = {row["contact_id"]: row["position"] for row in log_of(home)}
    assert kept == {f"contact_id {n}": N - n for n in range(N)}


def test_rows_without_a_source_are_of_the_house_and_one_file_may_name_several(home: Home, tmp_path: Path) -> None:
    sent = contract_table(CONTACT, 4, without=("position", "source"))
    assert take_in(home, write(tmp_path / "a.parquet", sent)).mapping.source == "tiesa"
    same_ids = sent.append_column("source", pa.array(["crm", "till", None, "crm"]))
    assert take_in(home, write(tmp_path / "b.parquet", same_ids)).accepted == 3  # the third is known
    twin = same_ids.slice(1, 1).set_column(0, "contact_id", [["contact_id 0"]])
    twins = pa.concat_tables([same_ids.slice(0, 1), twin])
    assert take_in(home, write(tmp_path / "c.parquet", twins)).accepted == 1
    assert sorted((r["source"], r["contact_id"]) for r in log_of(home)) == [
        ("crm", "contact_id 0"),
        ("crm", "contact_id 3"),
        *[("tiesa", f"contact_id {n}") for n in range(4)],
        ("till", "contact_id 0"),
        ("till", "contact_id 1"),
    ]


def test_the_same_personal_id_of_two_sources_gets_two_numbers(home: Home, tmp_path: Path) -> None:
    ids = pa.array(["<1@mail.example>"] * 2)
    sent = contract_table(CONTACT, 2).drop_columns(["contact_id", "source"])
    sent = sent.append_column("contact_id", ids).append_column("source", pa.array(["a", "b"]))
    assert take_in(home, write(tmp_path / "a.parquet", sent)).accepted == 2
    assert {row["contact_id"] for row in log_of(home)} == {"#0", "#1"}
    assert take_in(home, tmp_path / "a.parquet").duplicates == 2


def test_ids_that_are_personal_are_the_same_number_in_every_table(home: Home, tmp_path: Path) -> None:
    def with_mails(table: Table) -> pa.Table:
        sent = contract_table(table, 5)
        for column in table.columns:
            if column.pseudonym and column.name in ("contact_id", "employee", "invitation_id"):
                values = pa.array([f"<{column.name}{n}@mail.example>" for n in range(5)])
                sent = replaced(sent, column.name, values)
        return sent

    tables = (FACT, INVITATION, ANSWER, ABSENCE, CONTACT)
    for table in tables:
        take_in(home, write(tmp_path / f"{table.plural}.parquet", with_mails(table)))
    rows = {table.name: log_of(home, table) for table in tables}
    for column in ("contact_id", "invitation_id", "employee"):
        found = [{r[column] for r in rows[t.name]} for t in tables if column in t]
        assert len(found) > 1
        assert all(numbers == found[0] for numbers in found)
        assert all(number.startswith("#") for number in found[0])
    assert "mail.example" not in str(rows)


def test_files_in_any_order_share_their_customers_and_names_are_learnt_late(home: Home, tmp_path: Path) -> None:
    for table in (ANSWER, CHANGE, CONSENT, CONTACT, FACT, INVITATION, OUTCOME):
        take_in(home, write(tmp_path / f"{table.plural}.parquet", contract_table(table)))
    people = contract_table(CUSTOMER, 7)
    people = people.append_column("customer_name", pa.array([f"Ana {n}" if n else None for n in range(7)]))
    result = take_in(home, write(tmp_path / "customers.parquet", people))
    assert (result.customers, result.new_customers) == (7, 0)
    known = identities(home)
    assert sorted(row["customer_key"] for row in known) == list(range(7))
    assert {row["source_id"]: row["name"] for row in known} == {
        f"person {n}": f"Ana {n}" if n else None for n in range(7)
    }
    assert take_in(home, tmp_path / "customers.parquet").duplicates == 7


def test_words_of_contacts_and_answers_go_to_the_private_tables(home: Home, tmp_path: Path) -> None:
    for table in (ANSWER, CONTACT):
        words = pa.array([f"words of {n}" for n in range(3)])
        take_in(home, write(tmp_path / f"{table.name}.parquet", contract_table(table, 3).append_column("text", words)))
        assert "words of" not in str(log_of(home, table))
    assert ContactLog(home).private.words.version().rows_of(None) == 6


def test_bad_values_are_set_aside_with_row_column_and_reason(home: Home, tmp_path: Path) -> None:
    def broken(table: Table, column: str, bad: Any, kind: pa.DataType | None = None) -> list[list[str]]:
        sent = contract_table(table, 5)
        values = bad if kind else [*sent[column].to_pylist()[:2], bad, *sent[column].to_pylist()[3:]]
        changed = replaced(sent, column, pa.array(values, kind or sent[column].type))
        result = take_in(home, write(tmp_path / "a.parquet", changed))
        assert result.quarantined == 1
        assert result.quarantine_file
        with result.quarantine_file.open(encoding="utf-8-sig", newline="") as file:
            return [[row[f"quarantine_{c}"] for c in ("row", "column", "reason")] for row in csv.DictReader(file)]

    late = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)
    assert broken(CONTACT, "severity", 6) == [["3", "severity", "The number is above the highest allowed"]]
    assert broken(CONTACT, "emotion", float("inf"))[0][:2] == ["3", "emotion"]
    assert broken(CONTACT, "direction", "sideways") == [["3", "direction", "The mapping does not know this word"]]
    assert broken(CONTACT, "attributes", [("a", "1"), ("a", "2")])[0][1] == "attributes"
    assert broken(INVITATION, "sent_at", late) == [["3", "sent_at", "The time lies in the future"]]
    assert broken(FACT, "customer", None) == [["3", "customer", "The value is missing"]]
    assert broken(CONSENT, "state", None) == [["3", "state", "The value is missing"]]
    costs = ["1", "2", "much", "4", "5"]
    assert broken(CHANGE, "cost", costs, TEXT) == [["3", "cost", "This is not a number"]]
    assert broken(PROCESS, "steps", None) == [["3", "steps", "The value is missing"]]


def test_a_missing_number_that_a_frame_writes_as_nan_is_null(home: Home, tmp_path: Path) -> None:
    sent = contract_table(CONTACT, 3)
    nan = pa.array([float("nan"), 0.5, float("nan")], pa.float32())
    result = take_in(home, write(tmp_path / "a.parquet", replaced(sent, "emotion", nan)))
    assert result.quarantined == 0
    assert sorted(str(row["emotion"]) for row in log_of(home)) == ["0.5", "None", "None"]


def test_mended_rows_of_the_quarantine_file_take_their_place(home: Home, tmp_path: Path) -> None:
    sent = contract_table(PROCESS, 5)
    owners = pa.array(["a", None, "c", "d", "e"])
    first = take_in(home, write(tmp_path / "a.parquet", replaced(sent, "owner", owners)))
    assert first.quarantine_file
    mended = tmp_path / "mended.csv"
    with first.quarantine_file.open(encoding="utf-8-sig", newline="") as file:
        rows = [row | {"owner": "b"} for row in csv.DictReader(file)]
    with mended.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    assert take_in(home, mended).accepted == 1
    assert [row["steps"] for row in log_of(home, PROCESS) if row["owner"] == "b"] == [["steps 0", "steps 1"]]


def test_columns_that_are_not_ours_become_attributes_or_are_listed(home: Home, tmp_path: Path) -> None:
    def with_more(table: Table) -> Path:
        sent = contract_table(table, 20)
        sent = sent.append_column("queue", pa.array(["north", "south"] * 10))
        sent = sent.append_column("mail", pa.array([f"ana{n}@mail.example" for n in range(20)]))
        return write(tmp_path / f"{table.plural}.parquet", sent)

    assert take_in(home, with_more(CONTACT)).dropped == ("mail",)
    for row in log_of(home):
        assert dict(row["attributes"])["queue"] in ("north", "south")
        assert len(row["attributes"]) == int(row["contact_id"].split()[1]) % 3 + 1
    assert take_in(home, with_more(OUTCOME)).dropped == ("queue", "mail")
    assert "mail.example" not in str(log_of(home))


def test_a_file_with_our_names_and_other_words_is_left_to_a_proposal(home: Home, tmp_path: Path) -> None:
    rows = [f"c{n},ana {n % 3},2025-03-{n + 1:02d} 10:00,call,phone,{('In', 'Out')[n % 2]}" for n in range(20)]
    file = tmp_path / "calls.csv"
    file.write_text("\n".join(["contact_id,customer,occurred_at,touchpoint,channel,direction", *rows]) + "\n")
    result = take_in(home, file)
    assert (result.recognised, result.quarantined) == ("proposed", 0)
    assert {row["direction"] for row in log_of(home)} == {"inbound", "outbound"}


def test_a_table_that_is_asked_for_says_which_columns_it_needs(home: Home, tmp_path: Path) -> None:
    file = write(tmp_path / "a.parquet", contract_table(INVITATION).drop_columns(["state"]))
    with pytest.raises(UnusableInput, match="invitation_id, study_id, sent_at, state, customer"):
        import_file(file, home, table=INVITATION)


@pytest.mark.parametrize("table", IMPORTABLE, ids=lambda table: table.name)
def test_the_mapping_of_a_contract_file_can_be_written_and_read_back(home: Home, tmp_path: Path, table: Table) -> None:
    file = write(tmp_path / "a.parquet", contract_table(table))
    mapping, _how = recognise(open_source(file), home)
    take_in(home, file)
    again = import_file(file, home, mapping=parse_mapping(mapping_text(mapping)))
    assert (again.accepted, again.duplicates) == (0, N)


def test_no_table_is_hidden_by_another() -> None:
    """A file with only the columns a table needs is not also one of a table that would be preferred."""
    for table in IMPORTABLE:
        needed = set(needed_columns(table))
        assert [t.name for t in IMPORTABLE if needed.issuperset(needed_columns(t))] == [table.name]
