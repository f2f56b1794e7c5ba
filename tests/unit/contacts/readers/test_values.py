"""Number and time formats are told by the values; DuckDB reads what was told."""

from __future__ import annotations

from datetime import datetime, timedelta

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tiesa.contacts.readers import NumberFormat, TimeFormat, find_number_format, find_time_format


@pytest.mark.parametrize(
    ("values", "decimal", "thousands"),
    [
        (["1", "20", None, ""], ".", ""),
        (["12.5", "-3"], ".", ""),
        (["1e-5", ".5"], ".", ""),
        (["12,5", "-3"], ",", ""),
        (["1.234,50", "7"], ",", "."),
        (["1,234.50", "7"], ".", ","),
        (["1.234.567", "1.000"], ",", "."),
        (["1 234,50", "12\u00a0345"], ",", " "),
        (["1 234.50"], ".", " "),
        (["1'234.50", "12"], ".", "'"),
        (["0.512", "0.250"], ".", ""),
        (["1,5"] * 19 + ["n/a"], ",", ""),
    ],
)
def test_decimal_and_thousands_marks_are_told(values: list[str | None], decimal: str, thousands: str) -> None:
    assert find_number_format(values) == NumberFormat(decimal, thousands)


@pytest.mark.parametrize(
    ("values", "format_"),
    [(["1.234", "2.500"], NumberFormat(",", ".", True)), (["1,234", "12"], NumberFormat(".", ",", True))],
)
def test_groups_of_three_alone_are_ambiguous(values: list[str], format_: NumberFormat) -> None:
    assert find_number_format(values) == format_


@pytest.mark.parametrize(
    "values", [[], ["", None], ["phone", "mail"], ["1", "2", "x"], ["31.12.2025"], ["1.2.3.4"], ["+", "-"]]
)
def test_what_is_no_number_has_no_format(values: list[str | None]) -> None:
    assert find_number_format(values) is None


AT = datetime(2025, 12, 31, 14, 5)
TIMES = [
    ("2025-12-31", "%Y-%m-%d", "none"),
    ("2025-12-31T14:05:09", "%Y-%m-%dT%H:%M:%S", "none"),
    ("2025-12-31 14:05", "%Y-%m-%d %H:%M", "none"),
    ("2025-12-31T14:05:09.123+02:00", "%Y-%m-%dT%H:%M:%S.%f%z", "all"),
    ("2025-12-31T14:05:09.123456789", "%Y-%m-%dT%H:%M:%S.%n", "none"),
    ("2025-12-31 14:05:09.123456+0200", "%Y-%m-%d %H:%M:%S.%f%z", "all"),
    ("2025-12-31 14:05:09 +02", "%Y-%m-%d %H:%M:%S %z", "all"),
    ("2025-12-31T14:05:09Z", "%Y-%m-%dT%H:%M:%SZ", "all"),
    ("2025-12-31 14:05 UTC", "%Y-%m-%d %H:%M UTC", "all"),
    ("2025/12/31", "%Y/%m/%d", "none"),
    ("2025.12.31 14:05", "%Y.%m.%d %H:%M", "none"),
    ("20251231", "%Y%m%d", "none"),
    ("31.12.2025 14:05", "%d.%m.%Y %H:%M", "none"),
    ("31.12.2025. 14:05", "%d.%m.%Y. %H:%M", "none"),
    ("31.12.2025.", "%d.%m.%Y.", "none"),
    ("31. 12. 2025 14:05", "%d. %m. %Y %H:%M", "none"),
    ("31.12.25", "%d.%m.%y", "none"),
    ("31/12/2025", "%d/%m/%Y", "none"),
    ("31-12-2025 9:05:00", "%d-%m-%Y %H:%M:%S", "none"),
    ("31.12.2025, 14:05", "%d.%m.%Y, %H:%M", "none"),
    ("12/31/2025 2:05 PM", "%m/%d/%Y %I:%M %p", "none"),
    ("12/31/2025 2:05:00pm", "%m/%d/%Y %I:%M:%S%p", "none"),
]


