"""What cannot be used says so in one sentence; what can is recognised by its content."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from pathlib import Path

import pytest

from tiesa.contacts.readers import open_source, unpacking
from tiesa.core.errors import UnusableInput

CSV = b"customer,channel\nanna,phone\nben,mail\n"
XES = b'<log><trace><string key="concept:name" value="1"/><event><string key="a" value="b"/></event></trace></log>'
MBOX = b"From anna@example.org Mon Jan  6 10:00:00 2025\nFrom: anna@example.org\nTo: help@shop.example\n\nHello\n"
JSON = b'{"a": 1}\n{"a": 2}\n'
OCEL = json.dumps(
    {"objectTypes": [], "eventTypes": [], "objects": [], "events": [{"id": "1", "type": "t", "time": "2025-01-01"}]}
).encode()
CONTENTS = {"csv": CSV, "xes": XES, "mbox": MBOX, "jsonl": JSON, "json": b'[{"a": 1}]', "ocel": OCEL}


def zipped(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def fails(path: Path, content: bytes, words: str) -> None:
    path.write_bytes(content)
    with pytest.raises(UnusableInput, match=words) as caught:
        for _batch in open_source(path).batches():
            pass
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", CONTENTS)
@pytest.mark.parametrize("packing", ["plain", "gz", "zip"])
def test_content_decides_whatever_the_name_says(tmp_path: Path, kind: str, packing: str) -> None:
    content = CONTENTS[kind]
    path = tmp_path / "export.dat"
    packed = {"plain": content, "gz": gzip.compress(content), "zip": zipped({"inside.txt": content})}
    path.write_bytes(packed[packing])
    source = open_source(path)
    assert source.format == kind
    assert sum(len(batch) for batch in source.batches()) > 0


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(UnusableInput, match="no such file"):
        open_source(tmp_path / "none.csv")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(UnusableInput, match="folder"):
        open_source(tmp_path)


@pytest.mark.parametrize(
    "content",
    [b"", b"\n \n", gzip.compress(b""), b"\xef\xbb\xbf"],
    ids=["nothing", "blank lines", "gz of nothing", "only a mark"],
)
def test_an_empty_file_is_said(tmp_path: Path, content: bytes) -> None:
    fails(tmp_path / "t.csv", content, "empty")


def test_a_cut_gz_is_said(tmp_path: Path) -> None:
    rows = b"".join(b"%d,%d\n" % (n, n * 7919 % 10007) for n in range(200_000))
    fails(tmp_path / "t.csv.gz", gzip.compress(b"a,b\n" + rows)[:-1000], "damaged or cut short")
    fails(tmp_path / "small.csv.gz", gzip.compress(CSV)[:-9], "damaged or cut short")


def test_a_cut_zip_is_said(tmp_path: Path) -> None:
    fails(tmp_path / "t.zip", zipped({"t.csv": CSV})[:-30], "damaged or cut short")


def test_a_damaged_member_is_said(tmp_path: Path) -> None:
    content = zipped({"t.csv": CSV * 1000}, zipfile.ZIP_STORED).replace(b"anna", b"anne")
    fails(tmp_path / "t.zip", content, "damaged or cut short")


def test_a_zip_with_several_tables_names_them(tmp_path: Path) -> None:
    fails(tmp_path / "t.zip", zipped({"calls.csv": CSV, "mails.csv": CSV}), r"calls\.csv, mails\.csv")


def test_a_zip_without_a_table_is_said(tmp_path: Path) -> None:
    fails(tmp_path / "t.zip", zipped({"photo.png": b"x"}), "no file of a known kind")


def test_what_macs_and_shells_add_to_a_zip_does_not_count(tmp_path: Path) -> None:
    path = tmp_path / "t.zip"
    path.write_bytes(zipped({"calls.csv": CSV, "__MACOSX/._calls.csv": b"x", ".hidden.csv": b"y"}))
    assert open_source(path).columns == ("customer", "channel")


def test_an_encrypted_zip_is_said(tmp_path: Path) -> None:
    content = bytearray(zipped({"t.csv": CSV}))
    for magic, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(magic) + flags] |= 1
    fails(tmp_path / "t.zip", bytes(content), "password")


@pytest.mark.parametrize("packing", ["gz", "zip"])
def test_a_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packing: str) -> None:
    monkeypatch.setattr(unpacking, "UNPACK_FREE", 2**20)
    rows = b"a,b\n" + b"1,2\n" * 2_000_000
    content = gzip.compress(rows) if packing == "gz" else zipped({"t.csv": rows})
    fails(tmp_path / "t.csv.gz", content, "200 times")


def test_a_zip_that_lies_about_its_size_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = b"a,b\n" + b"1,2\n" * 2_000_000
    content = zipped({"t.csv": rows}).replace(len(rows).to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    monkeypatch.setattr(unpacking, "UNPACK_FREE", 2**20)
    (tmp_path / "t.zip").write_bytes(content)
    try:
        read = sum(len(batch) for batch in open_source(tmp_path / "t.zip").batches())
    except UnusableInput:
        read = 0
    assert read <= 2**20 / 4


def test_small_files_may_shrink_as_much_as_they_like(tmp_path: Path) -> None:
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n" + b"1,2\n" * 500_000))
    assert sum(len(batch) for batch in open_source(path).batches()) == 500_000


@pytest.mark.parametrize("content", [bytes(range(256)) * 50, b"\x89PNG\r\n\x1a\n" + bytes(500), b"\x7fELF" + bytes(99)])
def test_binary_rubbish_is_said(tmp_path: Path, content: bytes) -> None:
    fails(tmp_path / "t.csv", content, "binary file")


def test_an_old_workbook_is_said(tmp_path: Path) -> None:
    fails(tmp_path / "t.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "password-protected")


def test_prose_is_of_no_known_format(tmp_path: Path) -> None:
    fails(tmp_path / "t.md", b"Dear all\nthis is a letter\nBye\n", "format of the file is not known")


def test_a_name_that_promises_something_else_is_said(tmp_path: Path) -> None:
    fails(tmp_path / "t.xes", CSV, r"ends in \.xes")


def test_a_page_is_no_log(tmp_path: Path) -> None:
    fails(tmp_path / "t.csv", b"<!DOCTYPE html>\n<html><body>Please log in</body></html>", "no event log")
