"""Whatever is killed, and whenever: every accepted contact stands exactly once, and the next command just works."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.crash.conftest import LONG, TRIAL
from tests.crash.rounds import play
from tests.crash.scene import Scene

ROUNDS = 200 if LONG else 20
GROUPS = 2
"""Workers that share the rounds; each prepares homes of its own."""


def numbered(number: int) -> object:
    return pytest.param(number, id=f"{number:03}", marks=pytest.mark.xdist_group(f"crash-{number % GROUPS}"))


@pytest.mark.parametrize("number", [numbered(n) for n in range(ROUNDS)])
def test_a_killed_command_loses_and_doubles_nothing(
    scene: Scene, number: int, record_property: Callable[[str, object], None]
) -> None:
    one = play(scene, number)
    record_property(TRIAL, str(one))
    assert not one.faults, str(one)
