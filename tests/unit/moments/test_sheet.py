"""The evidence sheet: what is confirmed is said with interval and n, what is not confirmed is not said."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader
from tests.unit.moments.kept_estimates import AGAIN, RARE, UNANSWERED, estimate, keep_register
from tests.unit.moments.sheets import part, sheet, text

import tiesa
from tiesa.cli.main import main
from tiesa.contacts.private import Private
from tiesa.core.home import Home
from tiesa.core.scope import Scope
from tiesa.journeys.selection import Selection
from tiesa.journeys.view import View, open_view
from tiesa.moments.exposed import exposed_of
from tiesa.moments.kept import Registered, estimates_in, registers, state_words
from tiesa.moments.register import FOLDER, estimates
from tiesa.moments.sheet import evidence_sheet
from tiesa.pictures.palette import LIGHT
from tiesa.reports.journey_pictures import journey_map_picture
from tiesa.reports.moment_sheet import write_sheet
from tiesa.reports.report import journey_report
from tiesa.simulate import simulate


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A made-up company of 300 customers, built."""
    folder = tmp_path_factory.mktemp("sheet")
    simulate(300, seed=3, out=folder / "company")
    made = Home(folder / "home")
    for file in sorted((folder / "company").glob("*.parquet")):
        tiesa.import_file(file, made)
    tiesa.build(made)
    return made


@pytest.fixture(autouse=True)
def emptied(home: Home) -> Iterator[None]:
    yield
    for path in (home.root / FOLDER).glob("*.json"):
        path.unlink()


@pytest.fixture
def view(home: Home) -> Iterator[View]:
    with open_view(home) as opened:
        yield opened


@pytest.fixture
def unit(view: View) -> str:
    """The unit that met the fewest of those the moment came true for."""
    view.connection.register("hit", exposed_of(view, [estimate()]))
    counted = "select unit, count(*) from rows semi join hit using (customer_key, journey_no) where unit is not null"
    return str(view.one(f"{counted} group by 1 order by 2, 1")[0])


def test_the_effect_stands_with_interval_and_n_beside_the_other_ways_to_look_at_it(view: View) -> None:
    made = sheet(view)
    assert "changes the risk of leaving within 180 days by +12.4 points (+7.5 to +17.3)" in made.lead
    assert "263 episodes of 255 customers" in made.lead
    effect = part(made, "effect")
    picture = effect.draw(LIGHT, 640) if effect.draw else None
    assert picture is not None
    for figure in ("+12.4 points (+7.5 to +17.3), n 263", "+13.7 points (+8.3 to +19.1), n 208", "+13.0 points"):
        assert figure in picture.alternative
    assert [cells[1] for cells in effect.tables[0].cells()] == [
        "+12.4 points (+7.5 to +17.3)", "+13.7 points (+8.3 to +19.1)", "+13.0 points",
    ]  # fmt: skip


@pytest.mark.parametrize("state", ["effect_unknown", "cannot_be_judged", "no_evidence", "candidate"])
def test_nothing_is_said_to_change_anything_unless_it_is_confirmed(state: str, view: View) -> None:
    made = sheet(view, estimate(state=state))
    said = text(made)
    assert not re.search(r"episode changes", said)
    assert "decide nothing by this sheet alone" in said
    assert re.search("not known yet|cannot be judged|No evidence that", made.lead)


def test_a_pain_point_is_said_to_be_felt_and_shown_to_leave_behaviour_as_it_was(view: View) -> None:
    felt = estimate(
        state="pain_point", outcome="score", unit="points", effect=-1.6, low=-2.1, high=-1.1, hazard_ratio=None,
        behaviour={"outcome": "left", "state": "pain_point", "effect": 0.001, "low_90": -0.006, "high_90": 0.008,
                   "margin": 0.015},
        equivalence={"margin": 0.015, "low": -0.006, "high": 0.008},
    )  # fmt: skip
    made = sheet(view, felt)
    assert "changes score of the journey by −1.60" in made.lead
    assert "What customers do stays as it was" in made.lead
    assert any(
        "within ±1.5 points: 90 % interval −0.6 points to +0.8 points" in f for f in part(made, "effect").findings
    )


