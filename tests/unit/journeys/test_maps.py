"""The figures of the pictures: everything adds up to the contacts and journeys of the log, waits and shares by hand."""

from __future__ import annotations

from pathlib import Path
from statistics import mean, stdev
from typing import Any

import pytest
from scipy import stats
from tests.unit.journeys.questions.desk import after, contact, home_of, take

from tiesa.core.home import Home
from tiesa.core.intervals import share
from tiesa.journeys.build import build
from tiesa.journeys.graph import process_map
from tiesa.journeys.map import is_made_up, journey_map
from tiesa.journeys.rules import parse_rules
from tiesa.journeys.selection import ALL, Selection
from tiesa.journeys.stages import MOST, Stage, stages_from_data
from tiesa.journeys.variants import variants
from tiesa.journeys.view import open_view
from tiesa.pictures.journey_map import JourneyMap

STAGES = (Stage("asking", ("question",)), Stage("told", ("answer", "note")), Stage("done", ("thanks",)))
WEEKDAYS = parse_rules(
    '[calendar]\nzone = "UTC"\nhours = { monday = "08:00-16:00", tuesday = "08:00-16:00" }\n', where="test"
)
"""Open on Mondays and Tuesdays only; e-mail has a standard of eight business hours."""


def case(name: str, *steps: tuple[str, str, str | None, str], **more: Any) -> list[dict[str, Any]]:
    """One journey: (at, touchpoint, direction, channel) of each contact."""
    return [
        contact(at, name, direction, channel, touchpoint=touchpoint, case_id=name, **more)
        for at, touchpoint, direction, channel in steps
    ]


# 3 March 2025 is a Monday. Waits for us in hours, of the business hours 8 to 16 on Mondays and Tuesdays:
#   a  2 h (2 h of business)   b  4 h (4 h)   c  24 h: Monday 9 to 16 and Tuesday 8 to 9: 8 h, just within
#   d  168 h: Monday 9 to the Monday after at 9: 7 + 8 + 1 = 16 h, past its eight
LOG = [
    *case("a", ("03-03 09:00", "question", "inbound", "email"), ("03-03 11:00", "answer", "outbound", "email"),
          ("03-03 12:00", "thanks", "inbound", "email")),
    *case("b", ("03-03 09:00", "question", "inbound", "email"), ("03-03 10:00", "check", "internal", "desk"),
          ("03-03 13:00", "answer", "outbound", "email")),
    *case("c", ("03-03 09:00", "question", "inbound", "email"), ("03-04 09:00", "answer", "outbound", "email"),
          ("03-04 10:00", "question", "inbound", "phone")),
    *case("d", ("03-03 09:00", "question", "inbound", "email"), ("03-10 09:00", "answer", "outbound", "app")),
    *case("e", ("03-03 09:00", "rare", "inbound", "phone"), ("03-03 10:00", "thanks", "inbound", "phone")),
]  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return home_of(LOG, tmp_path_factory.mktemp("maps") / "home", WEEKDAYS)


def mapped(home: Home, selection: Selection = ALL, **options: Any) -> JourneyMap:
    with open_view(home, selection) as view:
        return journey_map(view, **options)


@pytest.fixture(scope="module")
def made(home: Home) -> JourneyMap:
    return mapped(home, stages=STAGES)


def test_bubbles_add_up_to_the_contacts_that_have_a_stage(made: JourneyMap) -> None:
    """13 contacts, of which "check" is an internal step and "rare" in no stage."""
    assert (made.contacts, made.journeys, made.customers) == (12, 5, 5)
    assert sum(bubble.contacts for bubble in made.bubbles) == 11
    counted = {(made.stages[b.stage], made.lanes[b.lane]): b.contacts for b in made.bubbles}
    assert counted == {
        ("asking", "email"): 4, ("asking", "phone"): 1, ("told", "email"): 3, ("told", "app"): 1, ("done", "email"): 1,
        ("done", "phone"): 1,
    }  # fmt: skip
    assert made.hidden.startswith("8.3 % of contacts")  # 1 of 12


