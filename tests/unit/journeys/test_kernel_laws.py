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
@settings(max_examples=600, deadline=None)
def test_the_kernel_says_what_the_reference_says(rows):
    marked, journeys = journeys_of(rows)
    expected_rows, expected_journeys = reference(rows, RULES)
    same(marked, expected_rows, [*SCHEMA.names, *ANNOTATIONS])
    same(journeys, expected_journeys, JOURNEY.names)


@given(contacts(customers=1, most=40))
@settings(max_examples=150, deadline=None)
def test_the_kernel_says_so_of_long_histories_too(rows):
    marked, journeys = journeys_of(rows)
    expected_rows, expected_journeys = reference(rows, RULES)
    same(marked, expected_rows, ANNOTATIONS)
    same(journeys, expected_journeys, JOURNEY.names)


@given(contacts())
@settings(deadline=None)
def test_every_contact_is_in_exactly_one_journey(rows):
    marked, journeys = journeys_of(rows)
    places = list(zip(*(marked.column(c).to_pylist() for c in ("customer_key", "journey_no", "journey_position")), strict=True))
    expected = [
        (journey["customer_key"], journey["journey_no"], position)
        for journey in journeys.to_pylist()
        for position in range(1, journey["contacts"] + 1)
    ]
    assert sorted(places) == expected
