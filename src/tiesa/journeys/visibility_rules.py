"""Which unit can see what customers send on which channel: the matrix that question 5 is judged by.

`read_visibility` takes it from `visibility.toml` in the rules folder. All of it is optional:

    [visibility]
    window_days = 30                                  # how long before a meeting a customer's message counts
    connected = ["email", "chat", "phone"]            # channels that reach an employee's screen at all

    [visibility.units."call centre"]                  # a unit as the data name it
    sees = ["email", "phone"]                         # what this unit may open

Channels are compared without case, hyphens and spaces, units to the letter. A unit that the file does not name is not
judged. Without any unit, everybody sees what is connected; without `connected`, a channel that no unit sees is not
connected.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

from tiesa.core.locale import _
from tiesa.journeys.channels import bare_name
from tiesa.journeys.rules_section import Section, invalid, parse_toml, read_toml

FILE = "visibility.toml"
USUAL_WINDOW = timedelta(days=30)


class Wall(StrEnum):
    """What stood between an employee and what the customer had sent; not_told: not opened, and the rules do not say
    whether it could be."""

    IDENTITY = "identity"
    CHANNEL = "channel"
    RIGHTS = "rights"
    NOT_OPENED = "not_opened"
    NOT_TOLD = "not_told"


@dataclass(frozen=True)
class VisibilityRules:
    """The unit x channel matrix. units: unit -> the channels it may open; connected: None where the file does not say.

    Raises: InvalidRules where a unit sees a channel that is not connected.

    >>> rules = VisibilityRules(units={"branch": ("E-mail",), "call centre": ("email", "chat")})
    >>> rules.wall("branch", "email"), rules.wall("branch", "chat").value, rules.wall("branch", "letter").value
    (None, 'rights', 'channel')
    >>> rules.knows("desk"), rules.knows("branch"), VisibilityRules(connected=("chat",)).knows("desk")
    (False, True, True)
    """

    units: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    connected: tuple[str, ...] | None = None
    window: timedelta = USUAL_WINDOW

    def __post_init__(self) -> None:
        units = {unit: tuple(map(bare_name, channels)) for unit, channels in self.units.items()}
        object.__setattr__(self, "units", units)
        if self.connected is None:
            return
        connected = tuple(map(bare_name, self.connected))
        object.__setattr__(self, "connected", connected)
        for unit, channels in units.items():
            if wrong := sorted(set(channels) - set(connected)):
                what = _("{channel} is not among the connected channels; name it there too").format(channel=wrong[0])
                raise invalid(f"visibility.units.{unit}.sees", what)

    def knows(self, unit: str | None) -> bool:
        """Do the rules say what that unit can see?"""
        return unit in self.units if self.units else self.connected is not None

    def is_connected(self, channel: str) -> bool:
        """Does the channel reach anybody's screen?"""
        plain = bare_name(channel)
        if self.connected is not None:
            return plain in self.connected
        return any(plain in seen for seen in self.units.values())

    def wall(self, unit: str | None, channel: str) -> Wall | None:
        """The wall between a unit that the rules know and a channel; None: there is none."""
        if not self.is_connected(channel):
            return Wall.CHANNEL
        if self.units and bare_name(channel) not in self.units.get(unit or "", ()):
            return Wall.RIGHTS
        return None


def read_visibility(folder: Path) -> VisibilityRules:
    """The matrix of `visibility.toml` in the folder; one that says nothing where there is no such file.

    Raises: InvalidRules on an unknown key or an impossible value, with the key and what is allowed.
    """
    path = folder / FILE
    if not path.exists():
        return VisibilityRules()
    return read_toml(path, _rules)


def parse_visibility(text: str, *, where: str) -> VisibilityRules:
    """The matrix of a text of that form; `where` names it in errors. Raises: InvalidRules, as `read_visibility`."""
    return parse_toml(text, _rules, where=where)


def _rules(file: Section) -> VisibilityRules:
    section = file.section("visibility")
    window = section.days("window_days")
    if window is not None and not window:
        value = section.content["window_days"]
        raise invalid(section.key("window_days"), _("{value!r} is not a number of days above 0").format(value=value))
    rules = VisibilityRules(
        units={name: _sees(unit) for name, unit in section.sections("units")},
        connected=section.words("connected") if "connected" in section.content else None,
        window=USUAL_WINDOW if window is None else window,
    )
    section.words("connected")
    section.done()
    file.done()
    return rules


def _sees(unit: Section) -> tuple[str, ...]:
    """The channels of one unit; the key is needed, because a forgotten one would look like a wall."""
    if "sees" not in unit.content:
        raise invalid(unit.key("sees"), _("It is missing; an empty list says that this unit sees nothing"))
    channels = unit.words("sees")
    unit.done()
    return channels
