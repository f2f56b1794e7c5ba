"""Two selections beside each other: what differs, by how much, with an interval, the clearest difference first."""

from __future__ import annotations

from dataclasses import dataclass
from math import copysign, inf, sqrt
from statistics import NormalDist

import pyarrow as pa

from tiesa.core import formats
from tiesa.core.intervals import share, t_quantile
from tiesa.core.locale import _, ngettext
from tiesa.core.shown import Kind, Shown, ShownTable, written
from tiesa.journeys.held import held
from tiesa.journeys.questions.durations import durations
from tiesa.journeys.stages import facing
from tiesa.journeys.view import View

FALSE_DISCOVERY = 0.05
"""Share of false ones allowed among the differences called clear."""
TOUCHPOINTS = 40
"""The most frequent touchpoints that are compared."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure of one selection. kind: share, seconds (a median) or number (a mean). low, high: None where there are
    too few. about: the touchpoint it is about, else empty."""

    name: str
    kind: Kind
    value: float | None
    low: float | None
    high: float | None
    n: int
    about: str = ""


@dataclass(frozen=True)
class Measured:
    """All metrics of one selection, by (name, about)."""

    title: str
    journeys: int
    metrics: dict[tuple[str, str], Metric]


@dataclass(frozen=True, slots=True)
class Difference:
    """second minus first, with its 95 % interval; clear: the difference stands when all that were looked at count."""

    first: Metric
    second: Metric
    value: float
    low: float
    high: float
    z: float
    clear: bool

    @property
    def label(self) -> str:
        return metric_in_words(self.first)


@dataclass(frozen=True)
class Comparison:
    """Differences between two selections, the clearest first."""

    first: Measured
    second: Measured
    differences: tuple[Difference, ...]

    def answer(self) -> str:
        clear = [d for d in self.differences if d.clear]
        if not self.differences:
            return _("Cannot be judged: the two have no figure in common with enough journeys.")
        if not clear:
            return _("No clear difference between {first} (n {n}) and {second} (n {m}).").format(
                first=self.first.title, n=formats.number(self.first.journeys),
                second=self.second.title, m=formats.number(self.second.journeys),
            )  # fmt: skip
        best = clear[0]
        return _("What differs most: {label}, {before} and then {after} (difference {difference}).").format(
            label=best.label,
            before=written(best.first.value, best.first.kind),
            after=written(best.second.value, best.second.kind),
            difference=difference_in_words(best),
        )

    def findings(self) -> tuple[str, ...]:
        n, clear = len(self.differences), sum(d.clear for d in self.differences)
        return (
            ngettext("{clear} of {n} figure differs clearly.", "{clear} of {n} figures differ clearly.", n).format(
                clear=clear, n=n
            ),
        )

    def tables(self) -> tuple[ShownTable, ...]:
        rows = [
            {
                "label": d.label,
                "before": _with_bounds(d.first),
                "after": _with_bounds(d.second),
                "difference": difference_in_words(d),
                "n_before": d.first.n,
                "n_after": d.second.n,
                "clear": _("clear") if d.clear else _("not clear"),
            }
            for d in self.differences
        ]
        columns = (
            Shown("label", _("what")),
            Shown("before", self.first.title),
            Shown("after", self.second.title),
            Shown("difference", _("difference")),
            Shown("clear", _("verdict")),
            Shown("n_before", _("n, first"), Kind.COUNT),
            Shown("n_after", _("n, second"), Kind.COUNT),
        )
        schema = pa.schema([(c.name, pa.int64() if c.is_number else pa.string()) for c in columns])
        return (ShownTable("compare", _("What differs most"), pa.Table.from_pylist(rows, schema), columns),)

    def table(self) -> pa.Table:
        """The figures: metric, about, kind, both values with bounds and n, difference with bounds, clear."""
        rows = [
            {
                "metric": d.first.name, "about": d.first.about, "kind": str(d.first.kind),
                "first": d.first.value, "first_low": d.first.low, "first_high": d.first.high, "first_n": d.first.n,
                "second": d.second.value, "second_low": d.second.low, "second_high": d.second.high,
                "second_n": d.second.n,
                "difference": d.value, "low": d.low, "high": d.high, "clear": d.clear,
            }
            for d in self.differences
        ]  # fmt: skip
        return pa.Table.from_pylist(rows)

    def explain(self) -> str:
        return _(
            "Every figure is measured in both selections. The interval of a difference is made from the two intervals "
            "(for shares Newcombe 1998, for medians and means Zou and Donner 2008). A difference is called clear "
            "when it "
            "stands among all {n} compared with at most 5 % false ones expected (Benjamini and Hochberg 1995). "
            "Journeys are "
            "taken as independent, and a difference is not an effect: the two selections may differ in more than "
            "one way."
        ).format(n=len(self.differences))


