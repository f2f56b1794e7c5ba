"""A check of a whole home finds nothing; a check of a damaged one names the damage, where it is, and nothing else."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.unit.upkeep.homes import ID, file_of, made_home, other, send, stopping_before

from tiesa.contacts.importing import import_frame
from tiesa.contacts.log import ContactLog
from tiesa.contacts.private import Private
from tiesa.core.errors import EmptyHome
from tiesa.core.home import Home
from tiesa.core.tables import CONTACT, RATE
from tiesa.engines.store import NewFile, Store
from tiesa.journeys.build import build
from tiesa.upkeep.check import check
from tiesa.upkeep.erase import erase
from tiesa.upkeep.pins import pin


def full_home(folder: Path) -> Home:
    """With a correction, a pin, an erasure, rates, rules and a mapping."""
    home, _file = made_home(folder)
    pin(home, 1, why="the board")
    send(home, file_of(folder, [other(0, topic="changed")], "changed.csv"))
    rates = {"date": ["2025-01-01"], "from_currency": ["RSD"], "to_currency": ["EUR"], "rate": ["0.0085"]}
    import_frame(pa.table(rates), home, table=RATE)
    build(home)
    erase(home, ID, why="asked")
    home.rules.mkdir()
    home.mappings.mkdir()
    (home.rules / "journeys.toml").write_text('currency = "EUR"\n')
    return home


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return full_home(tmp_path_factory.mktemp("sound")).root


@pytest.fixture
def home(sound: Path, tmp_path: Path) -> Home:
    return Home(Path(shutil.copytree(sound, tmp_path / "home")))


def test_a_sound_home_has_no_finding(home: Home) -> None:
    for quick in (False, True):
        checked = check(home, quick=quick)
        assert checked.findings == ()
        assert checked.is_sound
        assert checked.files > 8
    assert json.dumps(checked.to_json())


def file_of_table(home: Home, store: Store | None = None) -> Path:
    return (store or ContactLog(home).store(CONTACT)).version().files[0].path


def cut(home: Home) -> None:
    path = file_of_table(home)
    path.write_bytes(path.read_bytes()[:-10])


def flip(home: Home) -> None:
    path = file_of_table(home)
    content = bytearray(path.read_bytes())
    content[60] ^= 1  # within the data, far from the footer
    path.write_bytes(content)


def swap(home: Home) -> None:
    journeys = [f.path for f in ContactLog(home).store(CONTACT).version().files]
    same_size = file_of_table(home, Private(home).words)
    shutil.copy(journeys[0], same_size)


def forge(home: Home, make: Callable[[pa.Table], pa.Table], store: Store) -> None:
    """Replace a table's latest file by another, with everything a proper commit has."""
    version = store.version()
    relative, path = store.new_path()
    table = make(pq.read_table(version.current()[0].path, partitioning=None))
    pq.write_table(table, path, store_schema=False)
    sealed = store.seal(relative, table.num_rows, None)
    store.commit(after=version, add=[sealed], remove=[version.current()[0]])


def forge_rate(home: Home) -> None:
    def free(table: pa.Table) -> pa.Table:
        at = table.column_names.index("rate")
        return table.set_column(at, "rate", pa.array([Decimal(0)], table["rate"].type))

    forge(home, free, ContactLog(home).store(RATE))


def double(home: Home) -> None:
    forge(home, lambda table: pa.concat_tables([table, table.slice(0, 1)]), ContactLog(home).store(CONTACT))


def other_columns(home: Home) -> None:
    forge(home, lambda table: table.drop_columns(["to_currency"]), ContactLog(home).store(RATE))


def false_count(home: Home) -> None:
    forge_new(home, rows=1000)


def false_bounds(home: Home) -> None:
    forge_new(home, rows=None, bounds={"import_id": ("a", "b")})


def forge_new(home: Home, *, rows: int | None, bounds: dict[str, tuple[str, str]] | None = None) -> None:
    store = ContactLog(home).store(RATE)
    version = store.version()
    relative, path = store.new_path()
    shutil.copy(version.files[0].path, path)
    sealed: NewFile = store.seal(relative, rows or version.files[0].rows, None)
    store.commit(after=version, add=[replace(sealed, bounds=bounds or {})], remove=version.files)


def lose_customer(home: Home) -> None:
    forge(home, lambda table: table.slice(0, table.num_rows - 1), Private(home).identities)


def name_twice(home: Home) -> None:
    forge(home, lambda table: pa.concat_tables([table, table.slice(0, 1)]), Private(home).identities)


def text_alone(home: Home) -> None:
    def alone(table: pa.Table) -> pa.Table:
        at = table.column_names.index("contact_id")
        return table.set_column(at, "contact_id", pa.array(["no such contact", *table["contact_id"].to_pylist()[1:]]))

    forge(home, alone, Private(home).words)


def drop_entry(table: str, number: int | None) -> Callable[[Home], None]:
    def drop(home: Home) -> None:
        entries = sorted((home.root / table / "_delta_log").glob("*.json"))
        entries[-1 if number is None else number].unlink()

    return drop


def foreign_commit(home: Home) -> None:
    from deltalake import DeltaTable

    DeltaTable(str(home.root / "rates")).alter.set_table_properties({"delta.appendOnly": "false"})


def other_rules_in_facts(home: Home) -> None:
    entry = max((home.root / "journey_contacts/_delta_log").glob("*.json"))
    entry.write_text(entry.read_text().replace("[windows]", "[widows]"))


