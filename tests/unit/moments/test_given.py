"""Situations that a person defined, or an earlier build confirmed, are tested whatever the search does, and change
nothing of what it finds."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.moments.test_finding import world  # noqa: F401  (a fixture)

from tiesa.core.home import Home
from tiesa.journeys.view import open_view
from tiesa.moments.defined import Given
from tiesa.moments.diagnostics import stability
from tiesa.moments.finding import Found, find_every, find_moments
from tiesa.moments.given import trials
from tiesa.moments.moments import Moments
from tiesa.moments.outcomes import Outcome
from tiesa.moments.register import confirmed_before, estimates, keep
from tiesa.moments.search import REMEMBERED
from tiesa.moments.sheet import evidence_sheet
from tiesa.moments.situations import Situation
from tiesa.moments.states import State
from tiesa.upkeep.rule_files import write_rules

OWN = """
[[situations]]
name = "As planted"
all = [
    {atom = "touchpoint", touchpoint = "bill disputed"},
    {atom = "attribute", attribute = "price_notice", value = "none"},
]

[[situations]]
name = "Never"
all = [{atom = "touchpoint", touchpoint = "nobody was ever there"}]

[[situations]]
name = "Any first bill"
all = [{atom = "touchpoint", touchpoint = "bill sent"}]

[[situations]]
name = "In a bad mood"
all = [{atom = "emotion", at_most = -0.5}]
"""


@pytest.fixture(scope="module")
def found(world: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Found, Found]:  # noqa: F811
    """Without situations of one's own, and with them."""
    home = Home(Path(shutil.copytree(world / "home", tmp_path_factory.mktemp("own") / "home")))
    with open_view(home) as view:
        without = find_moments(view)
    write_rules(home, "situations", OWN)
    with open_view(home) as view:
        return without, find_moments(view)


def test_what_was_found_stays_as_it_was(found: tuple[Found, Found]) -> None:
    without, with_own = (one.moments for one in found)
    assert [(m.id, m.effect.value, m.p) for m in with_own.moments] == [
        (m.id, m.effect.value, m.p) for m in without.moments
    ]
    new = [one for one in with_own.own if one.moment and one.situation not in [m.situation for m in with_own.moments]]
    assert with_own.family == without.family + len(new) > without.family
    assert all(after.q >= before.q for after, before in zip(with_own.moments, without.moments, strict=True))
    assert without.own == ()


def test_each_has_its_own_state(found: tuple[Found, Found]) -> None:
    moments = found[1].moments
    own = {one.name: one for one in moments.own}
    assert list(own) == ["As planted", "Never", "Any first bill", "In a bad mood"]
    assert own["Never"].state == State.CANNOT_BE_JUDGED
    assert own["Never"].moment is None
    assert own["Any first bill"].state in (State.NO_EVIDENCE, State.UNKNOWN)
    planted = own["As planted"]
    assert planted.moment is not None
    assert planted.moment.effect.low > 0  # what speaks of the same does not stand beside it and take its effect
    assert (planted.state == State.CONFIRMED) == planted.moment.shown


def test_what_speaks_of_the_same_does_not_stand_beside_it(found: tuple[Found, Found]) -> None:
    one = found[0]
    many = [m.situation for m in one.moments.moments if len(m.situation) > 1]
    assert many
    for situation in many:
        wider = Given("wider", Situation.of(situation.atoms[:1]))
        again = Given("again", situation)
        first, second = trials([wider, again], one.search, one.confirmation, *one.halves)
        assert first.same_as
        assert first.tested is not None
        assert situation not in first.tested.situations
        assert len(first.tested.situations) <= len(one.confirmation.situations)
        assert not second.is_new  # it was found: no further test


def test_they_are_told_beside_what_was_found(found: tuple[Found, Found]) -> None:
    moments = found[1].moments
    plain = moments.as_plain()
    assert [one["name"] for one in plain["own"]] == ["As planted", "Never", "Any first bill", "In a bad mood"]
    never = plain["own"][1]
    assert never["state"] == "cannot_be_judged"
    assert "effect" not in never  # never a number
    table = moments.tables()[1]
    assert table.data["effect"].to_pylist()[1] is None
    assert {column.name for column in table.columns} <= set(table.data.column_names)


def test_a_reaction_is_tested_and_explains_nothing(found: tuple[Found, Found]) -> None:
    searched = found[1].search
    assert not any("emotion" in str(candidate.situation) for candidate in searched.candidates)
    mood = next(one for one in found[1].moments.own if one.name == "In a bad mood")
    assert mood.moment is not None


BILL_SENT = Situation.from_plain({"all": [{"atom": "touchpoint", "touchpoint": "bill sent"}]})
HELPED = Situation.from_plain({"all": [{"atom": "touchpoint", "touchpoint": "bill sent"}, {"atom": "contact", "k": 1}]})
NOBODY = Situation.from_plain({"all": [{"atom": "touchpoint", "touchpoint": "nobody was ever there"}]})


