"""The way from a home to its moments: what cannot be judged is said, what was found is kept and found again."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

import tiesa
from tiesa.cli.main import main
from tiesa.core.errors import TiesaError, UnusableInput
from tiesa.core.home import Home
from tiesa.core.whole_files import write_whole
from tiesa.journeys.view import open_view
from tiesa.moments.exposed import exposed_contacts
from tiesa.moments.finding import find_moments
from tiesa.moments.outcomes import Outcome
from tiesa.moments.register import estimates, keep
from tiesa.moments.states import State
from tiesa.moments.truth import Score, score, truth_of
from tiesa.simulate import simulate

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "support.csv"
SEED = 4107


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made-up company of 6,000 customers on disk, and its home beside it."""
    folder = tmp_path_factory.mktemp("moments")
    simulate(6000, seed=SEED, out=folder / "company")
    home = Home(folder / "home")
    for file in sorted((folder / "company").glob("*.parquet")):
        tiesa.import_file(file, home)
    tiesa.build(home)
    return folder


@pytest.fixture
def home(world: Path, tmp_path: Path) -> Home:
    return Home(Path(shutil.copytree(world / "home", tmp_path / "home")))


def test_a_log_without_outcomes_is_told_what_is_missing(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    tiesa.import_file(EXAMPLE, home)
    tiesa.build(home)
    with open_view(home) as view, pytest.raises(UnusableInput, match="with the outcome: 0") as refused:
        find_moments(view)
    assert "import" in str(refused.value.remedy)


def test_what_is_found_is_kept_scored_and_found_again(world: Path, home: Home) -> None:
    with open_view(home) as view:
        found = find_moments(view)
        again = find_moments(view)
        assert found.moments.as_plain() == again.moments.as_plain()
        scored = score(view, found, world / "company" / "truth.json")
        assert found.moments.tested <= found.moments.generated
        assert found.moments.one_by_one > len(found.moments.moments)  # what testing one by one would call significant
        assert scored.false == 0
        assert scored.hits
        keep(home, found.moments)
        first = found.moments.moments[0]
        kept = estimates(home, first.id)[-1]
        assert json.dumps(kept["condition"]) == json.dumps(first.situation.as_plain())
        contacts = exposed_contacts(view, kept)
    assert contacts.num_rows == len(found.places(first.situation))
    assert contacts["exposed"].null_count == 0
    planted = pq.read_table(world / "company" / "truth" / "exposures.parquet")
    assert set(contacts["contact_id"].to_pylist()) & set(planted["contact_id"].to_pylist())


@pytest.mark.parametrize(("outcome", "verdict"), [(Outcome.DORMANT, "not told"), (Outcome.LEFT, "false")])
def test_of_what_the_file_of_truth_has_no_word_nothing_is_false(outcome: Outcome, verdict: str, world: Path) -> None:
    with open_view(Home(world / "home")) as view:
        truth = truth_of(view, world / "company" / "truth.json", outcome)
    told = truth.scored("m-1", np.arange(3))
    assert told.verdict == verdict
    assert Score((told,), (), frozenset(), frozenset()).false == (verdict == "false")


def test_every_figure_travels_with_its_number_and_interval(world: Path) -> None:
    with open_view(Home(world / "home")) as view:
        moments = find_moments(view).moments
    for one in moments.as_plain()["moments"]:
        if one["state"] == State.CANNOT_BE_JUDGED:
            assert one["low"] is one["effect"] is one["high"] is one["hazard_ratio"]["value"] is None
            assert one["unadjusted"] is one["risk"] is one["second_opinion"]["effect"] is None
            assert not {"by_segment", "by_half_year", "thresholds", "negative_control"} & set(one)
            continue
        assert one["low"] <= one["effect"] <= one["high"]
        assert one["exposed_n"] >= one["exposed_customers"] > 0
        assert one["hazard_ratio"]["low"] <= one["hazard_ratio"]["value"] <= one["hazard_ratio"]["high"]
    for moment in moments.of(State.CONFIRMED):
        assert moment.q <= 0.05
        assert moment.effect.ratio_low > 1.1 or moment.effect.ratio_high < 1 / 1.1
    assert moments.answer()
    assert moments.explain()


def test_what_is_found_in_a_part_is_shown_and_not_kept(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_whole(home.root / "moments" / "00000001-left.json", "as it was")
    words = ["moments", "--home", str(home.root), "--outcome", "left", "--journey-type", "payment"]
    monkeypatch.setattr(sys, "argv", ["tiesa", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    assert "Not kept" in capsys.readouterr().out
    assert (home.root / "moments" / "00000001-left.json").read_text() == "as it was"


def test_a_file_of_truth_that_is_not_there_is_said_before_anything_is_looked_for(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["tiesa", "moments", "--home", str(home.root), "--truth", "/nowhere/truth.json"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "/nowhere/truth.json" in capsys.readouterr().err
    assert not list((home.root / "moments").glob("*"))


def test_a_moment_that_nobody_found_is_refused(home: Home) -> None:
    write_whole(home.root / "moments" / "00000001-left.json", json.dumps({"version": 1, "moments": []}))
    with pytest.raises(TiesaError, match="m-nothing"):
        estimates(home, "m-nothing")
