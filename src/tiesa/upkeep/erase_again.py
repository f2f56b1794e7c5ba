"""Whom a restored home must not know any more, told by receipts, is erased from it again, or kept out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from tiesa.contacts.erased import ERASED, keyed_sql
from tiesa.contacts.private import Private, write
from tiesa.core.home import Home
from tiesa.core.tables import IDENTITY
from tiesa.engines.duckdb import count, engine, literal, parquet
from tiesa.engines.store import StoredFile
from tiesa.upkeep.erase import erase
from tiesa.upkeep.receipts import Receipt, keep_receipt

if TYPE_CHECKING:
    import duckdb


def erase_again(home: Home, known: Iterable[Receipt]) -> int:
    """Erase from a restored home whom these receipts speak of; returns how many it knew and knows no more.

    Who came after the backup was taken is kept out: their keyed hash gets a number, so that no file brings them back.
    """
    private, erased = Private(home), 0
    with engine(spill=home.spill) as connection:
        for receipt in known:
            held = private.identities.version()
            number = _numbered(connection, private, held.current(), receipt)
            if number is None and _numbered(connection, private, held.current(ERASED), receipt) is None:
                number = _keep_out(connection, private, receipt)
                keep_receipt(home, replace(receipt, customer=number))
            elif number is not None:
                keep_receipt(home, replace(receipt, customer=number, finished=None))
                erase(home, number=number, why=receipt.why, by=receipt.by)
                erased += 1
    return erased


def _numbered(
    connection: duckdb.DuckDBPyConnection, private: Private, files: tuple[StoredFile, ...], receipt: Receipt
) -> int | None:
    """The number under which one of these files has the receipt's customer."""
    is_hash = files and files[0].partition == ERASED
    hashed = "source_id" if is_hash else keyed_sql(private.salt(), "source", "source_id")
    found = connection.execute(
        f"select customer_key from {parquet([f.path for f in files], IDENTITY)} "
        f"where source = {literal(receipt.source)} and {hashed} = {literal(receipt.source_id)}"
    ).fetchall()
    return int(found[0][0]) if found else None


def _keep_out(connection: duckdb.DuckDBPyConnection, private: Private, receipt: Receipt) -> int:
    store = private.identities
    version = store.version()
    number = count(
        connection,
        f"select coalesce(max(customer_key) + 1, 0) from {parquet([f.path for f in version.files], IDENTITY)}",
    )
    row = (
        f"select {number}::bigint as customer_key, {literal(receipt.source)} as source, "
        f"{literal(receipt.source_id)} as source_id, null::varchar as name, null::varchar as mail, "
        "null::varchar as phone"
    )
    store.commit(after=version, add=write(connection, store, row, partition=ERASED))
    return number
