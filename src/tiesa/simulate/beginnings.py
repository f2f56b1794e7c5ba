"""Before the purchase, and registration: looking round, being called, signing up at one's own pace."""

from __future__ import annotations

import numpy as np

from tiesa.core.business_time import DAY_US
from tiesa.simulate.clock import OFFICE, into_hours
from tiesa.simulate.company import HOUR_US, Draws, Flags, Ints
from tiesa.simulate.moves import ask_for_documents
from tiesa.simulate.scene import APP, MINUTE_US, PHONE, SHOP, WEB, Scene, nobody
from tiesa.simulate.vocabulary import SEGMENTS, UNIT_NAMES


def write_looking_round(scene: Scene) -> None:
    """Contacts before a purchase, in any order; the information line is the way of those who watch the price."""
    journey = scene.journeys.of("pre-purchase")
    draws, n = Draws(scene.company.seed, "looking round"), len(journey)
    start = scene.journeys.start[journey]
    budget = scene.people.segment[scene.customer(journey)] == SEGMENTS["budget"]
    sales = np.full(n, UNIT_NAMES["sales"], np.int32)
    reason = scene.journeys.reason[journey]

    visits = draws.chance("web", n, 0.5)
    scene.add(visits, journey, start, touchpoint="web visit", channel="web", direction="self_service")
    at = start + visits * draws.hours("after web", n, median=12, spread=0.9)

    calls = draws.chance("line", n, np.where(budget, 0.45, 0.05))
    line = scene.staff.when_open(sales, at, draws.uniform("line open", n))
    adviser = scene.owner(draws, "line", sales, line, nobody(n), 0.0)
    scene.add(calls, journey, line, touchpoint="information line call", channel="phone", direction="inbound",
              kind="question", reason=reason, employee=adviser, unit=sales,
              duration_s=scene.talk_s(draws, "line talk", n, minutes=4))  # fmt: skip
    at = np.where(calls, line + draws.hours("after line", n, median=20, spread=0.7), at)

    goes = draws.chance("shop", n, 0.26)
    shop = scene.people.shop[scene.customer(journey)]
    there = scene.staff.when_open(shop, at, draws.uniform("shop open", n))
    adviser = scene.owner(draws, "shop", shop, there, nobody(n), 0.0)
    way = np.full(n, SHOP, np.int32)
    scene.add(goes, journey, there, touchpoint="shop visit", channel="shop", direction="inbound", kind="question",
              reason=reason, employee=adviser, unit=shop, duration_s=scene.talk_s(draws, "shop talk", n, minutes=9),
              attributes=scene.queue(draws, "queue", way, shop, there))  # fmt: skip
    at = np.where(goes, there + HOUR_US, at)

    for touchpoint, channel, share in (("our offer call", "phone", 0.22), ("offer e-mail", "email", 0.3)):
        offers = draws.chance(touchpoint, n, share)
        offered = into_hours(at + draws.hours(f"{touchpoint} at", n, median=30, spread=0.6), OFFICE,
                             draws.uniform(f"{touchpoint} open", n))  # fmt: skip
        adviser = scene.owner(draws, touchpoint, sales, offered, nobody(n), 0.0)
        talk = scene.talk_s(draws, f"{touchpoint} talk", n, minutes=3)
        scene.add(offers, journey, offered, touchpoint=touchpoint, channel=channel, direction="outbound",
                  employee=adviser, unit=sales, duration_s=talk if channel == "phone" else np.nan)  # fmt: skip
        at = np.where(offers, offered + HOUR_US, at)
    ending = draws.pick("ending", n, [0.2, 0.25, 0.55])
    last = at + draws.hours("decides", n, median=30, spread=0.8)
    scene.add(ending == 0, journey, last, touchpoint="order placed", channel="web", direction="self_service",
              goal="reached")  # fmt: skip
    scene.add(ending == 1, journey, last, touchpoint="offer declined", channel="web", direction="self_service",
              goal="abandoned")  # fmt: skip


def write_registrations(scene: Scene) -> None:
    journey = scene.journeys.of("registration")
    draws, n = Draws(scene.company.seed, "registration"), len(journey)
    start = scene.journeys.start[journey]
    channel = scene.way(
        draws, "way", journey, {SHOP: (0.6, 0.15), WEB: (0.2, 0.35), APP: (0.1, 0.45), PHONE: (0.1, 0.05)}
    )
    spoken = np.isin(channel, (SHOP, PHONE))
    unit = scene.desk(journey, channel, written="sales", spoken="sales")
    at = np.where(spoken, scene.staff.when_open(unit, start, draws.uniform("open", n)), start)
    adviser = scene.owner(draws, "sign-up", unit, at, nobody(n), 0.0)
    reason = scene.journeys.reason[journey]
    scene.add(spoken, journey, at, touchpoint="sign-up started", channel=channel, direction="inbound", kind="request",
              reason=reason, employee=adviser, unit=unit, duration_s=scene.talk_s(draws, "talk", n, minutes=14),
              attributes=scene.queue(draws, "queue", channel, unit, at))  # fmt: skip
    scene.add(~spoken, journey, at, touchpoint="sign-up started", channel=channel, direction="self_service")
    scene.add(np.ones(n, np.bool_), journey, at + 9 * MINUTE_US, touchpoint="identity check", channel=channel,
              direction="self_service", attributes=_tries(draws, n))  # fmt: skip

    newcomer = scene.people.since[scene.customer(journey)] > start
    stops = ~newcomer & draws.chance("stops", n, 0.14)  # who became a customer did sign up
    scene.add(stops & draws.chance("says so", n, 0.6), journey, at + DAY_US, touchpoint="sign-up given up",
              channel="web", direction="self_service", goal="abandoned")  # fmt: skip
    _sign(scene, draws, journey, at + 10 * MINUTE_US, ~stops, newcomer)


def _tries(draws: Draws, n: int) -> dict[str, np.ndarray]:
    words = np.array(["1", "2", "3"], dtype=object)
    return {"tries": words[draws.pick("tries", n, [0.72, 0.2, 0.08])]}


def _sign(scene: Scene, draws: Draws, journey: Ints, at: Ints, flags: Flags, newcomer: Flags) -> None:
    """Documents for some, then the contract and the service."""
    n = len(journey)
    sales = np.full(n, UNIT_NAMES["sales"], np.int32)
    needs = flags & draws.chance("needs documents", n, 0.55)
    unanswered = np.full(n, -1, np.int64)
    came, adviser, message = ask_for_documents(scene, draws, journey, at, needs, sales, unanswered, again=0.28)
    at = np.where(needs, came, at)
    sent = into_hours(at + scene.reply_wait(draws, "contract wait", sales, at, median=6, spread=0.8), OFFICE,
                      draws.uniform("contract open", n))  # fmt: skip
    adviser = scene.owner(draws, "contract", sales, sent, np.where(needs, adviser, -1).astype(np.int32), 0.7)
    scene.add(flags, journey, sent, touchpoint="contract sent", channel="email", direction="outbound",
              employee=adviser, unit=sales, reply_to=np.where(needs, message, -1))  # fmt: skip
    signed = sent + draws.hours("signs", n, median=18, spread=0.9)
    scene.add(flags, journey, signed, touchpoint="contract signed", channel="app", direction="self_service")
    active = into_hours(signed + draws.hours("active", n, median=12, spread=0.6), OFFICE, draws.uniform("active", n))
    scene.add(flags, journey, active, touchpoint="service active", channel="sms", direction="outbound", kind="notice",
              goal="reached")  # fmt: skip
