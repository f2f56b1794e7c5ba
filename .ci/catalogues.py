"""Brings the message catalogues up to date with the sentences in the source.

    .venv/bin/python .ci/catalogues.py            writes the template, the catalogues and compiled ones where translated
    .venv/bin/python .ci/catalogues.py --check    writes nothing; exit status 1 and a list when one is out of date

The files hold no dates and no line numbers, so that they change only when a sentence does.
"""

from __future__ import annotations

import ast
import io
import sys
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract
from serbian import cyrillic

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "tiesa"
FOLDER = SOURCE / "locale"
LANGUAGES = ("sr", "sr_Latn", "lt", "ru", "sl", "ro")
NAMES = ("_", "gettext", "ngettext")
NO_DATE = datetime(2025, 1, 1, tzinfo=UTC)
# Lines of a catalogue's head that say who and when; the version history knows that better.
HEAD_NOISE = ("Project-Id-Version", "Report-Msgid-Bugs-To", "POT-Creation-Date", "PO-Revision-Date", "Last-Translator",
              "Language-Team", "Generated-By")  # fmt: skip


def template() -> Catalog:
    """Every sentence of the source that goes through gettext, in Python and in the pages."""
    catalogue = new_catalogue()
    found = [*_of_python(), *_of_pages()]
    for file, message in found:
        catalogue.add(message, locations=[(file.relative_to(ROOT).as_posix(), 0)])
    return catalogue


def _of_python() -> Iterator[tuple[Path, str | tuple[str, str]]]:
    """By the syntax tree, so that a sentence inside an f-string counts on every Python."""
    for file in sorted(SOURCE.rglob("*.py")):
        calls = [node for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.Call)]
        for call in sorted(calls, key=lambda c: (c.lineno, c.col_offset)):
            name = getattr(call.func, "attr", None) or getattr(call.func, "id", "")
            said = [a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
            if name == "ngettext" and len(said) >= 2:
                yield file, (said[0], said[1])
            elif name in NAMES and said:
                yield file, said[0]


def _of_pages() -> Iterator[tuple[Path, str | tuple[str, str]]]:
    pages = (SOURCE / "app" / "templates").rglob("*.*")
    for file in sorted(page for page in pages if page.suffix in (".html", ".txt")):  # mails are plain text
        with file.open("rb") as page:
            for _line, name, message, _comments in babel_extract(page, NAMES, [], {"trim_blocks": "true"}):
                parts = message if isinstance(message, tuple) else (message,)
                said = [part for part in parts if part]
                if said:
                    yield file, (said[0], said[1]) if name == "ngettext" else said[0]


def new_catalogue(language: str | None = None) -> Catalog:
    head = "# Sentences of Tiesa, put here by .ci/catalogues.py."
    return Catalog(locale=language, fuzzy=False, creation_date=NO_DATE, revision_date=NO_DATE, header_comment=head)


def translated(language: str, sentences: Catalog) -> Catalog:
    """The catalogue of a language with today's sentences; translations of unchanged ones are kept."""
    file = catalogue_file(language)
    catalogue = new_catalogue(language)
    if file.exists():
        with file.open("rb") as old:
            for message in read_po(old, locale=language):
                if message.id:
                    catalogue[message.id] = message
    catalogue.update(deepcopy(sentences), no_fuzzy_matching=True)  # it takes the messages themselves
    catalogue.obsolete.clear()
    catalogue.creation_date = NO_DATE
    return catalogue


def catalogue_file(language: str) -> Path:
    return FOLDER / language / "LC_MESSAGES" / "tiesa.po"


def as_text(catalogue: Catalog) -> bytes:
    buffer = io.BytesIO()
    write_po(buffer, catalogue, width=120, sort_output=True, include_lineno=False)
    lines = buffer.getvalue().splitlines(keepends=True)
    return b"".join(line for line in lines if not line.startswith(tuple(f'"{key}:'.encode() for key in HEAD_NOISE)))


def compiled(catalogue: Catalog) -> bytes | None:
    """What the program reads; none where nothing is translated yet."""
    if not any(message.id and message.string and any(message.string) for message in catalogue):
        return None
    buffer = io.BytesIO()
    write_mo(buffer, catalogue)
    return buffer.getvalue()


def wanted_files() -> dict[Path, bytes | None]:
    """What each file of the locale folder should hold; None where there should be no file."""
    sentences = template()
    files: dict[Path, bytes | None] = {FOLDER / "tiesa.pot": as_text(sentences)}
    for language in LANGUAGES:
        catalogue = translated(language, sentences)
        if language == "sr":
            _from_latin(catalogue, translated("sr_Latn", sentences))
        files[catalogue_file(language)] = as_text(catalogue)
        files[catalogue_file(language).with_suffix(".mo")] = compiled(catalogue)
    return files


def _from_latin(catalogue: Catalog, latin: Catalog) -> None:
    """Serbian in Cyrillic is made from the Latin one, letter by letter."""
    for message in catalogue:
        if message.id:
            said = latin[message.id].string or ""
            message.string = tuple(map(cyrillic, said)) if isinstance(said, tuple) else cyrillic(said)


def main(check_only: bool) -> int:
    outdated = 0
    for file, content in wanted_files().items():
        if (file.read_bytes() if file.exists() else None) == content:
            continue
        outdated += 1
        print(f"{'out of date' if check_only else 'written'}: {file.relative_to(ROOT)}")
        if not check_only and content is None:
            file.unlink()
        elif not check_only and content is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
    return 1 if check_only and outdated else 0


if __name__ == "__main__":
    sys.exit(main(check_only="--check" in sys.argv[1:]))
