"""A home of an older layout becomes one of today's, step by step.

STEPS takes a layout to the next one. A step may be run again after it was broken off: the layout's number is written
when its step is done. Today's layout is the first, so there are no steps yet.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tiesa.core.errors import DamagedHome, EmptyHome
from tiesa.core.home import LAYOUT, SETTINGS_TEXT, Home
from tiesa.core.locale import _
from tiesa.core.whole_files import write_whole
from tiesa.upkeep.turns import turn

Step = Callable[[Home], None]
STEPS: Mapping[int, Step] = {}
"""By the layout they start from."""


@dataclass(frozen=True, slots=True)
class Upgraded:
    """From which layout to which; equal when there was nothing to do."""

    found: int
    layout: int


def upgrade(home: Home, *, steps: Mapping[int, Step] = STEPS, layout: int = LAYOUT) -> Upgraded:
    """Bring a home to today's layout. Nothing else may run on it meanwhile: older versions refuse it afterwards.

    Args: steps, layout: those of this version.
    Raises: EmptyHome where there is no home; DamagedHome for one of a newer or unknown layout.
    """
    if not home.settings.exists():
        raise EmptyHome(_("There is no home here"), where=str(home.root), remedy=_("Run `tiesa import FILE` first"))
    with turn(home):
        found = now = layout_of(home)
        if (found != layout and any(step not in steps for step in range(found, layout))) or found > layout:
            raise _unknown(home, found, layout)
        while now < layout:
            steps[now](home)
            now += 1
            write_whole(home.settings, SETTINGS_TEXT.format(layout=now))
    return Upgraded(found, layout)


def layout_of(home: Home) -> int:
    """The number of the home's layout. Raises DamagedHome where it has none."""
    try:
        found = tomllib.loads(home.settings.read_text("utf-8")).get("layout")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DamagedHome(_("This settings file is not TOML"), where=str(home.settings), remedy=str(error)) from error
    if isinstance(found, bool) or not isinstance(found, int) or found < 1:
        raise _unknown(home, found, LAYOUT)
    return found


def _unknown(home: Home, found: object, known: int) -> DamagedHome:
    return DamagedHome(
        _("This home has layout {found}, and this version of Tiesa reads layout {known}").format(
            found=found, known=known
        ),
        where=str(home.root),
        remedy=_("Use the version that made it, or another --home"),
    )
