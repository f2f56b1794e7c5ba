"""What once brought a reader down: each file is refused in a sentence, or its good rows come through."""

from __future__ import annotations

import gzip
import io
import json
import time
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tiesa.contacts.readers import open_source
from tiesa.contacts.readers.encodings import find_encoding
from tiesa.contacts.readers.json_records import GIVE_UP
from tiesa.contacts.readers.json_stream import LONGEST_VALUE
from tiesa.contacts.readers.mail_message import is_overgrown, read_message, without_tags
from tiesa.contacts.readers.names import LONGEST_NAME, MOST_COLUMNS
from tiesa.contacts.readers.source import ROW, Source
from tiesa.core.errors import UnusableInput


def opened(path: Path, content: bytes | str) -> Source:
    path.write_bytes(content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content)
    return open_source(path)


def rows_of(source: Source) -> list[dict[str, object]]:
    return [{k: v for k, v in row.items() if k != ROW} for batch in source.batches() for row in batch.to_pylist()]


def seconds(work: object, *given: object) -> float:
    start = time.process_time()
    work(*given)  # type: ignore[operator]
    return time.process_time() - start


@pytest.mark.parametrize(
    "value",
    ["9" * 5_000, "1e99999999999999999999", "[" * 5_000 + "]" * 5_000, '"' + "x" * LONGEST_VALUE + '"'],
    ids=["digits", "exponent", "depth", "length"],
)
def test_a_line_of_json_that_cannot_be_taken_is_set_aside_and_the_next_one_is_read(tmp_path: Path, value: str) -> None:
    source = opened(tmp_path / "t.jsonl", f'{{"a":{value}}}\n{{"a":"whole"}}\n')
    assert rows_of(source) == [{"a": "whole"}]
    assert [broken.row for broken in source.broken] == [1]
    assert source.broken[0].reason


def test_half_characters_and_nuls_in_json_become_text_that_a_file_can_hold(tmp_path: Path) -> None:
    source = opened(tmp_path / "t.jsonl", '{"k\\ud800\\u0000":"v\\udcff","n":"a\\u0000b"}\n{"x\\udfff": \n')
    assert source.columns == ("k\ufffd", "n")
    assert rows_of(source) == [{"k\ufffd": "v\ufffd", "n": "ab"}]
    json.dumps([broken.raw for broken in source.broken], ensure_ascii=False).encode()


@pytest.mark.parametrize(
    "text", ['{"a":' * 50_000, "[" + "[" * 100_000 + "]" * 100_000 + "]", '[{"a":1},', '[{"a":1}] x']
)
def test_a_json_document_that_is_broken_or_bottomless_is_said(tmp_path: Path, text: str) -> None:
    with pytest.raises(UnusableInput, match=r"broken or cut short|something else"):
        opened(tmp_path / "t.json", f"[{{}},{text}" if text[0] == "{" else text.replace("[[", "[{},[", 1))


def test_the_elements_of_a_document_come_whatever_stands_where_a_block_ends(tmp_path: Path) -> None:
    values = [{"a": "é" * (n % 700), "n": n} for n in range(1_500)]
    source = opened(tmp_path / "t.json", json.dumps(values, ensure_ascii=False, indent=1))
    assert rows_of(source) == [{"a": v["a"] or None, "n": str(v["n"])} for v in values]


def test_a_file_with_records_for_columns_is_refused(tmp_path: Path) -> None:
    for name, text in (
        ("t.jsonl", "".join(f'{{"key {n}":1}}\n' for n in range(MOST_COLUMNS + 1))),
        ("t.csv", ",".join(f"c{n}" for n in range(MOST_COLUMNS + 1)) + "\n" + "1," * MOST_COLUMNS + "1\n"),
    ):
        with pytest.raises(UnusableInput, match="more than 1000 columns"):
            opened(tmp_path / name, text)
    pq.write_table(pa.table({f"c{n}": [1] for n in range(MOST_COLUMNS + 1)}), tmp_path / "t.parquet")
    with pytest.raises(UnusableInput, match="more than 1000 columns"):
        open_source(tmp_path / "t.parquet")


