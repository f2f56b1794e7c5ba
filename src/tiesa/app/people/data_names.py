"""The units and processes that the data name, so that nobody has to type them."""

from __future__ import annotations

from dataclasses import dataclass

from tiesa.app.config.installation import installation
from tiesa.app.insight.desk import DESK
from tiesa.core.errors import EmptyHome
from tiesa.journeys.evidence import evidence
from tiesa.journeys.view import open_view

MOST = 2000


@dataclass(frozen=True, slots=True)
class DataNames:
    """Names in the latest journeys, in order."""

    units: tuple[str, ...] = ()
    processes: tuple[str, ...] = ()


def data_names() -> DataNames:
    """What the latest journeys name; nothing before the first build."""
    home = installation().place
    try:
        version = evidence(home).version
    except EmptyHome:
        return DataNames()

    def make() -> DataNames:
        with open_view(home, version=version) as view:
            units = view.rows(f"select distinct unit from rows where unit is not null order by 1 limit {MOST}")
            found = view.rows(f"select distinct process from rows where process is not null order by 1 limit {MOST}")
        return DataNames(tuple(name for (name,) in units), tuple(name for (name,) in found))

    return DESK.ask(("names of the data", str(home.root), version), make, patience=None)
