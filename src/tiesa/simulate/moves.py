"""Moving: announced, documents asked and sent, a date agreed, the installer, the service, the first bill after it."""

from __future__ import annotations

import numpy as np

from tiesa.core.business_time import DAY_US
from tiesa.simulate.clock import OFFICE, into_hours
from tiesa.simulate.company import HOUR_US, Codes, Draws, Flags, Ints
from tiesa.simulate.scene import APP, EMAIL, PHONE, SHOP, WEB, Scene, nobody
from tiesa.simulate.vocabulary import UNIT_NAMES


def write_moves(scene: Scene) -> None:
    journey = scene.journeys.of("moving")
    draws, n = Draws(scene.company.seed, "moves"), len(journey)
    channel = scene.way(draws, "way", journey, {PHONE: (0.5, 0.2), WEB: (0.2, 0.7), SHOP: (0.3, 0.1)})
    desk = scene.desk(journey, channel, written="moving desk", spoken="moving desk")
    live = channel != WEB
    start = scene.journeys.start[journey]
    start = np.where(live, scene.staff.when_open(desk, start, draws.uniform("open", n)), start)
    adviser = scene.owner(draws, "announced", desk, start, nobody(n), 0.0)
    every = np.ones(n, np.bool_)
    common = {"touchpoint": "move announced", "direction": "inbound", "kind": "request"}
    reason = scene.journeys.reason[journey]
    scene.add(live, journey, start, **common, channel=channel, reason=reason, employee=adviser, unit=desk,
              duration_s=scene.talk_s(draws, "talk", n, minutes=8),
              attributes=scene.queue(draws, "queue", channel, desk, start))  # fmt: skip
    message = scene.add(~live, journey, start, **common, channel=channel, reason=reason)
    unit = np.full(n, UNIT_NAMES["moving desk"], np.int32)
    at, adviser, _last = ask_for_documents(scene, draws, journey, start, every, unit, message, again=0.3)

    cancelled = draws.chance("cancelled", n, 0.06)
    scene.add(cancelled, journey, at + 2 * DAY_US, touchpoint="move cancelled", channel="web",
              direction="self_service", goal="abandoned")  # fmt: skip
    moves = ~cancelled
    agreed = at + scene.reply_wait(draws, "date wait", unit, at, median=30, spread=0.7)
    agreed = into_hours(agreed, OFFICE, draws.uniform("date open", n))
    adviser = scene.owner(draws, "date", unit, agreed, adviser, 0.7)
    visit = into_hours(
        agreed + draws.hours("visit", n, median=110, spread=0.45), OFFICE, draws.uniform("visit open", n)
    )
    scene.add(moves, journey, agreed, touchpoint="date agreed", channel="phone", direction="outbound",
              employee=adviser, unit=unit, promised_at=visit + 2 * DAY_US,
              duration_s=scene.talk_s(draws, "date talk", n, minutes=5))  # fmt: skip
    slips = draws.chance("slips", n, 0.18)
    visit = np.where(slips, into_hours(visit + 4 * DAY_US, OFFICE, draws.uniform("slip open", n)), visit)
    stay = scene.talk_s(draws, "visit talk", n, minutes=60)
    scene.add(moves, journey, visit, touchpoint="installer visit", channel="visit", direction="outbound",
              organisation="Partner Installers", duration_s=stay)  # fmt: skip
    days = draws.pick("without service", n, [4, 3, 2, 1, 1, 1])
    days_words = np.array([str(day) for day in range(6)], dtype=object)
    served = into_hours(visit + days * DAY_US + 2 * HOUR_US, OFFICE, draws.uniform("served open", n))
    scene.add(moves, journey, served, touchpoint="service moved", channel="sms", direction="outbound", kind="notice",
              goal="reached", attributes={"days_without_service": days_words[days]})  # fmt: skip
    fee = draws.chance("fee", n, 0.2)
    bill = np.round(scene.people.margin[scene.customer(journey)] / 6 + np.where(fee, 25.0, 0.0), 2)
    scene.add(moves, journey, served + 20 * DAY_US, touchpoint="first bill after move", channel="email",
              direction="outbound", kind="notice", amount=bill,
              attributes={"unexpected_charge": np.where(fee, "yes", "no").astype(object)})  # fmt: skip


def ask_for_documents(
    scene: Scene, draws: Draws, journey: Ints, at: Ints, flags: Flags, unit: Codes, message: Ints, *, again: float
) -> tuple[Ints, Codes, Ints]:
    """We ask for documents, the customer sends them; with chance `again` we ask once more for what we have.

    Returns: when the last documents came, who asked, and the customer's last message.
    """
    n = len(journey)
    asked = at + scene.reply_wait(draws, "documents wait", unit, at, median=10, spread=0.8)
    asked = into_hours(asked, OFFICE, draws.uniform("documents open", n))
    adviser = scene.owner(draws, "documents", unit, asked, nobody(n), 0.0)
    scene.add(flags, journey, asked, touchpoint="documents asked", channel="email", direction="outbound",
              waits_for="customer", employee=adviser, unit=unit, reply_to=message)  # fmt: skip
    channel = scene.way(draws, "documents way", journey, {EMAIL: (0.9, 0.3), APP: (0.1, 0.7)})
    sent = asked + HOUR_US + draws.hours("sent", n, median=26, spread=0.9)
    message = scene.add(flags, journey, sent, touchpoint="documents sent", channel=channel, direction="inbound",
                        kind="notice")  # fmt: skip
    repeated = flags & draws.chance("again", n, again)
    asked = sent + scene.reply_wait(draws, "again wait", unit, sent, median=24, spread=0.7)
    asked = into_hours(asked, OFFICE, draws.uniform("again open", n))
    adviser = scene.owner(draws, "again", unit, asked, adviser, 0.5)
    scene.add(repeated, journey, asked, touchpoint="documents asked again", channel="email", direction="outbound",
              waits_for="customer", employee=adviser, unit=unit, reply_to=message)  # fmt: skip
    resent = asked + HOUR_US + draws.hours("sent again", n, median=30, spread=0.9)
    second = scene.add(repeated, journey, resent, touchpoint="documents sent", channel=channel, direction="inbound",
                       kind="notice")  # fmt: skip
    return np.where(repeated, resent, sent), adviser, np.where(repeated, second, message)
