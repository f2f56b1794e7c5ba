"""Text tables: whatever the csv module can write comes back, whatever is broken is set aside and told."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tiesa.contacts.readers import ROW, CsvSource, ReaderOptions, find_dialect, open_source
from tiesa.core.errors import InvalidMapping, UnusableInput

NAMES = ["customer", "text", "channel", "amount", "note"]
NO_LETTERS = ("Cc", "Cs", "Zs", "Zl", "Zp", "Cn")
CELLS = st.text(st.characters(exclude_categories=NO_LETTERS, include_characters=" \n;,|'\""), max_size=12).filter(
    lambda cell: cell.strip() not in NAMES  # a first row whose words stand below it is no header
)
FIND_OUT = ReaderOptions()
TABLES = st.integers(2, 5).flatmap(
    lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=8)
)


def table_bytes(rows: list[list[str]], *, delimiter: str, quote: str, quoting: int, encoding: str, end: str) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, quotechar=quote, quoting=quoting, lineterminator=end)
    writer.writerow(NAMES[: len(rows[0])])
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


def opened(path: Path, content: bytes | str, options: ReaderOptions = FIND_OUT) -> CsvSource:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    source = open_source(path, options=options)
    assert isinstance(source, CsvSource)
    return source


def rows_of(source: CsvSource) -> list[dict[str, str | None]]:
    return pa.Table.from_batches(source.batches()).to_pylist()


def cells_of(source: CsvSource) -> list[list[str | None]]:
    return [[row[name] for name in source.columns] for row in rows_of(source)]


@given(
    rows=TABLES,
    delimiter=st.sampled_from(",;\t|"),
    quote=st.sampled_from("\"'"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    end=st.sampled_from(["\n", "\r\n"]),
)
@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_fully_quoted_table_comes_back(
    tmp_path: Path, rows: list[list[str]], delimiter: str, quote: str, encoding: str, end: str
) -> None:
    content = table_bytes(rows, delimiter=delimiter, quote=quote, quoting=csv.QUOTE_ALL, encoding=encoding, end=end)
    source = opened(tmp_path / "t.csv", content)
    assert (source.dialect.delimiter, source.dialect.quote) == (delimiter, quote)
    assert cells_of(source) == [[cell.strip() or None for cell in row] for row in rows]
    assert source.broken == []


@given(
    rows=TABLES,
    delimiter=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    end=st.sampled_from(["\n", "\r\n"]),
)
@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_table_quoted_where_needed_comes_back(
    tmp_path: Path, rows: list[list[str]], delimiter: str, encoding: str, end: str
) -> None:
    content = table_bytes(rows, delimiter=delimiter, quote='"', quoting=csv.QUOTE_MINIMAL, encoding=encoding, end=end)
    source = opened(tmp_path / "t.csv", content)
    assert source.columns == tuple(NAMES[: len(rows[0])])
    assert cells_of(source) == [[cell.strip() or None for cell in row] for row in rows]


def test_records_are_numbered_from_one_without_the_header(tmp_path: Path) -> None:
    source = opened(tmp_path / "t.csv", "a,b\n1,2\n\n3,4\n")
    assert [row[ROW] for row in rows_of(source)] == [1, 2]


def test_reading_twice_gives_the_same(tmp_path: Path) -> None:
    source = opened(tmp_path / "t.csv", "a,b\n1,2\n3\n4,5\n")
    assert rows_of(source) == rows_of(source)
    assert len(source.broken) == 1


def test_ragged_records_are_set_aside_and_the_others_keep_their_numbers(tmp_path: Path) -> None:
    source = opened(tmp_path / "t.csv", "a,b,c\n1,2,3\nx,y\n4,5,6\n7,8,9,10\n11,12,13\n")
    assert [row[ROW] for row in rows_of(source)] == [1, 3, 5]
    assert [(bad.row, bad.value) for bad in source.broken] == [(2, "x,y"), (4, "7,8,9,10")]
    assert source.broken[0].raw == {"a": "x", "b": "y"}
    assert "2" in source.broken[0].reason
    assert "3" in source.broken[0].reason


def test_empty_delimiters_at_the_end_are_no_cells(tmp_path: Path) -> None:
    assert cells_of(opened(tmp_path / "t.csv", "a;b\n1;2;;\n3;4;;\n")) == [["1", "2"], ["3", "4"]]


def test_blank_lines_are_skipped_and_lines_of_empty_cells_are_rows(tmp_path: Path) -> None:
    source = opened(tmp_path / "t.tsv", "a\tb\n1\t2\n   \n\t\n3\t4\n")
    assert cells_of(source) == [["1", "2"], [None, None], ["3", "4"]]


@pytest.mark.parametrize("after", [3, 1_500])
def test_a_quote_never_closed_costs_one_record(tmp_path: Path, after: int) -> None:
    rows = "".join(f"{n},plain,ok\n" for n in range(after))
    source = opened(tmp_path / "t.csv", f'a,b,c\n0,"fine",ok\n1,"open,ok\n{rows}')
    assert len(rows_of(source)) == 1 + after
    assert [(bad.row, bad.value) for bad in source.broken] == [(2, '1,"open,ok')]


def test_a_quote_never_closed_does_not_swallow_up_to_the_next_quote(tmp_path: Path) -> None:
    source = opened(tmp_path / "t.csv", 'a,b,c\n1,2,"open\n3,4,5\n6,7,"closed"\n8,9,"x"\n')
    assert cells_of(source) == [["3", "4", "5"], ["6", "7", "closed"], ["8", "9", "x"]]
    assert [bad.row for bad in source.broken] == [1]


def test_a_record_of_the_wrong_width_gives_back_the_lines_it_swallowed(tmp_path: Path) -> None:
    source = opened(tmp_path / "t.csv", 'a,b,c\n1,"open\n2,3,4\n5,6"\n7,8,9\n')
    assert cells_of(source) == [["2", "3", "4"], ["7", "8", "9"]]
    assert [(bad.row, bad.value) for bad in source.broken] == [(1, '1,"open'), (3, '5,6"')]


def test_blanks_before_a_quote_do_not_hide_it(tmp_path: Path) -> None:
    assert cells_of(opened(tmp_path / "t.csv", 'a, b\n1, "x, y"\n')) == [["1", "x, y"]]


def test_long_letters_in_cells_stay_whole(tmp_path: Path) -> None:
    letter = "Dear all,\n" + "a line, with a comma\n" * 900 + "Bye"
    source = opened(tmp_path / "t.csv", f'id,text\n1,"{letter}"\n2,short\n')
    assert cells_of(source) == [["1", letter], ["2", "short"]]


def test_quotes_in_the_wrong_place_are_plain_characters(tmp_path: Path) -> None:
    source = opened(tmp_path / "t.csv", 'a,b\n1,"say "hi" now"\n2,"x"\n3,5" pipe\n')
    assert [row[0] for row in cells_of(source)] == ["1", "2", "3"]
    assert cells_of(source)[2] == ["3", '5" pipe']
    assert source.broken == []


def test_quotes_mean_nothing_where_they_are_only_opened(tmp_path: Path) -> None:
    source = opened(tmp_path / "t.tsv", 'id\ttext\n1\t"quite\n2\t"so\n3\t"and\n4\t"on\n')
    assert source.dialect.quote == ""
    assert cells_of(source) == [["1", '"quite'], ["2", '"so'], ["3", '"and'], ["4", '"on']]


@pytest.mark.parametrize("before", [20, 40_000])
def test_undecodable_bytes_and_nuls_set_only_their_record_aside(tmp_path: Path, before: int) -> None:
    good = "".join(f"{n},šđč\n" for n in range(before)).encode()
    source = opened(tmp_path / "t.csv", b"a,b\n" + good + b"x,caf\xe9\ny,nu\0l\nz,fine\n")
    assert len(rows_of(source)) == before + 1
    assert [bad.row for bad in source.broken] == [before + 1, before + 2]
    assert source.broken[0].value == "x,caf\ufffd"
    assert "utf-8" in source.broken[0].reason
    assert "NUL" in source.broken[1].reason


def test_headers_are_made_unique_and_never_blank(tmp_path: Path) -> None:
    assert opened(tmp_path / "t.csv", "id,,id, name \n1,2,3,x\n").columns == ("id", "column_2", "id_2", "name")


@pytest.mark.parametrize(
    ("text", "header"),
    [
        ("anna,12,2025-01-01\nben,13,2025-01-02\n", False),
        ("customer,n,day\nben,13,2025-01-02\n", True),
        ("anna,phone\nben,mail\nanna,mail\ncarl,phone\n", False),
        ("customer,channel\nben,mail\nanna,phone\n", True),
        ("ana@example.org,x\nbo@example.org,y\n", False),
        ("only,names\n", True),
    ],
)
def test_a_header_is_told_from_a_row(text: str, header: bool) -> None:
    dialect = find_dialect(text.encode())
    assert dialect.header is header
    if not header:
        assert dialect.columns[0] == "column_1"


def test_a_table_without_header_loses_no_row(tmp_path: Path) -> None:
    source = opened(tmp_path / "t.csv", "anna,12,2025-01-01\nben,13,2025-01-02\n")
    assert [row[ROW] for row in rows_of(source)] == [1, 2]
    assert "first line" in source.notes[0]


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("a;b;c\n1,5;2,5;x\n2,5;3,5;y\n", ";"),
        ("1,5;2,5;3\n4,5;5,5;6\n", ";"),
        ('name,text\nx,"a;b;c"\ny,"d;e"\n', ","),
        ("a\tb\n1,2\t3;4\n", "\t"),
        ("a|b\n1|2\n", "|"),
    ],
)
def test_the_delimiter_is_found_out(text: str, delimiter: str) -> None:
    assert find_dialect(text.encode()).delimiter == delimiter


def test_what_the_options_say_is_not_guessed(tmp_path: Path) -> None:
    options = ReaderOptions(encoding="cp1252", delimiter="|")
    source = opened(tmp_path / "t.csv", "a;b|c;d\nè;1|2;3\n".encode("cp1252"), options)
    assert source.columns == ("a;b", "c;d")
    assert cells_of(source) == [["è;1", "2;3"]]


def test_a_mark_is_no_letter_of_the_first_name(tmp_path: Path) -> None:
    source = opened(tmp_path / "t.csv", "ime;n\nŽiva;2\n".encode("utf-8-sig"), ReaderOptions(encoding="UTF8"))
    assert source.columns == ("ime", "n")


@pytest.mark.parametrize("options", [ReaderOptions(encoding="cp9999"), ReaderOptions(delimiter="\\t")])
def test_impossible_options_are_said(tmp_path: Path, options: ReaderOptions) -> None:
    with pytest.raises(InvalidMapping):
        opened(tmp_path / "t.csv", "a;b\n1;2\n", options)


def test_a_header_without_rows_is_unusable(tmp_path: Path) -> None:
    with pytest.raises(UnusableInput, match="no row"):
        opened(tmp_path / "t.csv", "customer,channel\n")


def test_letters_that_come_late_still_tell_the_encoding(tmp_path: Path) -> None:
    text = "customer;text\n" + "anna;plain text\n" * 40_000 + "živa;češnja že šumi\n" * 3
    source = opened(tmp_path / "t.csv", text.encode("cp1250"))
    assert source.dialect.encoding == "cp1250"
    assert cells_of(source)[-1] == ["živa", "češnja že šumi"]
    assert source.broken == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1250"])
@pytest.mark.parametrize("packed", [False, True])
def test_the_plain_file_holds_the_same_table_in_utf8(tmp_path: Path, encoding: str, packed: bool) -> None:
    text = "kupac;tekst\r\nŽiva;češnja že šumi\r\n"
    content = text.encode(encoding)
    source = opened(tmp_path / "t.csv", gzip.compress(content) if packed else content)
    with source.plain_file() as plain:
        assert plain.read_bytes() == text.encode()
        is_itself = plain == source.path
    assert is_itself is (encoding == "utf-8" and not packed)
    assert plain.exists() is is_itself


def test_undecodable_bytes_stay_invalid_in_the_plain_file(tmp_path: Path) -> None:
    source = opened(tmp_path / "t.csv", "a;b\nž;š\n".encode("cp1250") + b"\x81;1\n", ReaderOptions(encoding="cp1250"))
    with source.plain_file() as plain, pytest.raises(UnicodeDecodeError):
        plain.read_bytes().decode()
