"""The answers that pages show, by name: which function of the library makes each, and its picture."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from tiesa.app.insight.small_groups import FitResult
from tiesa.core.locale import _
from tiesa.journeys.inventory import Inventory, inventory
from tiesa.journeys.questions.asking import NUMBERS, asker
from tiesa.journeys.questions.result import Result
from tiesa.journeys.view import View
from tiesa.reports.picture_file import Drawable

LEVELS = (0.15, 0.5, 1.0)
"""Details of the process map: the backbone, the usual, everything."""


def question(view: View, number: int) -> Result:
    """The answer to one of the six questions."""
    from tiesa.journeys.held import held

    return asker(number)(view, holds=held(view))


def _optimum(view: View) -> Result:
    from tiesa.journeys.held import held
    from tiesa.journeys.optimum import optimum

    return optimum(view, holds=held(view))


def _standards(view: View) -> Result:
    from tiesa.journeys.held import held
    from tiesa.journeys.standards import standards

    return standards(view, holds=held(view))


def _expectations(view: View) -> Result:
    from tiesa.journeys.held import held
    from tiesa.journeys.templates import expectations

    return expectations(view, holds=held(view))


def _organisations(view: View) -> Result:
    from tiesa.journeys.held import held
    from tiesa.journeys.organisations import organisations

    return organisations(view, holds=held(view))


RESULTS: dict[str, Callable[[View], Result]] = {
    **{name: partial(question, number=number) for number, name in NUMBERS.items()},
    "optimum": _optimum,
    "expectations": _expectations,
    "standards": _standards,
    "organisations": _organisations,
}
"""Answers that are results of the library, by the name they carry."""


ON_CALENDAR = ("standards",)
"""Answers that have a second picture, of the same over time, and what its name ends in."""
OVER_TIME = "-over-time"


def touchpoints(view: View) -> Inventory:
    """The inventory of touchpoints."""
    return inventory(view)


def _map(view: View, withhold_few: bool) -> Drawable:
    from tiesa.reports.journey_pictures import journey_map_picture

    return journey_map_picture(view, withhold_few=withhold_few)


def _process(view: View, withhold_few: bool, detail: float) -> Drawable:
    from tiesa.reports.journey_pictures import process_map_picture

    return process_map_picture(view, detail=detail, with_sliders=False, withhold_few=withhold_few)


def _variants(view: View, withhold_few: bool) -> Drawable:
    from tiesa.reports.journey_pictures import variants_picture

    return variants_picture(view, top=12, withhold_few=withhold_few)


def _waits(view: View, withhold_few: bool) -> Drawable:
    from tiesa.reports.journey_pictures import waits_picture

    return waits_picture(view, withhold_few=withhold_few)


def _dots(view: View, withhold_few: bool) -> Drawable | None:
    from tiesa.reports.journey_pictures import dotted_picture

    return None if withhold_few else dotted_picture(view)  # each of its lines is one customer's journey


def _of_result(view: View, withhold_few: bool, name: str) -> Drawable | None:
    from tiesa.reports.report import picture_of

    return picture_of(_result(view, withhold_few, name))


def _over_time(view: View, withhold_few: bool, name: str) -> Drawable | None:
    from tiesa.reports.report import over_time_of

    return over_time_of(_result(view, withhold_few, name))


def _result(view: View, withhold_few: bool, name: str) -> Result:
    made = RESULTS[name](view)
    return FitResult(made) if withhold_few else made


PICTURES: dict[str, Callable[[View, bool], Drawable | None]] = {
    "map": _map,
    **{f"process-{n}": partial(_process, detail=detail) for n, detail in enumerate(LEVELS)},
    "variants": _variants,
    "wait-lengths": _waits,
    "dots": _dots,
    **{name: partial(_of_result, name=name) for name in RESULTS},
    **{f"{name}{OVER_TIME}": partial(_over_time, name=name) for name in ON_CALENDAR},
}
"""Pictures by name: of a view, and whether small groups are to be withheld from it."""


def places() -> tuple[tuple[str, str, str], ...]:
    """The pages about journeys, in the order of the tabs: name of the address, its argument, words."""
    return (
        ("insight:journeys", "", _("Overview")),
        ("insight:journeys_map", "", _("Journey map")),
        ("insight:journeys_process", "", _("Process map")),
        ("insight:journeys_variants", "", _("Ways they go")),
        ("insight:journeys_answer", "optimum", _("How many contacts")),
        ("insight:journeys_answer", "expectations", _("Expectations")),
        ("insight:journeys_answer", "standards", _("Standards")),
        ("insight:journeys_compare", "", _("Compare")),
    )
