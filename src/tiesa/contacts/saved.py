"""Mappings saved in a home, by name: `mappings/NAME.toml`. Every editor writes them through these two functions.

A mapping that is saved is taken before any other for each file that has its columns (see recognise.py), so only a
whole one may be: it is read back before its file is replaced.
"""

from __future__ import annotations

import re
from pathlib import Path

from tiesa.contacts.mapping import Mapping, parse_mapping
from tiesa.core.errors import InvalidMapping
from tiesa.core.home import Home
from tiesa.core.locale import _
from tiesa.core.whole_files import remove, write_whole

_NAME = re.compile(r"[\w][\w. -]{0,79}")


def mapping_file(home: Home, name: str) -> Path:
    """The file of a saved mapping. Raises InvalidMapping for a name that no file should have.

    >>> mapping_file(Home(Path("home")), "calls of the bank").name
    'calls of the bank.toml'
    """
    if not _NAME.fullmatch(name) or name.endswith((".", " ")) or name != name.strip():
        raise InvalidMapping(
            _("A mapping cannot be called {name}").format(name=repr(name)),
            remedy=_("Use letters, digits, spaces, points, - and _, at most 80"),
        )
    return home.mappings / f"{name}.toml"


def save_mapping(home: Home, name: str, text: str) -> Mapping:
    """Save a mapping (TOML) under a name, in one step, over one of the same name; returns it as it will be read.

    Raises: InvalidMapping, and nothing changes then.
    """
    path = mapping_file(home, name)
    mapping = parse_mapping(text, where=str(path))
    home.make()
    write_whole(path, text)
    return mapping


def remove_mapping(home: Home, name: str) -> str:
    """Take a saved mapping away; returns its text. Raises InvalidMapping where there is none of that name."""
    path = mapping_file(home, name)
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise InvalidMapping(_("There is no saved mapping called {name}").format(name=repr(name))) from error
    remove(path)
    return text
