"""Public logs taken out and brought back: the same contacts, journeys and ways."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tiesa.contacts.importing import import_file
from tiesa.core.home import Home
from tiesa.journeys.build import BuildResult, build
from tiesa.journeys.evidence import evidence
from tiesa.reports.export import export

FILES = {"helpdesk": "helpdesk.xes.gz", "receipt": "receipt.csv.gz"}


@pytest.mark.parametrize("form", ["xes", "ocel"])
@pytest.mark.parametrize("name", FILES)
def test_a_public_log_comes_back_the_same(real_data: Path, tmp_path: Path, name: str, form: str) -> None:
    home, copy = Home(tmp_path / "home"), Home(tmp_path / "copy")
    import_file(real_data / "contacts" / FILES[name], home)
    before = build(home)
    done = export(home, tmp_path / f"log.{form}", format=form)
    assert (done.contacts, done.journeys, done.customers) == counts(before)
    imported = import_file(tmp_path / f"log.{form}", copy)
    assert imported.accepted == imported.read == before.contacts
    assert counts(build(copy)) == counts(before)
    assert differing(home, copy) == 0


def counts(result: BuildResult) -> tuple[int, int, int]:
    return result.contacts, result.journeys, result.customers


def differing(one: Home, other: Home) -> int:
    """Rows and journeys that stand in one of the homes only. Customer numbers are dense and given in file order."""
    left, right = evidence(one), evidence(other)
    found = 0
    with duckdb.connect() as sql:
        sql.execute("set TimeZone = 'UTC'; set memory_limit = '1GB'")
        for a, b in ((left.rows_sql, right.rows_sql), (left.journeys_sql, right.journeys_sql)):
            who = "* replace (dense_rank() over (order by customer_key) as customer_key)"
            pair = [f"(select {who} from {source})" for source in (a, b)]
            for x, y in (pair, pair[::-1]):
                found += sql.execute(f"select count(*) from (from {x} except all from {y})").fetchall()[0][0]
    return found
