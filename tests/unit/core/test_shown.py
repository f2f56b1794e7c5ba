"""A table for people: an interval stands with its figure, only what may go is dropped, words stay words in HTML."""

from __future__ import annotations

from datetime import UTC, datetime
from html.parser import HTMLParser

import pyarrow as pa
import pytest

from tiesa.core.locale import use_language
from tiesa.core.shown import Kind, Shown, ShownTable, written
from tiesa.pictures.tables import html_table

DATA = pa.table(
    {
        "place": ["desk", None, "shop"],
        "kept": [0.5, None, 0.25],
        "low": [0.4, None, None],
        "high": [0.6, None, None],
        "waited": [7_200.0, 60.0, None],
        "n": pa.array([1_234, 0, 3], pa.int64()),
    }
)
COLUMNS = (
    Shown("place", "where"),
    Shown("kept", "kept", Kind.SHARE, "low", "high"),
    Shown("waited", "waited", Kind.SECONDS, extra=True),
    Shown("n", "n", Kind.COUNT, extra=True),
)
TABLE = ShownTable("kept", "Kept", DATA, COLUMNS, note="All of them.")


def test_an_interval_stands_in_brackets_and_its_lack_is_said() -> None:
    assert list(TABLE.cells()) == [
        ("desk", "50 % (40–60 %)", "2.0 h", "1,234"),
        ("–", "–", "60 s", "0"),
        ("shop", "25 % (too few)", "–", "3"),
    ]


def test_cells_are_in_the_language_of_the_reader() -> None:
    with use_language("ru"):
        assert next(iter(TABLE.cells()))[3] == "1\u00a0234"


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [(0.2, Kind.SCORE, "+0.20"), (-0.2, Kind.SCORE, "−0.20"), (2.25, Kind.NUMBER, "2.2"), (3, Kind.COUNT, "3"),
     (0.042, Kind.SHARE, "4.2 %"), (90, Kind.SECONDS, "2 min"), ("=1+1", Kind.TEXT, "=1+1"), (True, Kind.TEXT, "True"),
     (datetime(2026, 3, 9, 8, 5, tzinfo=UTC), Kind.INSTANT, "9 Mar 2026, 08:05")],
)  # fmt: skip
def test_a_value_is_written_by_its_kind(value: object, kind: Kind, text: str) -> None:
    assert written(value, kind) == text
    assert written(None, kind) == "–"


def test_money_without_a_currency_is_a_plain_number() -> None:
    assert written(1234.6, Kind.MONEY, "EUR") == "€1,235"
    assert written(1234.5, Kind.MONEY) == "1,234.50"


@pytest.mark.parametrize(
    ("columns", "left"),
    [(0, ["where", "kept", "waited", "n"]), (1, ["where", "kept", "waited"]), (2, ["where", "kept"]),
     (3, ["where", "kept"]), (99, ["where", "kept"])],
)  # fmt: skip
def test_narrowing_drops_the_last_extra_columns_and_no_others(columns: int, left: list[str]) -> None:
    assert list(TABLE.narrowed(columns).headings) == left
    assert TABLE.narrowed(columns).data is TABLE.data


def test_a_cut_table_says_how_many_rows_there_are() -> None:
    assert TABLE.head(3) is TABLE
    cut = TABLE.head(1)
    assert (len(cut), cut.note) == (1, "All of them. The first 1 of 3 rows.")
    assert list(cut.cells()) == list(TABLE.cells())[:1]


class _Cells(HTMLParser):
    """The tags and texts of a piece of HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_no_word_becomes_markup_in_an_html_table() -> None:
    """Caption, heading, cell and note hold a script; all four are read as words."""
    hostile = "<script>alert('1')</script>&\"q\""
    data = pa.table({"a": [hostile], "b": [0.5]})
    columns = (Shown("a", hostile), Shown("b", "b", Kind.SHARE))
    found = _Cells()
    found.feed(html_table(ShownTable("t", hostile, data, columns, note=hostile)))
    found.close()
    assert set(found.tags) == {"table", "caption", "thead", "tr", "th", "tbody", "td", "p"}
    assert [word for word in found.words if "script" in word] == [hostile] * 4


def test_numbers_stand_to_the_right_and_every_row_has_every_column() -> None:
    html = html_table(TABLE)
    assert html.count("<td") == 3 * 4
    assert html.count('<td class="num"') == 3 * 3
    assert "<caption>" not in html_table(TABLE, caption=False)