def test_what_it_reaches_is_counted_from_the_contacts_themselves(view: View) -> None:
    found = exposed_of(view, [estimate()])
    reach = part(sheet(view), "reach")
    rows = reach.tables[0].data.to_pylist()
    assert found.num_rows > 100
    assert sum(row["episodes"] for row in rows) == found.num_rows
    assert all(0 <= row["customers"] <= row["n"] for row in rows)
    assert f"{found.num_rows} episodes of {len(set(found['customer_key'].to_pylist()))} customers" in reach.answer


def test_within_a_scope_only_its_contacts_are_counted_and_named(home: Home, view: View, unit: str) -> None:
    with open_view(home, scope=Scope(frozenset({unit}))) as own:
        made = sheet(own)
        (inside,) = own.one("select count(distinct (customer_key, journey_no)) from all_rows")
        keys = {key for (key,) in own.rows("select distinct customer_key from all_rows")}
    counted = sum(row["episodes"] or 0 for row in part(made, "reach").tables[0].data.to_pylist())
    everywhere = exposed_of(view, [estimate()]).num_rows
    assert 0 < counted < everywhere
    assert counted <= inside
    assert set(part(made, "behind").tables[0].data["customer_key"].to_pylist()) <= keys


def test_without_names_no_contact_is_named(home: Home) -> None:
    with open_view(home, scope=Scope(names=False)) as own:
        assert "contact_id" not in part(sheet(own), "behind").tables[0].data.column_names


def test_months_of_few_are_withheld_from_who_sees_figures_only(home: Home, view: View, unit: str) -> None:
    with open_view(home, scope=Scope(frozenset({unit}))) as own:
        told, kept = (
            part(sheet(own, withhold_few=few), "reach").tables[0].data["customers"].to_pylist() for few in (False, True)
        )
    assert any(n is not None and 0 < n < 5 for n in told), "the case is there"
    assert not any(n is not None and 0 < n < 5 for n in kept)
    segments = part(sheet(view, withhold_few=True), "parts").tables[0].data["label"].to_pylist()
    assert "premium" not in segments


def test_words_are_shown_when_asked_for_and_only_from_these_journeys(home: Home, view: View) -> None:
    assert not any(one.name == "words" for one in sheet(view).parts)
    words = part(sheet(view, words=True), "words").tables[0].data["said"].to_pylist()
    files = [str(file.path) for file in Private(home).words.version().current()]
    journeys = {(row["customer_key"], row["journey_no"]) for row in exposed_of(view, [estimate()]).to_pylist()}
    texts = f"read_parquet({files}) t join rows r using (contact_id, source)"
    rows = view.rows(f"select r.customer_key, r.journey_no, t.text from {texts}")
    theirs = {" ".join(said.split()) for key, number, said in rows if (key, number) in journeys}
    assert 1 <= len(words) <= 5
    assert all(any(said.startswith(word.strip("“”…")[:60]) for said in theirs) for word in words)


def test_a_test_that_failed_is_named_in_the_sentence(view: View) -> None:
    assert part(sheet(view), "challenges").answer == "It held in 7 of 7 tests."
    shifted = estimate(negative_control={"outcome": "contacts", "effect": 0.4, "low": 0.2, "high": 0.6, "n": 759})
    assert part(sheet(view, shifted), "challenges").answer == "It held in 6 of 7 tests. Not: negative control."
    measured = estimate(outcome="score", unit="points", hazard_ratio=None)
    assert "ratio of 7.9; 5.5 would touch the interval" in text(sheet(view, measured))
    rare = estimate(stability={"selected_again": 0.4, "draws": 50}, balance={"before": 0.4, "after": 0.3})
    assert part(sheet(view, rare), "challenges").answer.endswith("Not: balance, half-samples.")


