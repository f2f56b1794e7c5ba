"""Sentences that the packages below us show to people, and those that they leave without words in a language of ours.

Read from the installed packages: what their source marks for translation, against what their own catalogues hold.
"""

from __future__ import annotations

import ast
import gettext
import io
import re
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from babel.messages.extract import extract
from django.utils.translation.template import templatize

PACKAGES = ("django", "allauth", "axes", "csp", "django_htmx", "django_tasks", "django_tasks_db", "simple_history")
"""Packages whose sentences go through Django's own gettext domain."""
NOT_MET = {
    "django/contrib/(?!auth/|contenttypes/|messages/|sessions/|staticfiles/)": "not installed: admin, gis and the like",
    "(axes|django_tasks_db|django/contrib/auth)/(admin|models|forms)": "pages of Django's admin",
    "simple_history/": "pages of Django's admin",
    "django/contrib/auth/templates/": "mails of Django; ours go through allauth",
    "django/contrib/(auth/hashers|contenttypes/views)": "pages of Django's admin",
    "django/conf/global_settings": "names of languages; ours are in the settings",
    "django/views/": "pages of Django that ours stand for",
    "django_tasks/": "names of the states of a job, shown in Django's admin",
    "axes/conf": "who is locked out sees a page of ours",
    "allauth/(templates/)?(idp|headless|openid)/": "not installed",
    "allauth/socialaccount/providers/(?!base/|oauth2?/|openid_connect/)": "not installed",
    r"[\w/]*/(tests?|migrations|management|locale)/": "no page shows it",
}
"""Files (paths in their packages, as patterns) whose sentences no person of ours can meet, and why."""
CALLS = {
    "_": 0, "gettext": 0, "gettext_lazy": 0, "gettext_noop": 0, "ngettext": 0, "ngettext_lazy": 0,
    "pgettext": 1, "pgettext_lazy": 1, "npgettext": 1, "npgettext_lazy": 1,
}  # fmt: skip
"""What marks a sentence, and whether a context stands before it."""
CEDILLA = re.compile("[şţŞŢ]")

Sentence = tuple[str, str, str]
"""Context, sentence, its plural; "" where it has none."""


@cache
def met() -> dict[Sentence, str]:
    """Every sentence of the packages that a person of ours can meet, and the file that says it."""
    not_met = re.compile("|".join(NOT_MET))
    found: dict[Sentence, str] = {}
    for package in PACKAGES:
        for path, file in files_of(package).items():
            if not_met.match(path):
                continue
            if file.suffix == ".py":
                said = of_python(file.read_text("utf-8"))
            elif "templates" in file.parts and file.suffix in (".html", ".txt"):
                said = _of_template(file.read_text("utf-8"))
            else:
                continue
            for sentence in said:
                found.setdefault(sentence, path)
    return found


def holes(language: str) -> dict[Sentence, str]:
    """Those without words in a language, or in Romanian with letters that are not Romanian."""
    told = _told(language)
    return {
        sentence: path
        for sentence, path in met().items()
        if not (words := told.get(sentence[:2])) or (language == "ro" and CEDILLA.search(words))
    }


def files_of(package: str) -> dict[str, Path]:
    """The files of an installed package, by the path that NOT_MET speaks of."""
    folder = _folder(package)
    return {file.relative_to(folder.parent).as_posix(): file for file in sorted(folder.rglob("*.*"))}


def _folder(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"{package} is not installed")
    return Path(spec.origin).parent


def _of_template(text: str) -> Iterator[Sentence]:
    calls = {"gettext": None, "_": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3)}
    source = io.BytesIO(templatize(text).encode("utf-8"))  # not quite Python any more: its words are
    for _line, message, _comments, context in extract("javascript", source, calls):  # type: ignore[arg-type]
        singular, plural = message if isinstance(message, tuple) else (message, "")
        yield context or "", singular, plural


def of_python(text: str) -> Iterator[Sentence]:
    """What a module marks for translation."""
    if "gettext" not in text:
        return
    for call in ast.walk(ast.parse(text)):
        if not isinstance(call, ast.Call):
            continue
        name = getattr(call.func, "attr", None) or getattr(call.func, "id", "")
        if name not in CALLS:
            continue
        said = [one.value if isinstance(one, ast.Constant) else None for one in call.args]
        said = ["", *said] if not CALLS[name] else said
        if "ngettext" not in name and "npgettext" not in name:
            said = [*said[:2], ""]
        if len(said) >= 3 and all(isinstance(one, str) for one in said[:3]) and said[1]:
            yield said[0], said[1], said[2]


@cache
def _told(language: str) -> dict[tuple[str, str], str]:
    """What the packages' own catalogues say, by context and sentence; of plural forms all together."""
    told: dict[tuple[str, str], str] = {}
    for package in PACKAGES:
        for file in _folder(package).rglob(f"locale/{language}/LC_MESSAGES/django.mo"):
            with file.open("rb") as source:
                read = gettext.GNUTranslations(source)
            for key, words in read._catalog.items():  # type: ignore[attr-defined]
                whole, form = key if isinstance(key, tuple) else (key, 0)
                context, _mark, sentence = whole.rpartition("\x04")
                told[context, sentence] = told.get((context, sentence), "") + words if form else words
    return told