def test_names_of_columns_are_unlike_each_other_whatever_their_capitals(tmp_path: Path) -> None:
    assert opened(tmp_path / "t.csv", "id,ID,Id \n1,2,3\n4,5,6\n").columns == ("id", "ID_2", "Id_3")
    assert opened(tmp_path / "t.jsonl", '{"id":1,"ID":2}\n').columns == ("id", "ID_2")
    arrays = [pa.array([1]), pa.array([2]), pa.array([3])]
    pq.write_table(pa.Table.from_arrays(arrays, names=["id", "ID", "id"]), tmp_path / "t.parquet")
    source = open_source(tmp_path / "t.parquet")
    assert source.columns == ("id", "ID_2", "id_3")
    assert rows_of(source) == [{"id": 1, "ID_2": 2, "id_3": 3}]


def test_bytes_and_lengths_that_no_name_may_have_leave_it(tmp_path: Path) -> None:
    head = "datum čas žalba šifra ".encode() * 9 + b"\xff;" + b"x" * 5_000 + b";a\x1bb\n"
    columns = opened(tmp_path / "t.csv", head + b"1;2;3\n").columns
    assert columns[0].endswith("\ufffd")
    assert max(map(len, columns)) <= LONGEST_NAME
    assert columns[2] == "a b"


def test_a_number_after_from_is_no_riddle(tmp_path: Path) -> None:
    assert seconds(opened, tmp_path / "t.csv", b"From " + b"1" * 65_000 + b"\nx\n") < 3


@pytest.mark.parametrize("piece", ["<", "<!--", "<script ", "<br ", "<style>", "</p"])
def test_markup_is_read_in_time_that_grows_with_its_length(piece: str) -> None:
    assert seconds(without_tags, piece * 100_000) < 3


def test_the_encoding_of_letters_without_end_is_found_in_time_that_grows_with_their_number() -> None:
    assert seconds(find_encoding, b"A" * 200_000 + b"\xe6\xe8" + b"A" * 50_000) < 3


def test_only_what_is_never_closed_stays_of_unseen_markup() -> None:
    assert without_tags("a<!-- x -->b<SCRIPT>var y</script >c<style>z") == "abcz"


@pytest.mark.parametrize(
    "header", ["Cc: " + "a@b.c, " * 30_000, "Cc: " + '"' * 50_001, "Subject: " + "=?utf-8?q?a?= " * 20_000]
)
def test_a_header_of_absurd_length_is_cut_and_the_message_stays(header: str) -> None:
    raw = f"From: ana@example.org\n{header}\nMessage-ID: <1@x>\n\nwords\n".encode()
    assert seconds(read_message, raw) < 3
    record = read_message(raw)
    assert record is not None
    assert (record["from_address"], record["text"]) == ("ana@example.org", "words")


def test_a_message_with_an_impossible_date_has_none() -> None:
    for date in ("Mon, 3 Mar 9999999999 08:00:00 +0000", "Mon, 3 Mar 2025 08:00:00 +99999999999999"):
        record = read_message(f"From: a@b.c\nDate: {date}\n\nx".encode())
        assert record is not None
        assert record["date"] is None


def test_parts_without_end_are_noticed_before_they_are_parsed() -> None:
    head = b"From: a@b.c\nContent-Type: multipart/mixed; boundary=x\n\n"
    assert is_overgrown(head + b"--x\n\n" * 50_000)
    assert not is_overgrown(head + b"--x\n\nwords\n" * 50 + b"--x--\n")


def test_attributes_in_attributes_without_end_are_refused(tmp_path: Path) -> None:
    inner = '<string key="a" value="b">' * 5_000 + "</string>" * 5_000
    with pytest.raises(UnusableInput, match="nested too deeply"):
        opened(tmp_path / "t.xes", f"<log><trace><event>{inner}</event></trace></log>")