def test_how_many_say_how_they_feel_is_told_and_not_judged(view: View) -> None:
    answers = {"exposed": 0.06, "exposed_n": 900, "compared": 0.1, "compared_n": 4000, "low": -0.06, "high": -0.02}
    made = part(sheet(view, estimate(outcome="score", unit="points", who_answers=answers)), "challenges")
    rows = {row["test"]: row for row in made.tables[0].data.to_pylist()}
    assert rows["who answers"]["found"] == "6.0 % of 900 journeys; elsewhere 10 % of 4,000"
    assert rows["who answers"]["verdict"] == "–"
    assert made.answer == "It held in 7 of 7 tests."


@pytest.mark.parametrize(
    ("state", "said"),
    [("effect_unknown", "felt; effect on leaving unknown"), ("no_evidence", "felt; no effect on leaving to speak of"),
     ("confirmed", "confirmed moment")],
)  # fmt: skip
def test_of_what_is_felt_the_state_says_what_it_is_a_state_of(state: str, said: str) -> None:
    done = {"outcome": "left", "state": state, "effect": 0.01, "low_90": -0.02, "high_90": 0.04, "margin": 0.015}
    assert state_words(estimate(outcome="score", state=state, behaviour=done)) == said
    assert state_words(estimate(state="effect_unknown")) == "effect unknown"


def test_what_is_sure_and_small_or_points_elsewhere_says_so(view: View) -> None:
    """Nobody has to guess why an effect that looks sure is not confirmed."""
    small = estimate(state="effect_unknown", size={"matters": False, "limit": 1.1})
    made = sheet(view, small)
    assert "by enough to matter is not known: +12.4 points (+7.5 to +17.3), 263 episodes" in made.lead
    assert part(made, "challenges").answer.endswith("Not: size.")
    rows = {row["test"]: row for row in part(made, "challenges").tables[0].data.to_pylist()}
    assert rows["size"]["asks"].endswith("beyond a ratio of rates of 1.10?")
    assert rows["size"]["found"] == "ratio of rates 4.20 (3.00 to 5.80)"
    other = sheet(view, estimate(state="effect_unknown", same_before=False))
    assert "is not known yet" in other.lead
    assert part(other, "challenges").answer.endswith("Not: the searched half.")
    kind = estimate(hazard_ratio={"value": 0.5, "low": 0.4, "high": 0.6}, effect=-0.1, low=-0.12, high=-0.08)
    rows = {row["test"]: row for row in part(sheet(view, kind), "challenges").tables[0].data.to_pylist()}
    assert rows["size"]["asks"].endswith("beyond a ratio of rates of 0.91?")
    for effect, least in ((1.2, "+0.25"), (-1.2, "−0.25")):
        felt = estimate(
            outcome="score", unit="points", hazard_ratio=None, effect=effect, size={"matters": True, "limit": 0.25}
        )
        rows = {row["test"]: row for row in part(sheet(view, felt), "challenges").tables[0].data.to_pylist()}
        assert rows["size"]["asks"].endswith(f"beyond {least}?")


def test_what_an_older_build_did_not_keep_is_left_out(view: View) -> None:
    keys = (
        "same_before",
        "size",
        "felt",
        "relations",
        "by_segment",
        "by_half_year",
        "stability",
        "negative_control",
        "overlap",
        "balance",
    )
    old = {name: value for name, value in estimate().items() if name not in (*keys, "thresholds", "unit")}
    made = sheet(view, old)
    names = [one.name for one in made.parts]
    assert names == ["situation", "effect", "reach", "challenges", "behind", "limits"]
    assert "None" not in text(made)


