"""Windows kept in little memory are the same windows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.unit.moments.test_person_time import DAY, people_of, time_of

from tiesa.moments import packed
from tiesa.moments.episodes import Episodes, Windows, windows_of
from tiesa.moments.packed import Packing

US = 1_000_000
HORIZON = 30 * DAY


def windows_and_packing(seed: int, *, same_delay: bool) -> tuple[Windows, Packing]:
    """Up to four contacts a customer, some of which begin a window after a wait; journeys of a customer overlap."""
    rng = np.random.default_rng(seed)
    people = people_of(200, rng)
    customer = np.sort(rng.integers(0, len(people), 500)).astype(np.int32)
    at = people.enter[customer] + (rng.random(500) * (people.leave - people.enter)[customer]).astype(np.int64)
    after = np.where(same_delay, 4 * 3600 * US, rng.integers(0, 9 * DAY, 500) * US)
    rows = np.flatnonzero((rng.random(500) < 0.6) & (at + after < people.leave[customer]))
    rows = rows[np.lexsort(((at + after)[rows], customer[rows]))].astype(np.int32)
    begins = (at + after)[rows]
    windows = windows_of(Episodes(rows, customer[rows], begins), people, HORIZON * US)
    return windows, Packing(customer, (at // US).astype(np.int32), people.leave // US, HORIZON)


@pytest.mark.parametrize("same_delay", [True, False])
@pytest.mark.parametrize("seed", range(5))
def test_windows_come_out_as_they_went_in(seed: int, same_delay: bool) -> None:
    windows, packing = windows_and_packing(seed, same_delay=same_delay)
    found = packing.packed(windows)
    assert (len(found.starts) == 0) == same_delay
    again = packing.unpacked(found)
    for name in ("row", "customer", "start", "stop"):
        assert (getattr(again, name) == getattr(windows, name)).all(), name
    assert (again.events, again.days) == (windows.events, windows.days) == (found.events, found.days)


@pytest.mark.parametrize("many", [True, False])
def test_as_much_is_expected_as_of_the_windows_themselves(many: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "MANY", 0 if many else packed.MANY)
    time = time_of(people_of(200, np.random.default_rng(1)), np.random.default_rng(2))
    rng = np.random.default_rng(3)
    cumulative = np.cumsum(rng.random((200, time.cells.codes.shape[1] + 1)), axis=1).astype(np.float32)
    both = [windows_and_packing(1, same_delay=same) for same in (True, False)]
    for windows, packing in both:
        one = packing.packed(windows)
        some = [one, replace(one, row=one.row[::3], starts=one.starts[::3]), replace(one, delay=one.delay // 2)]
        expected = [time.expected(cumulative, each) for each in (windows, *map(packing.unpacked, some[1:]))]
        for times in (1, 5):  # so few that each window is looked up, and so many that each contact is
            found = packing.expected(cumulative, time.cells.width, some * times)
            assert found == pytest.approx(expected * times, rel=1e-12)
