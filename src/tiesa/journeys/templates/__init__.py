"""Templates of journeys: stages, touchpoints, and what customers expect of each, as checks that a log can answer.

The templates are data (the TOML files beside this module, and `rules/templates/*.toml` of a home).
"""

from tiesa.journeys.templates.checks import METRICS, Check, Metric, Target, Unit
from tiesa.journeys.templates.expectations import Checked, ExpectationsReport, expectations
from tiesa.journeys.templates.fitting import stages_for, template_for
from tiesa.journeys.templates.reading import Template, read_template, read_templates

__all__ = [
    "METRICS",
    "Check",
    "Checked",
    "ExpectationsReport",
    "Metric",
    "Target",
    "Template",
    "Unit",
    "expectations",
    "read_template",
    "read_templates",
    "stages_for",
    "template_for",
]
