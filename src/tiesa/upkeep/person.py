"""Who a customer is: found by id, mail address or telephone number, as the private tables know them."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tiesa.contacts.erased import ERASED, keyed
from tiesa.contacts.private import Private
from tiesa.core.errors import DamagedHome, UnknownCustomer
from tiesa.core.home import Home
from tiesa.core.locale import _
from tiesa.core.tables import IDENTITY
from tiesa.engines.duckdb import literal, parquet

if TYPE_CHECKING:
    import duckdb

UNFINISHED = "erasing"
"""Folder in `private/` that holds who is being erased, until it is done."""
SHORT = 4
"""An id of fewer letters stands for a person only in a column of customers."""
MEANT_AS_PHONE = 6
_NO_DIGIT = re.compile(r"\D")


@dataclass(frozen=True, slots=True)
class Person:
    """A customer by everything that tells who they are. An erased one has an empty source_id."""

    number: int
    source: str
    source_id: str
    name: str | None = None
    mail: str | None = None
    phone: str | None = None

    @property
    def addresses(self) -> tuple[str, ...]:
        return tuple(one for one in (plain_mail(self.mail), digits(self.phone)) if one)

    def is_called(self, wanted: str) -> bool:
        """Is that their id, mail address or telephone number?"""
        return wanted == self.source_id or any(one in (plain_mail(wanted), digits(wanted)) for one in self.addresses)

    def stands_in(self, cell: str, *, is_id: bool = False) -> bool:
        """Does a cell of a table tell of them? is_id: its column holds ids of customers."""
        text = cell.strip()
        if self.source_id and text == self.source_id and (is_id or len(text) >= SHORT):
            return True
        folded = text.casefold()
        words = [one for one in (self.name, plain_mail(self.mail), self.source_id) if one and len(one) >= SHORT]
        if any(re.search(rf"(?<!\w){re.escape(one.casefold())}(?!\w)", folded) for one in words):
            return True
        phone = digits(self.phone)
        return bool(phone) and phone in _NO_DIGIT.sub("", text)


def plain_mail(text: str | None) -> str:
    """A mail address as it is compared: without blanks, in small letters; "" of what is none.

    >>> plain_mail(" Ana@Example.org ")
    'ana@example.org'
    """
    return text.strip().casefold() if text and "@" in text else ""


def digits(text: str | None) -> str:
    """A telephone number as it is compared: its digits; "" of what is none.

    >>> digits("+381 64 / 123-4567"), digits("K1112")
    ('381641234567', '')
    """
    if not text or re.search(r"[^\W\d_]", text):
        return ""
    found = _NO_DIGIT.sub("", text).lstrip("0")
    return found if len(found) >= MEANT_AS_PHONE else ""


def find(
    connection: duckdb.DuckDBPyConnection,
    home: Home,
    *,
    customer: str = "",
    number: int | None = None,
    source: str = "",
) -> Person:
    """The customer of that id, mail address or telephone number, or of that number.

    One whose erasure was broken off, or who is erased already, is found as well.
    Raises: UnknownCustomer where nobody, or more than one, is called so.
    """
    found = people_called(connection, home, customer=customer, number=number, source=source)
    if len(found) == 1:
        return found[0]
    called = customer or f"{number}"
    if not found:
        raise UnknownCustomer(
            _("This home knows no customer {name}").format(name=repr(called)), where=str(home.root),
            remedy=_("Give the id as the file has it, the mail address or the telephone number"),
        )  # fmt: skip
    listed = ", ".join(f"{one.number} ({one.source})" for one in found)
    raise UnknownCustomer(
        _("{n} customers are called {name}: {listed}").format(n=len(found), name=repr(called), listed=listed),
        where=str(home.root),
        remedy=_("Name one of them: --number N, or --source SYSTEM"),
    )


def people_called(
    connection: duckdb.DuckDBPyConnection,
    home: Home,
    *,
    customer: str = "",
    number: int | None = None,
    source: str = "",
) -> list[Person]:
    """Every customer of that id, mail address or telephone number, or of that number (see `find`)."""
    private = Private(home)
    version = private.identities.version()
    if number is not None:
        wanted = f"customer_key = {int(number)}"
    else:
        mail, phone = plain_mail(customer), digits(customer)
        wanted = f"source_id = {literal(customer)} or lower(trim(mail)) = {literal(mail or None)}"
        wanted += f" or ltrim(regexp_replace(phone, '\\D', '', 'g'), '0') = {literal(phone or None)}"
    rows = connection.execute(
        "select customer_key, source, source_id, name, mail, phone from "
        f"{parquet([f.path for f in version.current()], IDENTITY)} where ({wanted})"
        + (f" and source = {literal(source)}" if source else "")
        + " order by customer_key"
    ).fetchall()
    known = {row[0]: Person(*row) for row in rows}
    told = [
        one
        for one in unfinished(home)
        if (one.number == number if number is not None else one.is_called(customer)) and source in ("", one.source)
    ]
    known |= {one.number: one for one in told}
    return list(known.values()) or _erased(connection, home, customer, number, source)


def _erased(
    connection: duckdb.DuckDBPyConnection, home: Home, customer: str, number: int | None, source: str
) -> list[Person]:
    """Customers whose id was erased, told by its keyed hash or by what the receipt says."""
    from tiesa.upkeep.receipts import receipts

    private = Private(home)
    files = [f.path for f in private.identities.version().current(ERASED)]
    held = connection.execute(f"select customer_key, source, source_id from {parquet(files, IDENTITY)}").fetchall()
    salt, found = private.salt(), set[int]()
    asked = [one for one in (plain_mail(customer), digits(customer)) if one]
    by_address = {
        one.customer for one in receipts(home) if any(keyed(salt, "", address) in one.addresses for address in asked)
    }
    for key, of, hashed in held:
        same = key == number if number is not None else key in by_address or hashed == keyed(salt, of, customer)
        if same and source in ("", of):
            found.add(key)
    sources = {key: of for key, of, _hashed in held}
    return [Person(key, sources[key], "") for key in sorted(found)]


def others_called(connection: duckdb.DuckDBPyConnection, home: Home, person: Person) -> list[tuple[int, str]]:
    """Number and source of other customers with the same mail address or telephone number."""
    if not person.addresses:
        return []
    wanted = ", ".join(literal(one) for one in person.addresses)
    files = [f.path for f in Private(home).identities.version().current()]
    rows = connection.execute(
        f"select customer_key, source from {parquet(files, IDENTITY)} "
        f"where customer_key <> {person.number} and (lower(trim(mail)) in ({wanted}) or "
        f"ltrim(regexp_replace(phone, '\\D', '', 'g'), '0') in ({wanted})) order by customer_key"
    ).fetchall()
    return [(int(key), str(source)) for key, source in rows]


def unfinished(home: Home) -> list[Person]:
    """Who is being erased, by erasures that were broken off."""
    return [_read(path) for path in sorted((home.private / UNFINISHED).glob("[!.]*.json"))]


def unfinished_file(home: Home, number: int) -> Path:
    return home.private / UNFINISHED / f"{number}.json"


def person_text(person: Person) -> str:
    return json.dumps(asdict(person), ensure_ascii=False)


def _read(path: Path) -> Person:
    try:
        return Person(**json.loads(path.read_text("utf-8")))
    except (ValueError, TypeError) as error:
        raise DamagedHome(
            _("This note of an erasure cannot be read"), where=str(path), remedy=_("Restore the home from a backup")
        ) from error
