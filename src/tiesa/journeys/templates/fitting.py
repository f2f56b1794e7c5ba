"""Which template fits the journeys of a view, and which of its touchpoints the log knows, by the log's own spelling."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tiesa.core.locale import told
from tiesa.journeys.stages import Stage, facing, stage_sql, stages_from_data
from tiesa.journeys.templates.reading import Template, alike, read_templates
from tiesa.journeys.view import View

COVERS = 0.5
"""Share of the contacts that the stages of a template must hold; under it the data's own stages tell more."""
FEWEST = 2
"""Stages that make a map."""


def template_for(view: View, journey_type: str | None = None) -> Template | None:
    """The template of a journey type: the one named, else the one selected, else the only one in the view."""
    named = journey_type or view.selection.journey_type
    if named is None:
        types = journey_types(view)
        named = types[0] if len(types) == 1 else None
    return fitting(read_templates(view.home).values(), named) if named is not None else None


def fitting(templates: Iterable[Template], journey_type: str) -> Template | None:
    """The template that fits a journey type, by any of its names."""
    return next((template for template in templates if template.fits(journey_type)), None)


def journey_types(view: View) -> tuple[str, ...]:
    """The journey types of a view, the most frequent first."""
    counted = view.rows(
        "select journey_type from journeys where journey_type is not null group by 1 order by count(*) desc, 1"
    )
    return tuple(name for (name,) in counted)


def in_log(template: Template, touchpoints: Iterable[str], log: Iterable[str]) -> tuple[str, ...]:
    """Those touchpoints of a log that the template means by these names, as the log spells them."""
    wanted = template.spelled(touchpoints)
    return tuple(sorted(touchpoint for touchpoint in log if alike(touchpoint) in wanted))


def stages_for(view: View) -> tuple[Stage, ...]:
    """The stages of a view: those of its template as far as the log has their touchpoints, else those of the data.

    A template without at least FEWEST such stages, or whose stages hold under half of the contacts, does not describe
    these journeys. A touchpoint is in the first of its stages only.
    """
    template = template_for(view)
    found = _in_log(template, view) if template else ()
    return found if len(found) >= FEWEST and _covered(view, found) >= COVERS else stages_from_data(view)


def _in_log(template: Template, view: View) -> tuple[Stage, ...]:
    log = [t for (t,) in view.rows(f"select distinct touchpoint from rows where {facing(view)}")]
    taken: set[str] = set()
    stages = []
    for stage in template.stages:
        touchpoints = tuple(t for t in in_log(template, stage.touchpoints, log) if t not in taken)
        taken.update(touchpoints)
        stages.append(Stage(told(stage.name), touchpoints))
    return tuple(stage for stage in stages if stage.touchpoints)


def _covered(view: View, stages: Sequence[Stage]) -> float:
    n, placed = view.one(f"select count(*), count({stage_sql(stages)}) from rows where {facing(view)}")
    return placed / n if n else 0.0
