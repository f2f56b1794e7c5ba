"""What tells persons apart in the private tables, brought to the form in which it is compared."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from tiesa.contacts.log import ContactLog
from tiesa.contacts.private import CASE_PREFIX, Private
from tiesa.core.enums import JoinReason
from tiesa.core.home import Home
from tiesa.core.tables import CONTACT, CUSTOMER, IDENTITY
from tiesa.engines.duckdb import literal, parquet
from tiesa.journeys.joining.rules import JoiningRules

if TYPE_CHECKING:
    import duckdb

SHORTEST_PHONE = 8


def known_persons(connection: duckdb.DuckDBPyConnection, home: Home, rules: JoiningRules) -> None:
    """Fill the temp table `known` (customer_key, source, source_id, name, mail, phone): one row a number, values as
    they are compared; null where a value cannot tell anybody."""
    files = [f.path for f in Private(home).identities.version().current()]
    connection.execute(
        "create or replace temp table known as select customer_key, source, source_id, "
        f"nullif(trim(name), '') as name, {_mail()} as mail, {_phone(rules.country_code)} as phone "
        f"from {parquet(files, IDENTITY)} where not starts_with(source_id, {literal(CASE_PREFIX)})"
    )


def _mail() -> str:
    """An address as it is compared: in small letters, without blanks around; an id may be one as well."""
    return "lower(trim(case when contains(mail, '@') then mail when contains(source_id, '@') then source_id end))"


def _phone(country_code: str) -> str:
    """A telephone number as it is compared: digits with the country's; null of what has letters or is too short."""
    said = "trim(coalesce(phone, case when starts_with(source_id, '+') then source_id end))"
    digits = f"regexp_replace({said}, '\\D', '', 'g')"
    bare = f"ltrim({digits}, '0')"
    home = literal(country_code)
    full = bare
    if country_code:
        full = (
            f"case when starts_with({said}, '+') or starts_with({digits}, '00') then {bare} "
            f"when not starts_with({digits}, '0') and starts_with({digits}, {home}) and length({digits}) >= 10 "
            f"then {digits} else {home} || {bare} end"
        )
    lettered = f"regexp_matches({said}, '[[:alpha:]]')"
    return f"case when not {lettered} and length({bare}) >= {SHORTEST_PHONE - 1} then {full} end"


def shared(
    connection: duckdb.DuckDBPyConnection, home: Home, rules: JoiningRules, reasons: Iterable[JoinReason]
) -> list[tuple[JoinReason, list[int], int]]:
    """Values that several numbers share: the reason, the numbers (the first few of many), how many there are.

    `known` must be filled. In order of the reasons, then of the numbers.
    """
    found: list[tuple[JoinReason, list[int], int]] = []
    for reason in reasons:
        values = _values(connection, home, rules, reason)
        rows = connection.execute(
            f"select list(customer_key order by customer_key)[:{rules.most}] as keys, count(*) as n from "
            f"(select distinct customer_key, value from ({values}) where value is not null) "
            "group by value having count(*) > 1 order by keys"
        ).fetchall()
        found += [(reason, [int(key) for key in keys], int(n)) for keys, n in rows]
    return found


def _values(connection: duckdb.DuckDBPyConnection, home: Home, rules: JoiningRules, reason: JoinReason) -> str:
    """SQL of (customer_key, value) of what a rule compares."""
    if reason != JoinReason.CONTRACT:
        return f"select customer_key, {reason.value} as value from known"
    parts = []
    if rules.same_ids:
        systems = ", ".join(map(literal, rules.same_ids))
        parts.append(f"select customer_key, upper(trim(source_id)) as value from known where source in ({systems})")
    if rules.contract:
        number = f"nullif(upper(trim(attributes[{literal(rules.contract)}])), '')"
        for table in (CUSTOMER, CONTACT):
            files = [f.path for f in ContactLog(home).files(table)]
            parts.append(
                f"select customer_key, {number} as value from {parquet(files, table)} where cardinality(attributes) > 0"
            )
    return " union all ".join(parts) or "select null::bigint as customer_key, null::varchar as value where false"
