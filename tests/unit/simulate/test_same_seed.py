"""The same seed gives the same bytes; worlds of one seed differ in nothing but their causes."""

from __future__ import annotations

import os
import subprocess
import sys
from hashlib import blake2b
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from tiesa.core.errors import WrongUsage
from tiesa.simulate import Company, Simulated, simulate

SOURCE = Path(__file__).resolve().parents[3] / "src"
PROGRAM = """
import sys
from pathlib import Path
from tiesa.simulate import simulate
simulate(300, seed=5, out=Path(sys.argv[1]))
"""


def digests(folder: Path) -> dict[str, str]:
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    return {str(file.relative_to(folder)): blake2b(file.read_bytes()).hexdigest() for file in files}


def test_two_processes_write_the_same_bytes(tmp_path: Path) -> None:
    for number in ("1", "2"):
        environment = {**os.environ, "PYTHONPATH": str(SOURCE), "PYTHONHASHSEED": number}
        subprocess.run([sys.executable, "-c", PROGRAM, tmp_path / number], env=environment, check=True, timeout=120)
    first, second = digests(tmp_path / "1"), digests(tmp_path / "2")
    assert len(first) == 16
    assert first == second
    simulate(300, seed=6, out=tmp_path / "3")
    third = digests(tmp_path / "3")
    assert {name for name in first if first[name] == third[name]} == {
        "changes.parquet", "processes.parquet", "studies.parquet", "rules/journeys.toml"
    }  # fmt: skip


def test_without_effects_only_leaving_and_feeling_change(made: Simulated) -> None:
    plain = simulate(made.truth["customers"], seed=made.truth["options"]["seed"], effects=False)
    columns = ["contact_id", "customer", "occurred_at", "touchpoint", "employee", "reason"]
    ours, theirs = (m.tables["contacts"].select(columns) for m in (made, plain))
    both = pa.array(sorted(set(ours["contact_id"].to_pylist()) & set(theirs["contact_id"].to_pylist())))
    assert 0.9 * len(ours) < len(both) < len(ours)
    ours, theirs = (t.filter(pc.is_in(t["contact_id"], value_set=both)) for t in (ours, theirs))
    assert ours.equals(theirs)
    for name in ("absences", "studies", "rates"):
        assert made.tables[name].equals(plain.tables[name])


@pytest.mark.parametrize("options", [{"customers": 0}, {"customers": 5, "seed": -1}])
def test_impossible_options_are_refused(options: dict[str, int]) -> None:
    with pytest.raises(WrongUsage):
        Company(**options)


def test_a_company_of_one_customer_has_all_tables() -> None:
    made = simulate(1, seed=3)
    assert made.truth["customers"] == 1
    assert len(made.tables) == 14
