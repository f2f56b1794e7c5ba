"""The rules written beside the files make the journeys that were planned, and the planted situations show in them."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from tiesa.journeys import annotate, read_rules_file
from tiesa.simulate import Simulated
from tiesa.simulate.vocabulary import JOURNEY_TYPES


@pytest.fixture(scope="module")
def built(made: Simulated, tmp_path_factory: pytest.TempPathFactory) -> tuple[pa.Table, pa.Table]:
    folder: Path = tmp_path_factory.mktemp("rules")
    made.write(folder)
    contacts = made.tables["contacts"]
    numbers = [pc.cast(pc.utf8_slice_codeunits(contacts[name], 1), pa.int64()) for name in ("customer", "contact_id")]
    contacts = contacts.append_column("customer_key", numbers[0]).append_column("position", numbers[1])
    contacts = contacts.drop_columns(["customer", "text", "currency"]).combine_chunks()
    order = ["customer_key", "occurred_at", "source", "position", "contact_id"]
    contacts = contacts.sort_by([(name, "ascending") for name in order])
    rows, journeys = annotate(
        contacts.combine_chunks().to_batches()[0], read_rules_file(folder / "rules" / "journeys.toml")
    )
    return pa.Table.from_batches([rows]), pa.Table.from_batches([journeys])


def test_journeys_have_the_planned_types_and_most_reach_their_goal(built: tuple[pa.Table, pa.Table]) -> None:
    journeys = built[1].select(["journey_type", "goal_state"]).to_pylist()
    types = [row["journey_type"] for row in journeys]
    assert set(types) == {*JOURNEY_TYPES.words, None}
    assert types.count(None) < 0.04 * len(types)
    payments = [row["goal_state"] for row in journeys if row["journey_type"] == "payment"]
    assert payments.count("reached") > 0.9 * len(payments)


def test_waits_have_owners(built: tuple[pa.Table, pa.Table]) -> None:
    owners = built[0]["wait_owner"].to_pylist()
    for owner in ("us", "customer", "third_party", "nobody"):
        assert owners.count(owner) > 300
    assert owners.count("unknown") == 0


def test_planted_situations_are_found_again_in_the_journeys(made: Simulated, built: tuple[pa.Table, pa.Table]) -> None:
    rows, journeys = built
    types = dict(zip(zip(journeys["customer_key"].to_pylist(), journeys["journey_no"].to_pylist(), strict=True),
                     journeys["journey_type"].to_pylist(), strict=True))  # fmt: skip
    messages: dict[tuple[int, int], int] = {}
    handovers: dict[tuple[int, int], int] = {}
    third, late = set(), set()
    names = [
        "customer_key",
        "journey_no",
        "contact_id",
        "direction",
        "channel",
        "occurred_at",
        "answered_at",
        "is_handover",
    ]
    for row in rows.select(names).to_pylist():
        journey = (row["customer_key"], row["journey_no"])
        if types[journey] != "problem solving":
            continue
        handovers[journey] = handovers.get(journey, 0) + row["is_handover"]
        if row["is_handover"] and handovers[journey] == 2:
            third.add(row["contact_id"])
        if row["direction"] == "inbound" and row["channel"] in ("email", "app"):
            messages[journey] = messages.get(journey, 0) + 1
            waited = row["answered_at"] is None or (row["answered_at"] - row["occurred_at"]).total_seconds() > 72 * 3600
            if messages[journey] == 2 and waited:
                late.add(row["contact_id"])
    for name, found in (("third_adviser", third), ("second_message_unanswered", late)):
        exposures = made.tables["truth_exposures"]
        planted = set(exposures.filter(pc.equal(exposures["situation"], name))["contact_id"].to_pylist())
        assert len(planted & found) > 0.9 * len(planted | found), name
