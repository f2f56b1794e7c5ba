"""Every sentence a person sees exists in six languages, whole, in the right script, with its placeholders."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

LANGUAGES = ("sr", "sr_Latn", "lt", "ru", "sl", "ro")
FORMS = {"sr": 3, "sr_Latn": 3, "lt": 3, "ru": 3, "sl": 4, "ro": 3}
CYRILLIC, LATIN = re.compile("[Ѐ-ӿ]"), re.compile("[A-Za-zĀ-ſȘ-ț]")


@pytest.fixture(scope="module", params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def messages(language: str, checkout: Path) -> list[Message]:
    return messages_of(checkout, language)


def messages_of(checkout: Path, language: str) -> list[Message]:
    file = checkout / "src" / "tiesa" / "locale" / language / "LC_MESSAGES" / "tiesa.po"
    with file.open("rb") as source:
        catalogue: Catalog = read_po(source, locale=language)
    return [message for message in catalogue if message.id]


def texts(message: Message) -> list[str]:
    return list(message.string) if isinstance(message.string, tuple) else [message.string or ""]


def originals(message: Message) -> list[str]:
    return list(message.id) if isinstance(message.id, tuple) else [message.id]


def holes(text: str) -> list[tuple[str, str]]:
    return sorted((name, spec or "") for _text, name, spec, _conversion in Formatter().parse(text) if name is not None)


def bare(text: str) -> str:
    """Without what is no word of a language: placeholders, code, files, commands."""
    return re.sub(
        r"`[^`]*`|\{[^}]*\}|%\([^)]*\)[sd]|https?://\S+|[\w.-]*\.\w{2,5}\b|--?[a-z][\w-]*|\b\w+_\w+\b", " ", text
    )


def test_nothing_is_left_untranslated(language: str, messages: list[Message]) -> None:
    missing = [originals(m)[0] for m in messages if not all(text.strip() for text in texts(m))]
    assert not missing, f"{len(missing)} sentences have no {language}:\n" + "\n".join(missing[:20])


def test_plurals_have_every_form(language: str, messages: list[Message]) -> None:
    wrong = [m.id for m in messages if isinstance(m.id, tuple) and len(texts(m)) != FORMS[language]]
    assert not wrong


def test_placeholders_are_those_of_the_sentence(messages: list[Message]) -> None:
    wrong = []
    for message in messages:
        if not any("{" in text for text in originals(message)):
            continue
        allowed = [holes(text) for text in originals(message)]
        for text in texts(message):
            if text and holes(text) not in allowed:
                wrong.append(text)
    assert not wrong, "\n".join(wrong)


def test_code_stays_code(messages: list[Message]) -> None:
    wrong = []
    for message in messages:
        allowed = [sorted(re.findall("`[^`]+`", text)) for text in originals(message)]
        wrong += [t for t in texts(message) if t and sorted(re.findall("`[^`]+`", t)) not in allowed]
    assert not wrong, "\n".join(wrong)


def test_words_stand_in_the_languages_script(language: str, messages: list[Message]) -> None:
    wrong = []
    for message in messages:
        for original, text in zip(originals(message)[-1:] * 9, texts(message), strict=False):
            if language in ("ru", "sr"):
                is_word = re.search(r"[a-z]{4,} [a-z]{3,}", bare(original)) is not None
                if is_word and text and not CYRILLIC.search(bare(text)):
                    wrong.append(text)
            elif CYRILLIC.search(text) and not CYRILLIC.search(original):
                wrong.append(text)
    assert not wrong, "\n".join(wrong[:20])


def test_romanian_has_commas_below_never_cedillas(checkout: Path) -> None:
    romanian = " ".join(text for message in messages_of(checkout, "ro") for text in texts(message))
    assert not re.search("[şţŞŢ]", romanian)
    assert len(re.findall("[ășțîâ]", romanian)) > 2000, "its letters are written out"


def test_serbian_cyrillic_is_the_latin_one_letter_by_letter(checkout: Path) -> None:
    sys.path.insert(0, str(checkout / ".ci"))
    try:
        from serbian import cyrillic
    finally:
        sys.path.pop(0)
    latin = {str(m.id): texts(m) for m in messages_of(checkout, "sr_Latn")}
    wrong = [m.id for m in messages_of(checkout, "sr") if texts(m) != [cyrillic(t) for t in latin[str(m.id)]]]
    assert not wrong
