"""The options that choose journeys, the same for every command that looks at them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer

from tiesa.cli.options import AsOfOption, HomeOption, home_of, instant_of
from tiesa.core.errors import WrongUsage
from tiesa.core.home import Home
from tiesa.core.locale import _

_OPTIONS: dict[str, Any] = {
    "journey_type": Annotated[str, typer.Option("--journey-type", help=_("Journeys of this type."))],
    "segment": Annotated[str, typer.Option("--segment", help=_("Journeys of customers of this segment."))],
    "customer": Annotated[str, typer.Option("--customer", help=_("One customer, by the source's own id."))],
    "unit": Annotated[str, typer.Option("--unit", help=_("Journeys in which this unit took part."))],
    "channel": Annotated[str, typer.Option("--channel", help=_("Journeys with a contact on this channel."))],
    "product": Annotated[str, typer.Option("--product", help=_("Journeys about this product."))],
    "customer_language": Annotated[
        str, typer.Option("--customer-language", help=_("Journeys in which the customer used this language (ISO 639)."))
    ],
    "since": Annotated[str, typer.Option("--from", help=_("Journeys that began on or after this day."))],
    "until": Annotated[str, typer.Option("--to", help=_("Journeys that began before this day."))],
    "as_of": AsOfOption,
    "home": HomeOption,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the options of a command say: which home, which journeys, and what counts as now."""

    home: Home
    chosen: dict[str, Any]
    as_of: datetime | None

    @property
    def selection(self) -> Any:
        """The journeys chosen, as the library wants it."""
        from tiesa.journeys.selection import Selection

        return Selection(**self.chosen)


def selecting(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of `_OPTIONS`; it gets them as one argument `asked`."""
    own = inspect.signature(command, eval_str=True)
    kept = [parameter for name, parameter in own.parameters.items() if name != "asked"]
    added = [
        inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, default=None if name == "home" else "", annotation=option
        )
        for name, option in _OPTIONS.items()
    ]

    @wraps(command)
    def with_options(**given: Any) -> Any:
        words = {name: given.pop(name) for name in _OPTIONS}
        return command(asked=_asked(words), **given)

    parameters = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in kept] + added
    with_options.__signature__ = own.replace(parameters=parameters)  # type: ignore[attr-defined]
    with_options.__annotations__ = {p.name: p.annotation for p in parameters}
    return with_options


def _asked(words: dict[str, Any]) -> Asked:
    folder: Path | None = words.pop("home")
    as_of = instant_of(words.pop("as_of"))
    words["language"] = words.pop("customer_language")
    times = {
        name: instant_of(words.pop(name), option=f"--{option}") for name, option in (("since", "from"), ("until", "to"))
    }
    if times["since"] and times["until"] and times["since"] >= times["until"]:
        raise WrongUsage(
            _("No journey can begin in that period"), where="--from, --to", remedy=_("Give --from a day before --to")
        )
    return Asked(home_of(folder), {name: word or None for name, word in words.items()} | times, as_of)
