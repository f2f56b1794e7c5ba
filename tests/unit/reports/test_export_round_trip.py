"""What goes out as an event log comes back the same: contacts to the letter, and the journeys made of them."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.reports.logs import add_rows, brought_back, contents, full_row, made_home, support_home

from tiesa.core.home import Home
from tiesa.journeys.build import build
from tiesa.reports.export import export

ODD = st.text(st.characters(exclude_categories=("Cs", "Zs", "Zl", "Zp", "Cc")), min_size=1, max_size=12)


def same_after(home: Home, folder: Path, form: str, *, names: bool = False) -> None:
    file = folder / f"log.{form}"
    export(home, file, format=form, names=names)
    copy = brought_back(file, folder / f"copy-{form}")
    before, after = contents(home, customers=names), contents(copy, customers=names)
    assert before[0] == after[0]
    assert before[1] == after[1]


@pytest.mark.parametrize("form", ["xes", "ocel"])
def test_the_example_comes_back_the_same(tmp_path: Path, form: str) -> None:
    same_after(support_home(tmp_path / "home"), tmp_path, form)


@pytest.mark.parametrize("names", [False, True], ids=["numbers", "names"])
@pytest.mark.parametrize("form", ["xes", "ocel"])
def test_every_column_comes_back_the_same(tmp_path: Path, form: str, names: bool) -> None:
    home = made_home(tmp_path / "home", [full_row(n) for n in range(200)])
    same_after(home, tmp_path, form, names=names)


@pytest.mark.parametrize("form", ["xes", "ocel"])
def test_two_systems_with_the_same_ids_stay_two(tmp_path: Path, form: str) -> None:
    home = Home(tmp_path / "home")
    for source in ("desk", "shop: online"):
        add_rows(home, [full_row(n) for n in range(30)], source)
    build(home)
    same_after(home, tmp_path, form)


@pytest.mark.parametrize("form", ["xes", "ocel"])
@given(words=st.lists(st.tuples(ODD, ODD, ODD, ODD), min_size=1, max_size=6))
@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
def test_odd_words_come_back_the_same(form: str, words: list[tuple[str, str, str, str]]) -> None:
    plain = [tuple(word.replace("@", "-") for word in each) for each in words]  # with an @ ids become numbers
    rows = [
        full_row(n, touchpoint=t, employee=e, case_id=c, colour=a, contact_id=f"{n}{t}")
        for n, (t, e, c, a) in enumerate(plain)
    ]
    with TemporaryDirectory() as folder:
        same_after(made_home(Path(folder) / "home", rows), Path(folder), form)


def test_white_space_inside_texts_survives(tmp_path: Path) -> None:
    home = made_home(tmp_path / "home", [full_row(n, reason="two\nlines\tand\r\na tab") for n in range(4)])
    same_after(home, tmp_path, "xes")
    same_after(home, tmp_path, "ocel")


@pytest.mark.parametrize("form", ["xes", "ocel"])
def test_no_personal_data_leave_unless_asked_for(tmp_path: Path, form: str) -> None:
    home = made_home(tmp_path / "home", [full_row(n, customer="ana.petrovic") for n in range(3)])
    export(home, tmp_path / "numbers", format=form)
    export(home, tmp_path / "names", format=form, names=True)
    assert "ana.petrovic" not in (tmp_path / "numbers").read_text()
    assert "ana.petrovic" in (tmp_path / "names").read_text()


def test_a_packed_log_comes_back_the_same(tmp_path: Path) -> None:
    home = support_home(tmp_path / "home")
    export(home, tmp_path / "log.xes.gz", format="xes")
    assert contents(brought_back(tmp_path / "log.xes.gz", tmp_path / "copy")) == contents(home)


def test_only_the_chosen_journeys_leave(tmp_path: Path) -> None:
    home = support_home(tmp_path / "home")
    chosen = "select customer_key, journey_no from all_journeys where start_touchpoint = 'complaint'"
    done = export(home, tmp_path / "log.xes", format="xes", selection_sql=chosen)
    _rows, journeys = contents(home)
    wanted = [j for j in journeys if j["start_touchpoint"] == "complaint"]
    assert (done.journeys, done.contacts) == (len(wanted), sum(j["contacts"] for j in wanted))
    assert (tmp_path / "log.xes").read_text().count("<trace>") == len(wanted)
