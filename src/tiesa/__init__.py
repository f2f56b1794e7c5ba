"""Tiesa: customer journeys and moments of truth from the records an organisation already has.

This file holds the public names of the library and nothing else; importing it stays cheap, because each name is
looked up in its room when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

_ROOMS = {
    "Home": "tiesa.core.home",
    "TiesaError": "tiesa.core.errors",
    "import_file": "tiesa.contacts.importing",
    "import_frame": "tiesa.contacts.importing",
    "undo_import": "tiesa.contacts.importing",
    "read_mapping": "tiesa.contacts.mapping",
    "ContactLog": "tiesa.contacts.log",
    "build": "tiesa.journeys.build",
    "evidence": "tiesa.journeys.evidence",
    "questions": "tiesa.journeys.questions.asking",
    "open_view": "tiesa.journeys.view",
    "Selection": "tiesa.journeys.selection",
    "Scope": "tiesa.core.scope",
    "journey_map": "tiesa.journeys.map",
    "process_map": "tiesa.journeys.graph",
    "variants": "tiesa.journeys.variants",
    "simulate": "tiesa.simulate",
    "annotate": "tiesa.journeys.kernel",
    "Rules": "tiesa.journeys.rules",
    "read_rules": "tiesa.journeys.rules",
}
__all__ = [*_ROOMS, "__version__"]

if TYPE_CHECKING:
    from tiesa.contacts.importing import import_file as import_file
    from tiesa.contacts.importing import import_frame as import_frame
    from tiesa.contacts.importing import undo_import as undo_import
    from tiesa.contacts.log import ContactLog as ContactLog
    from tiesa.contacts.mapping import read_mapping as read_mapping
    from tiesa.core.errors import TiesaError as TiesaError
    from tiesa.core.home import Home as Home
    from tiesa.core.scope import Scope as Scope
    from tiesa.journeys.build import build as build
    from tiesa.journeys.evidence import evidence as evidence
    from tiesa.journeys.graph import process_map as process_map
    from tiesa.journeys.kernel import annotate as annotate
    from tiesa.journeys.map import journey_map as journey_map
    from tiesa.journeys.questions.asking import questions as questions
    from tiesa.journeys.rules import Rules as Rules
    from tiesa.journeys.rules import read_rules as read_rules
    from tiesa.journeys.selection import Selection as Selection
    from tiesa.journeys.variants import variants as variants
    from tiesa.journeys.view import open_view as open_view
    from tiesa.simulate import simulate as simulate


def __getattr__(name: str) -> object:
    if name not in _ROOMS:
        raise AttributeError(f"tiesa has no name {name!r}")
    return getattr(import_module(_ROOMS[name]), name)
