"""Journey maps to draw: made by hand, and every kind hypothesis can think of."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as st

from tiesa.core.enums import WaitOwner
from tiesa.core.intervals import share
from tiesa.pictures.journey_map import Bubble, Feeling, Flag, Flow, JourneyMap, Wait

HOUR, DAY = 3600.0, 86_400.0
WORDS = [
    "Notices", "the", "fault", "Talks", "to", "an", "adviser", "обращается", "техническая", "неисправность", "iii",
    "специалист", "выезжает", "клиентом", "Достопримечательность", "sprendimas", "patvirtintas", "klientų", "WWWWWW",
    "aptarnavimo", "skyrius", "rešenje", "potvrđeno", "korisnika", "počasi", "nepertraukiamas", "<b>&amp;\"'",
]  # fmt: skip


def problem_solving() -> JourneyMap:
    """Six stages, seven lanes, a gap in the emotion, waits of three owners, two moments of truth."""
    bubbles = ((0, 1, 4100), (0, 0, 2600), (1, 0, 3900), (1, 2, 1500), (2, 4, 4700), (2, 3, 3100), (2, 1, 900))
    later = ((3, 4, 5200), (3, 5, 800), (4, 6, 2950), (5, 3, 2100), (5, 4, 950))
    flows = (
        (0, 1, 1, 0, 2200, "customer"),
        (0, 0, 1, 0, 2400, "customer"),
        (0, 1, 2, 1, 700, "customer"),
        (1, 0, 2, 4, 3100, "customer"),
        (2, 4, 3, 4, 3700, "us"),
        (2, 4, 3, 4, 900, "customer"),
        (3, 4, 4, 6, 2300, "third_party"),
        (4, 6, 5, 3, 1900, "us"),
        (2, 4, 2, 4, 1120, "us"),
        (3, 4, 2, 4, 390, "us"),
        (0, 0, 5, 3, 17, "nobody"),
    )
    waits = (
        Wait(2, 3, "us", 8203, 31 * HOUR, 30 * HOUR, 32 * HOUR, 24 * HOUR, share(3527, 8203)),
        Wait(0, 1, "customer", 4600, 2.5 * HOUR, 2.3 * HOUR, 2.7 * HOUR, None, None),
        Wait(3, 4, "third_party", 5, 4.1 * DAY, None, None, None, None),
        Wait(4, 5, "us", 2600, 20 * HOUR, 18.5 * HOUR, 21 * HOUR, 24 * HOUR, share(1640, 2534)),
    )
    feelings = (
        Feeling(0, 1210, 0.05, 0.01, 0.09),
        Feeling(1, 4, -0.77, None, None),
        Feeling(2, 2201, -0.12, -0.15, -0.09),
        Feeling(3, 1630, -0.41, -0.46, -0.36),
        Feeling(5, 402, 0.38, 0.21, 0.43),
    )
    return JourneyMap(
        title="Problem solving",
        answer="Customers with a problem wait 31 hours for us after they write, and their mood falls most there.",
        note="78 % reach their goal (77–79 %).",
        stages=("Notices the fault", "Looks for help", "Reports it", "Talks to an adviser", "Visit", "Solved"),
        lanes=("web", "app", "chat", "email", "phone", "shop", "visit"),
        bubbles=tuple(Bubble(*one) for one in bubbles + later),
        flows=tuple(Flow(*one) for one in flows),
        waits=waits,
        feelings=feelings,
        flags=(
            Flag(2, 3, "Second message unanswered for more than 72 h", "€ 412k a year (290–560k)"),
            Flag(3, None, "Third adviser in one problem", "€ 158k a year (95–230k)"),
        ),
        contacts=45_310,
        journeys=11_020,
        customers=8_912,
        as_of=datetime(2026, 11, 20, 6, 0, tzinfo=UTC),
        made_up=True,
        hidden="6 % of contacts on rarer touchpoints are not drawn.",
    )


def nothing() -> JourneyMap:
    return JourneyMap(
        "Card blocked",
        "Nothing was found.",
        "",
        (),
        (),
        (),
        (),
        (),
        (),
        (),
        0,
        0,
        0,
        datetime(2026, 3, 1, tzinfo=UTC),
        False,
    )


def names(most: int) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(WORDS), min_size=1, max_size=most).map(" ".join)


@st.composite
def waits(draw: st.DrawFn, stages: int) -> Wait:
    median, n = draw(st.floats(0, 1e7)), draw(st.integers(1, 1_000_000))
    low, high = (None, None) if n < 6 else (median * draw(st.floats(0, 1)), median * draw(st.floats(1, 3)))
    standard = draw(st.none() | st.floats(60, 1e7))
    kept = (
        None if standard is None else draw(st.none() | st.builds(lambda part: share(int(n * part), n), st.floats(0, 1)))
    )
    after, to = draw(st.integers(0, stages - 1)), draw(st.integers(0, stages - 1))
    return Wait(after, to, draw(st.sampled_from(list(WaitOwner))), n, median, low, high, standard, kept)


@st.composite
def feelings(draw: st.DrawFn, stage: int) -> Feeling:
    n, mean = draw(st.integers(1, 1_000_000)), draw(st.floats(-1, 1))
    if n < 5:
        return Feeling(stage, n, mean, None, None)
    low = max(-1.0, mean - draw(st.floats(0, 0.6)))
    return Feeling(stage, n, mean, low, min(1.0, mean + draw(st.floats(0, 0.6))))


@st.composite
def maps(draw: st.DrawFn) -> JourneyMap:
    """Up to 9 stages and 9 lanes, long names in three scripts, 1 contact beside 4 million."""
    stages = draw(st.lists(names(5), min_size=1, max_size=9))
    lanes = draw(st.lists(names(3), min_size=1, max_size=9))
    stage, lane = st.integers(0, len(stages) - 1), st.integers(0, len(lanes) - 1)
    counts = st.sampled_from([1, 12, 350, 4_200, 88_000, 1_900_000, 4_000_000]) | st.integers(1, 4_000_000)
    places = draw(st.lists(st.tuples(stage, lane), min_size=1, max_size=81, unique=True))
    owners = st.sampled_from([str(owner) for owner in WaitOwner])
    moves = st.builds(Flow, stage, lane, stage, lane, st.integers(1, 900_000), owners)
    felt = draw(st.lists(stage, unique=True))
    return JourneyMap(
        title=draw(names(4)),
        answer=draw(names(14)),
        note=draw(st.just("") | names(25)),
        stages=tuple(stages),
        lanes=tuple(lanes),
        bubbles=tuple(Bubble(*place, draw(counts)) for place in places),
        flows=tuple(draw(st.lists(moves, max_size=40))),
        waits=tuple(draw(st.lists(waits(len(stages)), max_size=14))),
        feelings=tuple(draw(feelings(one)) for one in felt),
        flags=tuple(draw(st.lists(st.builds(Flag, stage, st.none() | lane, names(8), names(5)), max_size=4))),
        contacts=draw(counts),
        journeys=draw(counts),
        customers=draw(counts),
        as_of=datetime(2026, 11, 20, 6, 0, tzinfo=UTC),
        made_up=draw(st.booleans()),
        hidden=draw(st.just("") | names(12)),
    )
