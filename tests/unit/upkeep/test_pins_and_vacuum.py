"""What is pinned, recent or latest stays; the rest goes, and no evidence number moves."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.unit.upkeep.homes import figures, file_of, made_home, other, send

from tiesa.contacts.log import ContactLog
from tiesa.core.errors import DamagedHome, EmptyHome, UnknownVersion, WrongUsage
from tiesa.core.home import Home
from tiesa.core.tables import CONTACT
from tiesa.core.whole_files import draft_of
from tiesa.engines.locks import held
from tiesa.journeys.build import build
from tiesa.journeys.evidence import evidence, journey_contact_store
from tiesa.upkeep.past import private_tables, tables
from tiesa.upkeep.pins import pin, pins, unpin
from tiesa.upkeep.vacuum import vacuum

LATER = timedelta(days=9)


def later() -> datetime:
    return datetime.now(UTC) + LATER


def data_files(home: Home) -> set[Path]:
    return {path for path in home.root.rglob("*.parquet") if "_delta_log" not in path.parts}


def named(home: Home, versions: dict[str, tuple[int | None, ...]]) -> set[Path]:
    """The files that these versions name."""
    stores = {**tables(home), **private_tables(home)}
    return {f.path for t, store in stores.items() for v in versions.get(t, (None,)) for f in store.version(v).files}


def changed(home: Home, folder: Path, *, times: int = 3) -> None:
    """Correct a row and build, several times: each replaces files of the log and of the journeys."""
    for n in range(times):
        send(home, file_of(folder, [other(0, topic=f"changed {n}")], "changed.csv"))
        build(home, full=True)


def test_a_pinned_version_answers_as_before_and_others_go(tmp_path: Path) -> None:
    home, _file = made_home(tmp_path)
    before = figures(home)
    pinned = pin(home, 1, why="the board's report", by="Ana")
    changed(home, tmp_path)
    latest, files = figures(home), len(data_files(home))
    swept = vacuum(home, now=later())
    assert data_files(home) == named(home, {table: (n, None) for table, n in pinned.versions.items()})
    assert files - len(data_files(home)) == swept.files == sum(swept.tables.values())
    assert set(swept.tables) == {"contacts", "journeys", "journey_contacts"}
    assert figures(home, 1) == before
    assert figures(home) == latest != before
    assert evidence(home).version == 4
    assert ContactLog(home).files(CONTACT, pinned.versions["contacts"])
    assert vacuum(home, now=later()).files == 0


def test_unpinned_versions_go_with_the_next_vacuum(tmp_path: Path) -> None:
    home, _file = made_home(tmp_path)
    pin(home, 1, why="the board's report")
    changed(home, tmp_path, times=1)
    assert vacuum(home, now=later()).files == 0
    unpin(home, 1)
    assert set(vacuum(home, now=later()).tables) == {"contacts", "journeys", "journey_contacts"}
    assert data_files(home) == named(home, {})
    with pytest.raises(UnknownVersion, match="a file of it is gone"):
        pin(home, 1, why="too late")


def test_what_was_the_latest_within_the_retention_stays(tmp_path: Path) -> None:
    home, _file = made_home(tmp_path)
    changed(home, tmp_path, times=2)
    assert vacuum(home).files == 0
    assert vacuum(home, keep=timedelta(hours=1), now=datetime.now(UTC) + timedelta(minutes=59)).files == 0
    assert vacuum(home, keep=timedelta(hours=1), now=datetime.now(UTC) + timedelta(minutes=61)).files
    assert data_files(home) == named(home, {})
    with pytest.raises(WrongUsage):
        vacuum(home, keep=timedelta(minutes=59))


def test_the_contacts_that_the_latest_evidence_was_made_of_stay(tmp_path: Path) -> None:
    """A build made of touched customers reads them; so does an export."""
    home, _file = made_home(tmp_path)
    send(home, file_of(tmp_path, [other(0, topic="changed")], "changed.csv"))
    vacuum(home, now=later())
    made_of = ContactLog(home).files(CONTACT, evidence(home).contacts_version)
    assert all(f.path.exists() for f in made_of)
    build(home)
    full = figures(home)
    build(home, full=True)
    assert figures(home) == full


def test_unnamed_files_and_leftovers_go_when_nobody_can_be_writing_them(tmp_path: Path) -> None:
    home, _file = made_home(tmp_path)
    left = [
        home.root / "contacts/replaced_by=__HIVE_DEFAULT_PARTITION__/0123.parquet",
        home.private / "texts/part=__HIVE_DEFAULT_PARTITION__/4567.parquet",
        home.root / "contacts/_delta_log/_commit_1234.json.tmp",
        draft_of(home.settings),
        draft_of(home.quarantine / "20260101-000000-abcdef.csv"),
        draft_of(home.private / "salt"),
        home.spill / "tiesa-spill-dead/staging.parquet",
    ]
    for path in left:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"12345")
    swept = vacuum(home)
    assert (swept.files, swept.leftovers) == (0, 0)
    two_days_ago = time.time() - 2 * 86400
    for path in (*left, left[-1].parent):
        os.utime(path, (two_days_ago, two_days_ago))
    with held(left[-1].parent, shared=True):  # a query that has run for two days
        swept = vacuum(home, dry_run=True)
        assert (swept.files, swept.leftovers, swept.bytes) == (2, 4, 30)
    assert all(path.exists() for path in left)
    swept = vacuum(home)
    assert (swept.files, swept.leftovers, swept.bytes) == (2, 5, 35)
    assert not any(path.exists() for path in left)


def test_vacuum_writes_no_version(tmp_path: Path) -> None:
    home, _file = made_home(tmp_path)
    changed(home, tmp_path)
    entries = sorted(home.root.rglob("_delta_log/*"))
    assert vacuum(home, now=later()).files
    assert sorted(home.root.rglob("_delta_log/*")) == entries
    assert journey_contact_store(home).version().number == 4


def test_nothing_goes_while_the_pins_or_the_evidence_cannot_be_read(tmp_path: Path) -> None:
    home, _file = made_home(tmp_path)
    changed(home, tmp_path)
    files = data_files(home)
    (home.root / "pins.toml").write_text("[[pin]]\nevidence = 1\n")
    with pytest.raises(DamagedHome, match="pinned versions cannot be read"):
        vacuum(home, now=later())
    (home.root / "pins.toml").unlink()
    (home.root / "journey_contacts/_delta_log/00000000000000000001.json").write_text("{")
    swept = vacuum(home, now=later())
    assert (swept.files, swept.unread) == (0, ("journey_contacts",))
    assert data_files(home) == files


def test_a_pin_says_who_when_why_and_of_what(tmp_path: Path) -> None:
    home, _file = made_home(tmp_path)
    made = pin(home, 1, why='the "board"\n= yes', by="Ana")
    assert pins(home) == (made,)
    assert (made.by, made.why) == ("Ana", 'the "board"\n= yes')
    assert made.versions == {"contacts": 1, "journeys": 1, "journey_contacts": 1}
    assert datetime.now(UTC) - made.at < timedelta(minutes=1)
    assert pin(home, 1, why=made.why) == made
    with pytest.raises(WrongUsage, match="for another reason"):
        pin(home, 1, why="other")
    with pytest.raises(WrongUsage):
        pin(home, 1, why=" ")
    assert unpin(home, 1) == made
    assert pins(home) == ()


def test_only_evidence_that_exists_is_pinned(tmp_path: Path) -> None:
    with pytest.raises(EmptyHome):
        pin(Home(tmp_path / "nowhere"), 1, why="x")
    home, _file = made_home(tmp_path)
    for number in (0, 2, -1):
        with pytest.raises(UnknownVersion, match="the latest is 1"):
            pin(home, number, why="x")
    with pytest.raises(UnknownVersion, match="not pinned"):
        unpin(home, 1)