def earlier(moments: Moments, confirmed: Sequence[Situation]) -> Moments:
    """As if a build before had confirmed these."""
    one = moments.moments[0]
    made = [replace(one, situation=situation, state=State.CONFIRMED) for situation in confirmed]
    return replace(moments, version=0, moments=tuple(made))


@pytest.fixture
def later(found: tuple[Found, Found], world: Path, tmp_path: Path) -> tuple[Home, Moments, Situation]:  # noqa: F811
    """A build after one that confirmed other things; with what is wider than the strongest that is found now."""
    home = Home(Path(shutil.copytree(world / "home", tmp_path / "home")))
    now = found[0].moments
    strongest = next(m.situation for m in now.moments if len(m.situation) > 1)
    wider = Situation.of(strongest.atoms[:1])
    keep(home, earlier(now, [strongest, wider, NOBODY, BILL_SENT, HELPED]))
    with open_view(home) as view:
        (one,) = find_every(view, outcomes=[Outcome.LEFT], again=True)
    keep(home, one.moments)
    return home, one.moments, wider


def test_what_an_earlier_build_confirmed_has_an_estimate_in_this_one_too(
    found: tuple[Found, Found], later: tuple[Home, Moments, Situation]
) -> None:
    home, moments, wider = later
    tested_again = [moment.situation for moment in moments.moments if moment.again]
    assert tested_again == [BILL_SENT]  # it does nothing, and stands there with what is known of it now
    assert moments.moments[-1].state != State.CONFIRMED
    assert [one.situation for one in moments.told_as_others] == [wider, HELPED]
    for one in (BILL_SENT, wider, HELPED):
        assert [kept["version"] for kept in estimates(home, one.id)] == [0, moments.version]
    assert [kept["version"] for kept in estimates(home, NOBODY.id)] == [0]
    without = found[0].moments
    searched = [moment for moment in moments.moments if not moment.again]
    assert [(m.id, m.effect.value, m.p) for m in searched] == [(m.id, m.effect.value, m.p) for m in without.moments]
    assert moments.family == without.family + 3
    assert moments.as_plain()["selected"] == len(without.moments)


def test_what_is_told_as_something_else_says_as_what(later: tuple[Home, Moments, Situation]) -> None:
    home, moments, wider = later
    (kept,) = [one for one in moments.as_plain()["again"] if one["id"] == wider.id]
    assert kept["same_as"] in {moment.id for moment in moments.moments}
    with open_view(home) as view:
        told, known = (evidence_sheet(view, estimates(home, one.id)).parts for one in (wider, BILL_SENT))
    assert f"({kept['same_as']})" in told[0].findings[-1]
    assert "An earlier build confirmed it" in known[0].findings[-1]
    assert any(part.name == "builds" for part in told)
    assert moments.tables()[0].note.endswith(f"tested again: {BILL_SENT.id}.")


def test_only_what_earlier_builds_confirmed_is_known_the_latest_first(later: tuple[Home, Moments, Situation]) -> None:
    home, moments, wider = later
    assert confirmed_before(home, Outcome.LEFT, 0) == []
    assert confirmed_before(home, Outcome.SCORE, 1) == []
    before = confirmed_before(home, Outcome.LEFT, 1)
    assert before[1:] == [wider, NOBODY, BILL_SENT, HELPED]
    confirmed = [m.situation for m in moments.moments if m.state == State.CONFIRMED]
    assert confirmed
    assert confirmed_before(home, Outcome.LEFT, 2)[: len(confirmed)] == confirmed
    assert len(confirmed_before(home, Outcome.LEFT, 2)) == len(set(confirmed) | set(before))


def test_what_stands_in_anothers_place_is_as_stable_as_the_place(found: tuple[Found, Found]) -> None:
    """The search selects a place; the other half says which of those that contend for it stands there."""
    searched, shares = found[0].search, []
    for place, rivals in zip(searched.selected, found[0].rivals, strict=True):
        own = searched.candidates[place].situation
        alone, *instead = (stability(searched, one, place) for one in (own, *rivals))
        assert alone is not None
        assert stability(searched, own, None) is None
        assert all(one and one["selected_again"] >= alone["selected_again"] - 0.1 for one in instead)
        shares.append(alone["selected_again"])
    assert max(shares) > 0.6


def test_where_candidates_hold_is_remembered_of_the_strongest_and_of_what_was_set_against_it(
    found: tuple[Found, Found],
) -> None:
    for one in found:
        searched = one.search
        assert len(searched.candidates) > REMEMBERED
        known = {candidate.situation for candidate in searched.candidates if candidate.packed is not None}
        strongest = {searched.candidates[i].situation for i in searched.strongest(REMEMBERED)}
        asked = {searched.candidates[i].situation for i in searched.selected} | {s for r in one.rivals for s in r}
        assert known == strongest | asked
