"""The five public logs come in without anybody writing a mapping, by a ready mapping or by a proposal."""

from __future__ import annotations

from pathlib import Path

import pytest

from tiesa.contacts.importing import ImportResult, import_file, import_source
from tiesa.contacts.proposal import propose
from tiesa.contacts.readers import open_source
from tiesa.contacts.recognise import recognise
from tiesa.core.home import Home

LOGS = {
    "helpdesk": (
        "helpdesk.xes.gz", 21_348,
        {"case_id": "case:concept:name", "occurred_at": "time:timestamp", "touchpoint": "concept:name",
         "employee": "org:resource", "customer": "customer"},
    ),
    "bpic2013_incidents": (
        "bpic2013_incidents.xes.gz", 65_533,
        {"case_id": "case:concept:name", "occurred_at": "time:timestamp", "touchpoint": "concept:name",
         "employee": "org:resource", "unit": "org:group", "product": "product"},
    ),
    "bpic2012": (
        "bpic2012.xes.gz", 262_200,
        {"case_id": "case:concept:name", "occurred_at": "time:timestamp", "touchpoint": "concept:name",
         "employee": "org:resource", "amount": "case:AMOUNT_REQ"},
    ),
    "receipt": (
        "receipt.csv.gz", 8_577,
        {"contact_id": "concept:instance", "case_id": "case:concept:name", "occurred_at": "time:timestamp",
         "touchpoint": "concept:name", "channel": "case:channel", "employee": "org:resource", "unit": "org:group"},
    ),
    "airline_tweets": (
        "airline_tweets.csv.gz", 14_485,
        {"contact_id": "contact_id", "customer": "customer", "occurred_at": "created", "emotion": "sentiment",
         "emotion_label": "sentiment", "emotion_confidence": "sentiment_confidence", "reason": "complaint_reason",
         "text": "text"},
    ),
}  # fmt: skip
CUSTOMERS = {
    "helpdesk": 397,
    "bpic2013_incidents": 7_554,
    "bpic2012": 13_087,
    "receipt": 1_434,
    "airline_tweets": 7_701,
}


def all_taken(result: ImportResult, rows: int) -> bool:
    return (result.read, result.accepted, result.duplicates, result.quarantined) == (rows, rows, 0, 0)


@pytest.mark.parametrize("log", LOGS)
def test_the_proposal_takes_every_row_with_the_right_columns(log: str, real_data: Path, tmp_path: Path) -> None:
    file, rows, expected = LOGS[log]
    source = open_source(real_data / "contacts" / file)
    mapping = propose(source, source_name=log).mapping
    found = {target: given.columns[0] for target, given in mapping.tables[0].fields.items() if given.columns}
    assert found == found | expected
    result = import_source(source, Home(tmp_path / "home"), mapping=mapping, recognised="proposed")
    assert all_taken(result, rows)
    assert result.customers == CUSTOMERS[log]


@pytest.mark.parametrize("log", LOGS)
def test_the_ready_mapping_is_recognised_and_takes_every_row(log: str, real_data: Path, tmp_path: Path) -> None:
    file, rows, _expected = LOGS[log]
    path = real_data / "contacts" / file
    assert recognise(open_source(path), Home(tmp_path / "home"))[1] == f"ready: {log}"
    result = import_file(path, Home(tmp_path / "home"))
    assert all_taken(result, rows)
    assert result.customers == CUSTOMERS[log]
