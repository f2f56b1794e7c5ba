"""A vacuum says what stays though it was replaced: how much, why, and from when on it may go."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.unit.upkeep.homes import file_of, made_home, other, send

from tiesa.core.home import Home
from tiesa.journeys.build import build
from tiesa.upkeep.past import EVIDENCE, private_tables, tables
from tiesa.upkeep.pins import pin, unpin
from tiesa.upkeep.vacuum import BEING_WRITTEN, RETENTION, Stays, vacuum

WEEKS_LATER = timedelta(days=30)


def replaced(home: Home) -> set[Path]:
    """The data files that stand in no latest version."""
    stores = {**tables(home), **private_tables(home)}
    files = {path for path in home.root.rglob("*.parquet") if "_delta_log" not in path.parts}
    return files - {f.path for store in stores.values() for f in store.version().files}


def correct(home: Home, folder: Path, topic: str) -> None:
    send(home, file_of(folder, [other(0, topic=topic)], "corrected.csv"))


def test_of_a_home_in_which_nothing_was_replaced_nothing_stays(tmp_path: Path) -> None:
    home, _file = made_home(tmp_path)
    assert vacuum(home).stays == Stays()
    assert vacuum(Home(tmp_path / "nowhere")).stays == Stays()


def test_what_was_replaced_stays_until_just_then(tmp_path: Path) -> None:
    """Also contacts that were replaced before the journeys made of them were: they go with these."""
    home, _file = made_home(tmp_path)
    for topic in ("first", "second"):
        correct(home, tmp_path, topic)
        build(home, full=True)
    files = replaced(home)
    recent = vacuum(home).stays.recent
    assert (recent.files, recent.bytes) == (len(files), sum(path.stat().st_size for path in files))
    assert recent.first is not None
    assert recent.last is not None
    assert datetime.now(UTC) - timedelta(minutes=2) < recent.first - RETENTION < recent.last - RETENTION
    moment = timedelta(milliseconds=1)
    assert vacuum(home, now=recent.first - moment, dry_run=True).files == 0
    part = vacuum(home, now=recent.first, dry_run=True)
    assert (part.files + part.stays.recent.files, part.stays.recent.last) == (recent.files, recent.last)
    assert 0 < part.files < recent.files
    assert vacuum(home, now=recent.last - moment, dry_run=True).stays.recent.files
    whole = vacuum(home, now=recent.last)
    assert (whole.files, whole.bytes, whole.stays) == (recent.files, recent.bytes, Stays())


def test_a_longer_retention_lets_them_go_later(tmp_path: Path) -> None:
    home, _file = made_home(tmp_path)
    build(home, full=True)
    week, month = (vacuum(home, keep=timedelta(days=days)).stays.recent for days in (7, 28))
    assert week.first
    assert month.first == week.first + timedelta(days=21)


def test_what_is_pinned_stays_without_an_end(tmp_path: Path) -> None:
    home, _file = made_home(tmp_path)
    pin(home, 1, why="the board's report")
    correct(home, tmp_path, "changed")
    build(home, full=True)
    for now in (None, datetime.now(UTC) + WEEKS_LATER):
        stays = vacuum(home, now=now).stays
        assert stays == Stays(pinned=stays.pinned)
        assert (stays.pinned.files, stays.pinned.first, stays.pinned.last) == (len(replaced(home)), None, None)
    unpin(home, 1)
    assert vacuum(home).stays.recent.files == stays.pinned.files


def test_contacts_stay_while_the_latest_journeys_are_those_made_of_them(tmp_path: Path) -> None:
    home, _file = made_home(tmp_path)
    correct(home, tmp_path, "changed")
    files = replaced(home)
    later = datetime.now(UTC) + WEEKS_LATER
    stays = vacuum(home, now=later).stays
    assert stays == Stays(evidence=stays.evidence)
    held = {f.path for f in tables(home)["contacts"].version(1).files}
    assert stays.evidence.files == len(files & held) > 0
    build(home, full=True)
    assert vacuum(home).stays.recent.files > stays.evidence.files
    assert vacuum(home, now=later).stays == Stays()


def test_what_may_just_be_being_written_stays_a_day(tmp_path: Path) -> None:
    home, _file = made_home(tmp_path)
    young = home.root / "contacts/replaced_by=__HIVE_DEFAULT_PARTITION__/0123.parquet"
    spilled = home.spill / "tiesa-spill-dead/staging.parquet"
    for path in (young, spilled):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"12345")
    unnamed = vacuum(home).stays.unnamed
    assert (unnamed.files, unnamed.bytes) == (2, 10)
    assert unnamed.last == max(
        datetime.fromtimestamp(path.stat().st_mtime, UTC) + BEING_WRITTEN for path in (young, spilled.parent)
    )
    swept = vacuum(home, now=unnamed.last + timedelta(seconds=1))
    assert (swept.files, swept.leftovers, swept.stays) == (1, 1, Stays())


@pytest.mark.parametrize("table", ["contacts", EVIDENCE])
def test_of_a_table_that_cannot_be_read_nothing_is_said(tmp_path: Path, table: str) -> None:
    home, _file = made_home(tmp_path)
    build(home, full=True)
    (home.root / table / "_delta_log/00000000000000000001.json").write_text("{")
    swept = vacuum(home)
    assert swept.unread == (table,)
    assert swept.stays.recent.files == (0 if table == EVIDENCE else len(replaced_but(home, table)))


def replaced_but(home: Home, table: str) -> set[Path]:
    broken = home.root / table
    found = {path for path in home.root.rglob("*.parquet") if not path.is_relative_to(broken)}
    stores = {folder: store for folder, store in tables(home).items() if folder != table} | private_tables(home)
    return {path for path in found if "_delta_log" not in path.parts} - {
        f.path for store in stores.values() for f in store.version().files
    }
