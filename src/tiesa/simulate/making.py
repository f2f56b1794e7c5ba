"""`simulate`: a made-up company with known truth, in memory and as files."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tiesa.core.errors import WrongUsage
from tiesa.core.locale import _
from tiesa.simulate.company import Company
from tiesa.simulate.contact_table import contact_table
from tiesa.simulate.customer_tables import consent_table, customer_table, fact_table, outcome_table
from tiesa.simulate.other_tables import (
    absence_table,
    answer_table,
    change_table,
    invitation_table,
    process_table,
    rate_table,
    seen_table,
    study_table,
)
from tiesa.simulate.truth import exposure_table, truth_of
from tiesa.simulate.world import live

RULES = Path(__file__).parent / "journeys.toml"
EXPOSURES = "truth_exposures"


@dataclass(frozen=True)
class Simulated:
    """A made-up company: tables by file name (contacts, customers, ..., truth_exposures) and what is true of it."""

    tables: dict[str, pa.Table]
    truth: dict[str, Any]

    def write(self, folder: Path) -> list[Path]:
        """One Parquet file per table, `truth.json`, `truth/exposures.parquet`, `rules/journeys.toml`. Returns: them.

        Raises: WrongUsage where the folder cannot be made or written.
        """
        try:
            return self._write(folder)
        except OSError as error:
            what = _("This folder cannot be written ({error})").format(error=error.strerror)
            raise WrongUsage(what, where=str(folder), remedy=_("Name another one")) from error

    def _write(self, folder: Path) -> list[Path]:
        for inside in ("rules", "truth"):
            (folder / inside).mkdir(parents=True, exist_ok=True)
        files = []
        for name, table in self.tables.items():
            # What is true is no table of the log: it stands apart from what `tiesa import FOLDER/*.parquet` takes.
            files.append(folder / ("truth/exposures.parquet" if name == EXPOSURES else f"{name}.parquet"))
            pq.write_table(table, files[-1], compression="zstd")
        files.append(folder / "truth.json")
        files[-1].write_text(json.dumps(self.truth, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        files.append(folder / "rules" / "journeys.toml")
        files[-1].write_bytes(RULES.read_bytes())
        return files


def simulate(
    customers: int,
    *,
    seed: int = 0,
    out: Path | None = None,
    effects: bool = True,
    drift: bool = False,
    mood_nonresponse: bool = False,
    hidden: bool = False,
    households: bool = False,
    heavy_tails: bool = False,
) -> Simulated:
    """Make up a company of so many customers: two years of contacts, surveys and leaving, and the truth about them.

    Args: as of `Company`. out: write the files into this folder, made where it is missing.
    Raises: WrongUsage on a number of customers below 1 or a seed below 0.

    >>> made = simulate(50, seed=1)
    >>> made.truth["made_up"], made.tables["contacts"].schema.metadata[b"made_up"]
    (True, b'true')
    """
    life = live(
        Company(
            customers,
            seed,
            effects=effects,
            drift=drift,
            mood_nonresponse=mood_nonresponse,
            hidden=hidden,
            households=households,
            heavy_tails=heavy_tails,
        )
    )
    tables = {
        "contacts": contact_table(life),
        "customers": customer_table(life),
        "outcomes": outcome_table(life),
        "answers": answer_table(life),
        "invitations": invitation_table(life),
        "studies": study_table(),
        "seen": seen_table(life),
        "facts": fact_table(life),
        "absences": absence_table(life),
        "changes": change_table(),
        "processes": process_table(),
        "rates": rate_table(life),
        "consents": consent_table(life),
        EXPOSURES: exposure_table(life),
    }
    made = Simulated(tables, truth_of(life))
    if out is not None:
        made.write(out)
    return made
