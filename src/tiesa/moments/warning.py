"""The early warning: who in an open journey is likely to leave, why it is thought so, and how well that was said."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

import pyarrow as pa

from tiesa.core import formats
from tiesa.core.columns import INSTANT
from tiesa.core.locale import _, ngettext
from tiesa.core.shown import Kind, Shown, ShownTable
from tiesa.journeys.questions.result import Result
from tiesa.moments.calibration import Figure
from tiesa.moments.situations import Situation
from tiesa.moments.warning_reasons import Reason
from tiesa.moments.warning_tested import Trial
from tiesa.moments.words import situation_in_words
from tiesa.pictures.charts_frame import Picture
from tiesa.pictures.palette import LIGHT, Theme

LEAVING = "left"


@dataclass(frozen=True)
class Warned:
    """A customer on the list, by their open journey with the highest risk.

    customer: the source's own id, where the scope shows it. latest: the journey's latest contact, at `touchpoint`.
    risk: calibrated; low, high: 95 % bounds of the share, among customers of whom as much is said, to whom it comes.
    """

    customer_key: int
    customer: str | None
    journey_no: int
    journey_type: str | None
    started: datetime | None
    latest: datetime | None
    touchpoint: str
    waiting_for: str | None
    risk: float
    low: float
    high: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class EarlyWarning(Result):
    """Today's list with the test that it rests on.

    target: `left`, or the id of a moment, which is `situation`. customers: those known who did not object (`objected`
    did). open_customers: those in an open journey now. held_out: those whom chance keeps off the list. tested: None
    where too few were followed to test anything. learned_customers, learned_events: what today's list was learned from.
    """

    name: ClassVar[str] = "early-warning"
    target: str
    situation: Situation | None
    horizon_days: int
    top: int
    now: datetime
    customers: int
    open_customers: int
    objected: int
    held_out: tuple[Warned, ...]
    tested: Trial | None
    learned_customers: int
    learned_events: int
    warned: tuple[Warned, ...]
    version: int = field(default=0)

    @property
    def can_be_judged(self) -> bool:
        return self.tested is not None and self.tested.tells_apart

    @property
    def needs_attention(self) -> bool:
        return bool(self.warned)

    @property
    def time(self) -> str:
        """The horizon as people read it."""
        return ngettext("{n} day", "{n} days", self.horizon_days).format(n=formats.number(self.horizon_days))

    def question(self) -> str:
        if self.situation is None:
            return _("Which customers in an open journey are likely to leave within {time}?").format(time=self.time)
        return _("Which open journeys are likely to come to this within {time}: {situation}?").format(
            time=self.time, situation=situation_in_words(self.situation)
        )

    def answer(self) -> str:
        if self.tested is None:
            return _("Cannot be judged: too few customers were followed long enough to test a warning on later time.")
        if not self.tested.tells_apart:
            return _(
                "Cannot be judged: on later time the order was no better than chance (area under the curve {auc}; "
                "{n} customers, of whom it came to {events})."
            ).format(auc=_decimal(self.tested.auc), **self._sizes())
        if not self.warned:
            return _("No customer is in an open journey now.")
        return f"{self.counted()} {self.lift_in_words()}"

    def counted(self) -> str:
        """How many stand on the list, with their mean risk."""
        mean = sum(w.risk for w in self.warned) / len(self.warned)
        return ngettext(
            "{n} customer of {open} in an open journey stands on the list, with a risk of {risk}.",
            "{n} customers of {open} in an open journey stand on the list, with a mean risk of {risk}.",
            len(self.warned),
        ).format(n=formats.number(len(self.warned)), open=formats.number(self.open_customers), risk=formats.share(mean))

    def lift_in_words(self) -> str:
        """How much more often, in the test, it came to as many on top."""
        tested = self.tested
        assert tested is not None
        if tested.capacity >= 1:
            return _("The list has room for all of them.")
        return _(
            "In a test on later time it came to {share} of as many on top ({interval}; n {n} customers, {events} to "
            "whom it came), {lift} times as often as usual ({lift_interval})."
        ).format(
            share=formats.share(tested.on_top.value), interval=_shares(tested.on_top),
            lift=formats.number(tested.lift.value, digits=1), lift_interval=_bounds(tested.lift, 1), **self._sizes(),
        )  # fmt: skip

    def _sizes(self) -> dict[str, str]:
        assert self.tested is not None
        return {"n": formats.number(self.tested.customers), "events": formats.number(self.tested.events)}

    def findings(self) -> tuple[str, ...]:
        found = []
        if self.can_be_judged and self.tested:
            found.append(
                _("What was said was {ratio} times what came ({interval}); slope of calibration {slope}.").format(
                    ratio=formats.number(self.tested.ratio.value, digits=2),
                    interval=_bounds(self.tested.ratio, 2),
                    slope=_decimal(self.tested.slope),
                )
            )
        if self.objected:
            found.append(
                ngettext(
                    "{n} customer objects to profiling and was neither looked at nor learned from.",
                    "{n} customers object to profiling and were neither looked at nor learned from.",
                    self.objected,
                ).format(n=formats.number(self.objected))
            )
        if self.held_out:
            found.append(
                ngettext(
                    "{n} customer with as high a risk is held out by chance, for comparison.",
                    "{n} customers with as high a risk are held out by chance, for comparison.",
                    len(self.held_out),
                ).format(n=formats.number(len(self.held_out)))
            )
        return tuple(found)

    def beyond(self) -> tuple[str, ...]:
        """What it means where a risk lies outside its interval; empty where none does."""
        if all(one.low <= one.risk <= one.high for one in self.warned):
            return ()
        return (
            _(
                "Intervals are what came to such customers in the test: where a risk lies outside, the test found that "
                "too much or too little was said."
            ),
        )

    def tables(self) -> tuple[ShownTable, ...]:
        if self.tested is None:
            return ()
        listed = (self._list(),) if self.warned else ()
        return (*listed, _figures(self.tested), _tenths(self.tested))

    def _list(self) -> ShownTable:
        rows = [
            {
                "customer": w.customer or str(w.customer_key), "risk": w.risk, "low": w.low, "high": w.high,
                "reasons": "; ".join(reason.words for reason in w.reasons), "journey_type": w.journey_type,
                "latest": w.latest, "touchpoint": w.touchpoint, "customer_key": w.customer_key,
                "journey_no": w.journey_no,
            }
            for w in self.warned
        ]  # fmt: skip
        columns = (
            Shown("customer", _("customer")),
            Shown("risk", _("risk"), Kind.SHARE, "low", "high"),
            Shown("reasons", _("what raises it"), whole=True),
            Shown("latest", _("latest contact"), Kind.INSTANT),
            Shown("touchpoint", _("touchpoint"), extra=True),
            Shown("journey_type", _("journey"), extra=True),
        )
        note = " ".join([_("A reason is what the estimate goes by, not a cause."), *self.beyond()])
        return ShownTable("list", _("Highest risk first"), pa.Table.from_pylist(rows, _LIST), columns, note=note)

    def picture(self, *, theme: Theme = LIGHT, width: int = 640) -> Picture | None:
        from tiesa.pictures.charts_calibration import calibration

        if self.tested is None:
            return None
        rows = [
            {
                "said": t.risk,
                "value": t.observed.value,
                "low": t.observed.low,
                "high": t.observed.high,
                "n": t.customers,
            }
            for t in self.tested.tenths
        ]
        title = _("Risk said beforehand, and what came within {time}").format(time=self.time)
        return calibration(
            pa.Table.from_pylist(rows), customers=self.tested.customers, title=title, theme=theme, width=width
        )

    def explain(self) -> str:
        return _(
            "Open journeys are looked at whenever the customer turns to us, and 3, 10 and 20 days later while they are "
            "open. What is known then (the journey so far, waits, promises, feelings noted, the three months before, "
            "traits, tenure, moments that came true) goes into boosted trees, every customer weighing once, learned "
            "from what has been followed for {time}; a line turns what they say into risks, so that as many are "
            "expected as it came to in the last year, over the part of each {time} that has passed. The test: learned "
            "before a day, tried on the quarter after it, each customer followed for {time}; intervals by resampling "
            "customers (300 draws), those learned from and those tested on. Today's list is learned in the same way "
            "from all that is known now. Limits: a risk says who, not what would help; a reason is what the estimate "
            "goes by; a new situation is not known to it; the level is that of the last year, whatever comes next."
        ).format(time=self.time)

    def as_plain(self) -> dict[str, Any]:
        return {
            "target": self.target,
            "horizon_days": self.horizon_days,
            "now": self.now.isoformat(),
            "version": self.version,
            "question": self.question(),
            "answer": self.answer(),
            "can_be_judged": self.can_be_judged,
            "customers": self.customers,
            "open_customers": self.open_customers,
            "objected": self.objected,
            "top": self.top,
            "learned": {"customers": self.learned_customers, "events": self.learned_events},
            "tested": _tested_plain(self.tested) if self.tested else None,
            "list": [_warned_plain(w) for w in self.warned],
            "held_out": [_warned_plain(w) for w in self.held_out],
            "explain": self.explain(),
        }


def _warned_plain(w: Warned) -> dict[str, Any]:
    times = {name: at.isoformat() if at else None for name, at in (("started", w.started), ("latest", w.latest))}
    return {
        "customer_key": w.customer_key, "customer": w.customer, "journey_no": w.journey_no,
        "journey_type": w.journey_type, "touchpoint": w.touchpoint, "waiting_for": w.waiting_for, **times,
        "risk": w.risk, "low": w.low, "high": w.high,
        "reasons": [{"words": reason.words, "added": reason.added} for reason in w.reasons],
    }  # fmt: skip


def _tested_plain(tested: Trial) -> dict[str, Any]:
    names = ("observed", "ratio", "auc", "slope", "shift", "brier", "gain", "on_top", "lift", "lift_tenth")
    figures = {name: _plain(getattr(tested, name)) for name in names}
    tenths = [
        {"said": t.risk, "observed": _plain(t.observed), "customers": t.customers, "landmarks": t.landmarks}
        for t in tested.tenths
    ]
    sizes = {
        name: getattr(tested, name) for name in ("landmarks", "customers", "events", "base", "expected", "capacity")
    }
    return sizes | figures | {"tenths": tenths}


def _plain(figure: Figure) -> dict[str, float]:
    return {"value": figure.value, "low": figure.low, "high": figure.high}


def _figures(tested: Trial) -> ShownTable:
    """The test's figures, one a row."""
    rows = [
        (_("customers, landmarks"), f"{formats.number(tested.customers)}, {formats.number(tested.landmarks)}"),
        (_("customers to whom it came"), formats.number(tested.events)),
        (_("share to whom it came"), f"{formats.share(tested.observed.value)} ({_shares(tested.observed)})"),
        (_("mean of what was said"), formats.share(tested.expected)),
        (_("area under the curve (0.5 is chance)"), _decimal(tested.auc)),
        (_("slope of calibration (1 is perfect)"), _decimal(tested.slope)),
        (_("intercept of calibration (0 is perfect)"), _decimal(tested.shift)),
        (_("Brier score"), _decimal(tested.brier, 4)),
        (
            _("less than by saying the usual share to all"),
            f"{formats.share(tested.gain.value)} ({_shares(tested.gain)})",
        ),
        (_("times the usual share, at the length of the list"), _decimal(tested.lift, 1)),
        (_("times the usual share, in the top tenth"), _decimal(tested.lift_tenth, 1)),
    ]
    data = pa.Table.from_pylist([{"figure": name, "value": value} for name, value in rows])
    columns = (Shown("figure", _("figure"), whole=True), Shown("value", _("value (95 % interval)"), whole=True))
    return ShownTable("test", _("Tested on later time"), data, columns)


