"""Problem solving: notice, look for help, report, wait or talk, insist, be handed on, have it solved - or not.

A problem goes in rounds. In each the customer turns to us - by a message that waits for an answer and may be
repeated, or live - and the round ends with a solution, a question back, a hand-over, a technician, a promised
call or nothing, which brings the customer back with the same question.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tiesa.core.business_time import DAY_US
from tiesa.simulate.clock import OFFICE, end_of_office_day, into_hours
from tiesa.simulate.company import HOUR_US, Codes, Draws, Flags, Ints
from tiesa.simulate.scene import APP, CHAT, EMAIL, MINUTE_US, NEVER, PHONE, SHOP, Scene, later, nobody
from tiesa.simulate.vocabulary import CHANNELS, KINDS, LIVE_CHANNELS, REASONS, TOUCHPOINTS, UNIT_NAMES

ROUNDS = 5
SILENCE = 0.17
"""Share of messages that nobody ever answers."""
SOLVED, ASKED_BACK, HANDED_ON, TECHNICIAN, PROMISED, NOTHING = range(6)
WRITTEN_ENDS = [0.48, 0.11, 0.12, 0.10, 0.0, 0.19]
SPOKEN_ENDS = [0.47, 0.0, 0.12, 0.11, 0.14, 0.16]
WAYS = {PHONE: (0.42, 0.18), EMAIL: (0.26, 0.26), CHAT: (0.04, 0.13), APP: (0.04, 0.36), SHOP: (0.24, 0.07)}
STAYS = 0.62
"""Chance that the next contact of a problem meets the same adviser, if at work."""


@dataclass
class Running:
    """How each problem stands: `at` of its next contact, the channel, the adviser so far, the end reached."""

    journey: Ints
    at: Ints
    channel: Codes
    adviser: Codes
    active: Flags
    solved: Flags
    asked_again: Codes
    """The touchpoint of the customer's next contact."""


def write_problems(scene: Scene) -> None:
    journey = scene.journeys.of("problem solving")
    draws, n = Draws(scene.company.seed, "problems"), len(journey)
    start = scene.journeys.start[journey]
    _abroad(scene, draws, journey, start)
    noticed = draws.chance("noticed", n, 0.35)
    scene.add(noticed, journey, start, touchpoint="fault noticed", channel=scene.way(
        draws, "noticed way", journey, {APP: (0.3, 0.7), 4: (0.7, 0.3)}
    ), direction="self_service")  # fmt: skip
    searched = draws.chance("searched", n, 0.3)
    scene.add(searched, journey, start + 7 * MINUTE_US, touchpoint="help searched", channel="web",
         direction="self_service")  # fmt: skip
    channel = scene.way(
        draws, "way", journey, WAYS
    )  # fmt: skip
    lead = np.where(noticed | searched, draws.hours("lead", n, median=1.5, spread=0.8), 0)
    running = Running(
        journey=journey,
        at=start + 15 * MINUTE_US * (noticed | searched) + lead,
        channel=channel,
        adviser=nobody(n),
        active=np.ones(n, np.bool_),
        solved=np.zeros(n, np.bool_),
        asked_again=np.full(n, TOUCHPOINTS["fault reported"], np.int32),
    )
    for number in range(ROUNDS):
        _round(scene, Draws(scene.company.seed, f"problems {number}"), running, number)
    _close(scene, draws, running)


def _abroad(scene: Scene, draws: Draws, journey: Ints, start: Ints) -> None:
    """One situation that crosses organisations: the flight is late, the card is refused, roaming is off."""
    abroad = scene.journeys.reason[journey] == REASONS["stranded abroad"]
    n = len(journey)
    for name, hours, organisation, channel in (
        ("flight delayed", 9.0, "Sky Airline", "app"),
        ("card refused", 4.0, "Partner Bank", "shop"),
        ("roaming off", 2.5, "Roaming Partner", "sms"),
    ):
        met = abroad & draws.chance(name, n, 0.85)
        scene.add(met, journey, later(start, -hours * (0.7 + 0.3 * draws.uniform(f"{name} lead", n))),
             touchpoint=name, channel=channel, direction="indirect", organisation=organisation)  # fmt: skip