@pytest.mark.parametrize(("text", "format_", "offset"), TIMES)
def test_times_are_told_and_duckdb_reads_them_so(text: str, format_: str, offset: str) -> None:
    found = find_time_format([text, None, " "])
    assert found is not None
    assert (found.formats, found.has_offset, found.epoch, found.ambiguous) == ((format_,), offset, "", False)
    read = duckdb.execute("select try_strptime(?, ?)::date::varchar", [text, format_]).fetchall()
    assert read == [("2025-12-31",)]


def test_one_clear_day_settles_the_column() -> None:
    day_first = find_time_format(["01/02/2025", "31/01/2025"])
    month_first = find_time_format(["01/02/2025", "01/31/2025"])
    assert day_first is not None
    assert month_first is not None
    assert (day_first.day_first, day_first.formats) == (True, ("%d/%m/%Y",))
    assert (month_first.day_first, month_first.formats) == (False, ("%m/%d/%Y",))
    assert day_first.note() == month_first.note() == ""


@pytest.mark.parametrize("values", [["01/02/2025", "03/04/2025 10:00"], ["1.2.2025"], ["10-11-12"]])
def test_dates_that_fit_both_ways_are_called_ambiguous(values: list[str]) -> None:
    found = find_time_format(values)
    assert found is not None
    assert (found.day_first, found.ambiguous) == (None, True)
    assert found.formats[0].startswith("%d")
    assert "day first" in found.note()


def test_mixed_columns_name_every_format_the_most_frequent_first() -> None:
    found = find_time_format(["2025-01-01", "2025-01-02T10:00:00+01:00", "2025-01-03T10:00:00Z", "2025-01-05"])
    assert found == TimeFormat(("%Y-%m-%d", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%SZ"), None, "some")


@pytest.mark.parametrize(("values", "unit"), [(["1735689600", "1735689700.5"], "s"), (["1735689600000"], "ms")])
def test_counts_since_1970_are_told(values: list[str], unit: str) -> None:
    assert find_time_format(values) == TimeFormat((), None, "all", epoch=unit)


@pytest.mark.parametrize(
    "values", [[], ["phone"], ["12"], ["32.13.2025"], ["2025-13-01"], ["1.2.3"], ["31.12.2025", "x", "y"], ["12:30"]]
)
def test_what_is_no_time_has_no_format(values: list[str]) -> None:
    assert find_time_format(values) is None


@given(
    st.lists(st.datetimes(datetime(1991, 1, 1), datetime(2068, 1, 1)), min_size=1, max_size=20),
    st.sampled_from(["%d.%m.%Y %H:%M", "%m/%d/%Y %I:%M %p", "%d/%m/%Y", "%Y-%m-%dT%H:%M:%S", "%d.%m.%Y. %H:%M:%S"]),
)
@settings(deadline=None, max_examples=80)
def test_what_strftime_wrote_is_read_back(times: list[datetime], format_: str) -> None:
    texts = [time.strftime(format_) for time in times]
    found = find_time_format(texts)
    assert found is not None
    if found.ambiguous:
        return
    assert found.formats == (format_,)
    for text, time in zip(texts, times, strict=True):
        read = duckdb.execute("select try_strptime(?, ?)", [text, found.formats[0]]).fetchall()[0][0]
        assert abs(read - time) < timedelta(days=1)


@given(st.lists(st.integers(-(10**9), 10**9).map(lambda cents: cents / 100), min_size=1, max_size=20))
def test_any_amounts_written_the_european_way_are_told(amounts: list[float]) -> None:
    texts = [f"{amount:,.2f}".translate(str.maketrans(",.", ".,")) for amount in amounts]
    found = find_number_format(texts)
    assert found is not None
    assert found.decimal == ","
    assert [float(text.replace(".", "").replace(",", ".")) for text in texts] == amounts