def test_internal_steps_are_not_drawn(made: JourneyMap) -> None:
    assert made.lanes == ("email", "phone", "app")
    assert "check" not in made.stages


def test_flows_add_up_to_moves_between_contacts_that_have_a_stage(made: JourneyMap) -> None:
    """a 2, b 1 (over the internal step), c 2, d 1, e none: its first contact is not placed."""
    assert sum(flow.n for flow in made.flows) == 6
    moves: dict[tuple[int, int], int] = {}
    for flow in made.flows:
        moves[flow.from_stage, flow.to_stage] = moves.get((flow.from_stage, flow.to_stage), 0) + flow.n
    assert moves == {(0, 1): 4, (1, 2): 1, (1, 0): 1}


def test_waits_have_hand_worked_medians_and_shares_in_business_time(made: JourneyMap) -> None:
    """For us between asking and told: 2, 4, 24, 168 h; the discrete median is the second. In business time 2, 4, 8 and
    16 h against the eight of e-mail: three of four are kept."""
    ours = {(w.after_stage, w.to_stage): w for w in made.waits if w.owner == "us"}
    assert set(ours) == {(0, 1)}
    wait = ours[0, 1]
    assert (wait.n, wait.median_s, wait.low_s, wait.standard_s) == (4, 4 * 3600, None, 8 * 3600)
    assert wait.kept == share(3, 4)
    theirs = {(w.after_stage, w.to_stage): (w.n, w.median_s) for w in made.waits if w.owner == "customer"}
    assert theirs == {(1, 2): (1, 3600.0), (1, 0): (1, 3600.0)}
    assert made.waits_table().num_rows == len(made.waits)


def test_a_log_without_replies_draws_no_waits(tmp_path: Path) -> None:
    """Only what customers wrote; a call would be an answer of ours."""
    rows = [row for row in LOG if row["direction"] == "inbound" and row["channel"] == "email"]
    made = mapped(home_of(rows, tmp_path / "home"), stages=STAGES)
    assert made.waits == ()
    assert made.contacts == len(rows)
    assert made.answer == "What customers went through, step by step"


def test_a_log_of_internal_steps_only_draws_them(tmp_path: Path) -> None:
    rows = [row | {"direction": "internal"} for row in LOG]
    assert mapped(home_of(rows, tmp_path / "home")).contacts == len(rows)


def test_a_selection_without_journeys_is_an_empty_map(home: Home) -> None:
    nobody = Selection(customer="nobody")
    made = mapped(home, nobody)
    assert made.is_empty
    assert (made.contacts, made.journeys, made.waits, made.feelings) == (0, 0, (), ())
    with open_view(home, nobody) as view:
        assert process_map(view).nodes == ()
        assert variants(view).ribbons == ()


def test_emotion_has_the_t_interval_of_its_stage(tmp_path: Path) -> None:
    felt = [-0.8, -0.5, -0.5, 0.1, 0.3, 0.4]
    rows = [contact(f"03-03 {9 + n}:00", f"c{n}", "inbound", "email", touchpoint="question", emotion=value,
                    emotion_source="stated" if n < 2 else "inferred") for n, value in enumerate(felt)]  # fmt: skip
    rows += [
        contact(f"03-04 {9 + n}:00", f"c{n}", "inbound", "email", touchpoint="thanks", emotion=0.5) for n in range(4)
    ]
    made = mapped(home_of(rows, tmp_path / "home"), stages=STAGES)
    asked, thanked = made.feelings
    low, high = stats.t.interval(0.95, 5, loc=mean(felt), scale=stdev(felt) / 6**0.5)
    assert (asked.stage, asked.n) == (0, 6)
    assert (asked.mean, asked.low, asked.high) == pytest.approx((mean(felt), low, high), abs=2e-4)
    assert (thanked.stage, thanked.n, thanked.low, thanked.high) == (2, 4, None, None)  # under five no interval
    assert "Emotion: n 10" in made.note
    assert "20 % stated by customers" in made.note  # 2 of 10


