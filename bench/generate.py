"""A log of N made-up contacts as CSV: interleaved cases, eight contacts a customer, in order of time.

    python bench/generate.py 10_000_000 contacts.csv
    python bench/generate.py 10_000_000 arrivals.csv --arrivals 10_000

Deterministic: the same N gives the same file, byte for byte, on the same DuckDB. A customer has four cases whose
contacts come in a random order, so that journeys of one customer interleave (`interleaved` counts how many do).
Arrivals are further contacts of that log: every other one comes after its end, the others are late, all of known
customers and of their cases.
"""

import argparse
from pathlib import Path

import duckdb

COLUMNS = """
    'c' || lpad(i::varchar, 9, '0') as contact_id,
    'K' || lpad(customer::varchar, 8, '0') as customer,
    'case-' || lpad((customer * 4 + hash(i * 16 + 2) % 4)::varchar, 9, '0') as "case",
    timestamp '2020-09-13 12:26:40' + to_seconds(second::bigint) as time,
    'touchpoint ' || lpad((hash(i * 16 + 3) % 40)::varchar, 2, '0') as touchpoint,
    (['phone', 'email', 'chat', 'app', 'branch'])[(1 + hash(i * 16 + 4) % 5)::bigint] as channel,
    (['inbound', 'outbound', 'internal'])[(1 + hash(i * 16 + 5) % 3)::bigint] as direction,
    case when hash(i * 16 + 6) % 31 < 30 then 'reason ' || lpad((hash(i * 16 + 6) % 31)::varchar, 2, '0') end as reason,
    'agent ' || lpad((hash(i * 16 + 7) % 300)::varchar, 3, '0') as employee,
    (hash(i * 16 + 8) % 500 / 100)::decimal(3, 2) as cost
"""
# One number is hashed a time: hash(i, 1) and hash(i, 2) differ by the same bits for every i, so that whoever has this
# customer would always have that case.
SECONDS = 60_000_000
"""How long the log goes on, nearly two years: with fewer contacts than that, no two have the same time."""
CONTACTS = "select i, hash(i * 16 + 1) % ({n} // 8) as customer, i * {seconds} // {n} as second from range({n}) r(i)"
ARRIVALS = (
    "select {n} + i as i, hash(({n} + i) * 16 + 1) % ({n} // 8) as customer, "
    "case i % 2 when 0 then {seconds} + i else hash(i * 16 + 9) % {seconds} end as second from range({arrivals}) r(i)"
)


def main(n: int, path: Path, arrivals: int = 0) -> None:
    """Write N contacts, or so many arrivals to the log of N contacts."""
    source = (ARRIVALS if arrivals else CONTACTS).format(n=n, seconds=SECONDS, arrivals=arrivals)
    connection = duckdb.connect()
    connection.execute("set enable_progress_bar = false; set memory_limit = '1500MB'")
    connection.execute(f"copy (select {COLUMNS} from ({source})) to '{path}' (format csv, header)").fetchall()


def interleaved(path: Path) -> float:
    """The share of customers whose cases interleave: one goes on after another one of theirs has begun."""
    connection = duckdb.connect()
    connection.execute("set enable_progress_bar = false; set memory_limit = '1500MB'")
    share = connection.execute(
        'with steps as (select customer, "case", lag("case") over (partition by customer order by time) as before, '
        f"row_number() over (partition by customer, \"case\" order by time) as n from read_csv('{path}')) "
        'select avg(mixed::int) from (select bool_or(n > 1 and before <> "case") as mixed from steps group by customer)'
    ).fetchall()
    return float(share[0][0])


if __name__ == "__main__":
    asking = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asking.add_argument("rows", type=int)
    asking.add_argument("path", type=Path)
    asking.add_argument("--arrivals", type=int, default=0)
    given = asking.parse_args()
    main(given.rows, given.path, given.arrivals)
