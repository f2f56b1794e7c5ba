"""New and late contacts come into a built home: how soon are they in its journeys?"""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from typing import Any

from bench.job import LOG, Folder, Job


def tiesa_update(folder: Folder) -> Job:
    """The file imported, and the journeys of the customers it touches made anew."""
    from tiesa.contacts.importing import import_file
    from tiesa.contacts.mapping import read_mapping
    from tiesa.journeys.build import build
    from tiesa.journeys.kernel import warm_up

    warm_up()
    home, mapping = copied(folder, "tiesa_update"), read_mapping(LOG)

    def run() -> dict[str, Any]:
        started = time.perf_counter()
        new = import_file(folder.arrivals, home, mapping=mapping).accepted
        imported = time.perf_counter()
        result = build(home)
        return {
            "new": new,
            "touched": result.touched,
            "import_seconds": imported - started,
            "build_seconds": time.perf_counter() - imported,
        }

    return Job(run, lambda: _made(home))


def tiesa_rebuild(folder: Folder) -> Job:
    """All journeys made anew, once the same file is in."""
    from tiesa.contacts.importing import import_file
    from tiesa.contacts.mapping import read_mapping
    from tiesa.journeys.build import build
    from tiesa.journeys.kernel import warm_up

    warm_up()
    home = copied(folder, "tiesa_rebuild")
    import_file(folder.arrivals, home, mapping=read_mapping(LOG))

    def run() -> dict[str, Any]:
        return {"journeys": build(home, full=True).journeys}

    return Job(run, lambda: _made(home))


def copied(folder: Folder, work: str) -> Any:
    """The built home once more; its Parquet files, which never change, are linked and take no room."""
    from tiesa.core.home import Home

    def copy(source: str, target: str) -> str:
        if Path(source).suffix == ".parquet":
            os.link(source, target)
        else:
            shutil.copy2(source, target)
        return target

    target = folder.output(work) / "home"
    shutil.copytree(folder.home, target, copy_function=copy)
    return Home(target)


def _made(home: Any) -> dict[str, Any]:
    from bench.same import made
    from tiesa.journeys.evidence import evidence

    found = evidence(home)
    return made(found.rows_sql, found.journeys_sql, in_seconds=True)