def test_an_interval_of_emotion_stays_within_its_scale(tmp_path: Path) -> None:
    values = (1.0, 1.0, 1.0, 1.0, -1.0)
    rows = [contact(f"03-03 {9 + n}:00", f"c{n}", "inbound", "email", emotion=v) for n, v in enumerate(values)]
    (feeling,) = mapped(home_of(rows, tmp_path / "home")).feelings
    assert (feeling.mean, feeling.high) == (pytest.approx(0.6), 1.0)
    assert feeling.low == pytest.approx(stats.t.interval(0.95, 4, loc=0.6, scale=stdev(values) / 5**0.5)[0], abs=2e-3)


def test_lanes_beyond_nine_share_the_last(tmp_path: Path) -> None:
    """Eleven channels, the first with eleven contacts, the last with one: the three rarest (3 + 2 + 1) are together."""
    rows = [
        contact("03-03 09:00", f"c{channel} {n}", "inbound", f"channel {channel:02d}", touchpoint="question")
        for channel in range(11) for n in range(11 - channel)
    ]  # fmt: skip
    made = mapped(home_of(rows, tmp_path / "home"))
    assert len(made.lanes) == MOST
    assert made.lanes[0] == "channel 00"
    assert made.lanes[-1] == "other channels"
    assert {b.lane: b.contacts for b in made.bubbles} == dict(enumerate([11, 10, 9, 8, 7, 6, 5, 4, 6]))


def test_a_touchpoint_is_in_its_first_stage_only(home: Home) -> None:
    twice = (*STAGES, Stage("again", ("question", "rare")))
    made = mapped(home, stages=twice)
    assert sum(b.contacts for b in made.bubbles) == made.contacts == 12
    assert sum(b.contacts for b in made.bubbles if b.stage == 3) == 1
    assert made.hidden == ""


def test_stages_from_the_data_come_in_the_order_of_the_journeys(home: Home) -> None:
    """Mean places from 0 to 1: question (4 x 0 and once 1) 0.2, rare 0, answer 0.5, 1, 0.5, 1: 0.75, thanks 1."""
    with open_view(home) as view:
        assert [stage.name for stage in stages_from_data(view)] == ["rare", "question", "answer", "thanks"]
        assert [stage.name for stage in stages_from_data(view, most=2)] == ["question", "answer"]


def test_the_made_up_company_is_called_so_and_nobody_else(home: Home, tmp_path: Path) -> None:
    other = home_of([contact("03-03 09:00", "a", "inbound", "email")], tmp_path / "home")
    assert not mapped(other).made_up
    take(other, [contact("03-04 09:00", "z", "inbound", "email", contact_id="m1")], source="made-up company")
    build(other)
    assert mapped(other).made_up
    with open_view(home) as view:
        assert not is_made_up(view)


def test_steps_of_the_process_map_add_up(home: Home) -> None:
    with open_view(home) as view:
        made = process_map(view)
    assert (made.contacts, made.journeys) == (13, 5)
    assert sum(node.contacts for node in made.nodes) == 13
    assert made.transitions == 13 - 5  # every contact but the first of its journey follows one
    assert sum(node.starts for node in made.nodes) == sum(node.ends for node in made.nodes) == 5
    nodes = {node.name: (node.contacts, node.journeys, node.starts, node.ends) for node in made.nodes}
    assert nodes == {
        "question": (5, 4, 4, 1), "answer": (4, 4, 0, 2), "thanks": (2, 2, 0, 2), "check": (1, 1, 0, 0),
        "rare": (1, 1, 1, 0),
    }  # fmt: skip
    edges = {(e.from_node, e.to_node): (e.n, e.median_s, e.owner) for e in made.edges}
    assert edges["question", "answer"] == (3, 24 * 3600.0, "us")  # 2, 24, 168 h
    assert edges["question", "check"] == (1, 3600.0, "us")
    assert edges["answer", "thanks"] == (1, 3600.0, "customer")
    assert [e.n for e in made.edges] == sorted((e.n for e in made.edges), reverse=True)
    assert "“question” and “answer”: 24 h" in made.answer


