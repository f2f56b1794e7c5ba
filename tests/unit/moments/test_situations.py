"""Situations: their ids are stable, their words are whole, and each is only what its conditions say."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from tiesa.moments.atoms import Atom
from tiesa.moments.confirm import q_values
from tiesa.moments.effect import e_value
from tiesa.moments.situations import Situation
from tiesa.moments.words import situation_in_words

ATOMS = (
    Atom("word", "touchpoint", "bill disputed"),
    Atom("attribute", "price_notice", "none"),
    Atom("attribute_over", "queue_min", 21.0),
    Atom("count", "handover", 2),
    Atom("unanswered", "us", 72),
    Atom("silence", "customer", 48),
    Atom("silence", "third_party", 48),
    Atom("promise", "promise", "broken"),
    Atom("standard", "A reply within a day", "missed"),
    Atom("handover_to", "unit", "billing"),
    Atom("count", "restated", 2),
    Atom("count", "insistence", 1),
    Atom("count", "complaint", 2),
    Atom("over", "severity", 3),
    Atom("under", "emotion", -0.5),
    Atom("over", "duration_s", 660.0),
    Atom("over", "recent_contacts", 3),
)


@pytest.mark.parametrize("atom", ATOMS, ids=lambda atom: f"{atom.kind}-{atom.name}")
def test_an_atom_is_read_back_as_it_was_written(atom: Atom) -> None:
    assert Atom.from_plain(atom.as_plain()) == atom


def test_an_id_does_not_depend_on_the_order_of_conditions() -> None:
    there, back = Situation.of(ATOMS[:3]), Situation.of(reversed(ATOMS[:3]))
    assert there.id == back.id
    assert there.id != Situation.of(ATOMS[:2]).id
    assert Situation.from_plain(there.as_plain()) == there


def test_an_id_is_the_same_on_every_machine() -> None:
    assert Situation.of([Atom("unanswered", "us", 72), Atom("count", "message", 2)]).id == "m-79c7b0fe8c"


@pytest.mark.parametrize("atom", ATOMS, ids=lambda atom: f"{atom.kind}-{atom.name}")
def test_every_condition_has_words(atom: Atom) -> None:
    words = situation_in_words(Situation.of([atom]))
    assert words
    assert "{" not in words


def test_adjusted_p_values_are_those_of_another_program() -> None:
    p = np.array([0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216])
    assert q_values(p) == pytest.approx(multipletests(p, method="fdr_bh")[1])
    assert (q_values(p) <= 0.05).sum() == 2  # as published with these figures


@pytest.mark.parametrize(("ratio", "published"), [(3.9, 7.26), (0.8, 1.81), (1.0, 1.0)])
def test_e_values_are_the_published_ones(ratio: float, published: float) -> None:
    """VanderWeele & Ding (2017): 3.9 has 7.26; 0.8 has 1.81."""
    assert e_value(ratio) == pytest.approx(published, abs=0.01)
