"""Rules are changed by one function: checked, whole, remembered, noted; the same for pages and commands."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.app.insight.test_pages import in_words
from tests.app.test_sentinels import seen_until_done as page

from tiesa.app.insight.models import RuleChange
from tiesa.app.jobs.models import Job
from tiesa.app.people.models import AuditEntry
from tiesa.app.people.roles import Role
from tiesa.core.home import Home
from tiesa.upkeep.rule_files import RULE_FILES, read_text, write_rules

MINE = '[[standards]]\nname = "A reply within an hour"\nmetric = "reply_time"\ntarget = "1 h"\n'


@pytest.fixture(autouse=True)
def as_it_was(home: Home) -> Iterator[None]:
    before = {name: read_text(home, name) for name in RULE_FILES}
    yield
    for name, text in before.items():
        write_rules(home, name, text)


@pytest.mark.parametrize("name", RULE_FILES)
def test_every_example_is_a_rules_file(name: str) -> None:
    RULE_FILES[name].check(RULE_FILES[name].example())


def test_a_standard_that_is_kept_holds_at_once_on_every_page(home, client_of) -> None:
    client = client_of(Role.CX_MANAGER)
    assert "A reply within an hour" not in in_words(page(client, "/journeys/answers/standards/"))
    assert client.post("/rules/standards/", {"text": MINE.replace("\n", "\r\n")}).status_code == 302
    assert RULE_FILES["standards"].path(home).read_bytes() == MINE.encode()
    import time

    time.sleep(0.6)  # what a home holds is looked at again after half a second
    assert "A reply within an hour" in in_words(page(client, "/journeys/answers/standards/"))
    assert AuditEntry.objects.filter(what="rules.change", about="standards").count() == 1


def test_what_cannot_be_read_is_refused_with_the_place_and_nothing_changes(home, client_of) -> None:
    client = client_of(Role.ANALYST)
    response = client.post("/rules/standards/", {"text": MINE + "colour = 3\n"})
    assert response.status_code == 400
    shown = in_words(response.content.decode())
    assert "colour" in shown
    assert "standards.toml" in shown
    assert read_text(home, "standards") == ""
    assert not RuleChange.objects.exists()
    assert not AuditEntry.objects.filter(what="rules.change").exists()


def test_every_earlier_text_can_come_back(home, client_of) -> None:
    client = client_of(Role.CX_MANAGER)
    client.post("/rules/standards/", {"text": MINE})
    client.post("/rules/standards/", {"text": MINE.replace("1 h", "2 h")})
    last = RuleChange.objects.first()
    assert client.post(f"/rules/changes/{last.pk}/back").status_code == 302
    assert read_text(home, "standards") == MINE
    assert RuleChange.objects.count() == 3


def test_rules_of_journeys_ask_for_a_build(home, client_of) -> None:
    text = read_text(home, "journeys")
    client_of(Role.CX_MANAGER).post("/rules/journeys/", {"text": text.replace("repeat_days = 14", "repeat_days = 10")})
    assert re.search("repeat_days = 10", read_text(home, "journeys"))
    assert Job.objects.filter(kind="build", state="waiting").count() == 1


def test_who_may_not_change_rules_reads_none(client_of) -> None:
    for role in (Role.VIEWER, Role.ADVISER, Role.ADMINISTRATOR):
        assert client_of(role).get("/rules/standards/").status_code == 403


@pytest.mark.reads_the_home
def test_the_command_uses_the_same_function(tmp_path: Path, checkout: Path) -> None:
    """In a home with an application the change stands in its history and audit log as well."""
    import os

    environment = {k: v for k, v in os.environ.items() if not k.startswith(("TIESA", "DJANGO"))}
    environment |= {"PYTHONPATH": str(checkout / "src"), "TIESA_HOME": str(tmp_path / "home")}

    def tiesa(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-m", "tiesa", *words], env=environment, capture_output=True, text=True)

    mine = tmp_path / "mine.toml"
    mine.write_text(MINE)
    assert tiesa("rules", "standards", "--set", str(mine)).returncode == 0
    (tmp_path / "home" / "app").mkdir()
    (tmp_path / "home" / "app" / "tiesa.sqlite3").touch()
    mine.write_text(MINE.replace("1 h", "3 h"))
    assert tiesa("rules", "standards", "--set", str(mine)).returncode == 0
    assert '"3 h"' in tiesa("rules", "standards").stdout
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(tmp_path / "home" / "app" / "tiesa.sqlite3")) as database:
        assert database.execute("select who, what, about from people_auditentry").fetchall() == [
            ("command line", "rules.change", "standards")
        ]
    mine.write_text("colour = 3\n")
    refused = tiesa("rules", "standards", "--set", str(mine))
    assert refused.returncode == 2
    assert "colour" in refused.stderr
