"""Attributes of contacts: every number counts above a threshold, however rare; names measure nothing."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.moments.test_bad_input import contacts, customers, home_of

from tiesa.journeys.view import open_view
from tiesa.moments.atoms import Atom, atoms_of
from tiesa.moments.people import people_of
from tiesa.moments.timeline import Timeline, timeline_of

N = 400


@pytest.fixture(scope="module")
def by_least(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Timeline]:
    """The same contacts, rare words left out and not. Long queues are rare; an invoice has its own number."""
    rng = np.random.default_rng(5)
    minutes = np.minimum(rng.exponential(12, N).astype(int), 240)
    rows = contacts(N)
    for i, row in enumerate(rows[1 : N + 1]):
        said = {
            "minutes": str(minutes[i]), "invoice": str(70_000 + i), "paid": f"{rng.uniform(5, 90):.2f}",
            "tries": str(i % 3), "colour": "blue" if i % 50 else "red",
        }  # fmt: skip
        row |= {f"attributes.{name}": value for name, value in said.items()}
    home = home_of(tmp_path_factory.mktemp("attributes"), rows, customers(N))
    with open_view(home) as view:
        people = people_of(view)
        return {least: timeline_of(view, people, least=least) for least in (1, 20)}


def test_the_rare_values_of_a_number_are_above_a_threshold_too(by_least: dict[int, Timeline]) -> None:
    every, common = by_least[1], by_least[20]
    for name in ("minutes", "paid", "tries"):
        values = every.attributes.numbers[name].values
        for threshold in np.quantile(values, (0.0, 0.5, 0.9, 0.99)):
            atom = Atom("attribute_over", name, float(threshold))
            assert atom.flags(common).sum() == (values >= threshold).sum() > 0
            assert (atom.flags(common) == atom.flags(every)).all()


def test_numbers_have_thresholds_few_of_them_are_words_and_names_are_neither(by_least: dict[int, Timeline]) -> None:
    atoms = list(atoms_of(by_least[20]))
    over = {atom.name for atom in atoms if atom.kind == "attribute_over"}
    words = {(atom.name, atom.value) for atom in atoms if atom.kind == "attribute"}
    assert over == {"minutes", "paid"}
    assert {("tries", "0"), ("tries", "1"), ("tries", "2"), ("colour", "blue")} <= words
    assert "invoice" not in {name for name, _value in words}
    assert ("colour", "red") not in words, "too few have it"


def test_either_half_keeps_its_own(by_least: dict[int, Timeline]) -> None:
    whole = by_least[20]
    atom = Atom("attribute_over", "minutes", 20.0)
    halves = [whole.half(second=second) for second in (False, True)]
    assert sum(int(atom.flags(half).sum()) for half in halves) == atom.flags(whole).sum()
    for half, second in zip(halves, (False, True), strict=True):
        assert (atom.flags(half) == atom.flags(whole)[(whole.people.second == second)[whole.customer]]).all()
