"""Consents and objections, and how long data are kept."""

from __future__ import annotations

import os
import re
import time
from datetime import UTC, datetime, timedelta

import pytest
from tests.app.privacy.test_one_person import HERS, OTHER, number_of, place, run, two_people  # noqa: F401

from tiesa.app.jobs.models import Job, State
from tiesa.app.people.models import AuditEntry
from tiesa.app.people.roles import Role
from tiesa.app.privacy import jobs
from tiesa.app.privacy.consents import ledger_of
from tiesa.app.privacy.exporting import exports
from tiesa.contacts.private import Private
from tiesa.core.errors import InvalidRules
from tiesa.upkeep.old_data import delete_old, old_data
from tiesa.upkeep.privacy_rules import Kind, changed, check_text, privacy_rules, rules_text
from tiesa.upkeep.receipts import receipts

OBJECTS = {"purpose": "profiling", "channel": "all", "basis": "legitimate interest", "state": "objected"}
LATER = datetime(2026, 4, 4, tzinfo=UTC)


def test_an_objection_to_profiling_is_in_the_log_and_can_be_taken_back(place, client_of) -> None:  # noqa: F811
    client, number = client_of(Role.CX_MANAGER), number_of(place, HERS)
    page = client.post(f"/privacy/{number}/consent", {**OBJECTS, "at": "2026-03-01"}, follow=True).content.decode()
    (entry,) = ledger_of(place, number)
    assert (entry.purpose, entry.state, entry.at) == ("profiling", "objected", datetime(2026, 3, 1, 12, tzinfo=UTC))
    assert ledger_of(place, number_of(place, OTHER)) == []
    assert AuditEntry.objects.filter(what="privacy.object", about=f"customer {number}").exists()
    form = re.search(r'<form method="post" action="([^"]+/back)" class="row">(.*?)</form>', page, re.DOTALL)
    client.post(form[1], dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[2])))
    assert ledger_of(place, number) == []


def test_the_latest_word_counts(place, client_of) -> None:  # noqa: F811
    client, number = client_of(Role.CX_MANAGER), number_of(place, HERS)
    client.post(f"/privacy/{number}/consent", {**OBJECTS, "at": "2026-03-01"})
    client.post(f"/privacy/{number}/consent", {**OBJECTS, "state": "given", "basis": "consent", "at": "2026-03-09"})
    assert [(one.state, one.is_latest) for one in ledger_of(place, number)] == [("given", True), ("objected", False)]


def test_no_other_import_can_be_taken_back_from_there(place, client_of) -> None:  # noqa: F811
    from tiesa.contacts.log import ContactLog

    before = ContactLog(place).imports()
    number = number_of(place, HERS)
    answer = client_of(Role.CX_MANAGER).post(
        f"/privacy/{number}/consent/back", {"entry": before[-1]["import_id"]}, follow=True
    )
    assert "no such entry" in answer.content.decode()
    assert ContactLog(place).imports() == before


@pytest.mark.parametrize("said", [{"state": "maybe"}, {"basis": "whim"}, {"purpose": ""}, {"channel": " "}])
def test_what_makes_no_sense_is_not_noted(place, client_of, said) -> None:  # noqa: F811
    number = number_of(place, HERS)
    client_of(Role.CX_MANAGER).post(f"/privacy/{number}/consent", {**OBJECTS, **said})
    assert ledger_of(place, number) == []


def test_what_is_past_its_time_is_told_first_and_deleted_then(place) -> None:  # noqa: F811
    rules = changed(privacy_rules(place), {Kind.NAMES: {"keep": "31 d"}, Kind.WORDS: {"keep": "31 d"}}, automatic=True)
    told = old_data(place, rules, now=LATER)
    assert (told.counts[Kind.NAMES], told.counts[Kind.WORDS]) == (1, 2), (
        "he was last heard of on 3 March, she on the 5th"
    )
    assert sum(f.rows for f in Private(place).identities.version().current()) == 2, "looking changes nothing"
    done = delete_old(place, rules, by="clock", now=LATER)
    assert done.counts[Kind.NAMES] == 1
    (receipt,) = receipts(place)
    assert receipt.customer != number_of(place, HERS)
    assert "31 days" in receipt.why
    assert old_data(place, rules, now=LATER).counts[Kind.NAMES] == 0
    assert sum(f.rows for f in Private(place).words.version().current()) == 1, "her reply of 5 March stays"
    assert delete_old(place, rules, by="clock", now=LATER).counts[Kind.NAMES] == 0


def test_rows_set_aside_go_by_their_age(place) -> None:  # noqa: F811
    rules, (file,) = privacy_rules(place), list(place.quarantine.glob("*.csv"))
    assert old_data(place, rules).counts[Kind.SET_ASIDE] == 0
    long_ago = time.time() - 91 * 86_400
    os.utime(file, (long_ago, long_ago))
    assert old_data(place, rules).counts[Kind.SET_ASIDE] == 1
    delete_old(place, rules, by="clock")
    assert not file.exists()


def test_the_applications_own_goes_by_its_age(place, people) -> None:  # noqa: F811
    exports().mkdir(parents=True)
    (exports() / "old.zip").touch()
    (exports() / "new.zip").touch()
    os.utime(exports() / "old.zip", (time.time() - 8 * 86_400,) * 2)
    long_ago = datetime.now(UTC) - timedelta(days=91)
    old = Job.objects.create(kind=jobs.DELETE, state=State.DONE, ended_at=long_ago)
    waits = Job.objects.create(kind=jobs.DELETE, state=State.WAITING, asked_at=long_ago)
    rules = privacy_rules(place)
    assert jobs.old_in_database(rules) == {Kind.EXPORTS: 1, Kind.ATTEMPTS: 0, Kind.JOBS: 1}
    jobs.delete_old_in_database(rules)
    assert [file.name for file in exports().iterdir()] == ["new.zip"]
    assert list(Job.objects.values_list("pk", flat=True)) == [waits.pk] != [old.pk]


def test_the_clock_deletes_only_where_somebody_said_so(place, client_of) -> None:  # noqa: F811
    jobs.by_the_clock()
    assert not Job.objects.exists()
    form = {"automatic": "on", "names.keep": "500 d"}
    assert client_of(Role.CX_MANAGER).post("/privacy/rules/", form).status_code == 302
    jobs.by_the_clock()
    jobs.by_the_clock()
    job = Job.objects.get()
    assert run(job).state == State.DONE, job.error
    assert AuditEntry.objects.filter(what="privacy.delete", who="clock").exists()


def test_rules_that_cannot_be_meant_are_refused_and_nothing_is_written(place, client_of) -> None:  # noqa: F811
    client = client_of(Role.CX_MANAGER)
    for said in (
        {"names.keep": "soon"},
        {"words.basis": "whim"},
        {"names.purpose": " "},
        {"audit.keep": "3 d"},
        {"exports.keep": "for good"},
    ):
        assert client.post("/privacy/rules/", said).status_code == 400, said
    assert not (place.rules / "privacy.toml").exists()
    client.post("/privacy/rules/", {"words.keep": "90 d", "words.purpose": "Answering"})
    assert privacy_rules(place)[Kind.WORDS].keep_days == 90
    entry = AuditEntry.objects.get(what="privacy.rules")
    assert entry.details["changed"] == ["words"]


def test_rules_read_back_as_they_were_written(place) -> None:  # noqa: F811
    rules = privacy_rules(place)
    assert check_text(rules_text(rules)) == rules
    with pytest.raises(InvalidRules, match="words"):
        check_text("[words]\nkeep = 3\n")
    with pytest.raises(InvalidRules):
        check_text("[word]\n")
