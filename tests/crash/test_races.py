"""Whoever commits second has looked at what the first one committed: for every commit of a command."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.crash.conftest import TRIAL
from tests.crash.overtaken import RACES, Race, play_race
from tests.crash.scene import Scene

pytestmark = pytest.mark.xdist_group("crash-0")


@pytest.mark.parametrize("race", RACES, ids=lambda race: f"{race.name}-{race.table}")
def test_who_is_overtaken_at_a_commit_looks_again(
    scene: Scene, race: Race, record_property: Callable[[str, object], None]
) -> None:
    one = play_race(scene, replace(race))
    record_property(TRIAL, str(one))
    assert not one.faults, str(one)
