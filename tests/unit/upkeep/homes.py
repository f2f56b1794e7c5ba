"""A home to look after: a help desk's contacts with one person who can be found again in any file."""

from __future__ import annotations

import atexit
import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from tests.unit.contacts.desk import COLUMNS, WITH_IDS, Row, row, take_in, write_csv

from tiesa.contacts.importing import ImportResult
from tiesa.core.home import Home
from tiesa.journeys.build import build
from tiesa.journeys.view import open_view

ID, NAME, WORD = "KID-77031", "Zdenka Vrtačnik", "pelargonija"
MAIL, PHONE = "zdenka.v@primer.example", "+386 41 555 0177"
PERSONAL = (ID, NAME, MAIL, "41 555 0177", "415550177", WORD)
NAMED = WITH_IDS.replace(
    'customer = "who"', 'customer = "who"\ncustomer_name = "name"\ncustomer_mail = "mail"\ncustomer_phone = "phone"'
)
ALL_COLUMNS = (*COLUMNS, "name", "mail", "phone")


def rows_of_person(first: int = 1000, n: int = 4) -> list[Row]:
    """Contacts of the person; their ids are Message-IDs that hold the mail address."""
    about = {"who": ID, "name": NAME, "mail": MAIL, "phone": PHONE, "ticket": "T-of-them"}
    return [
        row(i, id=f"<{i}.{MAIL}>", words=f"I called about the {WORD} {i}", **about) for i in range(first, first + n)
    ]


def other(number: int, **changes: str) -> Row:
    who = f"person {number % 7}"
    about = {"name": f"Name of {who}", "mail": f"p{number % 7}@example.org", "phone": f"+386 1 000 00 0{number % 7}"}
    return row(number, **{**about, **changes})


def file_of(folder: Path, rows: list[Row], name: str = "desk.csv") -> Path:
    return write_csv(folder / name, rows, ALL_COLUMNS)


def send(home: Home, file: Path) -> ImportResult:
    return take_in(home, file, NAMED)


def made_home(folder: Path) -> tuple[Home, Path]:
    """A built home and the file it came from: 40 contacts of seven people, 4 of the person, and two rows set aside."""
    made = _made()
    shutil.copytree(made / "home", folder / "home", symlinks=True)
    return Home(folder / "home"), Path(shutil.copy(made / "desk.csv", folder))


@cache
def _made() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="tiesa-upkeep-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    broken = {**rows_of_person(2000, 1)[0], "when": "no time"}
    file = file_of(folder, [*(other(i) for i in range(40)), *rows_of_person(), broken, other(50, when="never")])
    send(Home(folder / "home"), file)
    build(Home(folder / "home"))
    return folder


def figures(home: Home, version: int | None = None) -> list[dict[str, Any]]:
    """Every row and every journey of an evidence number, to the letter."""
    with open_view(home, version=version) as view:
        found = [view.table(f"from {table} order by all") for table in ("all_rows", "all_journeys")]
    return [row for table in found for row in table.to_pylist()]


def texts_of(folder: Path) -> Iterator[tuple[Path, str]]:
    """Every file of a folder, as its bytes read and as its columns or JSON say."""
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        content = path.read_bytes()
        yield path, content.decode("utf-8", errors="replace")
        if path.suffix == ".parquet" and content:
            yield path, _said(pq.ParquetFile(path))
        if path.suffix == ".json":
            yield path, json.dumps([json.loads(line) for line in content.splitlines()], ensure_ascii=False)


def _said(file: pq.ParquetFile) -> str:
    table: pa.Table = file.read()
    return f"{file.metadata.to_dict()} {table.to_pylist()}"


def telling(folder: Path) -> dict[str, list[str]]:
    """The files that tell of the person, each with what they say."""
    found: dict[str, list[str]] = {}
    for path, text in texts_of(folder):
        if said := [one for one in PERSONAL if one.casefold() in text.casefold()]:
            found.setdefault(str(path.relative_to(folder)), []).extend(said)
    return found


class Stopped(BaseException):
    """As if the process had been killed here."""


@dataclass
class Stops:
    """Stop before the `left`-th file under `root` that is removed or renamed; spilled rows do not count."""

    left: int = 0
    root: Path = Path("/nowhere")

    def look(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.left and event in ("os.remove", "os.rename"):
            path = str(arguments[0])
            if path.startswith(str(self.root)) and "/spill/" not in path:
                self.left -= 1
                if not self.left:
                    raise Stopped


STOPS = Stops()
sys.addaudithook(STOPS.look)


@contextmanager
def stopping_before(n: int, root: Path) -> Iterator[Stops]:
    """Stop what is done in here before its n-th file; `left` is 0 when it came so far."""
    STOPS.left, STOPS.root = n, root
    with suppress(Stopped):
        yield STOPS
    STOPS.root = Path("/nowhere")


@dataclass
class Meanwhile:
    """What another process does, as it were, when a file is opened for the first time."""

    part: str = ""
    action: Callable[[], object] = dict

    def look(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.part and event == "open" and self.part in str(arguments[0]):
            self.part = ""
            self.action()


MEANWHILE = Meanwhile()
sys.addaudithook(MEANWHILE.look)


@contextmanager
def meanwhile(part: str, action: Callable[[], object]) -> Iterator[None]:
    """When a file with this in its path is first opened in here, do that; it must come so far."""
    MEANWHILE.part, MEANWHILE.action = part, action
    yield
    assert not MEANWHILE.part