def _round(scene: Scene, draws: Draws, running: Running, number: int) -> None:
    n = len(running.journey)
    live = np.isin(running.channel, CHANNELS.all_of(*LIVE_CHANNELS))
    reply_to = _wait_for_answer(scene, draws, running, running.active & ~live)
    live = np.isin(running.channel, CHANNELS.all_of(*LIVE_CHANNELS))  # some gave up writing and called
    spoken, written = running.active & live, running.active & ~live

    unit = scene.desk(running.journey, running.channel)
    at = scene.staff.when_open(unit, running.at, draws.uniform("open", n))
    adviser = scene.owner(draws, "round", unit, at, running.adviser, STAYS)
    end = np.where(written, draws.pick("written end", n, WRITTEN_ENDS), draws.pick("spoken end", n, SPOKEN_ENDS))
    if number == ROUNDS - 1:
        end = np.where(end == SOLVED, SOLVED, NOTHING)
    duration = scene.talk_s(draws, "talk", n, minutes=7)
    promised_at = end_of_office_day(at + (1 + draws.pick("promise days", n, [4, 3, 2])) * DAY_US)
    said = spoken & (end == PROMISED)
    scene.add(spoken & ~said, running.journey, at, touchpoint=running.asked_again, channel=running.channel,
         direction="inbound", kind=_kind(running, number), reason=scene.journeys.reason[running.journey],
         employee=adviser, unit=unit, duration_s=duration,
         attributes=scene.queue(draws, "queue", running.channel, unit, at))  # fmt: skip
    scene.add(said, running.journey, at, touchpoint=running.asked_again, channel=running.channel,
         direction="inbound", kind=_kind(running, number), reason=scene.journeys.reason[running.journey],
         employee=adviser, unit=unit, duration_s=duration, promised_at=promised_at,
         attributes=scene.queue(draws, "queue", running.channel, unit, at))  # fmt: skip
    asked_back = written & (end == ASKED_BACK)
    scene.add(written & ~asked_back, running.journey, at, touchpoint="reply sent", channel=running.channel,
         direction="outbound", employee=adviser, unit=unit, reply_to=reply_to)  # fmt: skip
    scene.add(asked_back, running.journey, at, touchpoint="reply sent", channel=running.channel,
         direction="outbound", employee=adviser, unit=unit, reply_to=reply_to, waits_for="customer")  # fmt: skip
    running.at = np.where(running.active, at, running.at)
    running.adviser = np.where(running.active, adviser, running.adviser).astype(np.int32)

    noted = running.active & draws.chance("noted", n, 0.2)
    scene.add(noted, running.journey, at + 9 * MINUTE_US, touchpoint="case note", channel="web", direction="internal",
              employee=adviser, unit=unit)  # fmt: skip
    solved = running.active & (end == SOLVED)
    solved |= _hand_on(scene, draws, running, running.active & (end == HANDED_ON))
    solved |= _send_technician(scene, draws, running, running.active & (end == TECHNICIAN))
    solved |= _promise(scene, draws, running, said, promised_at)
    running.solved |= solved
    running.active &= ~solved
    _come_back(scene, draws, running, asked_back & running.active)


def _kind(running: Running, number: int) -> Codes:
    """Who comes the third time complains."""
    return np.full(len(running.journey), KINDS["complaint" if number >= 2 else "request"], np.int32)


def _wait_for_answer(scene: Scene, draws: Draws, running: Running, writes: Flags) -> Ints:
    """Messages until somebody answers, the customer calls instead, or nobody ever answers.

    Sets `at` to the reply or the call; who never gets an answer is no longer active. Returns the message answered.
    """
    n, journey = len(running.journey), running.journey
    unit = scene.desk(journey, running.channel)
    patience = scene.people.patience[scene.customer(journey)]
    waiting, sent = writes.copy(), running.at.copy()
    reply_at = np.full(n, NEVER)
    message = np.full(n, -1, np.int64)
    touchpoint = running.asked_again.copy()
    for number in range(4):
        rows = scene.add(waiting, journey, sent, touchpoint=touchpoint, channel=running.channel, direction="inbound",
                    kind="complaint" if number >= 2 else "question", reason=scene.journeys.reason[journey])  # fmt: skip
        message = np.where(waiting, rows, message)
        wait = scene.reply_wait(draws, f"wait {number}", unit, sent, median=17 if number == 0 else 30, spread=1.1)
        silent = draws.chance(f"silence {number}", n, SILENCE)
        wait_end = np.where(silent, NEVER, sent + wait)
        reply_at = np.where(waiting, np.minimum(reply_at, wait_end), reply_at)
        chase_at = sent + (draws.hours(f"patience {number}", n, median=44, spread=0.55) * patience).astype(np.int64)
        chases = waiting & (chase_at < reply_at) & draws.chance(f"chases {number}", n, 0.78)
        calls = chases & draws.chance(f"calls {number}", n, 0.25)
        running.channel = np.where(calls, PHONE, running.channel).astype(np.int32)
        running.at = np.where(calls, chase_at, running.at)
        running.asked_again = np.where(calls, TOUCHPOINTS["status asked"], running.asked_again).astype(np.int32)
        waiting &= chases & ~calls
        reply_at = np.where(calls, NEVER, reply_at)
        sent = np.where(waiting, chase_at, sent)
        touchpoint = np.where(waiting, TOUCHPOINTS["status asked"], touchpoint).astype(np.int32)
    written = writes & (running.channel != PHONE)
    never = written & (reply_at == NEVER)
    reply_at = into_hours(np.where(never, sent, reply_at), OFFICE, draws.uniform("reply open", n))
    running.active &= ~never
    running.at = np.where(written & ~never, reply_at, running.at)
    return message


