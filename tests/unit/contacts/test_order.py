"""A file's rows keep their order on the way in, however many threads read it."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from tests.unit.contacts.desk import WITH_IDS, mapping

from tiesa.contacts.importing import import_file
from tiesa.contacts.log import ContactLog
from tiesa.contacts.private import Private
from tiesa.core.home import Home
from tiesa.core.tables import CONTACT

ROWS = 600_000
MANY_WORDS = ", ".join(f'w{n} = "{way}"' for n, way in enumerate(("inbound", "outbound", "internal") * 4))
"""Words enough that the engine would rather look them up in a table."""


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_rows_are_staged_in_the_order_of_the_file(tmp_path: Path, form: str) -> None:
    file = tmp_path / f"large.{form}"
    with duckdb.connect() as sql:
        sql.execute(
            "copy (select printf('c%07d', i) as id, strftime(timestamp '2025-01-01' + to_seconds(i), '%Y-%m-%d %H:%M') "
            "as \"when\", printf('p%07d', i // 2) as who, 'T' || i as ticket, 'asks' as what, 'phone' as way, "
            "'w' || (i % 12) as dir, 'bill' as topic, 'Ana' as agent, '1.0' as price, 'EUR' as currency, "
            f"'words' as words from range({ROWS}) r(i) order by i) to '{file}'"
        )
    asked = mapping(WITH_IDS.replace('in = "inbound", out = "outbound", step = "internal"', MANY_WORDS))
    home = Home(tmp_path / "home")
    assert import_file(file, home, mapping=asked).accepted == ROWS
    kept = [pq.read_table(f.path, columns=["contact_id"], partitioning=None) for f in ContactLog(home).files(CONTACT)]
    for table in kept:
        ids = table["contact_id"].to_pylist()
        assert ids == sorted(ids)
    people = [pq.read_table(f.path, partitioning=None) for f in Private(home).identities.version().current()]
    numbered = sorted((r["customer_key"], r["source_id"]) for table in people for r in table.to_pylist())
    assert [name for _key, name in numbered] == [f"p{n:07d}" for n in range(ROWS // 2)]
