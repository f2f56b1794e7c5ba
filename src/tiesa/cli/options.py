"""Options that several commands share, defined once, and the two ways of answering: words or JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tiesa.core.errors import WrongUsage
from tiesa.core.home import Home
from tiesa.core.locale import LANGUAGES, _, use_language

if TYPE_CHECKING:
    from tiesa.core.columns import Table

HomeOption = Annotated[
    Path | None, typer.Option("--home", help=_("Folder of the log (else TIESA_HOME, else ~/.local/share/tiesa)."))
]
JsonOption = Annotated[bool, typer.Option("--json", help=_("Answer in JSON."))]
TableOption = Annotated[
    str, typer.Option("--as", help=_("What the rows are: contact, customer, outcome, answer, ... (else found out)."))
]
AsOfOption = Annotated[str, typer.Option("--as-of", help=_("What counts as now (else the log's last contact)."))]
LanguageOption = Annotated[
    str, typer.Option("--language", help=_("Language of words and numbers: en, sr, sr_Latn, lt, ru, sl, ro."))
]


def home_of(folder: Path | None) -> Home:
    return Home(folder) if folder else Home.standard()


def table_of(name: str) -> Table | None:
    """The table that `--as` names, in the singular or the plural."""
    from tiesa.core.tables import IMPORTABLE

    if not name:
        return None
    for table in IMPORTABLE:
        if name in (table.name, table.plural):
            return table
    what = _("There is no table {name} to import").format(name=repr(name))
    allowed = _("Allowed: {keys}").format(keys=", ".join(t.name for t in IMPORTABLE))
    raise WrongUsage(what, where="--as", remedy=allowed)


def instant_of(text: str, *, option: str = "--as-of") -> datetime | None:
    """An ISO date or time; without an offset it is UTC."""
    if not text:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise WrongUsage(
            _("{text} is not a time").format(text=repr(text)), where=option, remedy=f"{option} 2026-03-31T18:00"
        ) from error
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def days_of(text: str, *, option: str = "--horizon") -> timedelta:
    """A number of days such as `180d`, from 1 to 730."""
    number = text.removesuffix("d")
    if not number.isdecimal() or not 1 <= int(number) <= 730:
        what = _("{value!r} is no number of days from 1 to 730").format(value=text)
        raise WrongUsage(what, where=option, remedy=f"{option} 180d")
    return timedelta(days=int(number))


def print_json(answer: Any) -> None:
    sys.stdout.write(json.dumps(answer, default=_plain, ensure_ascii=False, indent=2) + "\n")


def print_json_line(answer: Any) -> None:
    """One line of a stream of answers, at once."""
    sys.stdout.write(json.dumps(answer, default=_plain) + "\n")
    sys.stdout.flush()


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    return str(value)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Words and numbers in this language (empty: as they are). Raises: WrongUsage for one we do not have."""
    if not language:
        yield
        return
    if language not in LANGUAGES:
        raise WrongUsage(
            _("There is no language {name}").format(name=repr(language)), where="--language",
            remedy=_("Allowed: {keys}").format(keys=", ".join(LANGUAGES)),
        )  # fmt: skip
    with use_language(language):
        yield


@contextmanager
def working(what: str) -> Iterator[None]:
    """Say what is going on while it lasts; only to a person at a terminal, on stderr."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(what):
        yield