def test_every_build_adds_an_estimate_to_the_picture(home: Home, view: View) -> None:
    keep_register(home, [estimate()])
    keep_register(home, [estimate(effect=0.1, low=0.05, high=0.15)], version=2)
    made = evidence_sheet(view, estimates(home, estimate()["id"]))
    builds = part(made, "builds")
    assert [row["label"] for row in builds.tables[0].data.to_pylist()] == ["evidence 1", "evidence 2"]
    assert made.estimate["effect"] == 0.1
    assert registers(home)[0]["version"] == 2


def test_of_each_outcome_its_latest_register_is_told(home: Home, view: View) -> None:
    """A build in which one outcome alone was looked at leaves what is known of the others."""
    keep_register(home, [estimate()])
    keep_register(home, [estimate(effect=-1.5, low=-1.9, high=-1.1)], outcome="score")
    keep_register(home, [estimate(state="effect_unknown")], version=2, outcome="solved")
    keep_register(home, [], version=2, outcome="score")
    assert [(one["outcome"], one["version"]) for one in registers(home)] == [("left", 1), ("solved", 2), ("score", 2)]
    assert [one["outcome"] for one in registers(home, 1)] == ["left", "score"]
    kept = estimates(home, estimate()["id"])
    assert evidence_sheet(view, kept).estimate["outcome"] == "solved"
    made = evidence_sheet(view, kept, outcome="left")
    assert [(one["outcome"], one["version"]) for one in made.by_outcome] == [("left", 1), ("solved", 2)]
    assert made.estimate["outcome"] == "left"
    assert "solved" in part(made, "situation").findings[-1]


def test_what_was_found_in_its_place_is_of_the_same_outcome(home: Home, view: View) -> None:
    stead = estimate(UNANSWERED)["id"]
    keep_register(home, [estimate(UNANSWERED)], again=[estimate() | {"same_as": stead}])
    keep_register(home, [estimate(UNANSWERED)], outcome="score", again=[estimate(outcome="score") | {"same_as": stead}])
    keep_register(home, [], outcome="solved", again=[estimate(outcome="solved") | {"same_as": stead}])
    kept = estimates(home, estimate()["id"])
    told = [evidence_sheet(view, kept, outcome=name).told_as for name in ("left", "score", "solved")]
    assert [one and one["outcome"] for one in told] == ["left", "score", None]


def test_a_condition_that_nobody_was_in_gives_a_sheet_all_the_same(view: View) -> None:
    made = sheet(view, estimate(RARE), words=True)
    assert "0 episodes" in part(made, "reach").answer
    assert len(part(made, "behind").tables[0]) == 0


def test_a_condition_of_another_version_is_told_in_the_words_that_were_kept(view: View) -> None:
    strange = estimate() | {"condition": {"all": [{"atom": "from the future", "far": 3}]}}
    made = evidence_sheet(view, [strange | {"version": 1}], exposed=exposed_of(view, [estimate()]))
    assert made.title == "As it was kept"


def test_the_files_run_nothing_fetch_nothing_and_say_the_same(view: View, tmp_path: Path) -> None:
    made = sheet(view)
    for name in ("sheet.html", "sheet.pdf"):
        write_sheet(made, tmp_path / name)
    html = (tmp_path / "sheet.html").read_text("utf-8")
    assert not re.search(r"<script|https?://(?!www\.w3\.org)", html)
    pages = "\n".join(page.extract_text() for page in PdfReader(BytesIO((tmp_path / "sheet.pdf").read_bytes())).pages)
    for told in (made.title, "+12.4 points", "negative control", "evidence 1"):
        assert told in html
        assert told in re.sub(r"\s+", " ", pages)