def test_the_owner_of_a_step_is_whoever_most_waits_were_for(tmp_path: Path) -> None:
    """Three waits for us and one for a third party between the same touchpoints."""
    rows = [
        row | ({"waits_for": "third_party"} if name == "k3" and row["direction"] == "inbound" else {})
        for name in ("k0", "k1", "k2", "k3")
        for row in case(
            name, ("03-03 09:00", "question", "inbound", "email"), ("03-03 11:00", "answer", "outbound", "email")
        )
    ]
    with open_view(home_of(rows, tmp_path / "home")) as view:
        (edge,) = process_map(view).edges
    assert (edge.n, edge.owner) == (4, "us")


def test_a_step_whose_owner_nobody_knows_has_none(tmp_path: Path) -> None:
    rows = case("a", ("03-03 09:00", "x", None, "email"), ("03-03 10:00", "y", None, "email"))
    with open_view(home_of(rows, tmp_path / "home")) as view:
        (edge,) = process_map(view).edges
    assert edge.owner is None


def test_variants_are_whole_ways_with_shares_of_all_journeys(tmp_path: Path) -> None:
    """Six go question, answer in 1 to 6 h, four of them to the goal; two go question alone; one goes its own way."""
    rows: list[dict[str, Any]] = []
    asked = {"direction": "inbound", "occurred_at": after(), "touchpoint": "question"}
    for n in range(6):
        told = {"direction": "outbound", "occurred_at": after(hours=n + 1), "touchpoint": "answer"}
        end = {"goal": "reached" if n < 4 else "abandoned"}
        rows += [{"customer": f"a{n}", "case_id": f"a{n}"} | step for step in (asked, told | end)]
    rows += [{"customer": f"b{n}"} | asked for n in (0, 1)]
    rows += [{"customer": "c"} | asked | {"touchpoint": "complaint"}]
    with open_view(home_of(rows, tmp_path / "home")) as view:
        made, short = variants(view), variants(view, top=1)
    assert (made.ways, made.journeys, made.covered) == (3, 9, share(9, 9))
    first = made.ribbons[0]
    assert [step.name for step in first.steps] == ["question", "answer"]
    assert (first.journeys, first.reached) == (share(6, 9), share(4, 6))
    assert (first.median_s, first.low_s, first.high_s) == (3 * 3600, 3600, 6 * 3600)  # the third of six, ranks 1 and 6
    assert (first.steps[0].waits_s, first.steps[0].owner) == (None, None)
    assert (first.steps[1].waits_s, first.steps[1].owner) == (3 * 3600, "us")
    assert [(len(r.steps), r.journeys.count) for r in made.ribbons] == [(2, 6), (1, 2), (1, 1)]
    assert (len(short.ribbons), short.covered) == (1, share(6, 9))
    assert "67 % (35–88 %, 6 of 9) of journeys go the most frequent of 3 ways." in made.answer


def test_without_goals_no_way_tells_how_many_reach_them(home: Home) -> None:
    with open_view(home) as view:
        assert all(ribbon.reached is None for ribbon in variants(view).ribbons)


def test_a_tie_between_standards_is_broken_the_same_way_every_time(tmp_path: Path) -> None:
    """E-mail (8 business hours) and app (1 hour), equally often: the stricter stands, kept is by each one's own."""
    rows: list[dict[str, Any]] = []
    for n in range(40):
        channel = ("email", "app")[n % 2]
        rows += case(
            f"k{n}", ("03-03 09:00", "question", "inbound", channel), ("03-03 12:00", "answer", "outbound", channel)
        )
    home = home_of(rows, tmp_path / "home")
    for _again in range(3):
        (wait,) = mapped(home, stages=STAGES).waits
        assert (wait.n, wait.standard_s, wait.kept) == (40, 3600, share(20, 40))
