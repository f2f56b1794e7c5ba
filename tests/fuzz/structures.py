"""Ways to break a file by its own rules: cells, trees, tags, headers, members and pages that fit no rule."""

from __future__ import annotations

import csv
import io
import json
import re
import struct
import zipfile
from collections.abc import Callable
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from tests.fuzz.mutations import WORDS, mutate
from tests.fuzz.whole import Whole, messages, packed, parquet_file, parquet_table, text_table, workbook, zipped

Broken = tuple[bytes, str]
"""The content, and how it was broken."""
HEADERS = ("ID", "Id ", "id", "", " ", "{source}", 'a"b', "a'b", "x" * 70_000, "a\0b", "s.id", "tiesa_row",
"quarantine_row",
           "customer_key", "*", "%", "a.b", "raw:contact.customer", "contact.customer", "problems", "Kunde\nNr",
           "ключ", "\u202e",
           "source_row", "file_row_number", "present", "hash:contact", "column_2", "İd", "\u0131d", "ß", "SS", "ﬀ",
           "\u200b", "\x1b[31m")  # fmt: skip


def text(content: bytes) -> str:
    for encoding in ("utf-8-sig", "utf-16", "latin-1"):
        try:
            return content.decode(encoding)
        except UnicodeError:
            continue
    return ""


def broken_table(whole: Whole, rng: Random) -> Broken:
    """A text table whose cells, names or widths are wrong."""
    said = text(whole.content)
    delimiter = max("\t;|,", key=said[:500].count)
    lines = list(csv.reader(io.StringIO(said, newline=""), delimiter=delimiter)) or [["a"], ["b"]]
    kinds = (
        "cells",
        "cells",
        "names",
        "names",
        "wide",
        "ragged",
        "huge cell",
        "no rows",
        "blank",
        "quarantined",
        "one column",
    )
    kind = rng.choice(kinds)
    width = max(len(lines[0]), 1)
    if kind == "cells":
        for _time in range(rng.choice((1, 5, 40))):
            line = rng.choice(lines)
            line[rng.randrange(len(line))] = rng.choice(WORDS)
    elif kind == "names":
        for _time in range(rng.choice((1, 2, 6))):
            lines[0][rng.randrange(width)] = rng.choice((*HEADERS, lines[0][0], lines[0][0].upper()))
    elif kind == "wide":
        extra = rng.choice((1, 60, 500, 1_500, 3_000))
        lines = [[*line, *(f"{rng.choice('ab')}{n}" for n in range(extra))] for line in lines[: rng.choice((3, 8))]]
    elif kind == "ragged":
        lines = [line[: rng.randrange(width + 1)] + ["", "x"][: rng.randrange(3)] for line in lines]
    elif kind == "huge cell":
        rng.choice(lines)[0] = rng.choice(("x", "é", '"', "\n", "x\n", ",", "1")) * rng.choice((5_000, 70_000, 300_000))
    elif kind == "no rows":
        lines = lines[: rng.randrange(3)]
    elif kind == "blank":
        lines = [line if rng.random() < 0.4 else rng.choice(([], [""], ["", ""], [" "] * width)) for line in lines]
    elif kind == "quarantined":
        lines = [[*line, rng.choice(("1", "x", "-5", "99999999999999999999", ""))] for line in lines]
        lines[0][-1] = "quarantine_row"
    else:
        place = rng.randrange(width)
        lines = [line[place : place + 1] for line in lines]
    out = io.StringIO(newline="")
    quoting = rng.choice((csv.QUOTE_MINIMAL, csv.QUOTE_MINIMAL, csv.QUOTE_ALL))
    writer = csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator=rng.choice(("\n", "\r\n")))
    writer.writerows(lines)
    made = out.getvalue()
    if rng.random() < 0.25:  # a quote that nobody closes
        place = rng.randrange(len(made) + 1)
        made, kind = made[:place] + '"' + made[place:], kind + ", open quote"
    encoding = rng.choice(("utf-8", "utf-8", "utf-8-sig", "utf-16", "cp1250", "cp1251"))
    return made.encode(encoding, "replace" if encoding[:2] == "cp" else "surrogatepass"), kind


