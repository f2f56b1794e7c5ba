"""The tables of answers as files: one file per table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tiesa.core.shown import ShownTable
from tiesa.reports.spreadsheet import write_table


def write_tables(tables: Sequence[ShownTable], out: Path) -> list[Path]:
    """Write tables beside each other; returns the files.

    out: a folder (then each table becomes NAME.csv in it), or a file name such as answers.xlsx (then they become
    answers-NAME.xlsx; a single table takes the name as it is).
    """
    if not out.suffix:
        out.mkdir(parents=True, exist_ok=True)
        paths = [out / f"{table.name}.csv" for table in tables]
    elif len(tables) == 1:
        paths = [out]
    else:
        paths = [out.with_name(f"{out.stem}-{table.name}{out.suffix}") for table in tables]
    for table, path in zip(tables, paths, strict=True):
        write_table(table.data, path)
    return paths
