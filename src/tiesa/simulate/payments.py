"""Payment: the bill is sent, seen, asked about, disputed, paid - or not. And what price changes do to it."""

from __future__ import annotations

import numpy as np

from tiesa.core.business_time import DAY_US
from tiesa.simulate.clock import OFFICE, into_hours
from tiesa.simulate.company import HOUR_US, Draws, Flags, Floats, Ints
from tiesa.simulate.people import YEAR_US
from tiesa.simulate.scene import APP, CHAT, EMAIL, MINUTE_US, PHONE, SHOP, WEB, Scene, later
from tiesa.simulate.vocabulary import REASONS, SEGMENTS, UNIT_NAMES

PRICE_CHANGES = 0.24
"""Share of bills that carry a new price; half of these customers were told beforehand."""
WAYS = {PHONE: (0.45, 0.2), EMAIL: (0.25, 0.3), CHAT: (0.03, 0.15), APP: (0.02, 0.3), SHOP: (0.25, 0.05)}


def write_payments(scene: Scene) -> None:
    journey = scene.journeys.of("payment")
    draws, n = Draws(scene.company.seed, "payments"), len(journey)
    start = into_hours(scene.journeys.start[journey], OFFICE, draws.uniform("sent", n))
    margin = scene.people.margin[scene.customer(journey)]
    bill = np.round(margin / 6 * np.exp(0.25 * draws.normal("bill", n)), 2)
    changed = draws.chance("price change", n, PRICE_CHANGES)
    told = changed & draws.chance("told", n, 0.5)
    bill = np.where(changed, np.round(bill * 1.12, 2), bill)
    notice = into_hours(later(start, -24 * (20 + 15 * draws.uniform("notice", n))), OFFICE, draws.uniform("post", n))
    scene.add(told, journey, notice, touchpoint="price change notice", channel="email",
              direction="outbound", kind="notice")  # fmt: skip
    by_app = scene.way(draws, "sent way", journey, {EMAIL: (0.8, 0.4), APP: (0.2, 0.6)})
    scene.add(np.ones(n, np.bool_), journey, start, touchpoint="bill sent", channel=by_app, direction="outbound",
              kind="notice", amount=bill)  # fmt: skip
    viewed = draws.chance("viewed", n, 0.55)
    seen = start + draws.hours("viewed", n, median=20, spread=0.9)
    scene.add(viewed, journey, seen, touchpoint="bill viewed", channel="app", direction="self_service")
    doubt = seen + HOUR_US // 2 + draws.hours("doubt", n, median=16, spread=0.9)
    disputes = draws.chance("disputes", n, np.where(told, 0.13, np.where(changed, 0.3, 0.035)))
    asks = ~disputes & draws.chance("asks", n, np.where(changed, 0.2, 0.09))
    done = _ask(scene, draws, journey, doubt, asks, bill)
    done = np.maximum(done, _dispute(scene, draws, journey, doubt, disputes, bill, changed, told))
    done = np.maximum(done, _look_at_terms(scene, draws, journey, seen + DAY_US))
    _pay(scene, draws, journey, np.maximum(done, seen), bill)


def _ask(scene: Scene, draws: Draws, journey: Ints, at: Ints, flags: Flags, bill: Floats) -> Ints:
    """A question about the bill and its answer. Returns when each journey goes on."""
    n = len(journey)
    channel = scene.way(draws, "ask way", journey, WAYS)
    live = np.isin(channel, (PHONE, CHAT, SHOP))
    unit = scene.desk(journey, channel, written="billing", spoken="billing")
    asked = np.where(live, scene.staff.when_open(unit, at, draws.uniform("ask open", n)), at)
    adviser = scene.owner(draws, "ask", unit, asked, np.full(n, -1, np.int32), 0.0)
    reason = scene.journeys.reason[journey]
    scene.add(flags & live, journey, asked, touchpoint="bill question", channel=channel, direction="inbound",
              kind="question", reason=reason, employee=adviser, unit=unit,
              duration_s=scene.talk_s(draws, "ask talk", n, minutes=4),
              attributes=scene.queue(draws, "ask queue", channel, unit, asked))  # fmt: skip
    message = scene.add(flags & ~live, journey, asked, touchpoint="bill question", channel=channel,
                        direction="inbound", kind="question", reason=reason)  # fmt: skip
    reply = asked + scene.reply_wait(draws, "ask wait", unit, asked, median=15, spread=0.9)
    reply = into_hours(reply, OFFICE, draws.uniform("reply open", n))
    answered = flags & ~live & draws.chance("ask answered", n, 0.9)
    adviser = scene.owner(draws, "ask reply", unit, reply, np.full(n, -1, np.int32), 0.0)
    scene.add(answered, journey, reply, touchpoint="bill explained", channel=channel, direction="outbound",
              reply_to=message, employee=adviser, unit=unit)  # fmt: skip
    return np.where(answered, reply, np.where(flags, asked, 0))


