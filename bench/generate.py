"""A log of N made-up contacts as CSV: interleaved cases, eight contacts a customer, in order of time.

    python bench/generate.py 10_000_000 contacts.csv

Deterministic: the same N gives the same file, byte for byte, on the same DuckDB.
"""

import sys
from pathlib import Path

import duckdb

SQL = """
copy (
    select
        printf('c%09d', i) as contact_id,
        printf('K%08d', customer) as customer,
        printf('case-%09d', customer * 4 + hash(i, 2) % 4) as "case",
        strftime(timestamp '2020-09-13 12:26:40' + to_seconds((i * 60000000 // {n})::bigint),
            '%Y-%m-%d %H:%M:%S') as time,
        printf('touchpoint %02d', hash(i, 3) % 40) as touchpoint,
        (['phone', 'email', 'chat', 'app', 'branch'])[(1 + hash(i, 4) % 5)::bigint] as channel,
        (['inbound', 'outbound', 'internal'])[(1 + hash(i, 5) % 3)::bigint] as direction,
        case when hash(i, 6) % 31 < 30 then printf('reason %02d', hash(i, 6) % 31) end as reason,
        printf('agent %03d', hash(i, 7) % 300) as employee,
        printf('%.2f', (hash(i, 8) % 500) / 100) as cost
    from (select i, hash(i, 1) % ({n} // 8) as customer from range({n}) r(i))
    order by i
) to '{path}' (format csv, header)
"""


def main(n: int, path: Path) -> None:
    connection = duckdb.connect()
    connection.execute("set enable_progress_bar = false; set memory_limit = '1500MB'")
    connection.execute(SQL.format(n=n, path=path)).fetchall()


if __name__ == "__main__":
    main(int(sys.argv[1].replace("_", "")), Path(sys.argv[2]))
