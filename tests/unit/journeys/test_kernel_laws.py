"""Laws of the journey kernel, each against made-up customers whose journeys cross."""

import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from subprocess import run

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.journeys.contacts import INSTANTS, RULES, SCHEMA, batch_of, contacts, same
from tests.unit.journeys.reference import OWNERS, in_order, reference

from tiesa.core.enums import Direction, Goal, GoalState, WaitOwner, WaitsFor
from tiesa.core.errors import UnsortedInput
from tiesa.core.tables import CONTACT, JOURNEY, JOURNEY_CONTACT
from tiesa.journeys import Rules, annotate, sort_order, warm_up, whole_customers

ANNOTATIONS = [name for name in JOURNEY_CONTACT.names if name not in CONTACT]


@pytest.fixture(scope="module", autouse=True)
def compiled():
    warm_up()


def journeys_of(rows, rules=RULES, schema=SCHEMA):
    return annotate(batch_of(in_order(rows), schema), rules)


def plain_values(batch):
    return [batch.column(name).to_pylist() for name in batch.schema.names]


@given(contacts())
@settings(max_examples=6 * settings().max_examples)
def test_the_kernel_says_what_the_reference_says(rows):
    marked, journeys = journeys_of(rows)
    expected_rows, expected_journeys = reference(rows, RULES)
    same(marked, expected_rows, [*SCHEMA.names, *ANNOTATIONS])
    same(journeys, expected_journeys, JOURNEY.names)


@given(contacts(customers=1, most=40))
def test_the_kernel_says_so_of_long_histories_too(rows):
    marked, journeys = journeys_of(rows)
    expected_rows, expected_journeys = reference(rows, RULES)
    same(marked, expected_rows, ANNOTATIONS)
    same(journeys, expected_journeys, JOURNEY.names)


@given(contacts())
def test_every_contact_is_in_exactly_one_journey(rows):
    marked, journeys = journeys_of(rows)
    places = list(
        zip(*(marked.column(c).to_pylist() for c in ("customer_key", "journey_no", "journey_position")), strict=True)
    )
    expected = [
        (journey["customer_key"], journey["journey_no"], position)
        for journey in journeys.to_pylist()
        for position in range(1, journey["contacts"] + 1)
    ]
    assert sorted(places) == expected


