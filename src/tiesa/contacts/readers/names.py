"""Names of columns as a source writes them, made such that everything behind the readers can use them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tiesa.contacts.readers.source import INTERNAL, ROW
from tiesa.core.errors import UnusableInput
from tiesa.core.locale import _

MOST_COLUMNS = 1_000
"""A table with more has records for columns, or is no table. Every row of a table has all its columns, and to plan a
query over many thousands takes minutes."""
LONGEST_NAME = 200
_NO_NAME = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def without_surrogates(text: str) -> str:
    r"""The text with U+FFFD for each half of a character: no file can hold one.

    >>> without_surrogates("a\udcffb")
    'a\ufffdb'
    """
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def unique_names(names: Iterable[str]) -> tuple[str, ...]:
    r"""Names for columns: trimmed, blank ones `column_N`, repeated ones (SQL knows no capitals) with a number behind;
    without control characters, of bounded length, and none that Tiesa's own work uses.

    >>> unique_names(["id", "", "ID", "a\0b"])
    ('id', 'column_2', 'ID_2', 'a b')
    """
    used = {ROW}
    unique: list[str] = []
    nth: dict[str, int] = {}
    for number, name in enumerate(names, 1):
        wanted = _plain(name) or f"column_{number}"
        key = wanted.casefold()
        chosen, repeat = wanted, nth.get(key, 2)
        while chosen.casefold() in used:
            chosen, repeat = f"{wanted}_{repeat}", repeat + 1
        nth[key] = repeat
        used.add(chosen.casefold())
        unique.append(chosen)
    return tuple(unique)


def _plain(name: str) -> str:
    if not name.isascii() or not name.isprintable():
        name = _NO_NAME.sub(lambda found: "\ufffd" if found[0] >= "\ud800" else " ", name)
    plain = re.sub(r"\s+", " ", name[: 10 * LONGEST_NAME]).strip()[:LONGEST_NAME].rstrip()
    return "_" + plain if plain.casefold().startswith(INTERNAL) else plain


def refuse_many_columns(count: int, where: str) -> None:
    if count > MOST_COLUMNS:
        raise UnusableInput(
            _("The file has more than {most} columns").format(most=MOST_COLUMNS),
            where=where,
            remedy=_("Export only the columns that say something of the contacts"),
        )
