"""Every table is what the contract of `core.tables` says, to the column, type and word."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from tiesa.core.columns import Table
from tiesa.core.tables import BY_NAME
from tiesa.simulate import Simulated, simulate

FILES = {
    "contacts": "contact",
    "customers": "customer",
    "outcomes": "outcome",
    "answers": "answer",
    "invitations": "invitation",
    "studies": "study",
    "seen": "seen",
    "facts": "fact",
    "absences": "absence",
    "changes": "change",
    "processes": "process",
    "rates": "rate",
    "consents": "consent",
}
TIMES = {
    "contacts": "occurred_at",
    "customers": "as_of",
    "outcomes": "at",
    "answers": "answered_at",
    "invitations": "sent_at",
    "seen": "at",
    "facts": "at",
    "absences": "absent_from",
    "changes": "live_from",
    "rates": "date",
    "consents": "at",
    "truth_exposures": "exposed_at",
}
BESIDE = {"source", "text", "customer_name", "customer_mail", "customer_phone"}
KEPT_BY_THE_LOG = {"position", "import_id", "recorded_at"}
each_file = pytest.mark.parametrize("file", FILES)


def contract(file: str) -> Table:
    return BY_NAME[FILES[file]]


@each_file
def test_columns_and_types_are_those_of_the_contract(made: Simulated, file: str) -> None:
    fields = {field.name: field.type for field in made.tables[file].schema}
    wanted = {c.name: c.type for c in contract(file).columns if c.name not in KEPT_BY_THE_LOG}
    if "customer_key" in wanted:
        wanted = {"customer" if name == "customer_key" else name: t for name, t in wanted.items()}
        wanted["customer"] = pa.string()
    assert {name: kind for name, kind in fields.items() if name not in BESIDE} == {
        name: kind for name, kind in wanted.items() if name != "source"
    }
    assert fields["source"] == pa.string()
    for column in contract(file).columns:
        if column.name in fields:
            assert made.tables[file].schema.field(column.name).nullable == column.null, column.name


@each_file
def test_words_and_numbers_are_within_what_the_contract_allows(made: Simulated, file: str) -> None:
    table = made.tables[file]
    assert len(table) > 0
    for column in contract(file).columns:
        name = "customer" if column.name == "customer_key" else column.name
        if name not in table.column_names:
            continue
        values = table[name]
        if not column.null:
            assert values.null_count == 0, f"{name} has nulls"
        if column.choices:
            assert set(pc.unique(values).to_pylist()) <= {*column.choices, None}, name
        if column.low is not None and name != "customer":
            assert (pc.min(values).as_py() or 0) >= column.low, name
        if column.high is not None:
            assert (pc.max(values).as_py() or 0) <= column.high, name


@each_file
def test_no_row_stands_twice_and_no_id_is_an_address(made: Simulated, file: str) -> None:
    table = made.tables[file]
    key = ["customer" if name == "customer_key" else name for name in contract(file).key]
    assert table.group_by(key).aggregate([]).num_rows == len(table)
    for name in table.column_names:
        if name == "customer" or name.endswith("_id"):
            assert not pc.any(pc.match_substring(table[name], "@")).as_py(), name


@pytest.mark.parametrize("file", TIMES)
def test_rows_are_in_order_of_time(made: Simulated, file: str) -> None:
    times = made.tables[file][TIMES[file]].cast(pa.timestamp("us") if file == "rates" else pa.int64()).cast(pa.int64())
    assert pc.all(pc.greater_equal(times[1:], times[:-1])).as_py()


def test_everything_is_labelled_made_up(tmp_path: Path) -> None:
    made = simulate(40, seed=1, out=tmp_path)
    files = sorted(tmp_path.rglob("*.parquet"))
    assert len(files) == len(made.tables) == len(FILES) + 1
    for file in files:
        assert pq.read_schema(file).metadata[b"made_up"] == b"true"
        if file.stem != "exposures":
            assert set(pq.read_table(file)["source"].to_pylist()) == {"made-up company"}
    assert '"made_up": true' in (tmp_path / "truth.json").read_text()


def test_every_channel_touchpoint_and_kind_of_answer_occurs(made: Simulated) -> None:
    from tiesa.core.enums import AnswerKind, OutcomeKind
    from tiesa.simulate.vocabulary import CHANNELS, LANGUAGES, TOUCHPOINTS

    contacts = made.tables["contacts"]
    assert set(contacts["channel"].to_pylist()) == set(CHANNELS.words)
    assert set(TOUCHPOINTS.words) - set(contacts["touchpoint"].to_pylist()) <= {"case closed without solution"}
    assert set(made.tables["customers"]["language"].to_pylist()) == set(LANGUAGES.words)
    assert set(made.tables["answers"]["kind"].to_pylist()) == set(AnswerKind)
    assert set(made.tables["outcomes"]["kind"].to_pylist()) == set(OutcomeKind) - {OutcomeKind.MARGIN}


def test_personal_data_can_belong_to_nobody(made: Simulated) -> None:
    customers = made.tables["customers"]
    assert pc.all(pc.match_substring_regex(customers["customer_mail"], r"@example\.(com|org|net)$")).as_py()
    assert pc.all(pc.starts_with(customers["customer_phone"], "+999")).as_py()
