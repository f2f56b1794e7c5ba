"""Which changes concern a view: those of its journeys and those of all, up to its now."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

import tiesa
from tiesa.contacts.importing import import_source
from tiesa.contacts.mapping import Field, Mapping, TableMapping
from tiesa.contacts.readers import frame_source
from tiesa.core.home import Home
from tiesa.core.scope import Scope
from tiesa.core.tables import CHANGE
from tiesa.journeys.changes import changes, marks_of
from tiesa.journeys.selection import Selection
from tiesa.journeys.standards import standards
from tiesa.journeys.view import open_view

ROWS = [
    ("1", "a new price", 3, "all journeys"),
    ("2", "more people", 10, "Phone, counter"),
    ("3", "a new form", 17, "email"),
    ("4", "not yet", 400, "all journeys"),
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, checkout: Path) -> Home:
    made = Home(tmp_path_factory.mktemp("changes"))
    tiesa.import_file(checkout / "examples" / "support.csv", made)
    tiesa.build(made)
    with open_view(made) as view:
        first = view.one("select min(make_timestamp(epoch_us(occurred_at)))::date from all_rows")[0]
    days = [
        datetime(first.year, first.month, first.day, tzinfo=UTC).timestamp() + 86_400 * day for _i, _w, day, _s in ROWS
    ]
    frame = pa.table({
        "change_id": [r[0] for r in ROWS], "what": [r[1] for r in ROWS], "scope": [r[3] for r in ROWS],
        "live_from": pa.array([int(d * 1e6) for d in days], pa.timestamp("us", tz="UTC")),
    })  # fmt: skip
    names = ("change_id", "what", "live_from", "scope")
    mapping = Mapping(source="test", tables=(TableMapping(CHANGE, {c: Field(columns=(c,)) for c in names}),))
    import_source(frame_source(frame), made, mapping=mapping, recognised="test")
    return made


def what(home: Home, *views: object, **options: object) -> list[str]:
    with open_view(home, *views, **options) as view:  # type: ignore[arg-type]
        return [mark.text for mark in marks_of(changes(view))]


def test_everything_sees_every_change_until_now(home: Home) -> None:
    assert what(home) == ["a new price", "more people", "a new form"]


def test_a_change_that_names_a_part_stands_where_that_part_is(home: Home) -> None:
    with open_view(home, Selection(channel="phone")) as view:
        channels = {c for (c,) in view.rows("select distinct channel from rows")}
    told = what(home, Selection(channel="phone"))
    assert "more people" in told
    assert ("a new form" in told) == ("email" in channels)
    assert "a new price" in told


def test_who_sees_nothing_sees_only_what_holds_everywhere(home: Home) -> None:
    assert what(home, scope=Scope(units=frozenset({"nowhere"}))) == ["a new price"]


def test_a_change_after_now_is_not_there_yet(home: Home) -> None:
    with open_view(home) as view:
        (second,) = [m.day for m in marks_of(changes(view)) if m.text == "more people"]
    midnight = datetime(second.year, second.month, second.day, tzinfo=UTC)
    assert what(home, as_of=midnight - timedelta(hours=1)) == ["a new price"]


def test_a_period_holds_the_changes_of_its_days_both_ends_included(home: Home) -> None:
    with open_view(home) as view:
        days = [row["day"] for row in changes(view).to_pylist()]
        assert changes(view, since=days[1], until=days[1])["what"].to_pylist() == ["more people"]
        assert not changes(view, since=date(2031, 1, 1)).num_rows


def test_the_standards_over_time_carry_the_changes_in_picture_words_and_table(home: Home) -> None:
    with open_view(home) as view:
        made = standards(view)
    picture = made.over_time() or made.picture()
    assert picture is not None
    assert "more people" in picture.alternative
    table = next(t for t in made.tables() if t.name == "changes")
    assert [cells[1] for cells in table.cells()] == ["a new price", "more people", "a new form"]
    assert "does not mean that it came of it" in table.note
    assert [row["what"] for row in made.as_plain()["figures"]["changes"]] == [
        "a new price",
        "more people",
        "a new form",
    ]