def strange_value(rng: Random, depth: int = 3) -> Any:
    """A JSON value nobody expects there."""
    kind = rng.randrange(12)
    if kind < 6 or depth == 0:
        return rng.choice((*WORDS, None, True, 10**30, -(10**400), 1e308, float("nan"), float("-inf"), 0, "", [], {}))
    if kind < 9:
        return [strange_value(rng, depth - 1) for _n in range(rng.choice((1, 2, 50)))]
    return {
        rng.choice((*HEADERS[:12], *WORDS[-20:], "a")): strange_value(rng, depth - 1)
        for _n in range(rng.choice((1, 3, 20)))
    }


def _places(value: Any, found: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        found.append((value, key))
        _places(inner, found)
    return found


def _with_strange_values(value: Any, rng: Random) -> Any:
    for _time in range(rng.choice((1, 1, 3, 10))):
        places = _places(value, [])
        if not places:
            return strange_value(rng)
        parent, key = rng.choice(places)
        chosen = rng.randrange(4)
        if chosen == 0 and isinstance(parent, dict):
            parent[rng.choice((*HEADERS, str(key).upper(), f"{key}.{key}"))] = parent.pop(key)
        elif chosen == 1:
            del parent[key]
        elif chosen == 2 and isinstance(parent, dict):
            parent[rng.choice((str(key).upper(), f"{key}.name", "who.name", "who", "tags"))] = strange_value(rng)
        else:
            parent[key] = strange_value(rng)
    return value


def _dumped(value: Any, rng: Random, indent: int | None = None) -> str:
    said = json.dumps(value, ensure_ascii=rng.random() < 0.6, indent=indent)
    if rng.random() < 0.15:
        said = re.sub(
            r"\d+",
            lambda found: rng.choice((found[0], "1" * 5_000, "1e99999999999999999999", "1E+5", "-")),
            said,
            count=4,
        )
    if rng.random() < 0.1:
        deep = rng.choice((50, 900, 100_000))
        said = (
            said.replace("null", "[" * deep + "]" * deep, 1) if "null" in said else '{"a":' * deep + said + "}" * deep
        )
    return said


def broken_json(whole: Whole, rng: Random) -> Broken:
    """JSON (lines, an array, objects one after the other, an event log) with values and keys out of place."""
    said = text(whole.content)
    try:
        value = json.loads(said)
        made = _dumped(_with_strange_values(value, rng), rng, rng.choice((None, 1)))
    except json.JSONDecodeError:
        if whole.reader == "json":
            return mutate(whole.content, rng)[0], "bytes"
        lines = said.splitlines()
        for place in rng.sample(range(len(lines)), min(len(lines), rng.choice((1, 3, 40)))):
            try:
                lines[place] = _dumped(_with_strange_values(json.loads(lines[place]), rng), rng)
            except ValueError:
                lines[place] = rng.choice(WORDS)
        made = "\n".join(lines)
    return made.encode(rng.choice(("utf-8", "utf-8", "utf-16", "utf-8-sig")), "surrogatepass"), "strange values"


XML_PIECES = (
    '<event><string key="concept:name" value="a"/></event>', "<trace>", "</trace>", "<event>", "</event>", "</log>",
    "<log>",
    '<string key="a" value="b">', "</string>", '<string key="" value=""/>', '<string value="x"/>', '<string key="x"/>',
    '<date key="time:timestamp" value="yesterday"/>', '<date key="time:timestamp" value="2025-99-99T00:00:00"/>',
    "<![CDATA[x]]>",
    '<date key="time:timestamp" value="-2025-01-01T00:00:00Z"/>', "<!-- -- -->", "<?php x ?>", "&amp;", "&lol;",
    "&#0;", "&#65;",
    '<int key="tiesa_row" value="1"/>', '<string key="{source}" value="x"/>', '<string key="CONCEPT:NAME" value="x"/>',
    "<x:y/>",
    '<string key="a" key="b" value="1"/>', '<list key="l"><values><string key="a" value="1"/>', "</values></list>",
    "]]>", "\x01",
    '<string key="quarantine_row" value="x"/>', '<global scope="event"><string key="x" value="y"/></global>', "<log/>",
    "\ufffe",
    '<classifier name="a" keys="b"/>', '<extension name="Lifecycle" prefix="lifecycle" uri="http://x"/>', "<é/>",
    "<event/>",
)  # fmt: skip
DOCTYPES = (
    '<!DOCTYPE log [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>',
    '<!DOCTYPE log [<!ENTITY x SYSTEM "file:///etc/passwd">]>', '<!DOCTYPE log SYSTEM "http://127.0.0.1:1/x.dtd">',
    "<!DOCTYPE log>",
    '<!DOCTYPE log [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>', "<!DOCTYPE log [<!ELEMENT log ANY>",
    "<!DOCTYPE html>",
    '<!DOCTYPE log [<!ATTLIST event key CDATA "x">]>',
)  # fmt: skip


def broken_xml(whole: Whole, rng: Random) -> Broken:
    """An event log with tags, entities, names or a declaration out of place."""
    said = text(whole.content)
    kind = rng.choice(("pieces", "pieces", "doctype", "declaration", "values", "cut tags", "nested", "wide"))
    tags = [found.start() for found in re.finditer("<", said)] + [len(said)]
    if kind == "pieces":
        for _time in range(rng.choice((1, 1, 2, 6))):
            place = rng.choice(tags)
            said = said[:place] + rng.choice(XML_PIECES) + said[place:]
    elif kind == "doctype":
        said = said.replace("<log", rng.choice(DOCTYPES) + "<log", 1)
        said = said.replace('value="', rng.choice(('value="&b;', 'value="&x;', 'value="')), 3)
    elif kind == "declaration":
        named = rng.choice(
            ("utf-7", "utf-32", "cp1251", "ebcdic-cp-us", "no-such", "", "utf-16", "latin-1", "shift_jis", "rot13")
        )
        said = re.sub(r'encoding="[^"]*"', f'encoding="{named}"', said)
    elif kind == "values":
        said = re.sub(r'(key|value)="[^"]*"', lambda found: _strange_attribute(found, rng), said)
    elif kind == "cut tags":
        start, end = sorted(rng.choice(tags) for _cut in range(2))
        said = said[:start] + said[end:]
    elif kind == "nested":
        deep, tag = (
            rng.choice((10, 500, 5_000)),
            rng.choice(('string key="k" value="v"', "event", "trace", 'list key="l"')),
        )
        inner = f"<{tag}>" * deep + f"</{tag.split()[0]}>" * rng.choice((deep, 0))
        said = said.replace("<event>", "<event>" + inner, 1)
    else:
        extra = "".join(f'<string key="k{n}" value="{n}"/>' for n in range(rng.choice((100, 2_000))))
        said = said.replace("</event>", extra + "</event>", rng.choice((1, 20)))
    return said.encode(rng.choice(("utf-8", "utf-8", "utf-16", "cp1251")), "replace"), kind


def _strange_attribute(found: re.Match[str], rng: Random) -> str:
    if rng.random() < 0.85:
        return found[0]
    value = rng.choice(WORDS).replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    return f'{found[1]}="{value}"'


CELLS = (
    '<c r="XFD1048576"><v>1</v></c>', '<c r="A1048576"><v>1</v></c>', '<c r="A0"><v>1</v></c>',
    '<c r="ZZZZ1"><v>1</v></c>', '<c r=""/>',
    '<c r="B99999999999"><v>1</v></c>', '<c r="C3" t="s"><v>99999</v></c>', '<c r="C3" t="s"><v>-1</v></c>',
    '<c r="C3" t="e"><v>#N/A</v></c>',
    '<c r="B3" s="1"><v>1e300</v></c>', '<c r="B3" s="1"><v>-700000</v></c>', '<c r="B3" s="1"><v>NaN</v></c>',
    '<c r="B3" s="999"><v>1</v></c>',
    '<c r="B3" s="1"><v>2958466</v></c>', '<c r="B3" s="1"><v>60</v></c>',
    '<c r="C3" t="d"><v>2025-13-45T99:00:00</v></c>',
    '<c r="C3" t="b"><v>7</v></c>', '<c r="C3" t="inlineStr"><is><t>x</t></is></c>', '<c r="C3" t="zzz"><v>x</v></c>',
    "<c/>", "<c><v/></c>",
    '<c r="C3"><f>1/0</f><v/></c>', '<c r="1C"><v>1</v></c>', '<c r="Ж1"><v>1</v></c>',
    '<c r="C3" t="str"><v>\ufffd</v></c>', "<v>9</v>",
    '<c r="B3" s="1"><v>1e15</v></c>', '<c r="B3" s="1"><v>0.9999999999</v></c>', "</row>", '<row r="0"/>',
    '<row r="4294967297"/>',
)  # fmt: skip


def broken_workbook(whole: Whole, rng: Random) -> Broken:
    """A workbook whose parts are damaged, missing or say the impossible."""
    with zipfile.ZipFile(io.BytesIO(whole.content)) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist()}
    sheets = [name for name in parts if name.startswith("xl/worksheets/sheet")]
    kind = rng.choice(("part", "part", "cells", "cells", "missing", "renamed", "swapped", "numbers", "wide", "rows"))
    name = rng.choice(list(parts))
    sheet = rng.choice(sheets)
    if kind == "part":
        parts[name], how = mutate(parts[name], rng)
        kind = f"part {name} {' '.join(how)}"
    elif kind == "cells":
        said = parts[sheet].decode("utf-8", "replace")
        for _time in range(rng.choice((1, 1, 3))):
            ends = [found.start() for found in re.finditer("</row>", said)] or [len(said)]
            place = rng.choice(ends)
            said = said[:place] + rng.choice(CELLS) + said[place:]
        parts[sheet] = said.encode()
    elif kind == "missing":
        del parts[name]
        kind = f"missing {name}"
    elif kind == "renamed":
        parts[rng.choice(("../" + name, "/" + name, name.upper(), name + "\0", "x/" + name))] = parts.pop(name)
    elif kind == "swapped":
        other = rng.choice(list(parts))
        parts[name], parts[other] = parts[other], parts[name]
    elif kind == "numbers":
        wild = ("-1", "999999999", "1e300", "NaN", "", "4294967296", "0")
        parts[name] = _wild_numbers(parts[name], rng, wild)
    elif kind == "wide":
        cells = "".join(
            f'<c r="{_letters(n)}1" t="str"><v>h{n}</v></c>' for n in range(rng.choice((300, 5_000, 16_384)))
        )
        parts[sheet] = re.sub(
            rb"<row r=\"1\".*?</row>", f'<row r="1">{cells}</row>'.encode(), parts[sheet], count=1, flags=re.DOTALL
        )
    else:
        row = re.search(rb"<row .*?</row>", parts[sheet], re.DOTALL)
        parts[sheet] = parts[sheet].replace(
            b"</sheetData>", (row[0] if row else b"<row/>") * rng.choice((1, 500)) + b"</sheetData>"
        )
    made = zipped(parts.items())
    return (mutate(made, rng, times=1)[0], kind + ", bytes") if rng.random() < 0.1 else (made, kind)