def _dispute(
    scene: Scene, draws: Draws, journey: Ints, at: Ints, flags: Flags, bill: Floats, changed: Flags, told: Flags
) -> Ints:
    """The customer does not accept the bill; we correct it or say no."""
    n = len(journey)
    channel = scene.way(draws, "dispute way", journey, WAYS)
    live = np.isin(channel, (PHONE, CHAT, SHOP))
    unit = scene.desk(journey, channel, written="billing", spoken="billing")
    at = np.where(live, scene.staff.when_open(unit, at, draws.uniform("dispute open", n)), at)
    adviser = scene.owner(draws, "dispute", unit, at, np.full(n, -1, np.int32), 0.0)
    price = {
        "price_change": np.where(changed, "yes", "no").astype(object),
        "price_notice": np.where(told, "given", np.where(changed, "none", "")).astype(object),
    }
    reason = np.full(n, REASONS["bill too high"], np.int32)
    queue = scene.queue(draws, "dispute queue", channel, unit, at)
    scene.add(flags & live, journey, at, touchpoint="bill disputed", channel=channel, direction="inbound",
              kind="objection", reason=reason, employee=adviser, unit=unit, amount=bill,
              duration_s=scene.talk_s(draws, "dispute talk", n, minutes=9), attributes={**price, **queue})  # fmt: skip
    message = scene.add(flags & ~live, journey, at, touchpoint="bill disputed", channel=channel, direction="inbound",
                        kind="objection", reason=reason, amount=bill, attributes=price)  # fmt: skip
    reply = at + scene.reply_wait(draws, "dispute wait", unit, at, median=44, spread=0.8)
    reply = into_hours(reply, OFFICE, draws.uniform("dispute reply open", n))
    desk = np.full(n, UNIT_NAMES["billing"], np.int32)  # billing decides, whoever took it
    adviser = scene.owner(draws, "decision", desk, reply, adviser, 0.6)
    corrected = draws.chance("corrected", n, 0.5)
    for touchpoint, which in (("bill corrected", corrected), ("dispute rejected", ~corrected)):
        scene.add(flags & which, journey, reply, touchpoint=touchpoint, channel="email", direction="outbound",
                  reply_to=message, employee=adviser, unit=desk, amount=np.round(bill * 0.9, 2))  # fmt: skip
    return np.where(flags, reply, 0)


def _look_at_terms(scene: Scene, draws: Draws, journey: Ints, at: Ints) -> Ints:
    """A copy of the contract is asked for: by chance, or by those whose hidden trait makes them leave (option)."""
    n = len(journey)
    p = np.full(n, 0.035)
    if scene.company.hidden:
        p = np.minimum(0.035 * np.exp(1.1 * scene.people.hidden[scene.customer(journey)] - 0.6), 0.5)
    flags = draws.chance("terms", n, p)
    message = scene.add(flags, journey, at, touchpoint="contract terms asked", channel="email", direction="inbound",
                        kind="request", reason="bill unclear")  # fmt: skip
    unit = np.full(n, UNIT_NAMES["e-mail desk"], np.int32)
    reply = at + scene.reply_wait(draws, "terms wait", unit, at, median=9, spread=0.7)
    reply = into_hours(reply, OFFICE, draws.uniform("terms open", n))
    adviser = scene.owner(draws, "terms", unit, reply, np.full(n, -1, np.int32), 0.0)
    scene.add(flags, journey, reply, touchpoint="contract terms sent", channel="email", direction="outbound",
              reply_to=message, employee=adviser, unit=unit)  # fmt: skip
    return np.where(flags, reply, 0)


def _pay(scene: Scene, draws: Draws, journey: Ints, at: Ints, bill: Floats) -> None:
    """Paid at once, after a reminder, in instalments, through the bank, or never."""
    n = len(journey)
    customer = scene.customer(journey)
    new = scene.journeys.start[journey] - scene.people.since[customer] < YEAR_US
    budget = scene.people.segment[customer] == SEGMENTS["budget"]
    arranges = draws.chance("arranges", n, np.where(new, 0.09, 0.008))
    asked = into_hours(at + draws.hours("arranges", n, median=40, spread=0.6), OFFICE, draws.uniform("arr open", n))
    unit = np.full(n, UNIT_NAMES["billing"], np.int32)
    adviser = scene.owner(draws, "arrange", unit, asked, np.full(n, -1, np.int32), 0.0)
    scene.add(arranges, journey, asked, touchpoint="payment arrangement asked", channel="phone", direction="inbound",
              kind="request", reason="payment in instalments", employee=adviser, unit=unit,
              duration_s=scene.talk_s(draws, "arrange talk", n, minutes=6))  # fmt: skip
    scene.add(arranges, journey, asked + 30 * MINUTE_US, touchpoint="payment arrangement offered", channel="email",
              direction="outbound", employee=adviser, unit=unit)  # fmt: skip
    at = np.where(arranges, asked + HOUR_US, at)
    reminded = ~arranges & draws.chance("reminded", n, np.where(budget, 0.22, 0.12))
    reminder = into_hours(at + 9 * DAY_US, OFFICE, draws.uniform("reminder open", n))
    scene.add(reminded, journey, reminder, touchpoint="payment reminder", channel="sms", direction="outbound",
              kind="notice")  # fmt: skip
    at = np.where(reminded, reminder, at)
    lost = reminded & draws.chance("lost", n, 0.05)
    over = into_hours(at + 28 * DAY_US, OFFICE, draws.uniform("over open", n))
    scene.add(lost, journey, over, touchpoint="debt handed over", channel="email", direction="outbound",
              goal="abandoned", amount=bill)  # fmt: skip
    paid = at + draws.hours("pays", n, median=50, spread=0.7)
    by_bank = ~lost & draws.chance("by bank", n, 0.22)
    scene.add(by_bank, journey, later(paid, -18 * draws.uniform("bank", n)), touchpoint="bank transfer",
              channel="web", direction="indirect", organisation="Partner Bank", amount=bill)  # fmt: skip
    channel = scene.way(draws, "pays way", journey, {WEB: (0.7, 0.3), APP: (0.3, 0.7)})
    scene.add(~lost, journey, paid + HOUR_US, touchpoint="bill paid", channel=channel, direction="self_service",
              goal="reached", amount=bill)  # fmt: skip
