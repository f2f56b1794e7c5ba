"""The benchmark itself: its log interleaves, its checks notice what differs, its processes stay within limits."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from bench import generate, results, running, same, suite
from bench.job import Folder
from bench.pieces import PIECES, WORKS, Piece, Work
from bench.running import Limits, Stopped
from tiesa.cli import benching
from tiesa.core.errors import TiesaError, WrongUsage

PLENTY = Limits(minutes=5, memory_gib=4)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    made = Folder(tmp_path_factory.mktemp("log"))
    generate.main(20_000, made.csv)
    return made


def test_the_journeys_of_most_customers_interleave(folder: Folder) -> None:
    assert generate.interleaved(folder.csv) > 0.8


def test_the_same_number_gives_the_same_log(folder: Folder, tmp_path: Path) -> None:
    generate.main(20_000, tmp_path / "again.csv")
    assert (tmp_path / "again.csv").read_bytes() == folder.csv.read_bytes()


def test_arrivals_are_new_contacts_of_known_cases_and_many_are_late(folder: Folder, tmp_path: Path) -> None:
    generate.main(20_000, tmp_path / "arrivals.csv", 100)
    log, new = (f"read_csv('{path}')" for path in (folder.csv, tmp_path / "arrivals.csv"))
    known, late = duckdb.sql(
        f"select count(*) filter (contact_id in (select contact_id from {log})), "
        f"count(*) filter (time < (select max(time) from {log})) from {new}"
    ).fetchall()[0]
    assert known == 0
    assert late == 50
    customers = f"select distinct customer from {new} intersect select customer from {log}"
    assert len(duckdb.sql(customers).fetchall()) > 90


@pytest.mark.parametrize("changed", ["wait = 7", "wait = null", "wait_owner = 'nobody'", "id = 'c'"])
def test_one_changed_cell_is_noticed_and_the_order_of_rows_is_not(changed: str) -> None:
    connection = duckdb.connect()
    connection.execute("create table t as from (values ('a', 'us', 5), ('b', 'us', null)) t(id, wait_owner, wait)")
    columns = {"wait_owner": "wait_owner", "wait": "wait::bigint"}

    def said() -> dict[str, object]:
        listed = ", ".join(f"({row[0]!r}, {row[1]!r}, {row[2] if row[2] is not None else 'null'})" for row in rows)
        return same.sums(f"from (values {listed}) t(id, wait_owner, wait)", "id", columns)

    rows = connection.execute("from t order by id").fetchall()
    before = said()
    rows.reverse()
    assert said() == before
    connection.execute(f"update t set {changed} where id = 'a'")
    rows = connection.execute("from t").fetchall()
    assert said() != before


def test_works_that_disagree_are_told_by_fact() -> None:
    outcomes = [
        running.Outcome(Work(name, name, "", ""), [running.Measured(1, 1, 1, {}, {"rows": 3, "ways": ways})])
        for name, ways in (("ours", 2), ("theirs", 2), ("others", 1))
    ]
    assert running.disagreements(outcomes) == ["others and ours: ways"]


def test_a_competitor_that_is_not_installed_is_named(folder: Folder) -> None:
    piece = Piece("none", "", (Work("absent", "absent", "", "", ("no_such_package",)),))
    (outcome,) = running.measure(piece, folder, runs=2, limits=PLENTY, tell=lambda words: None)
    figures = results.of_piece(piece, 20_000, [outcome])
    assert figures["works"] == [{"work": "absent", "label": "absent", "why_not": "no_such_package not installed"}]


def test_a_work_that_takes_too_much_memory_or_time_is_ended(folder: Folder) -> None:
    with pytest.raises(Stopped, match="GiB of memory"):
        running.run(WORKS["duckdb_copy"], folder, limits=Limits(minutes=5, memory_gib=0.001), check=False)
    with pytest.raises(Stopped, match="minutes"):
        running.run(WORKS["duckdb_copy"], folder, limits=Limits(minutes=0.001, memory_gib=4), check=False)


def test_a_work_that_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(Stopped, match=r"failed: .*contacts\.csv"):
        running.run(WORKS["duckdb_copy"], Folder(tmp_path), limits=PLENTY, check=False)


def test_where_nothing_can_be_made_ready_every_work_says_why(tmp_path: Path) -> None:
    limits = Limits(minutes=0.001, memory_gib=4)
    figures = suite.measured([2_000], runs=1, only=["filter"], folder=tmp_path, limits=limits)
    works = figures["sizes"][0]["pieces"][0]["works"]
    assert {work["why_not"] for work in works} == {"nothing to work on: stopped after 0.001 minutes"}


def test_growth_is_told_apart_within_memory_and_beyond() -> None:
    def build(seconds: float) -> list[results.Figures]:
        return [{"works": [{"work": "tiesa_build", "seconds": seconds}]}]

    within, beyond = results.growth({1_000_000: build(2), 10_000_000: build(20), 50_000_000: build(150)})
    assert within["exponent"] == pytest.approx(1.0)
    assert (within["met"], beyond["met"]) == (True, True)
    assert beyond["exponent"] == pytest.approx(1.252, abs=0.001)


def test_every_goal_and_ratio_speaks_of_works_of_its_piece() -> None:
    for piece in PIECES:
        works = {work.name for work in piece.works}
        assert {goal.work for goal in piece.goals} | {goal.other for goal in piece.goals if goal.other} <= works
        assert {name for pair in piece.shown for name in pair} <= works


def test_one_work_can_be_asked_for_alone(folder: Folder, tmp_path: Path) -> None:
    (tmp_path / "20000").mkdir()
    (tmp_path / "20000" / "contacts.csv").symlink_to(folder.csv)
    figures = suite.measured([20_000], runs=1, only=["duckdb_copy"], folder=tmp_path, limits=PLENTY)
    (piece,) = figures["sizes"][0]["pieces"]
    assert [(work["work"], work["runs"]) for work in piece["works"]] == [("duckdb_copy", 1)]
    assert (piece["ratios"], piece["goals"]) == ([], [])


@pytest.mark.parametrize(("text", "contacts"), [("10M", 10_000_000), ("200k", 200_000), ("1.5m", 1_500_000)])
def test_sizes_are_read_as_people_write_them(text: str, contacts: int) -> None:
    assert benching.contacts_of(text) == contacts


@pytest.mark.parametrize("text", ["", "M", "much", "12", "-10M"])
def test_a_size_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(WrongUsage):
        benching.contacts_of(text)


def test_without_a_checkout_one_sentence_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(benching, "CHECKOUT", tmp_path)
    with pytest.raises(TiesaError, match=r"not part of an installed tiesa.*tiesa bench"):
        benching.bench()


def test_the_command_measures_a_piece_and_keeps_its_figures(checkout: Path, tmp_path: Path) -> None:
    words = ["bench", "--size", "5k", "--runs", "1", "--only", "filter", "--folder", str(tmp_path), "--json"]
    done = subprocess.run([sys.executable, "-m", "tiesa", *words], cwd=checkout / "src", capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (size,) = json.loads(done.stdout)["sizes"]
    (piece,) = size["pieces"]
    assert (size["rows"], piece["piece"], piece["answers"]["differ"]) == (5_000, "filter", [])
    assert piece["answers"]["works"] >= 2
    assert {"tiesa_filter", "filter_scan"} <= {work["work"] for work in piece["works"] if "seconds" in work}
    assert (tmp_path / "results.json").exists()
    assert not (tmp_path / "5000" / "output").exists()
