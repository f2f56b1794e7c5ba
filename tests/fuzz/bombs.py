"""Files made to exhaust: small ones that unpack, nest, multiply or stretch into far more than they weigh."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from functools import cache
from random import Random

import pyarrow as pa
from tests.fuzz.whole import COLUMNS, packed, parquet_file, rows, text_table, workbook, zipped

MIB = 2**20
HEAD = (",".join(COLUMNS) + "\n").encode()
ROW = (",".join(rows()[0]) + "\n").encode()
Bomb = Callable[[], bytes]


@cache
def stream(piece: bytes, mebibytes: int) -> bytes:
    """A gz file of that many MiB of one piece: members of 1 MiB, one behind the other."""
    return packed((piece * (MIB // len(piece) + 1))[:MIB]) * mebibytes


def _with_part(name: str, content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(workbook())) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist()}
    return zipped((parts | {name: content}).items())


def _sheet(cells: str) -> bytes:
    head = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    return _with_part("xl/worksheets/sheet1.xml", f"{head}{cells}</sheetData></worksheet>".encode())


def _shared_string(length: int, cells: int) -> bytes:
    """One long text, which many cells share."""
    with zipfile.ZipFile(io.BytesIO(workbook())) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist()}
    head = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    parts["xl/sharedStrings.xml"] = head + b"<si><t>" + b"x" * length + b"</t></si></sst>"
    listed = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, cells + 1))
    sheet = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>' + listed
    parts["xl/worksheets/sheet1.xml"] = f"{sheet}</sheetData></worksheet>".encode()
    return zipped(parts.items())


def _letter(body: bytes, kind: bytes = b"text/html", *, head: bytes = b"") -> bytes:
    start = b"From a@b.c Mon Mar  3 08:00:00 2025\nFrom: ana@example.org\nTo: help@desk.example\n"
    return (
        start + b"Date: Mon, 3 Mar 2025 08:00:00 +0200\n" + head + b"Content-Type: " + kind + b"\n\n" + body + b"\n\n"
    )


def _log(inside: str, before: str = "") -> bytes:
    at = '<date key="time:timestamp" value="2025-03-03T08:00:00Z"/><string key="concept:name" value="a"/>'
    return (
        f'{before}<log><trace><string key="concept:name" value="1"/><event>{at}{inside}</event></trace></log>'.encode()
    )


def _laughs() -> str:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    return f'<?xml version="1.0"?><!DOCTYPE log [<!ENTITY l0 "ha">{levels}]>'


def _events(count: int, *, relations: int = 1, kinds: int = 2) -> bytes:
    objects = [{"id": f"o{n}", "type": f"t{n % kinds}", "attributes": []} for n in range(max(relations, kinds))]
    related = [{"objectId": f"o{n}"} for n in range(relations)]
    events = [
        {"id": f"e{n}", "type": "a", "time": "2025-03-03T08:00:00Z", "relationships": related} for n in range(count)
    ]
    return json.dumps({"objects": objects, "events": events}).encode()


def _same_text(length: int, count: int) -> bytes:
    """One long text, which many rows share through the dictionary of its column."""
    text = pa.DictionaryArray.from_arrays(pa.array([0] * count, pa.int32()), pa.array(["x" * length]))
    at = pa.array([1_741_000_000_000_000] * count, pa.timestamp("us"))
    table = pa.table({"customer": pa.array([str(n % 9) for n in range(count)]), "created at": at, "text": text})
    return parquet_file(table, dictionary_pagesize_limit=8 * length)


def _joined(piece: bytes, count: int, between: bytes = b",") -> bytes:
    return between.join(piece % n for n in range(count))


def _lying_zip() -> bytes:
    """Says that it unpacks to 10 bytes, and unpacks to 20 MiB."""
    data = bytearray(zipped([("calls.csv", HEAD + ROW * (20 * MIB // len(ROW)))]))
    directory = data.rfind(b"PK\x01\x02")
    for place in (data.find(b"PK\x03\x04") + 22, directory + 24):
        data[place : place + 4] = (10).to_bytes(4, "little")
    return bytes(data)


def _objects(count: int, key: str) -> bytes:
    at = '"created at":"2025-03-03 08:00","customer":"K1"'
    return "".join(f'{{{at},"{key.format(n=n)}":{n}}}\n' for n in range(count)).encode()


def _wide(columns: int, lines: int) -> bytes:
    names = [*COLUMNS, *(f"extra {n}" for n in range(columns))]
    cells = [*rows()[0], *("1" for _n in range(columns))]
    return "\n".join(",".join(line) for line in [names, *[cells] * lines]).encode()


PART, END = '<string key="a" value="bbbbbbbbbb"/>', b"</trace></log>"
FIRST = '<row r="1"><c r="A1"><v>1</v></c></row>'
ELEMENT = b'{"created at":"2025-03-03 08:00","customer":"K1","text":"'
BOMBS: dict[str, dict[str, Bomb]] = {
    "csv": {
        "one line": lambda: b"x" * 20 * MIB,
        "one cell": lambda: HEAD + ROW + ROW[:-1] + b"x" * 18 * MIB + b"\n" + ROW,
        "quotes": lambda: b'"' * MIB,
        "open quote": lambda: HEAD + ROW.replace(b"ok", b'"open') + b'"' + ROW * 20_000,
        "delimiters": lambda: b"," * 200_000,
        "delimiters in a row": lambda: HEAD + b"," * 2 * MIB + b"\n" + ROW,
        "blank lines": lambda: HEAD + b"\n" * MIB + ROW,
        "same name": lambda: b"a," * 30_000 + b"\n" + b"1," * 30_000,
        "columns": lambda: _wide(40_000, 2),
        "columns and rows": lambda: _wide(1_500, 400),
        "long lines of marks": lambda: b";,|\t" * 300_000,
        "nul": lambda: b"\0" * 3 * MIB,
        "ends of lines": lambda: b"\r" * MIB + HEAD + ROW,
        "number for a sender": lambda: b"From " + b"1" * 70_000,
    },
    "jsonl": {
        "lists": lambda: ELEMENT + b'","tags":[' + b"[]," * 6 * MIB + b"[]]}\n" + ELEMENT + b'"}\n',
        "keys": lambda: _objects(20_000, "key {n}"),
        "objects": lambda: ELEMENT + b'","tags":{' + b",".join(b'"%d":{}' % n for n in range(200_000)) + b"}}\n",
        "letters": lambda: ELEMENT + b"x" * 20 * MIB + b'"}\n' + ELEMENT + b'"}\n',
        "depth": lambda: ELEMENT + b'","deep":' + b'{"a":' * 100_000 + b"1" + b"}" * 100_001 + b"\n",
        "depth that passes": lambda: ELEMENT + b'","deep":' + b'{"a":' * 900 + b"1" + b"}" * 901 + b"\n",
        "list that passes": lambda: ELEMENT + b'","deep":' + b"[" * 900 + b"1" + b"]" * 900 + b"}\n",
        "digits": lambda: ELEMENT + b'","n":' + b"9" * MIB + b"}\n" + ELEMENT + b'"}\n',
        "exponent": lambda: ELEMENT + b'","n":1e' + b"9" * 30 + b"}\n" + ELEMENT + b'"}\n',
        "packed lists": lambda: packed(ELEMENT + b'","tags":[' + b"[]," * 60 * MIB + b"[]]}\n"),
    },
    "json": {
        "open": lambda: b"[" * 2 * MIB,
        "open objects": lambda: b'[{"a":' * 200_000,
        "one object": lambda: b"[" + ELEMENT + b'","tags":[' + b"[]," * 6 * MIB + b"[]]}]",
        "empty objects": lambda: b"[" + b"{}," * 300_000 + b"{}]",
        "numbers": lambda: b"[{}," + b"1," * 500_000 + b"1]",
        "letters": lambda: b"[" + ELEMENT + b"x" * 20 * MIB + b'"}]',
        "keys": lambda: b"[" + _objects(20_000, "key {n}").rstrip().replace(b"\n", b",") + b"]",
        "digits": lambda: b"[" + ELEMENT + b'","n":' + b"9" * 100_000 + b"}]",
        "exponent": lambda: b"[" + ELEMENT + b'","n":1e' + b"9" * 30 + b"}]",
        "depth": lambda: b"[" + ELEMENT + b'","deep":' + b"[" * 100_000 + b"]" * 100_000 + b"}]",
        "packed lists": lambda: packed(b"[" + ELEMENT + b'","tags":[' + b"[]," * 60 * MIB + b"[]]}]"),
    },
    "ocel": {
        "relations": lambda: _events(3, relations=60_000),
        "kinds": lambda: _events(3, relations=8_000, kinds=8_000),
        "objects": lambda: b'{"objects":[' + _joined(b'{"id":"%d","type":"a"}', 200_000) + b'],"events":[]}',
        "attributes": lambda: _events(20).replace(
            b'"relationships"',
            b'"attributes":[' + b",".join(b'{"name":"%d","value":1}' % n for n in range(9_000)) + b'],"relationships"',
            1
        ),
        "open": lambda: b'{"objects":[' + b"[" * MIB,
    },
    "xes": {
        "billion laughs": lambda: _log('<string key="x" value="&l11;"/>', _laughs()),
        "laughs in an element": lambda: _log("&l11;", _laughs()),
        "attribute that grows": lambda: _log("",
        f'<!DOCTYPE log [<!ENTITY a "{"a" * 100_000}">]>').replace(b'value="a"', b'value="' + b"&a;" * 20_000 + b'"'),
        "depth": lambda: _log('<string key="a" value="b">' * 30_000 + "</string>" * 30_000),
        "depth of tags": lambda: b"<log>" + b"<a>" * 300_000,
        "list": lambda: _log(f'<list key="l"><values>{PART * 60_000}</values></list>'),
        "keys": lambda: b"<log><trace>" + _joined(b'<event><string key="k%d" value="v"/></event>', 20_000, b"") + END,
        "events": lambda: b"<log><trace>" + b"<event/>" * 200_000 + b"</trace></log>",
        "comment": lambda: _log("<!--" + "x" * 8 * MIB + "-->"),
        "value": lambda: _log(f'<string key="x" value="{"y" * 18 * MIB}"/>'),
        "attributes of a tag": lambda: _log("<string " + " ".join(f'a{n}="1"' for n in range(50_000)) + "/>"),
        "names": lambda: _log("".join(f"<t{n}/>" for n in range(200_000))),
    },
    "xlsx": {
        "corners": lambda: _sheet(f'{FIRST}<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
        "tall": lambda: _sheet(f'{FIRST}<row r="1048576"><c r="AZ1048576"><v>1</v></c></row>'),
        "columns": lambda: _sheet(
            "".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c><c r="XFD{n}"><v>1</v></c></row>' for n in range(1, 900))
        ),
        "shared text": lambda: _shared_string(MIB, 20_000),
        "shared text of usual length": lambda: _shared_string(32_000, 90_000),
        "zeros": lambda: _with_part("xl/sharedStrings.xml", b"\0" * 200 * MIB),
        "blanks": lambda: _with_part("xl/worksheets/sheet1.xml", b" " * 400 * MIB),
        "laughs": lambda: _with_part("xl/worksheets/sheet1.xml", _log("&l11;", _laughs())),
        "rows": lambda: _sheet("<row/>" * 300_000),
        "merged": lambda: _with_part(
            "xl/worksheets/sheet1.xml",
            b"<worksheet><sheetData/><mergeCells>" + b'<mergeCell ref="A1:XFD1048576"/>' * 100_000,
        ),
        "formats": lambda: _with_part("xl/styles.xml",
        b"<styleSheet><cellXfs>" + b'<xf numFmtId="14"/>' * 500_000 + b"</cellXfs></styleSheet>"),
        "sheets": lambda: workbook(200),
    },
    "parquet": {
        "shared text": lambda: _same_text(MIB, 4_000),
        "shared text, many rows": lambda: _same_text(32_000, 60_000),
        "rows of nothing": lambda: parquet_file(pa.table({"a": pa.nulls(3_000_000), "b": pa.array([1] * 3_000_000)})),
        "columns": lambda: parquet_file(pa.table({f"c{n}": ["1"] for n in range(6_000)})),
        "long text": lambda: parquet_file(pa.table({"customer": ["a"], "created at": ["2025-03-03 08:00"],
        "text": ["x" * 40 * MIB]})),
        "long list": lambda: parquet_file(pa.table({"customer": ["a"], "created at": ["2025-03-03 08:00"],
        "tags": [[""] * 3_000_000]})),
    },
    "mbox": {
        "angle brackets": lambda: _letter(b"<" * MIB),
        "scripts": lambda: _letter(b"<script " * 150_000),
        "comments": lambda: _letter(b"<!--" * 250_000),
        "breaks": lambda: _letter(b"<br " * 250_000),
        "blanks": lambda: _letter(b" \n" * 500_000),
        "quoted": lambda: _letter(b">" * MIB, b"text/plain"),
        "receivers": lambda: _letter(b"", head=b"Cc: " + b"a@b.c, " * 20_000 + b"\n"),
        "brackets": lambda: _letter(b"", head=b"Cc: " + b"(" * 100_000 + b"\n"),
        "quotes": lambda: _letter(b"", head=b"Cc: " + b'"' * 50_001 + b" <a@b>\n"),
        "marks": lambda: _letter(b"", head=b"Cc: " + b"<,;:" * 20_000 + b"\n"),
        "encoded words": lambda: _letter(b"", head=b"Subject: " + b"=?utf-8?q?a?= " * 20_000 + b"\n"),
        "open encoded words": lambda: _letter(b"", head=b"Subject: " + b"=?" * 60_000 + b"\n"),
        "folded": lambda: _letter(b"", head=b"Subject: a" + b"\n b" * 50_000 + b"\n"),
        "headers": lambda: _letter(b"", head=b"".join(b"X-%d: y\n" % n for n in range(40_000))),
        "references": lambda: _letter(b"", head=b"References: " + b"<a@b> " * 60_000 + b"\n"),
        "parameters": lambda: _letter(b"", b"text/plain; " + b"a=b; " * 20_000),
        "parameters in parts": lambda: _letter(b"", b"text/plain; " + b"".join(b"a*%d=b; " % n for n in range(8_000))),
        "answers to answers": lambda: _letter(b"", head=b"Subject: " + b"Re: " * 100_000 + b"\n"),
        "parts": lambda: _letter(b"--x\n\n" * 60_000, b"multipart/mixed; boundary=x"),
        "parts in parts": lambda: _letter(b"".join(b"--b%d\nContent-Type: multipart/mixed; boundary=b%d\n\n" % (n,
        n + 1) for n in range(3_000)), b"multipart/mixed; boundary=b0"),
        "letters in letters": lambda: _letter(b"Content-Type: message/rfc822\n\n" * 20_000, b"message/rfc822"),
        "nothing but starts": lambda: b"From a@b Mon Mar 3 08:00:00 2025\nFrom: x@y\n\n" * 8_000,
        "one line": lambda: _letter(b"x" * 20 * MIB, b"text/plain"),
        "base64": lambda: _letter(b"=" * 4 * MIB, b"text/plain\nContent-Transfer-Encoding: base64"),
        "cycle": lambda: b"".join(
            _letter(b"", head=b"Message-ID: <%d@x>\nReferences: <%d@x>\n" % (n, (n + 1) % 1_000)) for n in range(1_000)
        ),
    },
    "gz": {
        "zeros": lambda: stream(b"\0", 300),
        "rows": lambda: packed(HEAD) + stream(ROW, 300),
        "members": lambda: packed(b"a,b\n1,2\n") * 20_000,
        "empty members": lambda: packed(b"") * 200_000,
        "objects": lambda: stream(b'{"a":1}\n', 6),
        "array": lambda: packed(b"[") + stream(b'{"a":1},', 6),
        "letters": lambda: packed(b'{"a":"') + stream(b"x", 280),
        "log": lambda: packed(b"<log>") + stream(b"<event/>", 6),
        "value": lambda: packed(b'<log><trace><event><string key="a" value="') + stream(b"x", 280),
        "mailbox": lambda: packed(_letter(b"x", b"text/plain")) + stream(b"x" * 71 + b"\n", 280),
        "quote": lambda: packed(HEAD + b'"') + stream(ROW, 30),
    },
    "zip": {
        "zeros": lambda: zipped([("calls.csv", b"\0" * 300 * MIB)]),
        "rows": lambda: zipped([("calls.csv", HEAD + ROW * (300 * MIB // len(ROW)))]),
        "lie": _lying_zip,
        "members": lambda: zipped([(f"{n}.bin", b"") for n in range(60_000)]),
        "tables": lambda: zipped([(f"{n}.csv", b"a") for n in range(3_000)]),
        "nested": lambda: zipped([("calls.csv", zipped([("a.zip", b"\0" * 100 * MIB)]))]),
        "names": lambda: zipped([("x/" * 30_000 + "a.csv", text_table())]),
    },
}  # fmt: skip
BOMBS["tsv"] = {name: lambda made=made: made().replace(b",", b"\t") for name, made in BOMBS["csv"].items()}  # type: ignore[misc]
BOMBS["maildir"] = BOMBS["mbox"]
SELDOM = frozenset(
    {
        "packed lists",
        "zeros",
        "blanks",
        "rows",
        "letters",
        "value",
        "mailbox",
        "columns",
        "members",
        "names",
        "array",
        "log",
    }
)
"""Bombs that cost seconds to build or to refuse."""


def bomb(reader: str, rng: Random) -> tuple[bytes, str]:
    """One of the reader's bombs."""
    names = list(BOMBS[reader])
    name = rng.choice(names)
    if name in SELDOM:
        name = rng.choice(names)
    return BOMBS[reader][name](), f"bomb: {name}"