def measured(view: View, title: str = "") -> Measured:
    """The metrics of a view. title: else what is selected, in words."""
    holds = held(view)
    journeys = view.one("select count(*) from journeys")[0]
    metrics = [
        *_shares(view, journeys, knows_replies=holds.knows_messages),
        *_medians(view, knows_owners=holds.knows_owners),
    ]
    metrics += [*_means(view), *_touchpoints(view, journeys)]
    return Measured(title or view.selection.in_words(), journeys, {(m.name, m.about): m for m in metrics if m.n})


def compare(first: Measured, second: Measured) -> Comparison:
    """What differs between two measured selections. Figures that either lacks, or has no interval for, are left out."""
    pairs = [(a, second.metrics[key]) for key, a in first.metrics.items() if key in second.metrics]
    made = [d for a, b in pairs if (d := _difference(a, b)) is not None]
    made.sort(key=lambda d: (-abs(d.z), d.first.name, d.first.about))
    clear = _clear([abs(d.z) for d in made])
    return Comparison(
        first,
        second,
        tuple(Difference(d.first, d.second, d.value, d.low, d.high, d.z, i < clear) for i, d in enumerate(made)),
    )


def _difference(a: Metric, b: Metric) -> Difference | None:
    """b minus a with its interval by MOVER: squares of the distances to the bounds added (for Wilson's: Newcombe)."""
    if a.value is None or b.value is None or a.low is None or b.low is None or a.high is None or b.high is None:
        return None
    value = b.value - a.value
    low = value - sqrt((b.value - b.low) ** 2 + (a.high - a.value) ** 2)
    high = value + sqrt((b.high - b.value) ** 2 + (a.value - a.low) ** 2)
    towards_zero = value - low if value > 0 else high - value
    if towards_zero <= 0:  # no spread on either side: as clear as can be, or no difference at all
        return Difference(a, b, value, low, high, copysign(inf, value) if value else 0.0, False)
    return Difference(a, b, value, low, high, NormalDist().inv_cdf(0.975) * value / towards_zero, False)


def _clear(z: list[float]) -> int:
    """How many of the first differences stand: Benjamini-Hochberg over two-sided p values, largest z first."""
    p = [2 * (1 - NormalDist().cdf(value)) for value in z]
    passed = [i + 1 for i, value in enumerate(p) if value <= FALSE_DISCOVERY * (i + 1) / len(p)]
    return max(passed, default=0)


def _shares(view: View, journeys: int, *, knows_replies: bool) -> list[Metric]:
    of_journeys = view.one(
        "select count(*) filter (goal_state = 'reached'), count(*) filter (goal_state <> 'open'), "
        "count(*) filter (repeats > 0), count(*) filter (handovers > 0), count(*) filter (employees > 0), "
        "count(*) filter (channel_changes > 0), count(*) filter (units > 1), count(*) filter (units > 0), "
        "count(*) filter (reason is not null) from journeys"
    )
    reached, settled, repeats, handed, staffed, changed, moved, placed, asked = of_journeys
    made = [
        _share("repeat", repeats, asked),
        _share("handover", handed, staffed),
        _share("channel_change", changed, journeys),
        _share("several_units", moved, placed),
    ]
    if settled:
        made.append(_share("goal_reached", reached, journeys))
    if knows_replies:
        due, silent, insisted = view.one(
            "select count(is_answered), count(*) filter (not is_answered), count(*) filter (is_answered and "
            "insistence > 1) "
            "from rows"
        )
        made += [_share("unanswered", silent, due), _share("insisted", insisted, due - silent)]
    return made


def _share(name: str, count: int, n: int, about: str = "") -> Metric:
    found = share(count, n)
    return Metric(name, Kind.SHARE, found.value, found.interval.low, found.interval.high, n, about)


