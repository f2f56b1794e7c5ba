"""The search for moments beside other tools: all are given the same journeys, and held to the same truth."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from bench import suite, tables
from bench.job import Folder
from bench.pieces import CUSTOMERS
from bench.running import Limits
from bench.tried import Tried, counted
from tiesa.cli import benching
from tiesa.core.errors import WrongUsage
from tiesa.core.home import Home
from tiesa.journeys.view import open_view

SIZE = 1_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("moments")


@pytest.fixture(scope="module")
def figures(folder: Path) -> dict:
    """Of a company of 1,000 customers, one round."""
    return suite.measured([SIZE], runs=1, counts=CUSTOMERS, folder=folder, limits=Limits(minutes=5, memory_gib=4))


def test_each_work_tells_what_it_looked_at_and_how_true_it_is(figures: dict) -> None:
    (piece,) = figures["sizes"][0]["pieces"]
    assert (piece["piece"], piece["counts"], piece["answers"]["differ"]) == ("moments", CUSTOMERS, [])
    works = {work["work"]: work for work in piece["works"]}
    for work in works.values():
        assert work["why_not"] == "" or work["why_not"].endswith(" not installed")
        found = work.get("extra", {})
        if "shown" in found:
            assert found["hits"] + found["parts"] + found["ancestors"] + found["false"] == found["shown"]
    assert works["tiesa_moments"]["extra"]["looked_at"] > 100
    assert works["statsmodels_each"]["extra"]["looked_at"] == 200 < works["statsmodels_each"]["extra"]["all"]
    for effect in works["doubleml_each"].get("extra", {}).get("effects", ()):
        assert effect["low"] < effect["value"] < effect["high"]


@pytest.mark.usefixtures("figures")
def test_the_rows_of_other_tools_are_the_journeys_that_were_followed(folder: Path) -> None:
    place = Folder(folder / f"{SIZE}-{CUSTOMERS}")
    given = Tried.kept(place.tried)
    with open_view(Home(place.home)) as view:
        journeys, left = view.one(
            "with last as (select customer_key, journey_no, max(occurred_at) as t from rows group by all), "
            "gone as (select customer_key, min(\"at\") as left_at from outcomes where kind = 'left' group by all), "
            "known as (select customer_key, min(since) as since from customers group by all) "
            "select count(*), count(*) filter (left_at <= t + interval 180 day) from last "
            "left join gone using (customer_key) left join known using (customer_key) "
            "where t + interval 180 day <= (select max(occurred_at) from rows) and (left_at is null or t < left_at) "
            "and (since is null or t >= since)"
        )
    assert (len(given.left), given.left.sum()) == (journeys, left)
    assert set(given.verdict) <= {"hit", "part", "ancestor", "false"}
    assert {"hit", "false"} <= set(given.verdict)


def test_groups_of_journeys_are_judged_by_the_rule_for_moments() -> None:
    planted = np.zeros((2, 40), np.bool_)
    planted[0, :10] = planted[1, 30:] = True
    nothing = np.zeros((0, 5), np.uint8)
    given = Tried(
        left=planted[0], customer=np.arange(40), context=np.ones((40, 1)), bits=nothing,
        conditions=np.zeros(0), words=np.zeros(0, str), verdict=np.zeros(0, str), like=np.zeros(0, str),
        jaccard=np.zeros(0), names=np.array(["waits", "broken"]), effects=np.array([0.05, 0.05]),
        journeys=np.packbits(planted, axis=1, bitorder="little"),
    )  # fmt: skip

    def verdict(*rows: range) -> tuple[str, str]:
        return given.verdict_on(np.isin(np.arange(40), [i for each in rows for i in each]))

    verdicts = [verdict(range(15)), verdict(range(3), range(20, 22)), verdict(range(30)), verdict(range(9, 30))]
    assert verdicts == [("hit", "waits"), ("part", "waits"), ("ancestor", "waits"), ("false", "waits")]
    assert verdict(range(28, 33)) == ("part", "broken")
    made = counted([*verdicts, ("hit", "waits"), ("part", "broken")])
    assert made == {"shown": 6, "planted": 1, "hits": 2, "parts": 2, "ancestors": 1, "false": 1}


def test_what_was_looked_at_is_shown_and_put_into_a_document(figures: dict, folder: Path) -> None:
    console = Console(file=io.StringIO(), width=200)
    benching.show(figures, console)
    shown = console.file.getvalue()
    assert "1,000 customers: which situations make customers leave" in shown
    assert "(extrapolated from 200)" in shown
    document = folder / "performance.md"
    begin, end = tables.MARKS[CUSTOMERS]
    of_logs = f"{tables.BEGIN}\nof logs\n{tables.END}\n"
    document.write_text(f"{of_logs}{begin}\nold\n{end}\n")
    tables.main(folder, document)
    made = document.read_text()
    assert (made.startswith(of_logs), "old" in made) == (True, False)
    assert "| | customers | median | fastest – slowest | CPU | peak memory |" in made
    assert "| statsmodels: one regression each | 1,000 | 200 of " in made


def test_a_piece_of_the_log_is_no_piece_of_a_company() -> None:
    with pytest.raises(WrongUsage, match="no piece 'import'"):
        benching.bench(only=["import"], moments=True)
