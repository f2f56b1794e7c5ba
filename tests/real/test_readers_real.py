"""Five real contact logs, read to the last row."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from tiesa.contacts.readers import ROW, CsvSource, find_dialect, find_time_format, open_source

SHARED = Path(__file__).resolve().parents[3] / "shared"
LOGS = SHARED / "data" / "contacts"
TEXTS = SHARED / "data" / "text"

pytestmark = pytest.mark.skipif(not LOGS.is_dir(), reason="the real logs (../shared/data/contacts) are not here")


@pytest.mark.parametrize(
    ("name", "format_", "rows", "columns"),
    [
        ("helpdesk.xes.gz", "xes", 21_348, {"case:concept:name", "concept:name", "customer", "org:resource"}),
        ("bpic2013_incidents.xes.gz", "xes", 65_533, {"lifecycle:transition", "org:group", "org:role"}),
        ("bpic2012.xes.gz", "xes", 262_200, {"case:AMOUNT_REQ", "case:REG_DATE", "lifecycle:transition"}),
        ("receipt.csv.gz", "csv", 8_577, {"case:channel", "case:deadline", "time:timestamp"}),
        ("airline_tweets.csv.gz", "csv", 14_485, {"customer", "airline", "complaint_reason", "text"}),
    ],
)
def test_every_row_of_a_log_is_read(name: str, format_: str, rows: int, columns: set[str]) -> None:
    source = open_source(LOGS / name)
    numbers = [number for batch in source.batches() for number in batch[ROW].to_pylist()]
    assert source.format == format_
    assert numbers == list(range(1, rows + 1))
    assert source.broken == []
    assert columns <= set(source.columns)


def test_defaults_of_a_logs_globals_are_not_filled_in() -> None:
    table = pa.Table.from_batches(open_source(LOGS / "bpic2012.xes.gz").batches())
    without_resource = table["org:resource"].null_count / len(table)
    assert 0.06 < without_resource < 0.08
    assert "UNKNOWN" not in set(table["concept:name"].to_pylist())


@pytest.mark.parametrize(
    ("name", "column", "has_offset"),
    [("receipt.csv.gz", "time:timestamp", "all"), ("airline_tweets.csv.gz", "created", "all")],
)
def test_the_times_of_a_log_are_told(name: str, column: str, has_offset: str) -> None:
    values = next(iter(open_source(LOGS / name).batches()))[column].to_pylist()
    found = find_time_format(values[:1000])
    assert found is not None
    assert (found.has_offset, found.ambiguous) == (has_offset, False)


@pytest.mark.parametrize(
    ("language", "page"),
    [("sl", "cp1250"), ("ro", "cp1250"), ("hr", "cp1250"), ("lt", "cp1257"), ("ru", "cp1251"), ("sr_cyrl", "cp1251")],
)
def test_one_real_sentence_tells_the_code_page(language: str, page: str) -> None:
    source = open_source(TEXTS / "languages_topics.csv.gz")
    assert isinstance(source, CsvSource)
    cedillas = str.maketrans("șțȘȚ", "şţŞŢ")
    rows = [row for batch in source.batches() for row in batch.to_pylist() if row["language"] == language]
    texts = [f"text;id\n{row['text']};1\n".translate(cedillas).encode(page, "ignore") for row in rows]
    telling = [text for text in texts if not text.isascii()]
    right = sum(find_dialect(text).encoding == page for text in telling)
    assert right >= 0.97 * len(telling) > 500