def _wild_numbers(part: bytes, rng: Random, wild: tuple[str, ...]) -> bytes:
    return re.sub(
        rb'(?<==")\d+(?=")', lambda found: rng.choice(wild).encode() if rng.random() < 0.2 else found[0], part
    )


def _letters(number: int) -> str:
    made = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        made = chr(65 + rest) + made
    return made


def strange_columns() -> dict[str, pa.Array]:
    """Columns of every type a Parquet file may have, and values at the edge of each."""
    n = 14
    wrong = pa.Array.from_buffers(pa.string(), n, pa.array([b"\xff\xfe\x80"] * n, pa.binary()).buffers())
    return {
        "not utf-8": wrong,
        "binary": pa.array([b"\0\xff"] * n),
        "decimal": pa.array([None] * n, pa.decimal256(76, 10)),
        "nanoseconds": pa.array([2**63 - 1] * n).cast(pa.timestamp("ns")),
        "far": pa.array([2**62] * n).cast(pa.timestamp("us")),
        "before": pa.array([-(2**63) + 1] * n).cast(pa.timestamp("us", tz="UTC")),
        "milliseconds": pa.array([2**60] * n).cast(pa.timestamp("ms", tz="+23:59")),
        "zone": pa.array([1_700_000_000] * n).cast(pa.timestamp("s", tz="Asia/Kolkata")),
        "day": pa.array([2**31 - 1] * n, pa.int32()).cast(pa.date32()),
        "noon": pa.array([86_399_999_999] * n).cast(pa.time64("us")),
        "span": pa.array([2**62] * n).cast(pa.duration("us")),
        "unsigned": pa.array([2**64 - 1] * n, pa.uint64()),
        "half": pa.array([1.5] * n).cast(pa.float16()),
        "double": pa.array([float("nan"), float("inf"), -0.0, 1e308, 5e-324, None, 1.0] * 2),
        "nothing": pa.nulls(n),
        "words": pa.array(["a", "b"] * 7).dictionary_encode(),
        "map": pa.array([[("a", 1), ("a", 2)]] * n, pa.map_(pa.string(), pa.int64())),
        "structs": pa.array([[{"a": {"b": [1]}}]] * n),
        "no fields": pa.array([{}] * n, pa.struct([pa.field("x", pa.null())])),
        "fixed": pa.array([b"ab"] * n, pa.binary(2)),
        "yes": pa.array([True, None] * 7),
        "large": pa.array(["x"] * n, pa.large_string()),
        "text": pa.array(["\0", "\n", "x" * 100_000, "", " "] * 2 + ["a"] * 4),
    }