def test_a_list_of_an_event_keeps_all_its_values_in_order(tmp_path: Path) -> None:
    inner = "".join(f'<string key="a" value="{n}"/>' for n in range(40_000))
    event = f'<event><string key="k" value="v"/><list key="l"><values>{inner}</values></list></event>'
    source = opened(tmp_path / "t.xes", f"<log><trace>{event}{event}</trace></log>")
    assert rows_of(source) == [{"k": "v", "l": None, "l/a": "|".join(map(str, range(40_000)))}] * 2


def test_a_tag_without_end_is_refused(tmp_path: Path) -> None:
    text = '<log><trace><event><string key="a" value="' + "x" * 9_000_000
    with pytest.raises(UnusableInput, match="tag is longer"):
        opened(tmp_path / "t.xes", text)


def test_a_time_of_an_object_that_is_none_is_said(tmp_path: Path) -> None:
    objects = '[{"id":"o","type":"t","attributes":[{"name":"a","time":"yesterday","value":1}]}]'
    with pytest.raises(UnusableInput, match="'yesterday'"):
        opened(tmp_path / "t.json", f'{{"objects":{objects},"events":[]}}')


def _workbook(cells: str, shared: str = "") -> bytes:
    xlsxwriter = pytest.importorskip("xlsxwriter")
    file, made = io.BytesIO(), io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    book.add_worksheet().write(0, 0, "text")
    book.close()
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            content = old.read(info).decode()
            if "worksheets/" in info.filename:
                content = (
                    f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{cells}'
                )
                content += "</sheetData></worksheet>"
            if shared and "sharedStrings" in info.filename:
                content = f'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{shared}</sst>'
            new.writestr(info.filename, content)
    return made.getvalue()


@pytest.mark.parametrize(
    "last",
    ['<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>', '<row r="1048576"><c r="AZ1048576"><v>1</v></c></row>'],
)
def test_a_cell_far_away_cannot_stretch_a_sheet_over_the_memory(tmp_path: Path, last: str) -> None:
    with pytest.raises(UnusableInput, match="far apart"):
        opened(tmp_path / "t.xlsx", _workbook('<row r="1"><c r="A1"><v>1</v></c></row>' + last))


@pytest.mark.parametrize("place", ["B99999999999", "AAAAAAAA2"])
def test_a_cell_farther_away_than_a_sheet_reaches_is_refused(tmp_path: Path, place: str) -> None:
    with pytest.raises(UnusableInput, match="Cells far apart"):
        opened(tmp_path / "a.xlsx", _workbook(f'<row r="2"><c r="{place}"><v>1</v></c></row>'))


def test_texts_that_are_announced_but_not_there_get_no_room(tmp_path: Path) -> None:
    shared = '<sst xmlns="{0}" count="1" uniqueCount="4294967296"><si><t>id</t></si></sst>'
    with pytest.raises(UnusableInput, match="damaged"):
        opened(tmp_path / "a.xlsx", _workbook('<row r="1"><c r="A1" t="s"><v>0</v></c></row>', shared=shared))


def test_a_long_text_that_many_cells_share_is_a_bomb(tmp_path: Path) -> None:
    cells = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 1_001))
    with pytest.raises(UnusableInput, match="unpacks to more"):
        opened(tmp_path / "t.xlsx", _workbook(cells, f"<si><t>{'x' * 1_000_000}</t></si>"))
    few = _workbook(cells, f"<si><t>{'x' * 1_000}</t></si>")
    assert len(rows_of(opened(tmp_path / "few.xlsx", few))) >= 999


def test_a_long_text_that_many_rows_share_is_a_bomb(tmp_path: Path) -> None:
    text = pa.DictionaryArray.from_arrays(pa.array([0] * 40_000, pa.int32()), pa.array(["x" * 32_000]))
    pq.write_table(pa.table({"text": text}), tmp_path / "t.parquet")
    with pytest.raises(UnusableInput, match="unpacks to more"):
        open_source(tmp_path / "t.parquet")


