"""Spreadsheets: no cell runs, numbers stay numbers, times are dates; Parquet keeps the contract."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.reports.logs import contents, full_row, made_home, support_home

from tiesa.core.errors import WrongUsage
from tiesa.core.home import Home
from tiesa.core.tables import JOURNEY, JOURNEY_CONTACT
from tiesa.reports import workbook
from tiesa.reports.export import export
from tiesa.reports.spreadsheet import write_table

DANGEROUS = [
    "=1+1",
    "+1",
    "-1+2",
    "@sum(a1)",
    "\t=1",
    "\rx",
    "  =1",
    "\ufeff=1",
    "\uff1d1",
    "\uff0b1",
    "\uff0d1",
    "\uff20a",
    "\u00a0-x",
    "'=1",
]
HARMLESS = ["a=1", "1-2", "x@y", "'a", "", " a", "https://example.org", 'Ž, "q"\nline']


def csv_rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def sheet_rows(path: Path, sheet: str = "") -> list[tuple[Any, ...]]:
    book = openpyxl.load_workbook(path)
    return list((book[sheet] if sheet else book.worksheets[0]).iter_rows())


def test_csv_is_what_excel_opens(tmp_path: Path) -> None:
    write_table(pa.table({"a": ["Ž", 'x, "y"'], "b": [1, None]}), tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_bytes() == b'\xef\xbb\xbfa,b\r\n\xc5\xbd,1\r\n"x, ""y""",\r\n'


def test_formulas_get_a_quote_in_csv_and_harmless_texts_do_not(tmp_path: Path) -> None:
    texts = [*DANGEROUS, *HARMLESS]
    notes = write_table(pa.table({"t": texts, "=h": ["x"] * len(texts)}), tmp_path / "t.csv")
    header, *rows = csv_rows(tmp_path / "t.csv")
    assert header == ["t", "'=h"]
    assert [row[0] for row in rows] == ["'" + text for text in DANGEROUS] + HARMLESS
    assert str(len(DANGEROUS)) in notes[0]


@given(st.lists(st.text(st.characters(exclude_categories=("Cs",)), max_size=8), min_size=1, max_size=20))
@settings(max_examples=30)
def test_no_text_begins_like_a_formula_and_one_quote_off_gives_it_back(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    path = tmp_path_factory.mktemp("odd") / "t.csv"
    write_table(pa.table({"t": texts, "n": [1] * len(texts)}), path)
    found = [row[0] for row in csv_rows(path)[1:]]
    assert len(found) == len(texts)
    for written, text in zip(found, texts, strict=True):
        assert written in (text, "'" + text)
        assert not written.strip("\ufeff \u3000\u00a0").startswith(
            ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
        )


def test_negative_numbers_stay_numbers(tmp_path: Path) -> None:
    table = pa.table({"i": [-5], "d": [Decimal("-1.50")], "f": [-0.25]})
    write_table(table, tmp_path / "t.csv")
    write_table(table, tmp_path / "t.xlsx")
    assert csv_rows(tmp_path / "t.csv")[1] == ["-5", "-1.50", "-0.25"]
    assert [(c.value, c.data_type) for c in sheet_rows(tmp_path / "t.xlsx")[1]] == [
        (-5, "n"),
        (-1.5, "n"),
        (-0.25, "n"),
    ]


def test_no_cell_of_a_workbook_is_a_formula_or_a_link(tmp_path: Path) -> None:
    texts = [t for t in [*DANGEROUS, *HARMLESS] if t]
    write_table(pa.table({"t": texts}), tmp_path / "t.xlsx")
    cells = [row[0] for row in sheet_rows(tmp_path / "t.xlsx")[1:]]
    assert [c.data_type for c in cells] == ["s"] * len(texts)
    assert all(c.hyperlink is None for c in cells)
    assert [c.value.replace("_x000D_", "\r") for c in cells] == texts


def test_a_workbook_has_real_dates_numbers_and_a_header_to_filter(tmp_path: Path) -> None:
    at = datetime(2026, 3, 31, 18, 0, 5, 250_000, UTC)
    table = pa.table(
        {
            "at": pa.array([at, None], pa.timestamp("us", "UTC")),
            "day": [date(2026, 3, 31), None],
            "n": [7, None],
            "big": [2**60, 1],
            "yes": [True, None],
            "list": [["a", "=b"], None],
        }
    )
    write_table(table, tmp_path / "t.xlsx")
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    sheet = book.worksheets[0]
    first = [c.value for c in sheet[2]]
    assert first[0] == at.replace(tzinfo=None)
    assert first[1:] == [datetime(2026, 3, 31), 7, str(2**60), True, '["a","=b"]']
    assert [c.value for c in sheet[3]] == [None, None, None, 1, None, None]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:F3"
    assert "UTC" in book["about"]["A1"].value


def test_a_table_longer_than_a_sheet_goes_on_in_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "SHEET_ROWS", 1_000)
    write_table(pa.table({"n": list(range(2_500))}), tmp_path / "numbers.xlsx")
    book = openpyxl.load_workbook(tmp_path / "numbers.xlsx")
    assert book.sheetnames == ["numbers", "numbers 2", "numbers 3"]
    values = [cell.value for sheet in book for (cell,) in sheet.iter_rows(min_row=2)]
    assert values == list(range(2_500))
    assert all(sheet["A1"].value == "n" for sheet in book)