def broken_parquet(whole: Whole, rng: Random) -> Broken:
    """A Parquet file with a damaged footer or page, or with columns and values at the edge of their types."""
    kind = rng.choice(("footer", "footer", "pages", "pages", "length", "columns", "columns", "columns", "names"))
    data = bytearray(whole.content)
    footer = len(data) - 8 - struct.unpack("<i", data[-8:-4])[0]
    if kind in ("footer", "pages"):
        low, high = (footer, len(data) - 8) if kind == "footer" else (4, footer)
        for _time in range(rng.choice((1, 1, 2, 10))):
            place = rng.randrange(low, high)
            data[place] = rng.choice((data[place] ^ (1 << rng.randrange(8)), 0, 0xFF, rng.randrange(256)))
        return bytes(data), kind
    if kind == "length":
        data[-8:-4] = struct.pack("<I", rng.choice((0, 1, len(data), 2**31 - 1, 2**32 - 1, rng.randrange(len(data)))))
        return bytes(data), kind
    table = parquet_table()
    if kind == "columns":
        for name, array in rng.sample(list(strange_columns().items()), rng.choice((1, 2, 6))):
            if rng.random() < 0.5:
                table = table.set_column(
                    rng.randrange(table.num_columns), rng.choice((name, rng.choice(table.column_names))), array
                )
            else:
                table = table.append_column(name, array)
    else:
        names = [
            name if rng.random() < 0.7 else rng.choice(HEADERS).replace("\ud800", "") for name in table.column_names
        ]
        table = table.rename_columns(names)
    options: dict[str, Any] = {
        "compression": rng.choice(("none", "snappy", "zstd", "gzip", "lz4")),
        "version": rng.choice(("1.0", "2.6")),
    }
    if rng.random() < 0.2:
        options["use_deprecated_int96_timestamps"] = True
    try:
        return parquet_file(table, **options), kind
    except (pa.ArrowException, ValueError, OverflowError):
        return parquet_file(table.select([0]).slice(0, 3)), kind + ", not writable"


