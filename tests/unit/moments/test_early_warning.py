"""The early warning: only what is known at a landmark counts, objections hold, and what it led to is remembered."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import tiesa
from tiesa.core.business_time import DAY_US
from tiesa.core.errors import UnusableInput
from tiesa.core.home import Home
from tiesa.journeys.arrow_views import NONE
from tiesa.journeys.view import View, open_view
from tiesa.moments import warning_today
from tiesa.moments.exposed import exposed_of
from tiesa.moments.landmarks import Landmarks, course_of, landmarks_of
from tiesa.moments.objections import objected_to_profiling
from tiesa.moments.people import people_of
from tiesa.moments.situations import Situation
from tiesa.moments.timeline import Timeline, timeline_of
from tiesa.moments.warning import EarlyWarning
from tiesa.moments.warning_events import events_of, moments_as_events
from tiesa.moments.warning_examples import Examples
from tiesa.moments.warning_features import Known, known_at
from tiesa.moments.warning_memory import Kept, held_out_before, is_held_out, remember_contact, remember_list, remembered
from tiesa.moments.warning_model import Model, learn
from tiesa.moments.warning_today import early_warning
from tiesa.simulate import simulate

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "support.csv"
CUT = datetime(2026, 1, 15, 12, tzinfo=UTC)
READ = ("customers", "contacts", "outcomes")
SEED = 4108
TOP, HELD_OUT = 40, 0.25
pytestmark = pytest.mark.xdist_group("early-warning")
MESSAGE_2 = {"all": [{"atom": "message", "k": 2}, {"atom": "unanswered", "owner": "us", "threshold_h": 72}]}


def home_of(company: Path, home: Home, names: tuple[str, ...] = READ) -> Home:
    for name in names:
        tiesa.import_file(company / f"{name}.parquet", home)
    tiesa.build(home)
    return home


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made-up company of 6,000 customers, as files."""
    folder = tmp_path_factory.mktemp("warning") / "company"
    simulate(6000, seed=SEED, out=folder)
    return folder


@pytest.fixture(scope="module")
def whole(company: Path) -> Home:
    return home_of(company, Home(company.parent / "home"))


@pytest.fixture(scope="module")
def found(whole: Home) -> EarlyWarning:
    """Today's list of the company."""
    with open_view(whole) as view:
        return early_warning(view, top=TOP, held_out=HELD_OUT)


@pytest.fixture
def home(whole: Home, tmp_path: Path) -> Home:
    return Home(Path(shutil.copytree(whole.root, tmp_path / "home")))


@pytest.fixture(scope="module")
def until_cut(company: Path) -> Home:
    """The same company as it was known at CUT: everything later deleted from its files."""
    folder = company.parent / "cut"
    folder.mkdir()
    for name, column in zip(READ, ("as_of", "occurred_at", "at"), strict=True):
        table = pq.read_table(company / f"{name}.parquet")
        pq.write_table(table.filter(pc.less_equal(table[column], CUT)), folder / f"{name}.parquet")
    return home_of(folder, Home(company.parent / "home-cut"))


def features(view: View) -> tuple[Timeline, Landmarks, Known]:
    people = people_of(view)
    timeline = timeline_of(view, people, least=10)
    course = course_of(view, timeline)
    known_moment = moments_as_events(timeline, (Situation.from_plain(MESSAGE_2),))
    looks = landmarks_of(timeline, course)
    return timeline, looks, known_at(view, timeline, course, events_of(view, timeline) | known_moment, looks)


def as_rows(view: View, until: datetime) -> dict[tuple[str, int], dict[str, Any]]:
    """Every landmark up to an instant, by contact and time, with all that is known then, words written out."""
    timeline, looks, known = features(view)
    names = view.table("select contact_id from rows order by customer_key, journey_no, journey_position")
    ids = names["contact_id"].to_pylist()
    made = {}
    for i in np.flatnonzero(looks.at <= until.timestamp() * 1e6):
        words = {n: w.texts[int(w.codes[i])].as_py() if w.codes[i] != NONE else None for n, w in known.words.items()}
        numbers = {n: None if np.isnan(v[i]) else round(float(v[i]), 6) for n, v in known.numbers.items()}
        made[ids[timeline.place[looks.row[i]]], int(looks.at[i])] = words | numbers
    return made


def test_deleting_everything_after_a_landmark_changes_nothing_known_at_it(whole: Home, until_cut: Home) -> None:
    with open_view(whole) as all_time, open_view(until_cut) as then:
        until = min(then.now, CUT)
        later, earlier = as_rows(all_time, until - timedelta(seconds=1)), as_rows(then, until - timedelta(seconds=1))
    assert len(earlier) > 5000
    assert later.keys() == earlier.keys()
    differing = {name for key in earlier for name in earlier[key] if earlier[key][name] != later[key][name]}
    assert not differing


