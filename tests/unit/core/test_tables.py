"""The contract: every table says its types, units, words and keys, and they fit together."""

import pyarrow as pa

from tiesa.core.tables import BY_NAME, CONTACT, IMPORTABLE, JOURNEY, JOURNEY_CONTACT, TABLES


def test_every_table_has_a_key_of_columns_that_are_never_null() -> None:
    for table in TABLES:
        assert table.key, table.name
        for column in table.key:
            assert column in table
            assert not table[column].null or table.name == "text"


def test_null_rules_choices_and_units_stand_in_the_schema() -> None:
    for table in TABLES:
        for column in table.columns:
            field = table.schema.field(column.name)
            assert field.nullable == column.null
            assert field.metadata[b"meaning"].decode() == column.meaning
            if column.choices:
                assert field.type == pa.string()
                assert field.metadata[b"choices"].decode().split(",") == list(column.choices)


def test_names_are_unique_and_instants_are_utc_microseconds() -> None:
    assert len(BY_NAME) == len(TABLES)
    for table in TABLES:
        assert len(set(table.names)) == len(table.names)
        for column in table.columns:
            if pa.types.is_timestamp(column.type):
                assert column.type == pa.timestamp("us", tz="UTC")


def test_no_table_of_the_log_holds_what_identifies_a_person() -> None:
    private = {"name", "mail", "phone", "text", "source_id"}
    for table in (*IMPORTABLE, JOURNEY_CONTACT, JOURNEY):
        assert not private & set(table.names)


def test_a_contact_keeps_its_columns_in_its_journey() -> None:
    kept = [c for c in CONTACT.columns if c.name not in ("import_id", "recorded_at")]
    assert list(JOURNEY_CONTACT.columns[: len(kept)]) == kept