MAIL_HEADERS = (
    b"Content-Type: multipart/mixed; boundary=", b"Content-Type: multipart/mixed; boundary=\"\"",
    b"Content-Type: message/rfc822",
    b"Content-Type: text/plain; charset=no-such", b"Content-Type: text/plain; charset=utf-7",
    b"Content-Type: text/html; charset=\0",
    b"Content-Transfer-Encoding: base64", b"Content-Transfer-Encoding: x-uuencode",
    b"Content-Transfer-Encoding: quoted-printable",
    b"Content-Type: message/partial; id=a; number=1; total=99999999", b"Content-Type: multipart/report",
    b"Content-Type: ;;;=",
    b"Content-Type: multipart/alternative; boundary*0=a; boundary*99999999=b",
    b"Content-Type: text/plain; charset*=x''%ff",
    b"Content-Type: message/delivery-status", b"Content-Type: multipart/digest; boundary=b",
    b"Content-Disposition: attachment; filename*=''",
    b"From: ", b"From: @", b"From: \"\"@x", b"From: a@b (((((((", b"From: =?utf-8?b?////?= <a@b>",
    b"From: =?x?q?=zz?= <a@b>", b"From: <>",
    b"From: a@[1.2.3.4", b"From: ;:,<>@", b"From: undisclosed:;", b"From: \xff\xfe <a@b.c>", b"To: group: a@b, c@d;",
    b"To: " + b"a@b," * 500,
    b"Date: ", b"Date: Mon, 99 Foo 99999 99:99:99 +9999", b"Date: 1 Jan 0000 00:00",
    b"Date: Mon, 3 Mar 2025 08:00:00 +99999999999999",
    b"Date: Mon, 3 Mar 9999999999 08:00:00 +0000", b"Date: \xd8\xa1", b"Message-ID: ", b"Message-ID: <>",
    b"Message-ID: <a\0b>", b"Message-ID: <m1@example.org>",
    b"References: " + b"<m1@example.org> " * 300, b"In-Reply-To: <m1@example.org>", b"In-Reply-To: <>",
    b"Subject: =?utf-8?q?", b"Subject: \xff",
    b"Subject: " + b"Re: " * 2_000, b"Subject: =?utf-8?b?AAAA?=", b"Subject: =?utf-8?q?=ED=A0=80?=", b"List-Id: <",
    b": empty", b"no colon at all",
    b" folded from nowhere", b"From mary Mon Mar 3 2025", b"Auto-Submitted: (((", b"Precedence:",
    b"Reply-To: \"unclosed", b"Return-Path: <>",
    b"Content-Type: text/plain; charset=\"unicode-1-1-utf-8\"; format=flowed; delsp=yes; x=\"", b"MIME-Version: 99",
    b"Content-Type: text/plain; charset=idna",
    b"Content-Type: text/plain; charset=punycode", b"Content-Type: text/plain; charset=hex",
    b"Content-Type: text/plain; charset=undefined",
)  # fmt: skip
HTML = (
    b"<", b"<script", b"<!--", b"<br", b"<p", b"</p", b"<style>", b"&#", b"&#x110000;", b"&#xD800;", b"&#0;",
    b"&nbsp;", b"\n", b"\t ", b"<a b='", b">From ",
)  # fmt: skip


