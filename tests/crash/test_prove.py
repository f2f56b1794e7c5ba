"""The proofs that the suite finds faults stay proofs: each fault can still be put into the product."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.crash.prove import MUTATIONS, Mutation

import tiesa


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_the_text_that_a_fault_changes_stands_in_the_product_once(mutation: Mutation) -> None:
    text = (Path(tiesa.__file__).parent / mutation.file).read_text("utf-8")
    assert text.count(mutation.old) == 1