def _tenths(tested: Trial) -> ShownTable:
    rows = [
        {"said": t.risk, "observed": t.observed.value, "low": t.observed.low, "high": t.observed.high, "n": t.customers}
        for t in tested.tenths
    ]
    columns = (
        Shown("said", _("risk that was said"), Kind.SHARE),
        Shown("observed", _("share to whom it came"), Kind.SHARE, "low", "high"),
        Shown("n", _("customers"), Kind.COUNT),
    )
    return ShownTable("calibration", _("Said and came, by tenth"), pa.Table.from_pylist(rows), columns)


def _decimal(figure: Figure, digits: int = 2) -> str:
    return f"{formats.number(figure.value, digits=digits)} ({_bounds(figure, digits)})"


def _bounds(figure: Figure, digits: int) -> str:
    return formats.between(formats.number(figure.low, digits=digits), formats.number(figure.high, digits=digits))


def _shares(figure: Figure) -> str:
    return formats.between(formats.share(figure.low), formats.share(figure.high))


_LIST = pa.schema(
    [
        ("customer", pa.string()), ("risk", pa.float64()), ("low", pa.float64()), ("high", pa.float64()),
        ("reasons", pa.string()), ("journey_type", pa.string()), ("latest", INSTANT), ("touchpoint", pa.string()),
        ("customer_key", pa.int64()), ("journey_no", pa.int32()),
    ]
)  # fmt: skip