def _broken_message(letter: bytes, rng: Random) -> tuple[bytes, str]:
    kind = rng.choice(
        ("header", "header", "header", "header gone", "html", "nested", "forwarded", "bytes", "parts", "crossed")
    )
    head, _gap, body = letter.partition(b"\n\n")
    lines = head.split(b"\n")
    if kind == "header":
        for _time in range(rng.choice((1, 1, 3))):
            header = rng.choice(MAIL_HEADERS)
            if rng.random() < 0.6:
                lines = [
                    line for line in lines if not line.lower().startswith(header.partition(b":")[0].lower() + b":")
                ]
            lines.insert(rng.randrange(len(lines) + 1), header)
    elif kind == "header gone":
        del lines[rng.randrange(len(lines))]
    elif kind == "html":
        lines = [line for line in lines if not line.lower().startswith((b"content-", b" boundary", b"\tboundary"))]
        lines += [b"Content-Type: text/html; charset=utf-8"]
        body = rng.choice(HTML) * rng.choice((1, 100, 20_000))
    elif kind == "nested":
        deep, boundary = rng.choice((5, 90, 600)), rng.choice((b"same", b"b%d"))
        body = b""
        for n in range(deep):
            marked = boundary % n if b"%" in boundary else boundary
            body += (
                b"--"
                + marked
                + b"\nContent-Type: multipart/mixed; boundary="
                + (boundary % (n + 1) if b"%" in boundary else boundary)
                + b"\n\n"
            )
        lines = [line for line in lines if not line.lower().startswith((b"content-type", b" boundary"))]
        lines += [b"Content-Type: multipart/mixed; boundary=" + (boundary % 0 if b"%" in boundary else boundary)]
    elif kind == "forwarded":
        deep = rng.choice((3, 90, 600))
        lines = [line for line in lines if not line.lower().startswith((b"content-", b" boundary"))] + [
            b"Content-Type: message/rfc822"
        ]
        body = b"From: a@b.c\nContent-Type: message/rfc822\n\n" * deep + b"From: a@b.c\n\nend"
    elif kind == "parts":
        lines = [line for line in lines if not line.lower().startswith((b"content-type", b" boundary"))]
        lines += [
            b"Content-Type: multipart/"
            + rng.choice((b"related", b"signed", b"alternative", b"report"))
            + b'; boundary="x"; start="<a>"'
        ]
        part = b"--x\n" + rng.choice(MAIL_HEADERS) + b"\n\n" + rng.choice((b"", b"words", b"\xff\0", b"From: q@r\n\n"))
        body = (part + b"\n") * rng.choice((1, 3, 1_000)) + rng.choice((b"", b"--x--", b"--x--\n--x\n"))
    elif kind == "crossed":
        a, b = rng.randrange(8), rng.randrange(8)
        lines += [
            b"References: <m%d@example.org> <m%d@example.org> <m%d@example.org>" % (a, b, a),
            b"In-Reply-To: <m%d@example.org>" % b,
        ]
    else:
        return mutate(letter, rng)[0], kind
    return b"\n".join(lines) + b"\n\n" + body, kind