def _hand_on(scene: Scene, draws: Draws, running: Running, flags: Flags) -> Flags:
    """To another unit, which calls the customer; solved where that call solves it."""
    n = len(running.journey)
    scene.add(flags, running.journey, running.at + 20 * MINUTE_US, touchpoint="transferred", channel=running.channel,
         direction="internal", employee=running.adviser,
         unit=np.where(running.adviser >= 0, scene.staff.unit[running.adviser], -1))  # fmt: skip
    unit = np.full(n, UNIT_NAMES["technical support"], np.int32)
    at = running.at + HOUR_US + scene.reply_wait(draws, "hand-over", unit, running.at, median=20, spread=0.7)
    return _call(scene, draws, "hand-over", running, flags, at, unit, "adviser call", stays=0.0)


def _call(
    scene: Scene, draws: Draws, name: str, running: Running, flags: Flags, at: Ints, unit: Codes, touchpoint: str,
    *, stays: float,
) -> Flags:  # fmt: skip
    """We call the customer. Returns which problems that solved."""
    n = len(running.journey)
    at = scene.staff.when_open(unit, at, draws.uniform(f"{name} open", n))
    adviser = scene.owner(draws, name, unit, at, running.adviser, stays)
    scene.add(flags, running.journey, at, touchpoint=touchpoint, channel="phone", direction="outbound",
         employee=adviser, unit=unit, duration_s=scene.talk_s(draws, f"{name} talk", n))  # fmt: skip
    running.at = np.where(flags, at, running.at)
    running.adviser = np.where(flags, adviser, running.adviser).astype(np.int32)
    return flags & draws.chance(f"{name} solves", n, 0.68)


def _send_technician(scene: Scene, draws: Draws, running: Running, flags: Flags) -> Flags:
    """Ordered by us, done by a partner some days later."""
    n = len(running.journey)
    scene.add(flags, running.journey, running.at + 5 * MINUTE_US, touchpoint="technician ordered", channel="web",
         direction="internal", employee=running.adviser,
         unit=np.where(running.adviser >= 0, scene.staff.unit[running.adviser], -1))  # fmt: skip
    abroad = scene.journeys.reason[running.journey] == REASONS["stranded abroad"]
    at = running.at + draws.hours("technician", n, median=62, spread=0.5)
    at = into_hours(at, OFFICE, draws.uniform("technician open", n))
    duration = scene.talk_s(draws, "technician talk", n, minutes=45)
    scene.add(flags & ~abroad, running.journey, at, touchpoint="technician visit", channel="visit",
         direction="outbound", organisation="Partner Installers", duration_s=duration)  # fmt: skip
    scene.add(flags & abroad, running.journey, at, touchpoint="roaming partner answer", channel="email",
         direction="indirect", organisation="Roaming Partner")  # fmt: skip
    running.at = np.where(flags, at, running.at)
    return flags & draws.chance("technician solves", n, 0.8)


