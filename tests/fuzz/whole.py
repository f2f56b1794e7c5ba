"""Well-formed files of every reader, which the fuzzer then breaks. Each is small and made here, the same every time."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

from tiesa.contacts.mapping import Mapping, needed_columns, target_names
from tiesa.contacts.recognise import ready_mappings
from tiesa.core.columns import ATTRIBUTES, INSTANT, LIST, Table
from tiesa.core.tables import IMPORTABLE

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
START = datetime(2025, 3, 3, 8, 0, tzinfo=UTC)
COLUMNS = (
    "id", "created at", "customer", "ticket", "channel", "direction", "subject", "agent", "amount", "satisfaction",
    "text",
)  # fmt: skip
TEXTS = (
    "Gde je moja pošiljka?",
    "Kur mano sąskaita, prašau?",
    "Где мой счёт; срочно",
    'Er sagte "ja, bitte"',
    "",
    "ok",
)


@dataclass(frozen=True, slots=True)
class Whole:
    """A well-formed file. reader: which one it is for. files: for a maildir, its messages by their path."""

    reader: str
    name: str
    content: bytes
    files: tuple[tuple[str, bytes], ...] = ()


def rows(count: int = 14) -> list[list[str]]:
    made = []
    for n in range(count):
        at = START + timedelta(hours=7 * n, minutes=13 * n)
        made.append(
            [
                f"c{n}",
                at.strftime("%Y-%m-%d %H:%M:%S"),
                f"person{n % 5}@example.org" if n % 2 else f"K{n % 5}",
                f"T{n % 4}",
                ("phone", "e-mail", "chat")[n % 3],
                ("inbound", "outbound", "internal")[n % 3],
                ("bill", "fault", "meter reading")[n % 3],
                ("Ana", "Bojan", "")[n % 3],
                f"{n % 7}.{n % 10}0",
                str(1 + n % 5),
                TEXTS[n % len(TEXTS)],
            ]
        )
    return made


def text_table(
    delimiter: str = ",",
    encoding: str = "utf-8",
    end: str = "\n",
    quoting: int = csv.QUOTE_MINIMAL,
    header: bool = True,
) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=quoting)
    if header:
        writer.writerow(COLUMNS)
    writer.writerows(rows())
    return text.getvalue().encode(encoding, "replace")


def records() -> list[dict[str, Any]]:
    made = []
    for n, row in enumerate(rows()):
        record: dict[str, Any] = dict(zip(COLUMNS, row, strict=True))
        record["amount"] = float(record["amount"])
        record["tags"] = ["new", n] if n % 2 else []
        record["who"] = {"name": f"Person {n % 5}", "since": {"year": 2000 + n}}
        made.append(record)
    return made


def _contract_value(table: Table, column: str, n: int) -> str:
    if column not in table:
        return {"customer": f"K{n % 5}", "customer_mail": f"k{n % 5}@example.org", "text": TEXTS[n % 6]}.get(
            column, f"p{n}"
        )
    described = table[column]
    if described.choices:
        return str(list(described.choices)[n % len(list(described.choices))])
    kind = described.type
    if kind == INSTANT:
        return (START + timedelta(hours=n)).isoformat()
    if pa.types.is_date(kind):
        return (START + timedelta(days=n)).date().isoformat()
    if kind == ATTRIBUTES:
        return json.dumps({"colour": "blue", "n": str(n)})
    if kind == LIST:
        return "a;b"
    if kind == pa.bool_():
        return "true"
    if not pa.types.is_string(kind):
        return "1"
    return {"currency": "EUR", "scale": "0-10"}.get(column, f"{column[:4]}{n % 6}")


def contract_rows(table: Table) -> tuple[tuple[str, ...], list[list[str]]]:
    """Columns and rows of a file that has our own names."""
    wanted = [c for c in target_names(table) if c in needed_columns(table) or len(c) % 2 or c == table.id_column]
    names = tuple(dict.fromkeys([*needed_columns(table), *wanted, *(["attributes"] if "attributes" in table else [])]))
    return names, [[_contract_value(table, c, n) for c in names] for n in range(8)]


def ready_rows(mapping: Mapping) -> tuple[tuple[str, ...], list[list[str]]]:
    """Columns and rows that a ready mapping fits."""
    names = tuple(dict.fromkeys([*sorted(mapping.required), *mapping.columns]))
    timed = {c for t in mapping.tables for target, f in t.fields.items() if target.endswith("_at") for c in f.columns}
    form = next((f for f in mapping.formats if "%" in f), "%Y-%m-%d %H:%M:%S")
    made = []
    for n in range(8):
        at = (START + timedelta(hours=n)).strftime(form)
        made.append([at if c in timed else f"{c[:3]}{n % 4}" for c in names])
    return names, made


def _csv(names: Sequence[str], lines: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(names)
    writer.writerows(lines)
    return text.getvalue().encode()


def json_lines(objects: Iterable[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in objects).encode()


def xes_log() -> bytes:
    parts = ['<?xml version="1.0" encoding="UTF-8"?>\n<log xes.version="1.0" xmlns="http://www.xes-standard.org/">']
    for case in range(4):
        parts.append(f'<trace><string key="concept:name" value="case {case}"/><int key="cost" value="{case}"/>')
        for n in range(4):
            at = (START + timedelta(days=case, hours=n)).isoformat()
            parts.append(
                f'<event><string key="concept:name" value={quoteattr(TEXTS[n] or "asks")}/>'
                f'<date key="time:timestamp" value="{at}"/><string key="org:resource" value="Ana"/>'
                '<list key="parts"><values><string key="a" value="1"/><string key="a" value="2"/></values></list>'
                "</event>"
            )
        parts.append("</trace>\n")
    return ("".join(parts) + "</log>").encode()


def ocel_log() -> bytes:
    events = [
        {
            "id": f"e{n}",
            "type": ("ask", "answer")[n % 2],
            "time": (START + timedelta(hours=n)).isoformat(),
            "attributes": [{"name": "channel", "value": "phone"}],
            "relationships": [{"objectId": f"o{n % 3}", "qualifier": "of"}],
        }
        for n in range(10)
    ]
    objects = [
        {
            "id": f"o{n}",
            "type": ("customer", "order")[n % 2],
            "attributes": [{"name": "vip", "time": START.isoformat(), "value": n}],
        }
        for n in range(3)
    ]
    kinds = [{"name": name, "attributes": []} for name in ("customer", "order")]
    document = {
        "objectTypes": kinds,
        "eventTypes": [{"name": "ask", "attributes": []}],
        "objects": objects,
        "events": events,
    }
    return json.dumps(document).encode()


def workbook(sheets: int = 1, *, constant_memory: bool = False) -> bytes:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True, "constant_memory": constant_memory})
    book.set_properties({"created": datetime(2025, 3, 3)})
    dated = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    for number in range(sheets):
        sheet = book.add_worksheet(f"Sheet {number}")
        sheet.write_row(0, 0, COLUMNS)
        for n, row in enumerate(rows(), 1):
            sheet.write_row(n, 0, row)
            sheet.write_datetime(n, 1, datetime(2025, 3, 3, 8) + timedelta(hours=n), dated)
            sheet.write_number(n, 8, n * 1.5)
    book.close()
    return file.getvalue()


def parquet_table() -> pa.Table:
    table = pa.table({name: [row[place] for row in rows()] for place, name in enumerate(COLUMNS)})
    at = [START + timedelta(hours=n) for n in range(len(table))]
    table = table.set_column(1, "created at", pa.array(at, pa.timestamp("us", tz="UTC")))
    table = table.append_column("who", pa.array([{"name": "Ana", "age": n} for n in range(len(table))]))
    return table.append_column("tags", pa.array([["a", "b"][: n % 3] for n in range(len(table))]))


def parquet_file(table: pa.Table, **options: Any) -> bytes:
    file = io.BytesIO()
    pq.write_table(table, file, **options)
    return file.getvalue()


def messages(count: int = 8) -> list[bytes]:
    made = []
    for n in range(count):
        message = EmailMessage()
        message["From"] = "Ana Petrović <ana@example.org>" if n % 2 else "Podrška <help@desk.example>"
        message["To"] = "help@desk.example" if n % 2 else "ana@example.org, jonas@example.lt"
        message["Subject"] = f"Re: {TEXTS[n % 6] or 'bill'}"
        message["Date"] = (START + timedelta(hours=n)).strftime("%a, %d %b %Y %H:%M:%S +0200")
        message["Message-ID"] = f"<m{n}@example.org>"
        if n:
            message["In-Reply-To"] = f"<m{n - 1}@example.org>"
            message["References"] = " ".join(f"<m{k}@example.org>" for k in range(n))
        message.set_content(f"{TEXTS[n % 6]}\nFrom here on: words.\n")
        if n % 3 == 0:
            message.add_alternative(f"<p>Dobar dan,<br>{TEXTS[n % 6]}</p>", subtype="html")
        if n % 4 == 1:
            message.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="račun.pdf")
        for depth, part in enumerate(message.walk()):
            if part.is_multipart():
                part.set_boundary(f"boundary-{n}-{depth}")  # else a random one
        made.append(message.as_bytes())
    return made


def mbox(letters: Iterable[bytes]) -> bytes:
    return b"".join(b"From ana@example.org Mon Mar  3 08:00:00 2025\n" + letter + b"\n\n" for letter in letters)


def maildir_files(letters: Iterable[bytes]) -> tuple[tuple[str, bytes], ...]:
    return tuple((f"{('cur', 'new', '.Sent/cur')[n % 3]}/{n:03d}.m:2,S", letter) for n, letter in enumerate(letters))


def zipped(members: Iterable[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name, (2025, 3, 3, 8, 0, 0)), content, compress_type=method)
    return file.getvalue()


def packed(content: bytes) -> bytes:
    return gzip.compress(content, 6, mtime=0)


def _tables() -> list[Whole]:
    made = [Whole("csv", "support.csv", EXAMPLES.joinpath("support.csv").read_bytes()[:4_000])]
    for delimiter, encoding, end in (
        (",", "utf-8", "\n"), (";", "utf-8-sig", "\r\n"), (";", "cp1250", "\r\n"), (";", "cp1251", "\n"),
        (",", "cp1257", "\r\n"), ("|", "utf-16", "\n"), (",", "utf-16-le", "\r\n"), (",", "utf-8", "\r"),
    ):  # fmt: skip
        made.append(Whole("csv", "calls.csv", text_table(delimiter, encoding, end)))
    made.append(Whole("csv", "calls.csv", text_table(quoting=csv.QUOTE_ALL)))
    made.append(Whole("csv", "calls.txt", text_table(header=False)))
    made += [Whole("tsv", "calls.tsv", text_table("\t", encoding)) for encoding in ("utf-8", "utf-16", "cp1250")]
    return made


def _own() -> list[Whole]:
    made = [Whole("contract", "facts.csv", EXAMPLES.joinpath("facts.csv").read_bytes())]
    for number, table in enumerate(IMPORTABLE):
        names, lines = contract_rows(table)
        made.append(Whole("contract", f"{table.plural}.csv", _csv(names, lines)))
        as_records = [dict(zip(names, line, strict=True)) for line in lines]
        if number % 3 == 0:
            made.append(Whole("contract", f"{table.plural}.jsonl", json_lines(as_records)))
        if number % 3 == 1:
            made.append(Whole("contract", f"{table.plural}.parquet", parquet_file(pa.Table.from_pylist(as_records))))
    for mapping in ready_mappings():
        names, lines = ready_rows(mapping)
        made.append(Whole("ready", f"{mapping.path}.csv", _csv(names, lines)))
        as_records = [dict(zip(names, line, strict=True)) for line in lines]
        made.append(Whole("ready", f"{mapping.path}.jsonl", json_lines(as_records)))
    return made


def _others() -> list[Whole]:
    table = parquet_table()
    letters = messages()
    lines, document = json_lines(records()), json.dumps(records(), indent=1).encode()
    return [
        Whole("jsonl", "calls.jsonl", lines),
        Whole("jsonl", "calls.json", json_lines(records()[:5])),
        Whole("json", "calls.json", document),
        Whole("json", "calls.json", document.decode().encode("utf-16")),
        Whole("json", "calls.json", b"\n".join(json.dumps(each, indent=2).encode() for each in records()[:4])),
        Whole("xes", "log.xes", xes_log()),
        Whole("xes", "log.xml", xes_log().decode().replace("UTF-8", "UTF-16").encode("utf-16")),
        Whole("ocel", "log.jsonocel", ocel_log()),
        Whole("ocel", "log.json", ocel_log()),
        Whole("xlsx", "calls.xlsx", workbook()),
        Whole("xlsx", "calls.xlsx", workbook(3, constant_memory=True)),
        Whole("parquet", "calls.parquet", parquet_file(table)),
        Whole("parquet", "calls.parquet", parquet_file(table, compression="none", use_dictionary=False, version="1.0")),
        Whole("parquet", "calls.parquet", parquet_file(table, compression="zstd", row_group_size=4,
        data_page_version="2.0")),
        Whole("mbox", "box.mbox", mbox(letters)),
        Whole("mbox", "box", mbox(letters[:3]).replace(b"\n", b"\r\n")),
        Whole("maildir", "maildir", b"", maildir_files(letters)),
        Whole("gz", "calls.csv.gz", packed(text_table())),
        Whole("gz", "calls.jsonl.gz", packed(lines)),
        Whole("gz", "log.xes.gz", packed(xes_log())),
        Whole("gz", "box.mbox.gz", packed(mbox(letters))),
        Whole("zip", "calls.zip", zipped([("calls.csv", text_table(";", "cp1250"))])),
        Whole("zip", "calls.zip", zipped([("folder/calls.json", document), ("__MACOSX/._calls.json", b"x")])),
        Whole("zip", "log.zip", zipped([("log.xes", xes_log())], zipfile.ZIP_STORED)),
        Whole("zip", "box.zip", zipped([("box.mbox", mbox(letters))], zipfile.ZIP_BZIP2)),
    ]  # fmt: skip


@cache
def wholes() -> dict[str, tuple[Whole, ...]]:
    """Every well-formed file, by its reader."""
    found: dict[str, list[Whole]] = {}
    makers: tuple[Callable[[], list[Whole]], ...] = (_tables, _own, _others)
    for made in (whole for maker in makers for whole in maker()):
        found.setdefault(made.reader, []).append(made)
    return {reader: tuple(files) for reader, files in found.items()}
