"""Made-up contacts for the tests: from dictionaries to Arrow and back, and a strategy for tangled customers."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pyarrow as pa
from hypothesis import strategies as st

from tiesa.core.business_time import BusinessCalendar
from tiesa.core.tables import CONTACT
from tiesa.journeys import Channel, ChannelMode, JourneyType, Rules, Windows

LEFT_OUT = ("kind", "process", "product", "branch", "severity", "language", "attributes", "import_id", "recorded_at")
SCHEMA = pa.schema([field for field in CONTACT.schema if field.name not in LEFT_OUT])

RULES = Rules(
    windows=Windows(same_reason=timedelta(days=6), latest=timedelta(days=2), repeat=timedelta(days=3)),
    types={
        "claim": JourneyType(
            start=("file a claim",), reached=("paid",), abandoned=("withdrawn",),
            same_reason=timedelta(days=12), repeat=timedelta(days=1),
        ),
        "advice": JourneyType(reached=("signed",), abandoned=("paid",), latest=timedelta(0)),
    },
    third_party=frozenset({"expert visits"}),
    own_organisations=frozenset({"Us Ltd"}),
    channels={"Desk": Channel(ChannelMode.DELAYED, 2.0)},
    calendar=BusinessCalendar(
        zone="Europe/Belgrade",
        week={day: ((time(9), time(12)), (time(13), time(17))) for day in range(6)},
        closed=frozenset({date(2025, 10, 28)}),
    ),
)  # fmt: skip

DST = datetime(2025, 10, 25, 22, tzinfo=UTC)  # Belgrade puts the clock back at 01:00 UTC of the 26th
INSTANTS = [DST + timedelta(hours=h) for h in (-80, -20, -3, 0, 1, 2, 3, 4, 12, 13, 24, 48, 72, 96, 144, 168, 300, 800)]
TOUCHPOINTS = ("asks", "answers", "file a claim", "paid", "withdrawn", "signed", "expert visits", "note")


def maybe(*values, nulls=1):
    return st.sampled_from([*values, *[None] * nulls])


@st.composite
def contacts(draw, customers=2, most=14):
    """A list of contacts whose journeys cross: few customers, few reasons, many ties, every kind of row."""
    rows = []
    for number in range(draw(st.integers(1, most))):
        rows.append(
            {
                "contact_id": f"c{draw(st.integers(0, 3))}-{number}",
                "source": draw(st.sampled_from(["crm", "mail"])),
                "position": draw(st.integers(0, 2)),
                "customer_key": draw(st.integers(1, customers)),
                "occurred_at": draw(st.sampled_from(INSTANTS)),
                "touchpoint": draw(st.sampled_from(TOUCHPOINTS)),
                "channel": draw(st.sampled_from(["phone", "email", "desk", "carrier pigeon"])),
                "direction": draw(
                    maybe(
                        "inbound", "inbound", "inbound", "outbound", "outbound", "self_service", "indirect", "internal"
                    )
                ),
                "reason": draw(maybe("bill", "move")),
                "promised_at": draw(maybe(INSTANTS[-1], nulls=5)),
                "waits_for": draw(maybe("us", "customer", "third_party", nulls=12)),
                "journey_type": draw(maybe("claim", "advice", "other", nulls=6)),
                "case_id": draw(maybe("k1", "k2", nulls=4)),
                "employee": draw(maybe("Ana", "Bojan", "Cveta")),
                "unit": draw(maybe("north", "south")),
                "organisation": draw(maybe("Us Ltd", "Bank", nulls=8)),
                "emotion": draw(maybe(-1.0, -0.5, 0.25, 1.0, nulls=3)),
                "cost": draw(maybe(Decimal("1.2500"), Decimal("0.0001"), nulls=2)),
                "goal": draw(maybe("reached", "abandoned", nulls=14)),
            }
        )
    ids = [row["contact_id"] for row in rows]
    for row in rows:
        row["reply_to"] = draw(maybe("missing", *ids[:6], nulls=6))
    return rows


def batch_of(rows, schema=SCHEMA):
    return pa.RecordBatch.from_pylist(rows, schema)


def plain(value):
    """Seconds and money as exact Python values."""
    if isinstance(value, timedelta):
        return Decimal(value // timedelta(microseconds=1)) / 1_000_000
    return value


def same(ours, theirs, names):
    """Compare rows with the reference's dictionaries, column by column, with a message that can be read."""
    assert ours.num_rows == len(theirs)
    for name in names:
        expected = [plain(row.get(name)) for row in theirs]
        assert ours.column(name).to_pylist() == expected, name