@pytest.mark.parametrize("columns", [60, 80, 140])
def test_the_terminal_tells_the_sheet_with_no_word_cut(
    home: Home, columns: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    keep_register(home, [estimate()])
    monkeypatch.setenv("COLUMNS", str(columns))
    assert said_by(monkeypatch, "moments", estimate()["id"], "--home", str(home.root)) == 0
    told = capsys.readouterr().out
    assert max(map(len, told.splitlines())) <= columns
    assert "…" not in told
    for words in ("+12.4 points (+7.5 to +17.3)", "What was tried to disprove it", "Limits", estimate()["id"]):
        assert words in re.sub(r"\s+", " ", told)


@pytest.mark.parametrize(
    ("words", "named"),
    [(["--out", "sheet.pdf"], "--out"), (["--rows", "a.parquet"], "--rows"), (["m-nothing"], "m-nothing")],
)
def test_a_wrong_question_about_a_moment_is_answered_with_the_option_that_was_given(
    words: list[str], named: str, home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    keep_register(home, [estimate()])
    assert said_by(monkeypatch, "moments", *words, "--home", str(home.root)) == 2
    told = capsys.readouterr().err
    assert named in told
    assert told.count("\n") == 1


def said_by(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["tiesa", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def test_the_report_has_the_section_where_this_evidence_has_estimates(home: Home, view: View) -> None:
    keep_register(home, [estimate()], version=7)
    assert not any(one.anchor == "moments" for one in journey_report(view).sections), "another evidence"
    keep_register(home, [estimate(), estimate(UNANSWERED, state="effect_unknown")])
    section = next(one for one in journey_report(view).sections if one.anchor == "moments")
    assert "1 situation is confirmed" in section.answer
    assert "263 episodes" in section.answer
    assert len(section.tables[0]) == 2
    with open_view(home, Selection(channel="phone")) as some:
        assert not any(one.anchor == "moments" for one in journey_report(some).sections)


def test_the_register_tells_what_tells_most_first_and_gives_no_figure_that_cannot_be_judged(home: Home) -> None:
    weak = estimate(UNANSWERED, effect=0.01, low=0.005, high=0.02)
    keep_register(home, [estimate(RARE, state="cannot_be_judged"), weak, estimate()])
    found = estimates_in(registers(home))
    assert [one["condition"] for one in found] == [AGAIN, UNANSWERED, RARE]
    changes = Registered.of(home).tables()[0].data["change"].to_pylist()
    assert changes == ["+12.4 points (+7.5 to +17.3)", "+1.0 points (+0.5 to +2.0)", "cannot be judged"]


def test_confirmed_moments_are_flags_on_the_map_in_its_words_and_in_a_table(home: Home) -> None:
    plain = Selection(journey_type="problem solving")
    with open_view(home, plain) as own:
        assert "m-" not in journey_map_picture(own).alternative
    keep_register(home, [estimate(), estimate(UNANSWERED, state="effect_unknown")])
    with open_view(home, plain) as own:
        made = journey_map_picture(own)
        here = estimate()["id"]
        assert here in made.alternative
        assert estimate(UNANSWERED)["id"] not in made.alternative, "not confirmed"
        assert here in made.draw(LIGHT, False, False)
        table = next(one for one in made.shown if one.name == "map_moments")
        assert table.data["moment"].to_pylist() == [here]
    with open_view(home, replace(plain, journey_type="moving")) as other:
        assert here not in journey_map_picture(other).alternative


def test_methods_that_contradict_each_other_are_named_as_the_reason(view: View) -> None:
    second = estimate()["second_opinion"] | {"cannot_be_judged": "disagree"}
    none = {"effect": None, "low": None, "high": None}
    made = sheet(view, estimate(state="cannot_be_judged", second_opinion=second) | none)
    assert "cannot be judged: two methods contradict each other" in made.lead


def test_a_feeling_of_which_leaving_is_not_known_is_no_more_than_felt(view: View) -> None:
    one = estimate(state="effect_unknown", outcome="score", unit="points", effect=-1.5, low=-1.9, high=-1.1,
                   is_felt=True) | {"horizon_days": None, "hazard_ratio": None}  # fmt: skip
    assert state_words(one) == "felt; effect on leaving unknown"
    made = sheet(view, one)
    assert "One such episode changes score of the journey by" in made.lead
    assert "Whether it changes what they do is not known." in made.lead