def test_what_was_tried_does_not_depend_on_what_came_after_its_time(
    whole: Home, until_cut: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list as of an earlier day is the list that the log of that day gives."""
    known_by: list[int] = []

    def noted(examples: Examples, now: int) -> Model:
        known_by.append(now)
        return learn(examples, now)

    monkeypatch.setattr(warning_today, "learn", noted)
    with open_view(until_cut) as then:
        now = then.now
        expected = early_warning(then, horizon=timedelta(days=60))
    with open_view(whole, as_of=now) as back:
        found = early_warning(back, horizon=timedelta(days=60))
    assert found.tested is not None
    assert expected.tested is not None
    assert found.tested.events == expected.tested.events
    assert found.tested.auc == expected.tested.auc
    assert [w.customer for w in found.warned] == [w.customer for w in expected.warned]
    assert known_by[0] < expected.tested.first  # what was tried was learned before the days it was tried on


def test_the_list_is_short_sorted_and_of_open_journeys(whole: Home, found: EarlyWarning) -> None:
    with open_view(whole) as view:
        states = dict(view.rows("select (customer_key, journey_no)::text, goal_state from journeys"))
        gone = {key for (key,) in view.rows("select customer_key from outcomes where kind = 'left'")}
    plain = found.as_plain()
    assert len(found.warned) == TOP
    risks = [w.risk for w in found.warned]
    assert risks == sorted(risks, reverse=True)
    assert all(states[f"({w.customer_key}, {w.journey_no})"] == "open" for w in found.warned)
    assert not gone & {w.customer_key for w in found.warned}
    assert any(w.reasons for w in found.warned)
    assert all(0 < w.low <= w.high < 1 for w in found.warned)
    assert plain["tested"]["auc"]["low"] <= plain["tested"]["auc"]["value"] <= plain["tested"]["auc"]["high"]
    assert plain["tested"]["customers"] > plain["tested"]["events"] > 0
    assert found.answer()
    assert found.explain()
    assert found.picture() is not None


def test_a_reason_is_what_lowers_the_risk_when_as_usual(found: EarlyWarning) -> None:
    for one in found.warned:
        added = [reason.added for reason in one.reasons]
        assert added == sorted(added, reverse=True)
        assert all(0 < by < one.risk for by in added)


def test_who_objects_to_profiling_is_neither_listed_nor_learned_from(
    home: Home, found: EarlyWarning, tmp_path: Path
) -> None:
    with open_view(home) as view:
        timeline = timeline_of(view, people_of(view), least=10)
        looks = landmarks_of(timeline, course_of(view, timeline))
    over = looks.at <= timeline.people.ends - found.horizon_days * DAY_US
    learned = set(timeline.people.key[timeline.customer[looks.row[over]]].tolist())
    one, two, three = sorted(found.warned, key=lambda w: w.customer_key not in learned)[:3]
    lines = ["customer,purpose,channel,basis,state,at,source"]
    said = [(one, "objected", 1), (two, "given", 1), (two, "withdrawn", 2), (three, "objected", 1), (three, "given", 2)]
    lines += [f"{w.customer},profiling,all,consent,{state},2026-09-0{day}T10:00:00Z,crm" for w, state, day in said]
    file = tmp_path / "consents.csv"
    file.write_text("\n".join(lines), "utf-8")
    tiesa.import_file(file, home)
    with open_view(home) as view:
        objected = objected_to_profiling(view)
        again = early_warning(view, top=TOP, objected=objected)
    assert objected == {one.customer_key, two.customer_key}
    assert {one.customer_key, two.customer_key}.isdisjoint(w.customer_key for w in again.warned)
    assert again.objected == 2
    assert again.customers == found.customers - 2
    assert found.learned_customers - again.learned_customers == len(objected & learned) > 0


def test_chance_holds_out_a_share_and_the_list_is_filled_up(found: EarlyWarning) -> None:
    assert len(found.warned) == TOP
    assert 3 <= len(found.held_out) <= 30
    assert all(is_held_out(w.customer_key, HELD_OUT) for w in found.held_out)
    assert not any(is_held_out(w.customer_key, HELD_OUT) for w in found.warned)
    assert not any(is_held_out(key, 0.0) for key in range(1000))
    assert 0.22 < np.mean([is_held_out(key, 0.25) for key in range(10_000)]) < 0.28


def test_whom_a_kept_list_held_out_stays_out_until_its_horizon_is_over(home: Home, found: EarlyWarning) -> None:
    remember_list(home, found)
    apart = held_out_before(home, found.now, found.target)
    assert apart == {one.customer_key for one in found.held_out}
    assert held_out_before(home, found.now + timedelta(days=found.horizon_days), found.target) == frozenset()
    assert held_out_before(home, found.now, "m-other") == frozenset()
    with open_view(home) as view:
        again = early_warning(view, top=TOP, stay_out=apart)
    assert apart.isdisjoint(one.customer_key for one in again.warned)
    assert {one.customer_key for one in again.held_out} == apart


def test_lists_and_contacts_are_remembered_once(home: Home, found: EarlyWarning) -> None:
    assert remember_list(home, found, by="anna") == TOP + len(found.held_out)
    assert remember_list(home, found) == 0
    assert remember_contact(home, found, found.warned[0], by="anna") == 1
    kept = remembered(home)
    assert [e.kept for e in kept].count(Kept.CONTACTED) == 1
    contact = next(e for e in kept if e.kept == Kept.CONTACTED)
    assert (contact.customer_key, contact.by, contact.target) == (found.warned[0].customer_key, "anna", "left")
    assert contact.risk == pytest.approx(found.warned[0].risk)
    assert contact.now == found.now


def test_a_moment_can_be_warned_of(whole: Home) -> None:
    estimate = {"id": "m-test", "condition": MESSAGE_2, "outcome": "left", "horizon_days": 180}
    with open_view(whole) as view:
        found = early_warning(view, moment=estimate, top=10_000)
        came = {(row["customer_key"], row["journey_no"]) for row in exposed_of(view, [estimate]).to_pylist()}
    assert found.horizon_days == 30
    assert found.tested is not None
    assert found.tested.auc.low > 0.6  # a second message, not answered for days, is seen coming
    assert "72" in found.question() or "3 days" in found.question()
    assert len(found.warned) == found.open_customers > 10
    assert came.isdisjoint((w.customer_key, w.journey_no) for w in found.warned)  # what came already is no news


def test_too_little_is_said_in_a_sentence(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    tiesa.import_file(EXAMPLE, home)
    tiesa.build(home)
    with open_view(home) as view, pytest.raises(UnusableInput, match="to whom it came: 0"):
        early_warning(view)


def test_one_customer_is_too_little(company: Path, tmp_path: Path) -> None:
    folder = tmp_path / "one"
    folder.mkdir()
    for name in READ:
        table = pq.read_table(company / f"{name}.parquet")
        one = table.filter(pc.equal(table["customer"], pq.read_table(company / "outcomes.parquet")["customer"][0]))
        pq.write_table(one, folder / f"{name}.parquet")
    with open_view(home_of(folder, Home(tmp_path / "home"))) as view, pytest.raises(UnusableInput, match="Too little"):
        early_warning(view)


def test_nobody_left_is_too_little(whole: Home) -> None:
    with open_view(whole) as view:
        everybody = {key for (key,) in view.rows("select distinct customer_key from all_rows")}
        with pytest.raises(UnusableInput, match="Too little"):
            early_warning(view, objected=everybody)
        gone = {key for (key,) in view.rows("select customer_key from outcomes where kind = 'left'")}
        with pytest.raises(UnusableInput, match=r"long enough: [1-9].*; to whom it came: 0; .* last year: 0"):
            early_warning(view, objected=gone)


def told(home: Home, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tiesa", "early-warning", "--home", str(home.root), *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=300)


def test_the_command_lists_and_remembers(home: Home, found: EarlyWarning) -> None:
    one = found.warned[3]
    held = ("--top", str(TOP), "--hold-out", str(HELD_OUT))
    done = told(home, *held, "--keep", "--contacted", str(one.customer), "--json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert [w["customer"] for w in answer["list"]] == [w.customer for w in found.warned]
    assert answer["tested"]["slope"]["low"] < answer["tested"]["slope"]["high"]
    kept = remembered(home)
    assert {e.customer_key for e in kept if e.kept == Kept.LISTED} == {w.customer_key for w in found.warned}
    assert {e.customer_key for e in kept if e.kept == Kept.CONTACTED} == {one.customer_key}


@pytest.mark.parametrize(("words", "said"), [(("--horizon", "soon"), "number of days"), (("--moment", "m-no"), "m-no")])
def test_the_command_refuses_in_a_sentence(home: Home, words: tuple[str, ...], said: str) -> None:
    done = told(home, *words)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
