"""Workbooks: dates are timestamps, numbers are what a person sees."""

from __future__ import annotations

import zipfile
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pytest

from tiesa.contacts.readers import ROW, ReaderOptions, Source, open_source, unpacking
from tiesa.core.errors import UnusableInput


def workbook(path: Path, sheets: dict[str, list[list[Any]]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def table_of(source: Source) -> pa.Table:
    return pa.Table.from_batches(source.batches())


ROWS = [
    ["customer", "at", "day", "n", "amount", "new", "mixed"],
    ["Živa", datetime(2025, 12, 31, 14, 5), date(2025, 12, 31), 7, 12.5, True, datetime(2025, 1, 1, 8, 0)],
    [" ben ", None, None, 1234567, 2.0, False, "soon"],
]


def test_cells_are_read_as_a_person_sees_them(tmp_path: Path) -> None:
    source = open_source(workbook(tmp_path / "t.xlsx", {"calls": ROWS}))
    assert (source.format, source.columns) == ("xlsx", tuple(ROWS[0]))
    table = table_of(source)
    assert table.schema.field("at").type == table.schema.field("day").type == pa.timestamp("us")
    assert table.drop_columns([ROW]).to_pylist() == [
        {
            "customer": "Živa",
            "at": datetime(2025, 12, 31, 14, 5),
            "day": datetime(2025, 12, 31),
            "n": "7",
            "amount": "12.5",
            "new": "true",
            "mixed": "2025-01-01 08:00:00",
        },
        {"customer": "ben", "at": None, "day": None, "n": "1234567", "amount": "2", "new": "false", "mixed": "soon"},
    ]
    assert table_of(source) == table


def test_blank_rows_columns_and_sheets_are_passed_over(tmp_path: Path) -> None:
    rows = [[None, None, None], [None, "a", "b"], [], [None, "x", "y"], [None, None, None], [None, "z", None]]
    source = open_source(workbook(tmp_path / "t.xlsx", {"cover": [], "calls": rows}))
    assert source.columns == ("a", "b")
    assert table_of(source).to_pylist() == [{ROW: 1, "a": "x", "b": "y"}, {ROW: 2, "a": "z", "b": None}]


def test_the_sheet_may_be_named(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx", {"one": [["a"], ["x"]], "two": [["b"], ["y"]]})
    assert open_source(path, options=ReaderOptions(sheet="two")).columns == ("b",)
    with pytest.raises(UnusableInput, match="one, two"):
        open_source(path, options=ReaderOptions(sheet="three"))


def test_a_sheet_without_header_loses_no_row(tmp_path: Path) -> None:
    source = open_source(workbook(tmp_path / "t.xlsx", {"s": [["anna", 1], ["ben", 2]]}))
    assert table_of(source).to_pylist() == [
        {ROW: 1, "column_1": "anna", "column_2": "1"},
        {ROW: 2, "column_1": "ben", "column_2": "2"},
    ]


def test_a_time_of_day_is_text(tmp_path: Path) -> None:
    source = open_source(workbook(tmp_path / "t.xlsx", {"s": [["who", "when"], ["ben", time(14, 5)]]}))
    assert table_of(source)["when"].to_pylist() == ["14:05:00"]


@pytest.mark.parametrize("sheets", [{"s": []}, {"s": [["customer", "channel"]]}])
def test_a_workbook_without_rows_is_unusable(tmp_path: Path, sheets: dict[str, list[list[Any]]]) -> None:
    with pytest.raises(UnusableInput, match="no row"):
        open_source(workbook(tmp_path / "t.xlsx", sheets))


def test_a_damaged_workbook_is_said(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "t.xlsx", "w") as archive:
        archive.writestr("xl/workbook.xml", "<nothing>")
    with pytest.raises(UnusableInput, match="damaged"):
        open_source(tmp_path / "t.xlsx")


def test_a_workbook_that_is_a_bomb_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = workbook(tmp_path / "t.xlsx", {"s": [["a"], ["x"]]})
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/zeros.bin", bytes(8 * 2**20))
    monkeypatch.setattr(unpacking, "UNPACK_FREE", 2**20)
    with pytest.raises(UnusableInput, match="200 times"):
        open_source(path)