def test_what_a_cell_cannot_hold_is_changed_and_counted(tmp_path: Path) -> None:
    notes = write_table(pa.table({"t": ["x" * 40_000, "a\x01b"]}), tmp_path / "t.xlsx")
    cells = [row[0].value for row in sheet_rows(tmp_path / "t.xlsx")[1:]]
    assert cells == ["x" * 32_767, "a\ufffdb"]
    assert len(notes) == 2


def test_an_empty_table_keeps_its_header(tmp_path: Path) -> None:
    empty = pa.table({"a": pa.array([], pa.string()), "b": pa.array([], pa.int64())})
    for suffix in ("csv", "xlsx", "parquet"):
        write_table(empty, tmp_path / f"t.{suffix}")
    assert csv_rows(tmp_path / "t.csv") == [["a", "b"]]
    assert [c.value for c in sheet_rows(tmp_path / "t.xlsx")[0]] == ["a", "b"]
    assert pq.read_table(tmp_path / "t.parquet") == empty


def test_another_suffix_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(WrongUsage, match=r"\.csv, \.xlsx, \.parquet"):
        write_table(pa.table({"a": [1]}), tmp_path / "t.ods")
    assert not list(tmp_path.iterdir())


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    rows = [full_row(n, reason="=HYPERLINK(1)" if n % 2 else None) for n in range(60)]
    return made_home(tmp_path_factory.mktemp("full") / "home", rows)


def test_the_log_as_csv_has_every_column_and_a_column_per_attribute(home: Home, tmp_path: Path) -> None:
    done = export(home, tmp_path / "c.csv", format="csv")
    header, *rows = csv_rows(tmp_path / "c.csv")
    kept = [c for c in JOURNEY_CONTACT.names if c != "attributes"]
    assert [c for c in header if not c.startswith("attributes.")] == [*kept, "customer"]
    assert {c for c in header if c.startswith("attributes.")} == {
        'attributes.a "b" <c>',
        "attributes.colour",
        "attributes.=odd & Ž",
    }
    expected = contents(home)[0]
    by_id = {row[header.index("contact_id")]: dict(zip(header, row, strict=True)) for row in rows}
    assert len(by_id) == len(rows) == done.contacts == len(expected)
    for contact in expected:
        found = by_id[contact["contact_id"]]
        assert found["amount"] == ("" if contact["amount"] is None else str(contact["amount"]))
        assert found["reason"] == ("'=HYPERLINK(1)" if contact["reason"] else "")
        assert found["attributes.colour"] == contact["attributes"].get("colour", "")
        at = datetime.fromisoformat(found["occurred_at"]).replace(tzinfo=UTC)
        assert at == contact["occurred_at"]
    assert done.notes


@pytest.mark.parametrize(("what", "table"), [("contacts", JOURNEY_CONTACT), ("journeys", JOURNEY)])
def test_parquet_has_the_contracts_schema_and_all_rows(home: Home, tmp_path: Path, what: str, table: Any) -> None:
    export(home, tmp_path / "t.parquet", format="parquet", what=what)
    found = pq.read_table(tmp_path / "t.parquet")
    assert found.schema.remove(found.schema.get_field_index("customer")).equals(table.schema)
    rows = found.drop_columns(["customer", "customer_key"]).to_pylist()
    expected = [{k: v for k, v in r.items() if k != "customer"} for r in contents(home)[0 if what == "contacts" else 1]]
    for row in rows:
        if "attributes" in row:
            row["attributes"] = dict(row["attributes"])
    assert sorted(map(str, rows)) == sorted(map(str, expected))


def test_journeys_leave_as_a_workbook_with_the_meaning_of_their_columns(tmp_path: Path) -> None:
    home = support_home(tmp_path / "home")
    done = export(home, tmp_path / "j.xlsx", format="xlsx", what="journeys")
    book = openpyxl.load_workbook(tmp_path / "j.xlsx")
    assert book.sheetnames == ["journeys", "about"]
    assert book["journeys"].max_row == done.journeys + 1
    meanings = {row[0].value: row[1].value for row in book["about"].iter_rows()}
    assert meanings["goal_state"] == JOURNEY["goal_state"].meaning
