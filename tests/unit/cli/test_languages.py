"""The command line speaks the language of who runs it: its help, the parser's own words, and what was typed wrongly."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tiesa.cli.main import app
from tiesa.core.locale import use_language
from tiesa.core.tables import IMPORTABLE

CHECKOUT = Path(__file__).resolve().parents[3]
NO_WORDS = re.compile(r"`[^`]*`|--[\w-]+|<[^>]+>|\{?\b[A-Z_]{3,}\b\}?|~?/[\w./]+|\b[\w-]+\.\w{2,5}\b|'[^']*'")
"""Code: commands, options, kinds of values, names of what to give, files."""


FORMATS = {"tiesa", "csv", "xlsx", "parquet", "svg", "png", "html", "json", "lines", "mbox", "maildir"}


@cache
def said(*words: str, language: str = "") -> subprocess.CompletedProcess[str]:
    """What `tiesa` says to somebody whose system speaks a language."""
    chosen = {"LC_ALL": {"lt": "lt_LT.UTF-8", "sr": "sr_RS.UTF-8"}.get(language, "C.UTF-8"), "COLUMNS": "100"}
    kept = {k: v for k, v in os.environ.items() if k not in ("TIESA_LANGUAGE", "LANGUAGE", "LANG")}
    environment = {**kept, **chosen, "PYTHONPATH": str(CHECKOUT / "src"), "PYTHONUTF8": "1"}
    return subprocess.run(
        [sys.executable, "-m", "tiesa", *words], env=environment, capture_output=True, text=True, check=False
    )


def english(text: str) -> set[str]:
    """Words of three small Latin letters or more, code aside."""
    return set(re.findall(r"(?<![\w-])[a-z]{3,}(?![\w-])", NO_WORDS.sub(" ", text).lower()))


@pytest.mark.parametrize("command", [(), ("pin",), ("questions",), ("import",)])
@pytest.mark.parametrize("language", ["lt", "sr"])
def test_help_is_in_the_language_of_the_system(language: str, command: tuple[str, ...]) -> None:
    theirs, ours = (said(*command, "--help", language=one).stdout for one in ("", language))
    assert len(theirs) > 200, "there is help"
    same = english(ours) & english(theirs) - {one.name for one in app.registered_commands}
    assert same <= FORMATS | {table.name for table in IMPORTABLE}
    assert language != "sr" or re.search("[а-ш]{3}", ours)


WRONG = [
    ("pin",), ("pin", "first"), ("pin", "1", "2"), ("pin", "--oh"), ("pin", "--why"), ("pin", "1", "--json=3"), ("pn",),
    ("questions", "--number", "x"), ("questions", "--language", "xx"), ("--language", "xx", "pins"),
]  # fmt: skip


@pytest.mark.parametrize("words", WRONG)
def test_what_was_typed_wrongly_is_told_in_the_language_of_the_system(words: tuple[str, ...]) -> None:
    theirs, ours = said(*words), said(*words, language="lt")
    assert ours.returncode == theirs.returncode == 2
    assert ours.stderr.startswith("tiesa: ")
    assert len(ours.stderr.splitlines()) == 1
    assert not english(ours.stderr) & english(theirs.stderr) - {"tiesa", "first", "sr_latn", "pin", "pins"}


def test_an_option_names_the_language_before_the_system_does() -> None:
    assert said("--language", "ro", "pin", language="lt").stderr == said("--language=ro", "pin").stderr
    assert said("--language", "ro", "pin").stderr != said("pin", language="lt").stderr


def test_every_sentence_of_the_parser_is_in_the_catalogue() -> None:
    """The words that it asks gettext for."""
    from tiesa.core.locale import told

    with use_language("lt"):
        for words in ("Options", "Commands", "Arguments", "required", "default: {default}"):
            assert told(words) != words