def _medians(view: View, *, knows_owners: bool) -> list[Metric]:
    asked = {
        "length": "select duration_s as s from journeys",
        "time_to_goal": "select epoch_us(goal_at) / 1e6 - epoch_us(start_at) / 1e6 as s from journeys where "
        "goal_state = 'reached'",
    }
    if knows_owners:
        asked |= {
            "wait_ours": "select wait_s as s from rows where wait_owner = 'us'",
            "wait_customer": "select wait_s as s from rows where wait_owner = 'customer'",
            "wait_third_party": "select wait_s as s from rows where wait_owner = 'third_party'",
        }
    made = []
    for name, sql in asked.items():
        row = durations(view, sql).to_pylist()[0]
        made.append(Metric(name, Kind.SECONDS, row["median_s"], row["low_s"], row["high_s"], row["n"]))
    return made


def _means(view: View) -> list[Metric]:
    asked = {
        "contacts": (
            Kind.NUMBER,
            "select contacts - internal_steps as x from journeys where contacts > internal_steps",
        ),
        "inbound": (Kind.NUMBER, "select inbound as x from journeys"),
        "emotion": (Kind.SCORE, "select emotion::double as x from rows where emotion is not null"),
        "cost": (Kind.NUMBER, "select cost::double as x from journeys where cost is not null"),
    }
    made = []
    for name, (kind, sql) in asked.items():
        n, mean, deviation = view.one(f"select count(x), avg(x), stddev_samp(x) from ({sql})")
        half = t_quantile(n - 1) * deviation / sqrt(n) if n > 4 and deviation is not None else None
        low, high = (mean - half, mean + half) if half is not None else (None, None)
        made.append(Metric(name, kind, mean, low, high, n))
    return made


def _touchpoints(view: View, journeys: int) -> list[Metric]:
    """Share of journeys that pass each of the most frequent touchpoints."""
    rows = view.rows(
        "select touchpoint, count(distinct (customer_key, journey_no)) as n from rows semi join (select touchpoint "
        "from "
        f"all_rows where {facing(view)} group by 1 order by count(*) desc, 1 limit {TOUCHPOINTS}) using (touchpoint) "
        "group by 1"
    )
    passed = dict(rows)
    names = [t for (t,) in view.rows(
        f"select touchpoint from all_rows where {facing(view)} group by 1 order by count(*) desc, 1 limit {TOUCHPOINTS}"
    )]  # fmt: skip
    return [_share("passes", passed.get(name, 0), journeys, name) for name in names]


def metric_in_words(metric: Metric) -> str:
    """What a metric measures."""
    words = {
        "repeat": _("journeys in which the same question came again"),
        "handover": _("journeys handed to another employee"),
        "channel_change": _("journeys with a change of channel"),
        "several_units": _("journeys over several units"),
        "goal_reached": _("journeys that reached their goal"),
        "unanswered": _("messages without an answer"),
        "insisted": _("messages answered only after asking again"),
        "length": _("length of a journey, median"),
        "time_to_goal": _("time to the goal, median"),
        "wait_ours": _("wait for us, median"),
        "wait_customer": _("wait for the customer, median"),
        "wait_third_party": _("wait for a third party, median"),
        "contacts": _("contacts per journey, mean"),
        "inbound": _("times the customer turned to us per journey, mean"),
        "emotion": _("emotion, mean from −1 to +1"),
        "cost": _("cost per journey, mean"),
    }
    if metric.name == "passes":
        return _("journeys that pass “{touchpoint}”").format(touchpoint=metric.about)
    return words[metric.name]


def difference_in_words(difference: Difference) -> str:
    """The difference with its interval, in the unit of its figures (shares in percentage points)."""
    numbers = [_signed(x, difference.first.kind) for x in (difference.value, difference.low, difference.high)]
    return _("{value} ({low} to {high})").format(value=numbers[0], low=numbers[1], high=numbers[2])


def _signed(value: float, kind: Kind) -> str:
    if kind == Kind.SHARE:
        return formats.points(value)
    if kind == Kind.SECONDS:
        return ("+" if value > 0 else "−" if value < 0 else "") + formats.length(abs(value))
    return formats.number(value, digits=2, sign=True)


def _with_bounds(metric: Metric) -> str:
    text = written(metric.value, metric.kind)
    if metric.low is None or metric.high is None:
        return text
    return f"{text} ({formats.between(written(metric.low, metric.kind), written(metric.high, metric.kind))})"
