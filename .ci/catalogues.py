"""Brings the message catalogues up to date with the sentences in the source.

    .venv/bin/python .ci/catalogues.py            writes the template, the catalogues and compiled ones where translated
    .venv/bin/python .ci/catalogues.py --check    writes nothing; exit status 1 and a list when one is out of date

`tiesa.po` holds our own sentences, `django.po` those that the packages below us show without words in a language.
The files hold no dates and no line numbers, so that they change only when a sentence does.
"""

from __future__ import annotations

import io
import sys
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from package_words import holes
from sentences import ROOT, SOURCE, found
from serbian import cyrillic

FOLDER = SOURCE / "locale"
LANGUAGES = ("sr", "sr_Latn", "lt", "ru", "sl", "ro")
OURS, PACKAGES = "tiesa", "django"
"""The two domains."""
NO_DATE = datetime(2025, 1, 1, tzinfo=UTC)
# Lines of a catalogue's head that say who and when; the version history knows that better.
HEAD_NOISE = ("Project-Id-Version", "Report-Msgid-Bugs-To", "POT-Creation-Date", "PO-Revision-Date", "Last-Translator",
              "Language-Team", "Generated-By")  # fmt: skip


def template() -> Catalog:
    """Every sentence of ours."""
    catalogue = new_catalogue()
    for one in found():
        message = (one.sentence, one.plural) if one.plural else one.sentence
        catalogue.add(message, locations=[(one.file, 0)], context=one.context or None)
    return catalogue


def missing_words(language: str) -> Catalog:
    """What the packages leave without words in a language; Serbian's two scripts lack the same."""
    lacking = holes(language) | (holes("sr") | holes("sr_Latn") if language.startswith("sr") else {})
    catalogue = new_catalogue()
    for (context, sentence, plural), path in lacking.items():
        message = (sentence, plural) if plural else sentence
        catalogue.add(message, locations=[(path, 0)], context=context or None)
    return catalogue


def new_catalogue(language: str | None = None) -> Catalog:
    head = "# Put here by .ci/catalogues.py."
    return Catalog(locale=language, fuzzy=False, creation_date=NO_DATE, revision_date=NO_DATE, header_comment=head)


def translated(language: str, sentences: Catalog, domain: str = OURS) -> Catalog:
    """The catalogue of a language with today's sentences; translations of unchanged ones are kept."""
    file = catalogue_file(language, domain)
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


def catalogue_file(language: str, domain: str = OURS) -> Path:
    return FOLDER / language / "LC_MESSAGES" / f"{domain}.po"


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
    ours = template()
    files: dict[Path, bytes | None] = {FOLDER / f"{OURS}.pot": as_text(ours)}
    for language in LANGUAGES:
        for domain, sentences in ((OURS, ours), (PACKAGES, missing_words(language))):
            catalogue = translated(language, sentences, domain)
            if language == "sr":
                _from_latin(catalogue, translated("sr_Latn", sentences, domain))
            file = catalogue_file(language, domain)
            files[file] = as_text(catalogue) if len(catalogue) else None
            files[file.with_suffix(".mo")] = compiled(catalogue)
    return files


def _from_latin(catalogue: Catalog, latin: Catalog) -> None:
    """Serbian in Cyrillic is made from the Latin one, letter by letter."""
    for message in catalogue:
        if message.id:
            said = _same(latin, message).string or ""
            message.string = tuple(map(cyrillic, said)) if isinstance(said, tuple) else cyrillic(said)


def _same(catalogue: Catalog, message: Message) -> Message:
    found = catalogue.get(message.id, message.context)
    assert found is not None, message.id
    return found


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