def broken_letters(rng: Random) -> tuple[list[bytes], str]:
    letters, how = messages(), set()
    for _time in range(rng.choice((1, 2, 5))):
        place = rng.randrange(len(letters))
        letters[place], kind = _broken_message(letters[place], rng)
        how.add(kind)
    return letters, ", ".join(sorted(how))


def broken_zip(whole: Whole, rng: Random) -> Broken:
    """A zip whose directory, names, flags or sums are wrong, or that holds other zips."""
    names = (
        "../../calls.csv", "/etc/calls.csv", "C:\\calls.csv", "calls.csv/", "", "a\0.csv", "é.csv",
        "x" * 5_000 + ".csv", "calls.exe", ".csv", "//", ".",
        "xl/workbook.xml", "__MACOSX/calls.csv", "folder/", "calls.CSV", "calls.zip", "con.csv", "a\nb.csv", "..",
        "calls.csv.gz", "\udcff.csv",
    )  # fmt: skip
    kind = rng.choice(("name", "several", "nested", "directory", "data", "method", "sizes", "flags", "padded"))
    table = text_table()
    if kind == "name":
        chosen = rng.choice(names)
        try:
            return zipped([(chosen, table)]), f"name {chosen[:30]!r}"
        except (UnicodeError, ValueError):
            return zipped([("calls.csv", table)])[:-5], "cut"
    if kind == "several":
        return zipped([(rng.choice(names[:12]), table), ("b.json", b"[]")][: rng.choice((1, 2))]), kind
    if kind == "nested":
        made = table
        for n in range(rng.choice((1, 3, 30))):
            made = zipped([(f"inner{n}.zip" if n else rng.choice(("calls.csv", "x.zip")), made)])
        return zipped([("calls.csv", made)]) if rng.random() < 0.5 else packed(made), kind
    data = bytearray(whole.content)
    directory, local = data.rfind(b"PK\x01\x02"), data.find(b"PK\x03\x04")
    if kind == "directory":
        for _time in range(rng.choice((1, 3))):
            data[rng.randrange(directory, len(data))] = rng.randrange(256)
    elif kind == "data":
        for _time in range(rng.choice((1, 3))):
            data[rng.randrange(30, directory)] ^= 1 << rng.randrange(8)
    elif kind == "method":
        data[directory + 10 : directory + 12] = data[local + 8 : local + 10] = struct.pack(
            "<H", rng.choice((0, 1, 6, 8, 9, 12, 14, 93, 95, 99, 65_535))
        )
    elif kind == "sizes":
        place = rng.choice(
            (directory + 16, directory + 20, directory + 24, local + 14, local + 18, local + 22, directory + 42)
        )
        data[place : place + 4] = struct.pack("<I", rng.choice((0, 1, 2**31, 2**32 - 1, rng.randrange(2**20))))
    elif kind == "flags":
        data[rng.choice((directory + 8, local + 6))] ^= rng.choice((1, 8, 64, 255))
    else:
        data = bytearray(rng.choice((b"MZ", b"PK\x03\x04", b"\n"))) + data + rng.randbytes(rng.choice((0, 30)))
    return bytes(data), kind


