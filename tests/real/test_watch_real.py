"""A real log that arrives in ten files, one after the other, becomes the same journeys as the log in one file."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
from pathlib import Path

import duckdb
import pyarrow as pa

from tiesa.contacts.importing import import_file
from tiesa.contacts.private import Private
from tiesa.core.home import Home
from tiesa.journeys.build import build
from tiesa.journeys.evidence import evidence

PARTS = 10
COUNTED_PER_FILE = ("position",)
"""Where rows have no id of their own, their position is their place in the file they came in."""


def split(log: Path, folder: Path) -> list[Path]:
    """The log's traces in ten files, in their order, each between the log's head and end."""
    text = gzip.decompress(log.read_bytes()).decode()
    traces = re.findall(r"<trace>.*?</trace>", text, re.DOTALL)
    head, end = text[: text.index("<trace>")], text[text.rindex("</trace>") + len("</trace>") :]
    files = []
    for part in range(PARTS):
        mine = traces[len(traces) * part // PARTS : len(traces) * (part + 1) // PARTS]
        files.append(folder / f"{log.name.split('.')[0]}-{part:02d}.xes.gz")
        files[-1].write_bytes(gzip.compress("".join([head, *mine, end]).encode(), compresslevel=1))
    return files


def tables(home: Home) -> tuple[pa.Table, pa.Table]:
    """Annotated contacts and journeys, in an order of their own."""
    view = evidence(home)
    with duckdb.connect() as sql:
        rows = sql.sql(f"select * exclude ({', '.join(COUNTED_PER_FILE)}) from {view.rows_sql} order by all")
        return rows.to_arrow_table(), sql.sql(f"select * from {view.journeys_sql} order by all").to_arrow_table()


def test_ten_files_dropped_one_after_another_make_the_journeys_of_the_whole(real_data: Path, tmp_path: Path) -> None:
    log = real_data / "contacts" / "helpdesk.xes.gz"
    (tmp_path / "in").mkdir()
    (tmp_path / "parts").mkdir()
    words = ["watch", str(tmp_path / "in"), "--home", str(tmp_path / "home"), "--every", "50ms", "--settle", "150ms"]
    watcher = subprocess.Popen([sys.executable, "-m", "tiesa", *words, "--json"], stdout=subprocess.PIPE, text=True)
    try:
        assert watcher.stdout is not None
        accepted = []
        for file in split(log, tmp_path / "parts"):
            file.rename(tmp_path / "in" / file.name)
            taken, built = (json.loads(watcher.stdout.readline()) for _event in range(2))
            accepted.append(taken["accepted"])
            assert (taken["event"], taken["duplicates"], taken["quarantined"]) == ("taken", 0, 0)
            assert (built["event"], built["contacts"]) == ("built", sum(accepted))
        assert len(accepted) == PARTS
        watcher.terminate()
        assert watcher.wait(60) == 0
    finally:
        watcher.kill()
        watcher.communicate()
    home, whole = Home(tmp_path / "home"), Home(tmp_path / "whole")
    whole.make()
    Private(whole).keep_salt(Private(home).salt())  # ids of rows without ids are hashes keyed with it
    import_file(log, whole)
    build(whole)
    for by_and_by, at_once in zip(tables(home), tables(whole), strict=True):
        assert by_and_by.equals(at_once)
