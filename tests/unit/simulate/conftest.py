"""One made-up company for all tests of this folder: making it takes a second or two."""

from __future__ import annotations

import pytest

from tiesa.simulate import Company, Simulated, simulate
from tiesa.simulate.world import Life, live

CUSTOMERS, SEED = 2500, 7


@pytest.fixture(scope="session")
def made() -> Simulated:
    return simulate(CUSTOMERS, seed=SEED)


@pytest.fixture(scope="session")
def life() -> Life:
    return live(Company(CUSTOMERS, SEED))
