"""The benchmark itself: its log interleaves, its checks notice what differs, its processes stay within limits."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from rich.console import Console

from bench import generate, results, running, same, suite, tables
from bench.job import Folder
from bench.pieces import BUILD, PIECES, WORKS, Piece, Work
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


@pytest.mark.parametrize(("largest", "is_held"), [(1_000_000, False), (10_000_000, True)])
def test_growth_is_held_to_its_goal_where_it_reaches_the_size_of_the_goals(largest: int, is_held: bool) -> None:
    sizes = {rows: [{"works": [{"work": "tiesa_build", "seconds": rows / 1e6}]}] for rows in (20_000, largest)}
    (grown,) = results.growth(sizes)
    assert grown["exponent"] == pytest.approx(1.0)
    assert ("met" in grown, "at_most" in grown) == (is_held, is_held)


def figures_of_a_build(rows: int) -> results.Figures:
    """A build that took a quarter of what Polars took, and 3 GiB."""
    ran = [("tiesa_build", 10.0), ("polars_build", 40.0)]
    outcomes = [
        running.Outcome(WORKS[name], [running.Measured(seconds, seconds, 3, {}, {"rows": rows})])
        for name, seconds in ran
    ]
    return results.of_piece(BUILD, rows, outcomes)


@pytest.mark.parametrize(
    ("rows", "goals"),
    [
        (20_000, {}),
        (1_000_000, {}),
        (10_000_000, {"ratio": True, "peak_gib": False}),
        (20_000_000, {"ratio": True}),
        (50_000_000, {"ratio": True, "peak_gib": True}),
    ],
)
def test_figures_are_held_to_the_goals_that_are_stated_for_their_size(rows: int, goals: dict[str, bool]) -> None:
    figures = figures_of_a_build(rows)
    assert {goal["kind"]: goal["met"] for goal in figures["goals"]} == goals
    assert [(ratio["other"], ratio["ratio"]) for ratio in figures["ratios"]] == [("polars_build", 0.25)]
    console = Console(file=io.StringIO(), width=200)
    benching.show({"sizes": [{"rows": rows, "pieces": [figures]}], "growth": [], "machine": results.machine()}, console)
    shown = console.file.getvalue()
    assert (shown.count("met"), shown.count("MISSED")) == (
        list(goals.values()).count(True), list(goals.values()).count(False)
    )  # fmt: skip


def test_figures_of_an_earlier_run_are_held_to_the_goals_of_today(tmp_path: Path) -> None:
    """Of a run before goals had a size; its figures are told as they are."""
    found = {rows: figures_of_a_build(rows) | {"machine": results.machine()} for rows in (1_000_000, 10_000_000)}
    missed = {"kind": "ratio", "work": "tiesa_build", "other": "polars_build", "at_most": 0.1, "value": 7, "met": False}
    earlier = {str(rows): {"build": {**figures, "goals": [missed]}} for rows, figures in found.items()}
    (tmp_path / "results.json").write_text(json.dumps(dict(reversed(earlier.items()))))
    kept = suite.kept_figures(tmp_path)
    assert list(kept) == [1_000_000, 10_000_000]
    assert kept[1_000_000] == {"build": found[1_000_000]}
    assert found[1_000_000]["goals"] == []
    assert [(goal["value"], goal["met"]) for goal in kept[10_000_000]["build"]["goals"]] == [(0.25, True), (3, False)]
    document = tmp_path / "performance.md"
    document.write_text(f"before\n{tables.BEGIN}\nold\n{tables.END}\nafter\n")
    tables.main(tmp_path, document)
    made = document.read_text()
    assert "| Tiesa: build / Polars, streaming | 1 M | 0.25 | 0.25 – 0.25 | 0.25 | | |" in made
    assert "| Tiesa: build / Polars, streaming | 10 M | 0.25 | 0.25 – 0.25 | 0.25 | 1 | met |" in made
    assert "| Tiesa: build | 10 M | 3.00 GiB at its peak | | | 2 | **missed** |" in made
    assert (made.startswith("before\n"), made.endswith("\nafter\n"), "old" in made) == (True, True, False)


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
def test_a_size_that_is_none_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(WrongUsage, match=r" is not a number of contacts from 1,000 up\. Write it as in --size 10M\.$"):
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