def _promise(scene: Scene, draws: Draws, running: Running, flags: Flags, promised_at: Ints) -> Flags:
    """A promised call: made in time, made late, or never made."""
    n = len(running.journey)
    outcome = draws.pick("promise", n, [0.52, 0.33, 0.15])
    in_time = running.at + ((promised_at - running.at) * (0.45 + 0.45 * draws.uniform("in time", n))).astype(np.int64)
    in_time = np.minimum(into_hours(in_time, OFFICE, draws.uniform("in time open", n)), promised_at - 10 * MINUTE_US)
    late = promised_at + 3 * HOUR_US + draws.hours("late", n, median=30, spread=0.8)
    unit = scene.desk(running.journey, running.channel)
    solved = np.zeros(n, np.bool_)
    kept = flags & (outcome == 0)
    office = np.full(n, UNIT_NAMES["contact centre"], np.int32)
    unit = np.where(unit < UNIT_NAMES["shop Belgrade"], unit, office).astype(np.int32)
    solved |= _call(scene, draws, "kept", running, kept, in_time, unit, "call-back", stays=0.9)
    solved |= _call(scene, draws, "late", running, flags & (outcome == 1), late, unit, "call-back", stays=0.8)
    forgotten = flags & (outcome == 2)
    running.at = np.where(forgotten, promised_at, running.at)
    return solved


def _come_back(scene: Scene, draws: Draws, running: Running, asked_back: Flags) -> None:
    """The customer's next contact: what we asked for, or the same question again; some give up instead."""
    n = len(running.journey)
    answer = running.at + draws.hours("answer", n, median=14, spread=0.9)
    again = running.at + 6 * HOUR_US + draws.hours("again", n, median=60, spread=0.7)
    gives_up = running.active & ~asked_back & draws.chance("gives up", n, 0.12)
    scene.add(gives_up & draws.chance("says so", n, 0.5), running.journey, again, touchpoint="customer gave up",
         channel="app", direction="self_service", goal="abandoned")  # fmt: skip
    running.active &= ~gives_up
    running.at = np.where(running.active, np.where(asked_back, answer, again), running.at)
    touchpoint = np.where(asked_back, TOUCHPOINTS["information sent"], TOUCHPOINTS["fault reported again"])
    running.asked_again = touchpoint.astype(np.int32)
    switches = running.active & ~asked_back & draws.chance("switches", n, 0.25)
    running.channel = np.where(switches, PHONE, running.channel).astype(np.int32)


def _close(scene: Scene, draws: Draws, running: Running) -> None:
    """The solution explained, followed up, confirmed; or closed without one."""
    n, journey, solved = len(running.journey), running.journey, running.solved
    unit = np.where(running.adviser >= 0, scene.staff.unit[running.adviser], -1).astype(np.int32)
    told = solved & draws.chance("told", n, 0.8)
    sent = running.at + 12 * MINUTE_US
    there = scene.staff.at_work(running.adviser, sent)
    scene.add(told, journey, sent, touchpoint="solution explained", channel="sms", direction="outbound", kind="notice",
              employee=np.where(there, running.adviser, -1), unit=np.where(there, unit, -1))  # fmt: skip
    followed = solved & (running.adviser >= 0) & draws.chance("followed", n, 0.22)
    explained = draws.chance("explained", n, 0.6)
    at = sent + draws.hours("follow-up", n, median=70, spread=0.3)
    desk = np.maximum(unit, 0)
    at = scene.staff.when_open(desk, at, draws.uniform("follow-up open", n))
    adviser = scene.owner(draws, "follow-up", desk, at, running.adviser, 1.0)
    scene.add(followed, journey, at, touchpoint="solution follow-up", channel="phone", direction="outbound",
         employee=adviser, unit=desk, duration_s=scene.talk_s(draws, "follow-up talk", n, minutes=3),
         attributes={"cause_explained": np.where(explained, "yes", "no").astype(object)})  # fmt: skip
    confirmed = solved & draws.chance("confirmed", n, 0.72)
    done = np.where(followed, at, sent) + HOUR_US // 2 + draws.hours("confirmation", n, median=9, spread=0.8)
    scene.add(confirmed, journey, done, touchpoint="solution confirmed", channel="app", direction="self_service",
         goal="reached")  # fmt: skip
    closed = running.active & draws.chance("closed", n, 0.6)
    last = into_hours(running.at + 2 * DAY_US, OFFICE, draws.uniform("closed open", n))
    adviser = scene.owner(draws, "closed", desk, last, running.adviser, 1.0)
    scene.add(closed, journey, last, touchpoint="case closed without solution", channel="email",
         direction="outbound", employee=adviser, unit=desk, goal="abandoned")  # fmt: skip
