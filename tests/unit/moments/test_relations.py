"""What brings a moment about and how it shows stand under it, each on its side, and are no moments themselves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.unit.moments.test_bad_input import Rows, customers, day, home_of, row

from tiesa.journeys.view import open_view
from tiesa.moments.finding import find_moments

N = 5000


def test_what_comes_before_brings_it_about_and_what_comes_after_is_how_it_shows(tmp_path: Path) -> None:
    """Works in the street often end in a fault, and a fault in a visit to the shop; the fault alone makes customers
    leave. Of those who have none, most are called in the same days."""
    rng = np.random.default_rng(8)
    begun, works = rng.uniform(1, 350, N), rng.random(N) < 0.2
    fault = rng.random(N) < np.where(works, 0.5, 0.04)
    called = ~fault & (rng.random(N) < 0.7)
    shop = rng.random(N) < np.where(fault, 0.6, 0.03)
    rows: Rows = []
    for i in range(N):
        own = [row(f"c{i}", begun[i], "question")]
        steps = (("works", works[i], 1), ("fault", fault[i], 4), ("shop", shop[i], 7), ("call", called[i], 4))
        own += [row(f"c{i}", begun[i] + at + rng.uniform(0, 2), name) for name, there, at in steps if there]
        rows += [one | {"case_id": f"case {i}"} for one in own]
    usual = rng.exponential(180 / 0.1, N)
    sooner = begun + 6 + rng.exponential(180 / 0.6, N)
    at = np.where(fault & (sooner < begun + 186), np.minimum(usual, sooner), usual)
    ends = [{"customer": f"c{i}", "kind": "left", "at": day(at[i])} for i in np.flatnonzero(at < 590)]
    home = home_of(tmp_path, [row("first", 0, "note"), *rows, row("last", 600, "note")], customers(N), ends)
    with open_view(home) as view:
        moments = find_moments(view).moments
    (moment,) = [one for one in moments.moments if one.shown]
    assert str(moment.situation) == "word:touchpoint=fault"
    told = moment.diagnostics["relations"]
    cause = next(one for one in told if one["kind"] == "comes_from")
    reaction = next(one for one in told if one["kind"] == "seen_as" and "shop" in one["situation"])
    assert cause["situation"] == "at “works”"
    assert 0.4 < cause["share"] < 1
    assert 0.4 < reaction["share"] < 0.7
    tried = {str(one.situation): one for one in moments.looked_at}
    assert str(moment.situation) not in tried
    assert tried["word:touchpoint=works"].alone > 3.3, "alone it looks like a cause"
    assert abs(tried["word:touchpoint=works"].beside) < 2.5, "beside the fault nothing is left of it"
    assert tried["word:touchpoint=works"].n == pytest.approx(N * 0.2 / 2, rel=0.15)
