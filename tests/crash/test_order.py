"""A loss of power cannot be tried here; but in which order things are synced and named can be seen."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.crash.conftest import TRIAL
from tests.crash.order import play_order
from tests.crash.rounds import KINDS, Kind
from tests.crash.scene import Scene

pytestmark = pytest.mark.xdist_group("crash-1")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_files_are_synced_before_they_are_named_and_commits_before_the_next_step(
    scene: Scene, kind: Kind, record_property: Callable[[str, object], None]
) -> None:
    one = play_order(scene, kind)
    record_property(TRIAL, str(one))
    assert not one.faults, str(one)
