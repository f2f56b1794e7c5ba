"""A mapping says exactly what is wrong with it, and reads back as it was written."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tiesa.contacts.mapping import parse_mapping
from tiesa.contacts.mapping_text import mapping_text
from tiesa.contacts.readers.source import ReaderOptions
from tiesa.core.errors import InvalidMapping

CALLS = """
source = "calls"
[time]
zone = "Europe/Belgrade"
formats = ["%d.%m.%Y %H:%M"]
day_first = true
[number]
decimal = ","
[reader]
explode = "legs"
[contact]
customer = "Caller"
occurred_at = "Start"
touchpoint = "Topic"
channel = { constant = "phone" }
direction = { column = "Type", values = { In = "inbound" }, otherwise = "" }
reason = { columns = ["Group", "Topic"], separator = ": " }
[contact.attributes]
queue = "Queue"
[[contact.when]]
column = "Status"
is = "Waiting"
set = { waits_for = "customer" }
[answer]
only_with = "Score"
answered_at = "Start"
question = { constant = "Score" }
kind = { constant = "overall" }
scale = { constant = "1-5" }
value = "Score"
"""


def changed(old: str, new: str) -> str:
    assert old in CALLS
    return CALLS.replace(old, new)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (changed('touchpoint = "Topic"', 'touchpoit = "Topic"'), "Did you mean 'touchpoint'?"),
        (changed("[time]", "[times]"), "Did you mean 'time'?"),
        (changed("zone =", "zon ="), "Did you mean 'zone'?"),
        (changed("otherwise =", "otherwize ="), "Did you mean 'otherwise'?"),
        (changed("set = { waits_for", "set = { wait_for"), "Did you mean 'waits_for'?"),
        (changed('explode = "legs"', 'explod = "legs"'), "Did you mean 'explode'?"),
        (changed("Europe/Belgrade", "Europe/Belgrad"), "There is no time zone 'Europe/Belgrad'"),
        (changed('source = "calls"', ""), "A mapping needs a source"),
        (changed('occurred_at = "Start"', ""), "[contact] needs occurred_at: when it happened"),
        (changed('customer = "Caller"', ""), "[contact] needs a customer or a case_id"),
        (changed('channel = { constant = "phone" }', "channel = {}"), "needs either a column or a constant"),
        (
            changed('{ constant = "phone" }', '{ constant = "phone", column = "Way" }'),
            "needs either a column or a constant",
        ),
        (changed('is = "Waiting"', ""), "[[contact.when]] needs column, is (or same_as) and set (or take)"),
        (changed('question = { constant = "Score" }', ""), "[answer] needs question: the question asked"),
        ('source = "calls"', "The mapping names no table"),
        ("source = ", "This mapping is not TOML"),
        (changed('touchpoint = "Topic"', "touchpoint = 3"), "must be a column name or a table"),
    ],
)
def test_a_wrong_mapping_is_told_where_and_how_it_is_wrong(text: str, told: str) -> None:
    with pytest.raises(InvalidMapping) as error:
        parse_mapping(text, where="calls.toml")
    assert told in str(error.value)
    assert str(error.value).startswith("calls.toml: ")
    assert error.value.exit_status == 2


def test_a_column_the_file_lacks_is_told_with_the_nearest_one() -> None:
    mapping = parse_mapping(CALLS)
    columns = ("Calller", "Start", "Topic", "Type", "Group", "Queue", "Status", "Score")
    with pytest.raises(InvalidMapping, match=r"'Caller' that the file does not have\. Did you mean 'Calller'\?"):
        mapping.check_against(columns)


def test_every_column_a_mapping_reads_is_known() -> None:
    assert set(parse_mapping(CALLS).columns) == {
        "Caller", "Start", "Topic", "Type", "Group", "Queue", "Status", "Score",
    }  # fmt: skip


def test_a_mapping_written_as_text_reads_back_the_same() -> None:
    mapping = parse_mapping(CALLS)
    assert mapping.reader == ReaderOptions(explode="legs")
    assert parse_mapping(mapping_text(mapping)) == mapping


def test_a_mapping_that_ignores_offsets_reads_back_the_same() -> None:
    mapping = replace(
        parse_mapping(CALLS), ignore_offset=True, day_first=False, required=frozenset("ab"), title="Calls"
    )
    assert parse_mapping(mapping_text(mapping)) == mapping


def test_a_mapping_fits_only_files_with_its_required_columns() -> None:
    mapping = replace(parse_mapping(CALLS), required=frozenset({"Caller", "Start"}))
    assert mapping.fits(("Start", "Caller", "Something"))
    assert not mapping.fits(("Start",))
    assert not replace(mapping, required=frozenset()).fits(("Start", "Caller"))


def test_a_mapping_that_knows_all_its_columns_fits_no_file_with_others() -> None:
    mapping = replace(parse_mapping(CALLS), required=frozenset({"Caller"}), known=frozenset({"Start"}))
    assert mapping.fits(("Caller", "Start"))
    assert not mapping.fits(("Caller", "Start", "Mood"))
