"""A proposal takes every row of a clean file, keeps people out of the log, and says why."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pytest

from tiesa.contacts.importing import import_source
from tiesa.contacts.mapping import Field, TableMapping, parse_mapping
from tiesa.contacts.proposal import Proposal, propose
from tiesa.contacts.readers import frame_source, open_source
from tiesa.contacts.readers.source import Source
from tiesa.core.errors import UnusableInput
from tiesa.core.home import Home
from tiesa.core.locale import use_language
from tiesa.core.tables import ANSWER, CONTACT, CUSTOMER, OUTCOME, RATE

ROWS = 40


def source_of(folder: Path, header: str, row: str, **words: list[str]) -> Source:
    """A file of 40 rows: {i} runs, {k} is one of seven customers, {d} a day, {m} 1 to 5, others from `words`."""
    lines = [header]
    for i in range(ROWS):
        own = {name: choices[i % len(choices)] for name, choices in words.items()}
        lines.append(row.format(i=i + 10, k=i % 7 + 1, d=10 + i % 18, m=i % 5 + 1, **own))
    path = folder / "file.csv"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return open_source(path)


def proposed(source: Source, folder: Path) -> TableMapping:
    """The main table of the proposal, after it has taken every row and read back from its own text."""
    proposal = propose(source, source_name="file")
    assert replace(parse_mapping(proposal.to_toml()), path="") == proposal.mapping
    result = import_source(
        source,
        Home(folder / "home"),
        mapping=proposal.mapping,
        recognised="proposed",
        dry_run=True,
        now=datetime(2026, 1, 1),
    )
    assert (result.read, result.accepted) == (ROWS, ROWS)
    return proposal.mapping.tables[0]


def columns(table: TableMapping) -> dict[str, str | tuple[str, ...]]:
    """Target -> the column it reads, or the columns."""
    return {
        target: given.columns[0] if len(given.columns) == 1 else given.columns
        for target, given in table.fields.items()
        if given.columns
    }


SIX_LANGUAGES = {
    "en": (
        "Ticket number,Created at,Customer,Channel,Direction,Contact reason,Agent",
        "T{i},2025-03-{d} 14:0{m}:00,K{k},{channel},{direction},{reason},Ann",
        ["Phone", "E-mail"], ["Incoming", "Outgoing"],
    ),
    "sr_Latn": (
        "Broj tiketa;Datum i vreme;Korisnik;Kanal;Smer;Razlog;Agent",
        "T{i};{d}.03.2025 14:0{m};K{k};{channel};{direction};{reason};Ana",
        ["telefon", "imejl"], ["dolazni", "odlazni"],
    ),
    "sr": (
        "Број тикета;Датум и време;Корисник;Канал;Смер;Разлог;Оператер",
        "T{i};{d}.03.2025. 14:0{m};К{k};{channel};{direction};{reason};Ана",
        ["телефон", "имејл"], ["долазни", "одлазни"],
    ),
    "lt": (
        "Kreipimosi nr.;Data ir laikas;Klientas;Kanalas;Kryptis;Priežastis;Darbuotojas",
        "{i};2025-03-{d} 14:0{m};K{k};{channel};{direction};{reason};Jonas",
        ["telefonas", "el. paštas"], ["Įeinantis", "Išeinantis"],
    ),
    "ru": (
        "Номер обращения;Дата создания;Клиент;Канал;Направление;Причина обращения;Сотрудник",
        "{i};{d}.03.2025 14:0{m}:00;К{k};{channel};{direction};{reason};Иванов",
        ["Звонок", "Эл. почта"], ["Входящий", "Исходящий"],
    ),
    "sl": (
        "Številka zahtevka;Datum in ura;Stranka;Kanal;Smer;Razlog klica;Svetovalec",
        "Z{i};{d}. 3. 2025 14:0{m};S{k};{channel};{direction};{reason};Maja",
        ["telefon", "e-pošta"], ["dohodni", "odhodni"],
    ),
    "ro": (
        "Nr. tichet;Data și ora;Client;Canal;Direcție;Motiv;Operator",
        "{i};{d}.03.2025 14:0{m};C{k};{channel};{direction};{reason};Ion",
        ["telefon", "e-mail"], ["primit", "trimis"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("language", SIX_LANGUAGES)
def test_headers_in_six_languages_are_understood(language: str, tmp_path: Path) -> None:
    header, row, channels, directions = SIX_LANGUAGES[language]
    source = source_of(tmp_path, header, row, channel=channels, direction=directions, reason=["A", "B", "C"])
    contact = proposed(source, tmp_path)
    case, time, customer, channel, direction, reason, employee = source.columns
    assert columns(contact) == {
        "case_id": case,
        "occurred_at": time,
        "customer": customer,
        "channel": channel,
        "touchpoint": channel,
        "direction": direction,
        "reason": reason,
        "employee": employee,
    }
    assert contact.fields["direction"].values == {directions[0]: "inbound", directions[1]: "outbound"}


@pytest.mark.parametrize(
    "name",
    ["customer_id", "CustomerId", "customer.id", "case:customer:id", "CUSTOMER ID", "customerid", "Customer-No"],
)
def test_a_name_is_understood_however_it_is_joined(name: str, tmp_path: Path) -> None:
    source = source_of(tmp_path, f"{name},time,activity", "K{k},2025-03-{d},{step}", step=["Ask", "Answer"])
    assert columns(proposed(source, tmp_path))["customer"] == name


def test_date_and_time_of_day_in_two_columns_are_joined(tmp_path: Path) -> None:
    source = source_of(tmp_path, "Korisnik;Datum;Vreme;Kanal", "K{k};{d}.03.2025;14:0{m};{c}", c=["telefon", "sajt"])
    assert columns(proposed(source, tmp_path))["occurred_at"] == ("Datum", "Vreme")


def test_a_file_with_neither_touchpoint_nor_channel_gets_constants(tmp_path: Path) -> None:
    contact = proposed(source_of(tmp_path, "client,when", "K{k},2025-03-{d}"), tmp_path)
    assert contact.fields["touchpoint"] == Field(constant="contact")
    assert contact.fields["channel"] == Field(constant="unknown")


def test_rows_without_a_channel_or_a_touchpoint_come_in_too(tmp_path: Path) -> None:
    gaps = ["telefon", "imejl", "", ""]
    contact = proposed(source_of(tmp_path, "Korisnik;Datum;Kanal", "K{k};{d}.03.2025;{c}", c=gaps), tmp_path)
    assert contact.fields["channel"] == Field(("Kanal",), otherwise="unknown")


def test_a_word_nobody_knows_becomes_null_and_loses_no_row(tmp_path: Path) -> None:
    words = ["in", "out", "in", "sideways"]
    contact = proposed(source_of(tmp_path, "customer,time,direction", "K{k},2025-03-{d},{w}", w=words), tmp_path)
    assert contact.fields["direction"] == Field(
        ("direction",), values={"in": "inbound", "out": "outbound"}, otherwise=""
    )


def test_people_never_become_attributes(tmp_path: Path) -> None:
    header = "client_id,time,activity,first_name,backup mail,home phone,address,status"
    row = "K{k},2025-03-{d},{step},{name},{name}@example.org,+38164123456{m},Street {m},{status}"
    source = source_of(tmp_path, header, row, step=["Ask", "Answer"], name=["ana", "ivo"], status=["open", "closed"])
    contact = proposed(source, tmp_path)
    assert contact.attributes == {"status": "status"}
    assert {target for target, column in columns(contact).items() if column in ("backup mail", "home phone")} <= {
        "customer_mail", "customer_phone",
    }  # fmt: skip


def test_free_text_goes_to_the_private_texts_alone(tmp_path: Path) -> None:
    text = "Ana Petrović called again about parcel {i} and was angry with us"
    source = source_of(tmp_path, "client,time,activity,remark", "K{k},2025-03-{d},{s}," + text, s=["Ask", "Answer"])
    contact = proposed(source, tmp_path)
    assert columns(contact)["text"] == "remark"
    assert not contact.attributes


def test_an_id_that_repeats_far_down_is_no_id(tmp_path: Path) -> None:
    count = 6_000
    table = pa.table({
        "message_id": [f"m{i}" for i in range(count - 1)] + ["m0"],
        "customer": [f"K{i % 90}" for i in range(count)],
        "time": [f"2025-03-01 {i // 3600:02}:{i // 60 % 60:02}:{i % 60:02}" for i in range(count)],
    })  # fmt: skip
    proposal = propose(frame_source(table), source_name="frame")
    assert "contact_id" not in proposal.mapping.tables[0].fields
    assert "repeats" in proposal.left["message_id"]


def test_a_unique_id_becomes_the_contacts_id(tmp_path: Path) -> None:
    source = source_of(tmp_path, "message_id,customer,time", "m{i},K{k},2025-03-{d}")
    assert columns(proposed(source, tmp_path))["contact_id"] == "message_id"


def test_a_score_beside_a_contact_is_an_answer(tmp_path: Path) -> None:
    source = source_of(tmp_path, "customer,time,channel,NPS", "K{k},2025-03-{d},{c},{m}", c=["phone", "chat"])
    proposal = propose(source, source_name="file")
    contact, answer = proposal.mapping.tables
    assert (contact.table, answer.table, answer.only_with) == (CONTACT, ANSWER, "NPS")
    assert answer.fields["kind"] == Field(constant="recommendation")
    assert answer.fields["scale"] == Field(constant="0-10")
    proposed(source, tmp_path)


def test_numbers_with_a_decimal_comma_are_read_as_such(tmp_path: Path) -> None:
    source = source_of(tmp_path, "Client;Data;Canal;Sumă RON", "C{k};{d}.03.2025;{c};1.2{m}0,50", c=["telefon", "chat"])
    proposal = propose(source, source_name="file")
    assert proposal.mapping.decimal == ","
    assert proposal.mapping.tables[0].fields["currency"] == Field(constant="RON")
    assert columns(proposed(source, tmp_path))["amount"] == "Sumă RON"


def test_a_duration_in_minutes_is_not_taken_for_seconds(tmp_path: Path) -> None:
    source = source_of(tmp_path, "customer,time,channel,duration_min", "K{k},2025-03-{d},{c},{m}", c=["phone", "chat"])
    assert "duration_s" not in columns(proposed(source, tmp_path))


def test_a_deadline_is_not_when_a_contact_happened(tmp_path: Path) -> None:
    source = source_of(tmp_path, "deadline,customer,opened,closed", "2025-05-{d},K{k},2025-03-{d},2025-04-{d}")
    assert columns(proposed(source, tmp_path))["occurred_at"] == "opened"


def test_months_before_days_are_found_out(tmp_path: Path) -> None:
    source = source_of(tmp_path, "customer,time", "K{k},03/{d}/2025 02:0{m} PM")
    mapping = propose(source, source_name="file").mapping
    assert (mapping.formats, mapping.day_first) == (("%m/%d/%Y %I:%M %p",), False)
    proposed(source, tmp_path)


OTHER_KINDS = {
    "customers": (
        CUSTOMER, "Customer ID,Segment,Customer since,Yearly margin,Email",
        "C{i},{w},201{m}-03-{d},{i}0.5,c{i}@example.org", ["retail", "business"],
    ),
    "customers lt": (
        CUSTOMER, "Kliento nr;Segmentas;Klientas nuo;Metinė marža", "C{i};{w};201{m}-03-{d};{i}0,5", ["retail", "SME"],
    ),
    "outcomes": (OUTCOME, "customer_id,date,outcome,value", "C{k},2025-03-{d},{w},{i}", ["churned", "bought"]),
    "outcomes sr": (OUTCOME, "Klijent ID;Datum;Ishod", "C{k};{d}.03.2025;{w}", ["raskid", "kupovina"]),
    "answers": (
        ANSWER, "customer_id,answered_at,question,score,comment", "C{k},2025-03-{d},{w},{m},Slow but friendly help {i}",
        ["Would you recommend us?", "Was it easy?"],
    ),
    "rates": (RATE, "date,from,to,rate", "2025-03-{d},EUR,{w},11{m}.{i}", ["RSD", "RON"]),
    "rates ru": (RATE, "Дата;Из валюты;В валюту;Курс", "{d}.03.2025;EUR;{w};9{m},{i}", ["RUB", "RSD"]),
}  # fmt: skip


@pytest.mark.parametrize("kind", OTHER_KINDS)
def test_the_kind_of_file_is_found_out(kind: str, tmp_path: Path) -> None:
    table, header, row, words = OTHER_KINDS[kind]
    source = source_of(tmp_path, header, row, w=words)
    if table is RATE:
        assert propose(source, source_name="file").mapping.tables[0].table is RATE
    else:
        assert proposed(source, tmp_path).table is table


def test_events_that_may_be_outcomes_stay_contacts(tmp_path: Path) -> None:
    source = source_of(tmp_path, "user_id,timestamp,event", "C{k},2025-03-{d},{w}", w=["login", "order"])
    assert proposed(source, tmp_path).table is CONTACT


def test_the_asked_table_wins_over_the_guess(tmp_path: Path) -> None:
    source = source_of(tmp_path, "customer,time,channel,score", "K{k},2025-03-{d},{c},{m}", c=["phone", "chat"])
    assert propose(source, ANSWER, source_name="file").mapping.tables[0].table is ANSWER


@pytest.mark.parametrize(
    ("header", "row", "told"),
    [
        ("customer,activity", "K{k},{w}", "No column holds dates or times"),
        ("opened", "2025-03-{d}", "No column names a customer or a case"),
    ],
)
def test_a_file_that_cannot_become_contacts_is_told_why(header: str, row: str, told: str, tmp_path: Path) -> None:
    source = source_of(tmp_path, header, row, w=["Ask", "Answer"])
    with pytest.raises(UnusableInput, match=told):
        propose(source, source_name="file")


@pytest.fixture
def shop(tmp_path: Path) -> Proposal:
    header = "Korisnik;Datum;Kanal;Status;Lozinka"
    row = "K{k};{d}.03.2025;{c};{s};x{i}y{m}"
    return propose(source_of(tmp_path, header, row, c=["telefon", "imejl"], s=["novo", "gotovo"]), source_name="shop")


def test_every_line_has_its_reason_and_every_column_is_accounted_for(shop: Proposal) -> None:
    contact = shop.mapping.tables[0]
    told = {*contact.fields, *(f"attributes.{key}" for key in contact.attributes)}
    assert told <= set(shop.reasons)
    assert {*contact.columns, *shop.left} == {"Korisnik", "Datum", "Kanal", "Status", "Lozinka"}
    lines = shop.to_toml().splitlines()
    for number, line in enumerate(lines):
        if " = " in line and not line.startswith(("#", "source", "zone")):
            assert lines[number - 1].startswith("#"), line
    assert any(line.startswith("#   'Lozinka': ") for line in lines)


def test_a_proposal_says_that_the_zone_is_unknown(shop: Proposal) -> None:
    assert "# the times carry no offset" in shop.to_toml()
    assert shop.mapping.zone == "UTC"


def test_a_proposal_can_be_made_in_any_language(tmp_path: Path) -> None:
    source = source_of(tmp_path, "customer,time", "K{k},2025-03-{d}")
    with use_language("lt"):
        assert replace(parse_mapping(propose(source, source_name="x").to_toml()), path="").source == "x"
