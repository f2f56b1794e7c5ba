"""What a real company's records would show too: who is away does not answer, who left is gone, load makes waits."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from tiesa.simulate import Simulated
from tiesa.simulate.clock import DAYS, day_of, to_local
from tiesa.simulate.company import HOUR_US
from tiesa.simulate.scene import NEVER
from tiesa.simulate.sheet import NO_TIME
from tiesa.simulate.surveys import invite
from tiesa.simulate.vocabulary import CHANNELS, DIRECTIONS, TOUCHPOINTS, UNIT_NAMES, UNITS
from tiesa.simulate.world import Life


def test_contacts_answers_and_invitations_stop_at_leaving(made: Simulated) -> None:
    outcomes = made.tables["outcomes"]
    left = outcomes.filter(pc.equal(outcomes["kind"], "left")).select(["customer", "at"])
    assert len(left) > 100
    for name, time in (("contacts", "occurred_at"), ("answers", "answered_at"), ("invitations", "sent_at"),
                       ("facts", "at"), ("consents", "at")):  # fmt: skip
        rows = made.tables[name].select(["customer", time]).rename_columns(["customer", "then"])
        joined = rows.join(left, "customer", join_type="inner")
        assert len(joined) > 0
        assert pc.all(pc.less_equal(joined["then"], joined["at"])).as_py(), name


def test_who_leaves_after_the_invitation_does_not_answer_it(life: Life) -> None:
    invited = life.invitations
    left_at = life.left_at.copy()
    left_at[invited.customer[::-1]] = invited.sent_at[::-1] + 60_000_000  # a minute after the first of each customer
    again = invite(life.asking, left_at)
    assert invited.answered.sum() > 500
    assert len(again) > 500
    assert not again.answered.any()


def test_nobody_works_while_absent(made: Simulated) -> None:
    absences = made.tables["absences"].select(["employee", "absent_from", "absent_to"])
    for name, time in (("contacts", "occurred_at"), ("seen", "at")):
        work = made.tables[name].filter(pc.is_valid(made.tables[name]["employee"])).select(["employee", time])
        joined = work.rename_columns(["employee", "then"]).join(absences, "employee", join_type="inner")
        assert len(joined) > 1000
        at_work = pc.or_(
            pc.less(joined["then"], joined["absent_from"]), pc.greater_equal(joined["then"], joined["absent_to"])
        )
        assert pc.all(at_work).as_py(), name


def test_employees_work_within_the_hours_of_their_unit(life: Life) -> None:
    t = life.timeline
    for code in (UNIT_NAMES["billing"], UNIT_NAMES["shop Belgrade"], UNIT_NAMES["contact centre"]):
        hours = UNITS[code].hours
        at = t.at[(t.unit == code) & (t.direction == DIRECTIONS["inbound"])]
        hour = to_local(at) // HOUR_US % 24
        weekday = (to_local(at) // (24 * HOUR_US) + 3) % 7
        assert len(at) > 20
        assert ((hour >= hours.opens) & (hour < hours.closes)).all()
        assert np.isin(weekday, hours.weekdays).all()


def test_a_reply_comes_after_the_message_it_answers_and_goes_to_the_same_customer(made: Simulated) -> None:
    contacts = made.tables["contacts"].select(["contact_id", "reply_to", "customer", "occurred_at", "direction"])
    replies = contacts.filter(pc.is_valid(contacts["reply_to"]))
    asked = contacts.rename_columns(["reply_to", "x", "customer_then", "asked_at", "direction_then"]).drop_columns("x")
    joined = replies.join(asked, "reply_to", join_type="inner")
    assert len(joined) == len(replies) > 1000
    assert pc.all(pc.equal(joined["customer"], joined["customer_then"])).as_py()
    assert pc.all(pc.greater_equal(joined["occurred_at"], joined["asked_at"])).as_py()
    assert set(joined["direction_then"].to_pylist()) == {"inbound"}


def test_busy_days_make_longer_waits(life: Life) -> None:
    t = life.timeline
    reply = np.flatnonzero((t.reply_to >= 0) & (t.touchpoint == TOUCHPOINTS["reply sent"]))
    message = t.reply_to[reply]
    first = np.unique(message, return_index=True)[1]
    reply, message = reply[first], message[first]
    load = life.staff.load[UNIT_NAMES["e-mail desk"], np.clip(day_of(t.at[message]), 0, DAYS - 1)]
    wait = np.log(t.at[reply] - t.at[message])
    busy, calm = wait[load > np.median(load)], wait[load <= np.median(load)]
    assert busy.mean() - calm.mean() > 0.1


def test_some_messages_are_never_answered_and_some_promises_broken(life: Life) -> None:
    from tiesa.simulate.story import Story

    story = Story(life.timeline, life.journeys)
    message = ((life.timeline.direction == DIRECTIONS["inbound"]) & ~life.timeline.live)[story.order]
    problem = story.of_type("problem solving")
    silent = (story.next_turn_at == NEVER)[message & problem].mean()
    assert 0.015 < silent < 0.2
    promised = (life.timeline.promised_at != NO_TIME)[story.order] & problem
    broken = story.next_turn_at[promised] > life.timeline.promised_at[story.order][promised]
    assert 0.3 < broken.mean() < 0.65


def test_one_situation_crosses_organisations(made: Simulated) -> None:
    contacts = made.tables["contacts"]
    abroad = contacts.filter(
        pc.is_in(contacts["touchpoint"], pa.array(["flight delayed", "card refused", "roaming off"]))
    )
    assert set(abroad["organisation"].to_pylist()) == {"Sky Airline", "Partner Bank", "Roaming Partner"}
    organisations = abroad.group_by("customer").aggregate([("organisation", "count_distinct")])
    assert pc.max(organisations["organisation_count_distinct"]).as_py() == 3


@pytest.mark.parametrize("name", ["queue_over_20_minutes", "second_message_unanswered"])
def test_what_is_felt_shows_in_the_emotion_after_it(life: Life, name: str) -> None:
    met = life.asking.met[name][life.timeline.journey]
    reached = np.isin(life.timeline.journey, life.episodes[name].journey)
    after, before = met <= life.timeline.at, (met > life.timeline.at) & reached
    situation = life.situations[name]
    assert life.emotions.value[after].mean() < -0.1
    if before.any():
        assert life.emotions.value[after].mean() < life.emotions.value[before].mean() + situation.emotion / 4


def test_emotion_is_known_of_a_part_only_and_says_how(made: Simulated) -> None:
    contacts = made.tables["contacts"]
    known = pc.is_valid(contacts["emotion"])
    assert 0.1 < pc.mean(known.cast("int8")).as_py() < 0.6
    for name in ("emotion_label", "emotion_source", "emotion_confidence"):
        assert pc.is_valid(contacts[name]).equals(known)
    assert set(contacts["emotion_source"].to_pylist()) == {None, "stated", "observed", "inferred"}


def test_seen_records_name_a_message_that_had_arrived(made: Simulated) -> None:
    seen = made.tables["seen"].select(["contact_id", "at"])
    contacts = made.tables["contacts"].select(["contact_id", "occurred_at", "direction"])
    joined = seen.join(contacts, "contact_id", join_type="inner")
    assert len(joined) == len(seen) > 300
    assert pc.all(pc.greater_equal(joined["at"], joined["occurred_at"])).as_py()
    assert set(joined["direction"].to_pylist()) == {"inbound"}


def test_pre_purchase_contacts_have_no_case_and_most_problems_do(life: Life) -> None:
    shares = [life.journeys.has_case[life.journeys.of(name)].mean() for name in ("pre-purchase", "problem solving")]
    assert shares[0] == 0
    assert 0.85 < shares[1] < 0.95


def test_there_are_eight_channels_with_costs(made: Simulated) -> None:
    contacts = made.tables["contacts"].filter(pc.equal(made.tables["contacts"]["currency"], "EUR"))
    assert len(CHANNELS) == 8
    cost = contacts.group_by("channel").aggregate([("cost", "mean")]).to_pylist()
    mean = {row["channel"]: float(row["cost_mean"]) for row in cost}
    assert mean["visit"] > mean["shop"] > mean["email"] > mean["app"]