@given(contacts())
def test_gaps_add_up_to_the_journey_and_waits_by_owner_to_the_gaps(rows):
    marked, journeys = journeys_of(rows)
    marked = marked.to_pylist()
    for journey in journeys.to_pylist():
        key = journey["customer_key"], journey["journey_no"]
        own = [row for row in marked if (row["customer_key"], row["journey_no"]) == key]
        length = journey["end_at"] - journey["start_at"]
        open_time = RULES.calendar.table(journey["start_at"], journey["end_at"]).between(
            journey["start_at"], journey["end_at"]
        )
        for kind, whole in (("", length), ("_business", open_time)):
            gaps = [row[f"gap{kind}_s"] for row in own[1:]]
            by_owner = {o: sum(row[f"gap{kind}_s"] for row in own if row["wait_owner"] == o) for o in OWNERS}
            assert sum(gaps) == Decimal(whole // timedelta(microseconds=1)) / 1_000_000
            assert {o: journey[f"wait_{o}{kind}_s"] for o in OWNERS} == by_owner
            assert sum(by_owner.values()) == sum(gaps)
        assert own[0]["gap_s"] is None
        assert journey["duration_s"] == sum(row["gap_s"] for row in own[1:])


@given(contacts(), st.randoms())
def test_the_order_of_input_does_not_matter_once_sorted(rows, random):
    shuffled = random.sample(rows, len(rows))
    table = pa.Table.from_batches([batch_of(shuffled)]).sort_by([(name, "ascending") for name in sort_order])
    marked, journeys = annotate(table.combine_chunks().to_batches()[0], RULES)
    expected = journeys_of(rows)
    assert (plain_values(marked), plain_values(journeys)) == tuple(map(plain_values, expected))


@given(contacts(customers=4, most=30), st.lists(st.integers(0, 30), max_size=8))
def test_the_cuts_of_the_stream_do_not_matter(rows, cuts):
    batch = batch_of(in_order(rows))
    cuts = sorted({0, batch.num_rows, *(cut for cut in cuts if cut < batch.num_rows)})
    pieces = list(whole_customers(batch.slice(a, b - a) for a, b in pairwise(cuts)))
    keys = [set(piece.column("customer_key").to_pylist()) for piece in pieces]
    assert all(keys)
    assert sum(map(len, keys)) == len(set().union(*keys))
    parts = [annotate(piece, RULES) for piece in pieces]
    whole = annotate(batch, RULES)
    for side in (0, 1):
        values = [row for part in parts for row in part[side].to_pylist()]
        assert values == whole[side].to_pylist()


def test_one_customer_over_many_batches_is_joined_once():
    copied = []
    contact = {"customer_key": 1, "occurred_at": INSTANTS[0]}
    tiny = batch_of([contact | dict.fromkeys(("source", "contact_id", "touchpoint", "channel"), "x") | {"position": 0}])
    original, pa.concat_batches = pa.concat_batches, lambda batches: copied.append(len(batches)) or original(batches)
    try:
        (whole,) = whole_customers([tiny] * 500)
    finally:
        pa.concat_batches = original
    assert whole.num_rows == 500
    assert copied == [500]


def test_whole_customers_skips_empty_batches():
    assert list(whole_customers([batch_of([]), batch_of([])])) == []


@given(contacts(), st.sampled_from(["America/New_York", "Asia/Kathmandu", "Europe/Belgrade"]))
def test_zones_do_not_move_waits(rows, zone):
    batch = batch_of(in_order(rows))
    place = batch.schema.get_field_index("occurred_at")
    moved = batch.set_column(place, "occurred_at", batch.column("occurred_at").cast(pa.timestamp("us", zone)))
    (marked, journeys), expected = annotate(moved, RULES), annotate(batch, RULES)
    names = [name for name in marked.schema.names if name != "occurred_at"]
    assert marked.select(names).to_pylist() == expected[0].select(names).to_pylist()
    assert journeys.to_pylist() == expected[1].to_pylist()


@given(contacts(customers=1))
def test_business_time_is_that_of_the_calendar_across_changes_of_the_clock(rows):
    marked = journeys_of(rows)[0].to_pylist()
    for row in marked:
        before = [
            r
            for r in marked
            if (r["journey_no"], r["journey_position"]) == (row["journey_no"], row["journey_position"] - 1)
        ]
        for last in before:
            span = last["occurred_at"], row["occurred_at"]
            assert row["gap_business_s"] == Decimal(RULES.calendar.table(*span).between(*span).total_seconds())


@given(contacts())
def test_internal_steps_start_and_end_no_wait(rows):
    """Their removal changes no owner and no wait of the others, as long as they name no case, reply, type or reason."""
    silent = ("case_id", "reply_to", "waits_for", "goal", "reason", "journey_type", "employee")
    rows = [
        row | (dict.fromkeys(silent) | {"touchpoint": "note"} if row["direction"] == "internal" else {}) for row in rows
    ]
    cases = [row | {"case_id": row["case_id"] or "all"} for row in rows]  # so that they hold no journey together
    names = ["contact_id", "wait_s", "wait_business_s", "is_answered", "answered_contact_id", "insistence"]

    def outer(marked):
        return [row for row in marked.to_pylist() if row["direction"] != "internal"]

    marked = journeys_of(cases)[0]
    for row in marked.to_pylist():
        if row["direction"] == "internal":
            assert row["wait_s"] is None
    kept = [row for row in cases if row["direction"] != "internal"]
    if kept:
        alone = outer(journeys_of(kept)[0])
        assert [{n: row[n] for n in names} for row in outer(marked)] == [{n: row[n] for n in names} for row in alone]


@given(contacts())
def test_a_conversation_leaves_nobody_waiting_unless_something_was_promised(rows):
    call = {"channel": "phone", "waits_for": None, "organisation": None, "touchpoint": "asks"}
    rows = [row | (call if row["direction"] in ("inbound", "outbound") else {}) for row in rows]
    marked = journeys_of(rows)[0].to_pylist()
    for row in marked:
        after = [r for r in marked if (r["customer_key"], r["journey_no"]) == (row["customer_key"], row["journey_no"])]
        after = [r for r in after if r["journey_position"] == row["journey_position"] + 1]
        if row["direction"] in ("inbound", "outbound") and after:
            promised = row["promised_at"] is not None and row["goal"] is None
            assert after[0]["wait_owner"] == ("us" if promised else "nobody")


@given(contacts())
def test_no_employee_is_no_handover_and_no_reason_no_repeat(rows):
    for row in journeys_of(rows)[0].to_pylist():
        assert not (row["is_handover"] and row["employee"] is None)
        assert not (row["is_repeat"] and row["reason"] is None)


KINDS = [
    pa.large_string(),
    pa.string_view(),
    pa.dictionary(pa.int8(), pa.string()),
    pa.dictionary(pa.uint16(), pa.large_string()),
    pa.dictionary(pa.int64(), pa.string()),
]


@given(contacts(), st.sampled_from(KINDS))
def test_every_kind_of_words_gives_the_same(rows, kind):
    batch = batch_of(in_order(rows))
    words = [name for name in SCHEMA.names if SCHEMA.field(name).type == pa.string()]
    columns = {name: batch.column(name).cast(kind) if name in words else batch.column(name) for name in SCHEMA.names}
    marked, journeys = annotate(pa.RecordBatch.from_pydict(columns), RULES)
    expected = annotate(batch, RULES)
    assert plain_values(marked) == plain_values(expected[0])
    assert journeys.equals(expected[1])


def test_dictionaries_with_a_word_twice_unused_or_null_give_the_same():
    rows = in_order(
        {"customer_key": 1, "occurred_at": at, "source": "crm", "position": i, "contact_id": str(i),
         "touchpoint": "asks", "channel": "email", "direction": "inbound", "reason": "bill"}
        for i, at in enumerate(INSTANTS[:6])
    )  # fmt: skip
    batch = batch_of(rows)
    place = batch.schema.get_field_index("reason")
    odd = pa.DictionaryArray.from_arrays(pa.array([0, 2, 0, 3, 2, None]), pa.array(["bill", "unused", "bill", None]))
    plain = odd.cast(pa.string())
    got, expected = (annotate(batch.set_column(place, "reason", column), RULES) for column in (odd, plain))
    assert list(map(plain_values, got)) == list(map(plain_values, expected))


@given(
    contacts(), st.sets(st.sampled_from([n for n in SCHEMA.names if n not in (*sort_order, "touchpoint", "channel")]))
)
def test_a_column_that_is_absent_counts_as_null(rows, absent):
    batch = batch_of(in_order(row | dict.fromkeys(absent) for row in rows))
    kept = [name for name in SCHEMA.names if name not in absent]
    (marked, journeys), expected = annotate(batch.select(kept), RULES), annotate(batch, RULES)
    assert marked.select([*kept, *ANNOTATIONS]).to_pylist() == expected[0].select([*kept, *ANNOTATIONS]).to_pylist()
    assert journeys.to_pylist() == expected[1].to_pylist()


@given(contacts(customers=3), contacts(most=9), contacts(most=9))
def test_a_slice_of_a_batch_is_read_where_it_lies(rows, before, after):
    batch = batch_of(in_order(rows))
    surrounded = pa.concat_batches([batch_of(before), batch, batch_of(after)]).slice(len(before), len(rows))
    got, expected = annotate(surrounded, RULES), annotate(batch, RULES)
    assert [part.to_pylist() for part in got] == [part.to_pylist() for part in expected]


CONTACT_1 = {
    "customer_key": 5, "occurred_at": INSTANTS[5], "source": "mail", "position": 5, "contact_id": "ž5",
    "touchpoint": "asks", "channel": "email",
}  # fmt: skip


@pytest.mark.parametrize(
    "earlier",
    [
        {"customer_key": 4},
        {"occurred_at": INSTANTS[4]},
        {"source": "crm"},
        {"position": 4},
        {"contact_id": "z9"},
        {"contact_id": ""},
    ],
)
def test_rows_out_of_order_are_refused(earlier):
    first = CONTACT_1 | earlier
    annotate(batch_of([first, CONTACT_1]), RULES)
    with pytest.raises(UnsortedInput, match="Row 1 "):
        annotate(batch_of([CONTACT_1, first]), RULES)


def test_a_missing_key_column_is_refused_by_name():
    with pytest.raises(UnsortedInput, match="position"):
        annotate(batch_of([CONTACT_1]).drop_columns(["position"]), RULES)


def test_no_contacts_make_no_journeys():
    marked, journeys = annotate(batch_of([]), RULES)
    assert (marked.num_rows, journeys.num_rows) == (0, 0)
    assert journeys.schema.names == list(JOURNEY.names)


@given(contacts())
def test_what_comes_out_is_of_the_contract(rows):
    marked, journeys = journeys_of(rows)
    marked.validate(full=True)
    journeys.validate(full=True)
    for batch, table in ((marked.select(ANNOTATIONS), JOURNEY_CONTACT), (journeys, JOURNEY)):
        for field in batch.schema:
            column, expected = batch.column(field.name), table.schema.field(field.name)
            words = pa.types.is_dictionary(field.type)
            assert (field.type.value_type if words else field.type) == expected.type
            assert field.nullable == expected.nullable
            assert expected.nullable or not column.null_count


def test_one_specialisation_is_ever_compiled():
    from tiesa.journeys import one_pass, pass_names

    rows = [CONTACT_1, CONTACT_1 | {"contact_id": "ž6", "reply_to": "ž5", "case_id": "k"}]
    for batch in (
        batch_of([]),
        batch_of(rows),
        batch_of(rows * 1).slice(1),
        batch_of([CONTACT_1]).select([*CONTACT_1]),
    ):
        annotate(batch, Rules())
        annotate(batch, RULES)
    for function in (
        one_pass.run,
        pass_names.name_texts,
        pass_names.look_up,
        pass_names.first_unsorted,
        pass_names.most_contacts,
    ):
        assert len(function.signatures) == 1, function


def test_numba_is_imported_only_when_journeys_are_made():
    code = "import sys, tiesa.journeys; sys.exit('numba' in sys.modules)"
    assert run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_pass_numbers_words_as_the_enums_do():
    from tiesa.journeys import pass_shapes

    for enum in (Direction, WaitOwner, GoalState):
        for place, word in enumerate(enum):
            assert getattr(pass_shapes, word.name) == place
    assert list(Goal) == list(GoalState)[:2]
    assert set(WaitsFor) < set(WaitOwner)


def at_the_desk(hour, ticket, touchpoint, direction, employee=None, **more):
    at = datetime(2026, 3, 2, 8, tzinfo=UTC) + timedelta(hours=hour)
    return {
        "customer_key": 7, "occurred_at": at, "source": "desk", "position": hour, "contact_id": f"e{hour}",
        "touchpoint": touchpoint, "channel": "ticket", "direction": direction, "case_id": ticket,
        "employee": employee,
    } | more  # fmt: skip


def test_a_message_is_answered_by_name_from_another_case():
    rows = [
        at_the_desk(0, "printer", "opened", "inbound"),
        at_the_desk(1, "password", "about both", "outbound", "Igor", reply_to="e0"),
        at_the_desk(2, "printer", "looked at the status", "self_service"),
        at_the_desk(3, "printer", "looked again", "self_service"),
    ]
    marked, journeys = journeys_of(rows, Rules())
    assert marked.column("journey_no").to_pylist() == [1, 2, 1, 1]
    assert marked.column("answered_contact_id").to_pylist() == ["e1", None, None, None]
    assert marked.column("answered_by").to_pylist() == ["Igor", None, None, None]
    assert marked.column("insistence").to_pylist() == [1, None, None, None]
    # The printer's own journey counts its debts anew at its next contact, not before.
    assert marked.column("wait_owner").to_pylist() == [None, None, "us", "nobody"]
    assert journeys.column("unanswered").to_pylist() == [0, 0]


def test_business_time_holds_on_the_last_days_of_a_year():
    """2023 ends with a weekend: after Friday evening its calendar has no more opening hours."""
    instants = [datetime(2023, 12, 29, hour, tzinfo=UTC) for hour in (7, 12, 20)]
    rows = [
        {"customer_key": 1, "occurred_at": at, "source": "crm", "position": i, "contact_id": "c", "touchpoint": "asks",
         "channel": "phone"}
        for i, at in enumerate(instants)
    ]  # fmt: skip
    marked, _ = annotate(batch_of(rows), Rules())
    assert marked.column("gap_business_s").to_pylist() == [None, 4 * 3600, 4 * 3600]


def test_two_cases_of_one_customer_interleave():
    """A help desk: while the printer is being looked into, the same customer asks for a password."""

    rows = [
        at_the_desk(0, "printer", "opened", "inbound"),
        at_the_desk(1, "printer", "assigned", "internal", "Vera"),
        at_the_desk(2, "password", "opened", "inbound"),
        at_the_desk(3, "password", "solved", "outbound", "Igor", goal="reached"),
        at_the_desk(4, "printer", "asked again", "inbound"),
        at_the_desk(6, "printer", "asked for the model", "outbound", "Igor"),
        at_the_desk(7, "password", "thanks", "inbound"),
        at_the_desk(30, "printer", "told the model", "inbound"),
    ]
    marked, journeys = journeys_of(rows, Rules())

    def column(name):
        return marked.column(name).to_pylist()

    hour = 3600
    assert column("journey_no") == [1, 1, 2, 2, 1, 1, 2, 1]
    assert column("journey_position") == [1, 2, 1, 2, 3, 4, 3, 5]
    assert column("previous_touchpoint") == [
        None,
        "opened",
        None,
        "opened",
        "assigned",
        "asked again",
        "solved",
        "asked for the model",
    ]
    assert column("gap_s") == [None, hour, None, hour, 3 * hour, 2 * hour, 4 * hour, 24 * hour]
    assert column("gap_business_s") == [None, hour, None, hour, 3 * hour, 2 * hour, 4 * hour, 8 * hour]
    assert column("wait_owner") == [None, "us", None, "us", "us", "us", "nobody", "customer"]
    assert column("wait_s") == [None, None, None, hour, 4 * hour, 2 * hour, 4 * hour, 24 * hour]
    assert column("is_answered") == [True, None, True, None, True, None, False, False]
    assert column("answered_contact_id") == ["e6", None, "e3", None, "e6", None, None, None]
    assert column("answered_by") == ["Igor", None, "Igor", None, "Igor", None, None, None]
    assert column("insistence") == [2, None, 1, None, 1, None, 1, 1]
    assert column("is_handover") == [False, False, False, False, False, True, False, False]
    printer, password = journeys.to_pylist()
    assert (printer["case_id"], printer["contacts"], printer["internal_steps"], printer["inbound"]) == (
        "printer",
        5,
        1,
        3,
    )
    assert (printer["wait_us_s"], printer["wait_customer_s"], printer["duration_s"]) == (6 * hour, 24 * hour, 30 * hour)
    assert (printer["goal_state"], printer["waiting_for"], printer["waiting_since"]) == (
        "open",
        "us",
        rows[-1]["occurred_at"],
    )
    assert (password["goal_state"], password["goal_at"]) == ("reached", rows[3]["occurred_at"])
    assert (password["wait_us_s"], password["wait_nobody_s"], password["unanswered"]) == (hour, 4 * hour, 1)
