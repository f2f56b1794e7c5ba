"""Every sentence a person sees exists in six languages, whole, in the right script, with its placeholders."""

from __future__ import annotations

import gettext
import importlib
import re
from pathlib import Path
from string import Formatter
from types import ModuleType

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


def messages_of(checkout: Path, language: str, domain: str = "tiesa") -> list[Message]:
    file = checkout / "src" / "tiesa" / "locale" / language / "LC_MESSAGES" / f"{domain}.po"
    with file.open("rb") as source:
        catalogue: Catalog = read_po(source, locale=language)
    return [message for message in catalogue if message.id]


def texts(message: Message) -> list[str]:
    return list(message.string) if isinstance(message.string, tuple) else [message.string or ""]


def originals(message: Message) -> list[str]:
    return list(message.id) if isinstance(message.id, tuple) else [message.id]


def holes(text: str) -> list[tuple[str, str]]:
    return sorted((name, spec or "") for _text, name, spec, _conversion in Formatter().parse(text) if name is not None)


def printf_holes(text: str) -> list[str]:
    return sorted(re.findall(r"%\(\w+\)[sdr]|%[sd]|\{\w+\}", text))


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


@pytest.fixture
def tool(checkout: Path, monkeypatch: pytest.MonkeyPatch):
    """A module of .ci by its name."""
    monkeypatch.syspath_prepend(str(checkout / ".ci"))
    return importlib.import_module


def test_serbian_cyrillic_is_the_latin_one_letter_by_letter(checkout: Path, tool) -> None:
    cyrillic = tool("serbian").cyrillic
    latin = {(m.context, str(m.id)): texts(m) for m in messages_of(checkout, "sr_Latn")}
    cyrillic_ones = messages_of(checkout, "sr")
    wrong = [m.id for m in cyrillic_ones if texts(m) != [cyrillic(t) for t in latin[m.context, str(m.id)]]]
    assert not wrong


def test_what_a_package_leaves_without_words_is_said_by_us(language: str, checkout: Path, tool) -> None:
    """Django, allauth and the others: every sentence of theirs that a person of ours can meet."""
    packages: ModuleType = tool("package_words")
    assert len(packages.met()) > 400, "their source is read"
    lacking = packages.holes(language)
    file = checkout / "src" / "tiesa" / "locale" / language / "LC_MESSAGES" / "django.mo"
    ours = gettext.GNUTranslations(file.open("rb")) if file.exists() else gettext.NullTranslations()
    unsaid = []
    for (context, sentence, plural), path in lacking.items():
        said = ours.pgettext(context, sentence) if context else ours.gettext(sentence)
        if plural:
            said = ours.ngettext(sentence, plural, 5)
        if said == (plural or sentence) and re.search("[a-z]{4,} [a-z]{2,}", bare(sentence)):
            unsaid.append(f"{path}: {sentence}")
    assert not unsaid, "Run python .ci/catalogues.py and translate in django.po:\n" + "\n".join(unsaid)


def test_our_words_for_the_packages_are_whole(language: str, checkout: Path) -> None:
    file = checkout / "src" / "tiesa" / "locale" / language / "LC_MESSAGES" / "django.po"
    wrong = []
    for message in messages_of(checkout, language, "django") if file.exists() else []:
        allowed = [printf_holes(text) for text in originals(message)]
        wrong += [text for text in texts(message) if not text.strip() or printf_holes(text) not in allowed]
        wrong += [text for text in texts(message) if re.search("[şţŞŢ]", text)]
        if isinstance(message.id, tuple) and len(texts(message)) != FORMS[language]:
            wrong.append(message.id[0])
    assert not wrong, "\n".join(wrong)


def test_only_packages_that_are_there_are_left_out_by_rule(tool) -> None:
    packages: ModuleType = tool("package_words")
    files = [path for name in packages.PACKAGES for path in packages.files_of(name)]
    unused = [rule for rule in packages.NOT_MET if not any(re.match(rule, path) for path in files)]
    assert not unused, "these rules leave nothing out any more"