def test_values_at_the_edge_of_their_types_are_read(tmp_path: Path) -> None:
    columns = {
        "day": pa.array([2**31 - 1, 0], pa.int32()).cast(pa.date32()),
        "ms": pa.array([2**60, 0]).cast(pa.timestamp("ms")),
        "binary": pa.array([b"\xff", b"ok"]),
        "decimal": pa.array([None, 1], pa.decimal256(76, 1)),
        "wrong": pa.Array.from_buffers(pa.string(), 2, pa.array([b"\xff", b"a"], pa.binary()).buffers()),
    }
    pq.write_table(pa.table(columns), tmp_path / "t.parquet")
    batch = pa.Table.from_batches(open_source(tmp_path / "t.parquet").batches())
    assert batch["ms"].null_count == 1
    assert batch["binary"].to_pylist() == ["\ufffd", "ok"]
    assert batch["wrong"].to_pylist() == ["\ufffd", "a"]
    assert batch["decimal"].to_pylist() == [None, "1.0"]


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_damaged_member_is_said_whatever_it_is_packed_with(tmp_path: Path, method: int) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr("calls.csv", b"customer,created at\n" + b"K1,2025-03-03\n" * 500)
    data = bytearray(file.getvalue())
    data[60:90] = b"\xff" * 30
    with pytest.raises(UnusableInput, match="damaged"):
        rows_of(opened(tmp_path / "t.zip", bytes(data)))


@pytest.mark.parametrize("name", ["", ".", "..", "//"])
def test_a_member_without_a_name_is_no_file(tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(tmp_path / "t.zip", "w") as archive:
        archive.writestr(zipfile.ZipInfo(name), "a,b\n1,2\n")
    with pytest.raises(UnusableInput, match="no file of a known kind"):
        open_source(tmp_path / "t.zip")


def test_the_first_line_of_a_packed_file_may_be_too_long_to_be_json(tmp_path: Path) -> None:
    with pytest.raises(UnusableInput):
        opened(tmp_path / "t.jsonl.gz", gzip.compress(b'{"a":' * 20_000))


def test_a_file_without_one_object_among_many_lines_is_no_json_lines(tmp_path: Path) -> None:
    """Each line would be set aside by itself: millions of them, for minutes."""
    with pytest.raises(UnusableInput, match="no JSON object"):
        opened(tmp_path / "a.jsonl", "id,customer\n" * (GIVE_UP + 1) + '{"id": 1}\n')
    late = opened(tmp_path / "b.jsonl", "id,customer\n" * (GIVE_UP - 1) + '{"id": 1}\n')
    assert (rows_of(late), len(late.broken)) == ([{"id": "1"}], GIVE_UP - 1)


@pytest.mark.parametrize("wrong", [b"\xffb", b"a\xffb"], ids=["at an end", "in the middle"])
def test_a_parquet_text_that_is_no_utf_8_is_kept_as_far_as_it_is(tmp_path: Path, wrong: bytes) -> None:
    """Also in what is nested; the library that reads the file hands such texts on as they are."""
    text = pa.Array.from_buffers(pa.string(), 1, pa.array([wrong], pa.binary()).buffers())
    said = wrong.decode("utf-8", "replace")
    columns = {
        "text": text,
        "list": pa.ListArray.from_arrays([0, 1], text),
        "map": pa.MapArray.from_arrays([0, 1], text, text),
        "struct": pa.StructArray.from_arrays([text, pa.ListArray.from_arrays([0, 1], text)], ["a", "b"]),
    }
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")
    (row,) = rows_of(open_source(tmp_path / "a.parquet"))
    assert row == {
        "text": said,
        "list": f'["{said}"]',
        "map": f'{{"{said}":"{said}"}}',
        "struct.a": said,
        "struct.b": f'["{said}"]',
    }
