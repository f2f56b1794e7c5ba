"""Every sentence a person can see goes through gettext, and the catalogues know it."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

GETTEXT = {"_", "gettext", "ngettext", "pgettext"}
PRINTING = {"echo", "secho", "print", "confirm", "prompt"}
VISIBLE_OPTIONS = {"what", "where", "remedy", "reason", "help", "short_help", "epilog", "title", "caption"}
WORD = re.compile(r"[^\W\d_]{2,}")
NO_WORD = re.compile(r"\[/?[a-z ]*\]|\btiesa\b")
WORDS = re.compile(r"[^\W\d_]{2,}\s+[^\W\d_]{2,}")


def name_of(call: ast.Call) -> str:
    return getattr(call.func, "attr", None) or getattr(call.func, "id", "")


def error_classes(source: Path) -> set[str]:
    """TiesaError and everything derived from it, in any file."""
    known = {"TiesaError"}
    classes = [
        n for f in source.rglob("*.py") for n in ast.walk(ast.parse(f.read_text())) if isinstance(n, ast.ClassDef)
    ]
    while found := {c.name for c in classes if any(getattr(b, "id", "") in known for b in c.bases)} - known:
        known |= found
    return known


def is_sentence(expression: ast.expr) -> bool:
    """Two words in a row; in an f-string, where a value stands beside it, one (marks such as [bold] are no words)."""
    if isinstance(expression, ast.JoinedStr):
        constants = [str(part.value) for part in expression.values if isinstance(part, ast.Constant)]
        return any(WORD.search(NO_WORD.sub("", text)) for text in constants)
    return isinstance(expression, ast.Constant) and WORDS.search(str(expression.value)) is not None


def bare_sentences(shown: ast.expr) -> Iterator[ast.expr]:
    """Literal sentences in an expression that no gettext call holds."""
    if isinstance(shown, ast.Call):
        if name_of(shown) in GETTEXT:
            return
        if name_of(shown) in {"format", "join"} and isinstance(shown.func, ast.Attribute):
            yield from bare_sentences(shown.func.value)
    elif is_sentence(shown):
        yield shown
    elif isinstance(shown, ast.IfExp):
        yield from bare_sentences(shown.body)
        yield from bare_sentences(shown.orelse)
    elif isinstance(shown, ast.BinOp):
        yield from bare_sentences(shown.left)
        yield from bare_sentences(shown.right)


def shown_expressions(call: ast.Call, errors: set[str]) -> list[ast.expr]:
    """The arguments of a call that a person will read."""
    if name_of(call) in errors | PRINTING:
        options = [option.value for option in call.keywords if option.arg in VISIBLE_OPTIONS]
        return [*call.args, *options]
    if name_of(call) in {"Option", "Argument", "Typer", "command", "callback", "add_typer", "BadRow", "add_column"}:
        return [option.value for option in call.keywords if option.arg in VISIBLE_OPTIONS]
    return []


def source_calls(source: Path) -> Iterator[tuple[Path, ast.Call]]:
    for file in sorted(source.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call):
                yield file, node


@pytest.fixture(scope="module")
def source(checkout: Path) -> Path:
    return checkout / "src" / "tiesa"


def test_shown_sentences_go_through_gettext(source: Path) -> None:
    errors = error_classes(source)
    found = [
        f"{file.relative_to(source)}:{sentence.lineno}: {ast.unparse(sentence)}"
        for file, call in source_calls(source)
        for shown in shown_expressions(call, errors)
        for sentence in bare_sentences(shown)
    ]
    assert not found, "put these into _():\n" + "\n".join(found)


def test_gettext_is_given_plain_sentences(source: Path) -> None:
    """`_(f"...")` and `_(variable)` are never extracted, so nobody could translate them."""
    found = [
        f"{file.relative_to(source)}:{call.lineno}: {ast.unparse(call)}"
        for file, call in source_calls(source)
        if name_of(call) in {"_", "ngettext", "pgettext"} and file.name != "locale.py"
        for sentence in call.args[: 1 if name_of(call) == "_" else 2]
        if not (isinstance(sentence, ast.Constant) and isinstance(sentence.value, str) and sentence.value)
    ]
    assert not found, "gettext cannot find these sentences; write them out and fill them with .format():\n" + "\n".join(
        found
    )


def test_the_catalogues_are_up_to_date(checkout: Path) -> None:
    check = subprocess.run(
        [sys.executable, ".ci/catalogues.py", "--check"], cwd=checkout, capture_output=True, text=True
    )
    assert check.returncode == 0, check.stdout + check.stderr + "Run: python .ci/catalogues.py"


@pytest.mark.parametrize(
    ("statement", "is_shown_bare"),
    [
        ('raise TiesaError("The file is empty")', True),
        ('raise TiesaError(_("The file is empty"))', False),
        ('raise TiesaError(_("Row {row} is empty").format(row=3))', False),
        ('raise TiesaError(f"Row {row} is empty")', True),
        ('raise TiesaError("Row {row} is empty".format(row=3))', True),
        ('typer.echo("No contacts" if n == 0 else _("Some contacts"))', True),
        ('raise ValueError("a mistake of the caller")', False),
    ],
)
def test_the_search_for_bare_sentences_finds_them(statement: str, is_shown_bare: bool) -> None:
    calls = [node for node in ast.walk(ast.parse(statement)) if isinstance(node, ast.Call)]
    found = [s for call in calls for shown in shown_expressions(call, {"TiesaError"}) for s in bare_sentences(shown)]
    assert bool(found) == is_shown_bare