def broken_gzip(whole: Whole, rng: Random) -> Broken:
    """A gz file with a wrong header, sum or length, several members, or another wrapping inside."""
    kind = rng.choice(("header", "sum", "data", "members", "twice", "rest", "cut"))
    data = bytearray(whole.content)
    if kind == "header":
        data[rng.randrange(2, 10)] = rng.randrange(256)
    elif kind == "sum":
        data[-rng.randrange(1, 9)] ^= 0xFF
    elif kind == "data":
        data[rng.randrange(10, len(data) - 8)] ^= 1 << rng.randrange(8)
    elif kind == "members":
        data += rng.choice((whole.content, packed(b""), packed(b"\xff\xfe\0"), packed(workbook())))
    elif kind == "twice":
        data = bytearray(
            packed(rng.choice((whole.content, packed(whole.content), workbook(), zipped([("a.csv", b"a,b\n1,2\n")]))))
        )
    elif kind == "rest":
        data += rng.choice((b"\0" * 100, b"rest", b"\x1f\x8b", b"\x1f"))
    else:
        data = data[: rng.choice((2, 3, 9, 10, 11, len(data) - 4))]
    return bytes(data), kind


STRUCTURES: dict[str, Callable[[Whole, Random], Broken]] = {
    "csv": broken_table,
    "tsv": broken_table,
    "jsonl": broken_json,
    "json": broken_json,
    "ocel": broken_json,
    "xes": broken_xml,
    "xlsx": broken_workbook,
    "parquet": broken_parquet,
    "zip": broken_zip,
    "gz": broken_gzip,
}


def broken_by_its_rules(whole: Whole, rng: Random) -> Broken:
    """The file broken by the rules of its kind; files with our own or known names are tables, JSON or Parquet."""
    suffix = whole.name.rpartition(".")[2]
    kind = (
        {"csv": "csv", "jsonl": "jsonl", "parquet": "parquet"}[suffix]
        if whole.reader in ("contract", "ready")
        else whole.reader
    )
    if kind == "parquet" and whole.reader == "contract" and rng.random() < 0.5:
        table = pq.read_table(io.BytesIO(whole.content))
        place, array = rng.randrange(table.num_columns), rng.choice(list(strange_columns().values()))
        table = table.set_column(place, table.column_names[place], array.slice(0, len(table)))
        try:
            return parquet_file(table), "column of another type"
        except (pa.ArrowException, ValueError):
            return whole.content[:-9], "cut"
    return STRUCTURES[kind](whole, rng)
