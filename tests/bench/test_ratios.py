"""Speed is guarded by ratios within one run, loosely, and by processor time: never by the clock on the wall."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import generate, running, suite
from bench.job import Folder
from bench.pieces import WORKS
from bench.running import Limits, Measured

SMALL, LARGE = 25_000, 100_000
LIMITS = Limits(minutes=5, memory_gib=4)


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict]:
    """Pieces by name at the larger size."""
    folder: Path = tmp_path_factory.mktemp("bench")
    measured = suite.measured([LARGE], runs=1, only=["build", "update"], folder=folder, limits=LIMITS)
    return {piece["piece"]: piece for piece in measured["sizes"][0]["pieces"]}


@pytest.fixture(scope="module")
def small_build(tmp_path_factory: pytest.TempPathFactory) -> Measured:
    """A build of the smaller size."""
    folder = Folder(tmp_path_factory.mktemp("small"))
    generate.main(SMALL, folder.csv)
    running.run(WORKS["tiesa_import"], folder, limits=LIMITS, check=False)
    return running.run(WORKS["tiesa_build"], folder, limits=LIMITS, check=False)


def cpu_seconds(piece: dict, work: str) -> float:
    (found,) = [each for each in piece["works"] if each["work"] == work]
    if "seconds" not in found:
        pytest.skip(f"{found['label']}: {found['why_not']}")
    return found["cpu_seconds"]


@pytest.mark.parametrize("piece", ["build", "update"])
def test_everybody_finds_the_same(figures: dict, piece: str) -> None:
    answers = figures[piece]["answers"]
    assert answers["differ"] == []
    assert answers["works"] >= 2
    assert answers["facts"] > 40


@pytest.mark.parametrize("competitor", ["polars_build", "duckdb_build"])
def test_a_build_takes_no_more_than_half_as_long_again_as_a_competitor(figures: dict, competitor: str) -> None:
    build = figures["build"]
    assert cpu_seconds(build, "tiesa_build") < 1.5 * cpu_seconds(build, competitor)


def test_the_kernel_takes_less_than_half_of_a_build(figures: dict) -> None:
    build = figures["build"]
    assert cpu_seconds(build, "kernel") < cpu_seconds(build, "tiesa_build") / 2


def test_a_build_grows_hardly_faster_than_the_log(figures: dict, small_build: Measured) -> None:
    assert cpu_seconds(figures["build"], "tiesa_build") < 1.5 * LARGE / SMALL * small_build.cpu_seconds


def test_an_update_touches_few_customers(figures: dict) -> None:
    (update,) = [work for work in figures["update"]["works"] if work["work"] == "tiesa_update"]
    assert 0 < update["extra"]["touched"] <= update["extra"]["new"]
