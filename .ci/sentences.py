"""Every sentence of ours that people can read, as the source holds them: Python, pages, data files, the parser."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from jinja2.ext import babel_extract
from package_words import of_python

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "tiesa"
NAMES = ("_", "gettext", "ngettext", "pgettext")
DATA = {
    "journeys/deadlines.toml": ("deadlines.kind", "deadlines.note", "deadlines.checked"),
    "journeys/templates/*.toml": ("title", "stages.name", "checks.expectation", "checks.name"),
    "contacts/ready/*.toml": ("title",),
}
"""Words in data files, by file and key; the code shows them through `told`."""


class Found(NamedTuple):
    """A sentence, the file that holds it, its plural and its context ("": it has none)."""

    file: str
    sentence: str
    plural: str = ""
    context: str = ""


def found() -> Iterator[Found]:
    """In the order of the files."""
    yield from _of_python()
    yield from _of_pages()
    yield from _of_data()
    yield from _of_the_parser()


def _of_python() -> Iterator[Found]:
    """By the syntax tree, so that a sentence inside an f-string counts on every Python."""
    for file in sorted(SOURCE.rglob("*.py")):
        calls = [node for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.Call)]
        for call in sorted(calls, key=lambda c: (c.lineno, c.col_offset)):
            name = getattr(call.func, "attr", None) or getattr(call.func, "id", "")
            said = [a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
            if name in NAMES and said:
                yield _said(file, name, said)


def _of_pages() -> Iterator[Found]:
    pages = (SOURCE / "app" / "templates").rglob("*.*")
    for file in sorted(page for page in pages if page.suffix in (".html", ".txt")):  # mails are plain text
        with file.open("rb") as page:
            for _line, name, message, _comments in babel_extract(page, NAMES, [], {"trim_blocks": "true"}):
                said = [part for part in (message if isinstance(message, tuple) else (message,)) if part]
                if said:
                    yield _said(file, name or "_", said)


def _said(file: Path, name: str, said: list[str]) -> Found:
    path = file.relative_to(ROOT).as_posix()
    if name == "ngettext" and len(said) >= 2:
        return Found(path, said[0], plural=said[1])
    if name == "pgettext" and len(said) >= 2:
        return Found(path, said[1], context=said[0])
    return Found(path, said[0])


def _of_data() -> Iterator[Found]:
    for pattern, keys in DATA.items():
        for file in sorted(SOURCE.glob(pattern)):
            content = tomllib.loads(file.read_text("utf-8"))
            for key in keys:
                for words in _at(content, key.split(".")):
                    yield Found(file.relative_to(ROOT).as_posix(), words)


def _at(content: Any, key: list[str]) -> Iterator[str]:
    for part in content if isinstance(content, list) else [content]:
        value = part.get(key[0])
        if key[1:] and value is not None:
            yield from _at(value, key[1:])
        elif value:
            yield value


def _of_the_parser() -> Iterator[Found]:
    """What the parser of the command line says of itself (typer/core.py); it asks gettext, which asks our catalogue."""
    import typer.core

    for context, sentence, plural in of_python(Path(typer.core.__file__).read_text("utf-8")):
        yield Found("typer/core.py", sentence, plural, context)
