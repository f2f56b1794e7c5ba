"""Brings the message catalogues up to date with the sentences in the source.

    .venv/bin/python .ci/catalogues.py            writes the template, the catalogues and compiled ones where translated
    .venv/bin/python .ci/catalogues.py --check    writes nothing; exit status 1 and a list when one is out of date

The files hold no dates and no line numbers, so that they change only when a sentence does.
"""

from __future__ import annotations

import io
import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "tiesa"
FOLDER = SOURCE / "locale"
LANGUAGES = ("sr", "sr_Latn", "lt", "ru", "sl", "ro")
METHODS = [("**.py", "python")]
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}
NO_DATE = datetime(2025, 1, 1, tzinfo=UTC)
# Lines of a catalogue's head that say who and when; the version history knows that better.
HEAD_NOISE = ("Project-Id-Version", "Report-Msgid-Bugs-To", "POT-Creation-Date", "PO-Revision-Date", "Last-Translator",
              "Language-Team", "Generated-By")  # fmt: skip


def template() -> Catalog:
    """Every sentence of the source that goes through gettext."""
    catalogue = new_catalogue()
    found = extract_from_dir(SOURCE, method_map=METHODS, keywords=KEYWORDS, comment_tags=("translators:",))
    for file, _line, message, comments, context in found:
        catalogue.add(message, locations=[(f"src/tiesa/{file}", 0)], auto_comments=comments, context=context)
    return catalogue


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
    catalogue.update(sentences, no_fuzzy_matching=True)
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
        files[catalogue_file(language)] = as_text(catalogue)
        files[catalogue_file(language).with_suffix(".mo")] = compiled(catalogue)
    return files


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
