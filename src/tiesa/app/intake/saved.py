"""Mappings saved under a name: every change goes through here, is checked first, noted in the audit log, and can be put
back. The files stand in the home and are read by every import (see contacts.saved)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction

from tiesa.app.config.installation import installation
from tiesa.app.intake.models import MappingEdit
from tiesa.app.people.audit import record
from tiesa.contacts.mapping import Mapping, parse_mapping, read_mapping
from tiesa.contacts.mapping_text import mapping_text
from tiesa.contacts.saved import mapping_file, remove_mapping, save_mapping
from tiesa.core.errors import InvalidMapping
from tiesa.core.locale import _


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved mapping; error: why it cannot be read."""

    name: str
    mapping: Mapping | None
    error: str = ""


def saved_mappings() -> list[Saved]:
    """What is saved, by name."""
    made = []
    for path in sorted(installation().place.mappings.glob("*.toml")):
        try:
            made.append(Saved(path.stem, read_mapping(path)))
        except InvalidMapping as error:
            made.append(Saved(path.stem, None, str(error)))
    return made


def text_of(name: str) -> str:
    """The TOML of a saved mapping; "" where there is none."""
    path = mapping_file(installation().place, name)
    return path.read_text("utf-8") if path.exists() else ""


def save(name: str, text: str, *, by: Any) -> Mapping:
    """Save a mapping (TOML) under a name. Raises InvalidMapping."""
    name = " ".join(name.split())
    mapping = parse_mapping(text)
    if not mapping.title:
        text = mapping_text(replace(mapping, title=name))
    before = text_of(name)
    with transaction.atomic():
        MappingEdit.objects.create(name=name, before=before, after=text, by=by)
        record(by, "mapping.save", about=name, is_new=not before)
        return save_mapping(installation().place, name, text)


def remove(name: str, *, by: Any) -> MappingEdit:
    """Take a saved mapping away; returns the change, which can be put back."""
    before = text_of(name)
    with transaction.atomic():
        edit = MappingEdit.objects.create(name=name, before=before, after="", by=by)
        record(by, "mapping.remove", about=name)
        remove_mapping(installation().place, name)
    return edit


def put_back(edit: MappingEdit, *, by: Any) -> None:
    """Undo a change: what stood before it stands again."""
    if not edit.before:
        remove(edit.name, by=by)
        return
    save(edit.name, edit.before, by=by)


def must_exist(name: str) -> str:
    """The TOML of a saved mapping. Raises InvalidMapping where there is none."""
    if text := text_of(name):
        return text
    raise InvalidMapping(_("There is no saved mapping called {name}").format(name=repr(name)))
