"""The pages' own database is in the backup as it was at one moment, whoever writes to it meanwhile."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

from tests.unit.upkeep.homes import made_home

from tiesa.upkeep.backup import backup
from tiesa.upkeep.restore import restore


def test_a_database_that_is_written_to_is_backed_up_whole(tmp_path: Path) -> None:
    home, _file = made_home(tmp_path)
    file = home.root / "app" / "tiesa.sqlite3"
    file.parent.mkdir()
    for passing in ("uploads", "exports"):
        (file.parent / passing).mkdir()
        (file.parent / passing / "personal.csv").write_text("who,what\n")
    begun, over = threading.Event(), threading.Event()
    with closing(sqlite3.connect(file)) as database:
        database.execute("pragma journal_mode = wal")
        database.execute("create table pairs (n integer, same integer)")
        database.commit()

    def write() -> None:
        with closing(sqlite3.connect(file, timeout=30)) as own:
            n = 0
            while not over.is_set():
                n += 1
                own.execute("insert into pairs values (?, 0)", [n])
                own.execute("update pairs set same = n where n = ?", [n])
                own.commit()
                begun.set()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert begun.wait(60)
        backup(home, tmp_path / "home.backup")
    finally:
        over.set()
        writer.join()
    restored = restore(tmp_path / "home.backup", type(home)(tmp_path / "restored")).home
    with closing(sqlite3.connect(restored / "app" / "tiesa.sqlite3")) as database:
        assert database.execute("pragma integrity_check").fetchall() == [("ok",)]
        ((rows, torn),) = database.execute("select count(*), count(*) filter (where n <> same) from pairs").fetchall()
    assert rows > 0
    assert torn == 0
    assert sorted(path.name for path in (restored / "app").iterdir()) == ["tiesa.sqlite3"]
    assert not list((home.root / "app").glob(".draft*"))