def unfinished_erasure(home: Home) -> None:
    with stopping_before(6, home.root):
        erase(home, "person 1", why="asked")


def write(place: str, content: str | bytes) -> Callable[[Home], None]:
    def change(home: Home) -> None:
        path = home.root / place
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)

    return change


DAMAGES: list[tuple[Callable[[Home], None], str, str, str]] = [
    (lambda home: file_of_table(home).unlink(), "error", "file-missing", "contacts/"),
    (lambda home: file_of_table(home, Private(home).words).unlink(), "error", "file-missing", "private/texts/"),
    (cut, "error", "file-size", "contacts/"),
    (flip, "error", "file-changed", "contacts/"),
    (swap, "error", "file-size", "private/texts/"),
    (other_columns, "error", "file-schema", "rates/"),
    (false_count, "error", "file-rows", "rates/"),
    (false_bounds, "error", "file-bounds", "rates/"),
    (forge_rate, "error", "rate", "rates"),
    (double, "error", "key-twice", "contacts"),
    (lose_customer, "error", "identity-missing", "contacts"),
    (name_twice, "error", "identity-twice", "private/identities"),
    (text_alone, "warning", "text-alone", "private/texts"),
    (drop_entry("contacts", 1), "error", "log-broken", "_delta_log/00000000000000000001.json"),
    (drop_entry("contacts", None), "error", "evidence-link", "evidence 2"),
    (drop_entry("journeys", None), "error", "evidence-link", "evidence 2"),
    (foreign_commit, "error", "log-foreign", "rates"),
    (other_rules_in_facts, "error", "evidence-rules", "evidence 2"),
    (write("rules/journeys.toml", "windows = 3"), "error", "rules", "rules/journeys.toml"),
    (write("rules/standards.toml", "nonsense"), "error", "rules", "rules/standards.toml"),
    (write("rules/deadlines.toml", "[[x"), "error", "rules", "rules/deadlines.toml"),
    (write("rules/visibility.toml", "x = 1"), "error", "rules", "rules/visibility.toml"),
    (write("mappings/desk.toml", 'source = "x"\n[contact]\nno = 1'), "error", "mapping", "mappings/desk.toml"),
    (write("pins.toml", "[[pin]]\n"), "error", "pins", "pins.toml"),
    (write("backups.toml", "[[backup]]\n"), "error", "backups", "backups.toml"),
    (write("erasures/7-x.toml", "[[erasure]]\n"), "error", "erasures", "erasures/7-x.toml"),
    (write("tiesa.toml", "layout = 2"), "error", "layout", ""),
    (write("tiesa.toml", "layout ="), "error", "layout", "tiesa.toml"),
    (lambda home: home.private.chmod(0o755), "error", "access", "private"),
    (lambda home: (home.private / "salt").chmod(0o644), "error", "access", "private/salt"),
    (lambda home: (home.private / "salt").unlink(), "error", "salt", "private/salt"),
    (unfinished_erasure, "error", "erasure", "erasures"),
    (write("quarantine/20260101-000000-abcdef.csv", b"\xff\xfe,\x00"), "warning", "set-aside", "quarantine/"),
    (write("contacts/replaced_by=x/1.parquet", "half"), "note", "leftovers", "contacts/"),
    (write("private/.draft-0a-1.json", "half"), "note", "leftovers", "private/"),
]


def of(damage: object) -> str:
    return getattr(damage, "__name__", "") if callable(damage) else str(damage)


@pytest.mark.parametrize(("damage", "severity", "code", "where"), DAMAGES, ids=of)
def test_each_damage_is_named_and_nothing_else(
    home: Home, damage: Callable[[Home], None], severity: str, code: str, where: str
) -> None:
    damage(home)
    found = [one for one in check(home).findings if code == "leftovers" or one.code != "leftovers"]
    assert [(one.severity, one.code) for one in found] == [(severity, code)], found
    assert where in found[0].where
    assert found[0].what
    assert found[0].remedy
    assert check(home).is_sound == (severity != "error")


def test_damage_to_a_pinned_version_is_found(home: Home) -> None:
    log = ContactLog(home).store(CONTACT)
    old, new = ({f.path for f in log.version(n).files} for n in (1, None))
    (old - new).pop().unlink()
    assert [one.code for one in check(home).findings] == ["file-missing"]


def test_a_quick_check_leaves_the_bytes_out_and_sees_what_is_missing(home: Home) -> None:
    flip(home)
    assert check(home, quick=True).findings == ()
    file_of_table(home).unlink()
    assert [one.code for one in check(home, quick=True).findings] == ["file-missing"]


def test_a_broken_off_import_is_told_without_an_error(home: Home, tmp_path: Path) -> None:
    words = Private(home).words
    send(home, file_of(tmp_path, [other(90)], "more.csv"))
    entries = sorted((home.root / "contacts/_delta_log").glob("*.json"))
    entries[-1].unlink()  # as if it had been killed before the contacts were committed
    assert {(one.severity, one.code) for one in check(home).findings} == {
        ("note", "leftovers"),
        ("warning", "text-alone"),
    }
    send(home, tmp_path / "more.csv")
    assert [one.code for one in check(home).findings] == ["leftovers"]
    assert words.version().files


def test_where_no_home_is_there_is_nothing_to_check(tmp_path: Path) -> None:
    with pytest.raises(EmptyHome):
        check(Home(tmp_path / "nowhere"))
