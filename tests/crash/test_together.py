"""Two importers, one builder and four readers at once, and one importer that is killed among them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.crash.conftest import LONG, TRIAL
from tests.crash.scene import Scene
from tests.crash.together import play_together

pytestmark = pytest.mark.xdist_group("crash-0")


@pytest.mark.parametrize("number", range(10 if LONG else 1))
def test_readers_see_whole_versions_only_and_writers_lose_nothing_to_each_other(
    scene: Scene, number: int, record_property: Callable[[str, object], None]
) -> None:
    one = play_together(scene, number)
    record_property(TRIAL, str(one))
    assert not one.faults, str(one)
    assert one.versions > 1, "the readers saw one version only: nothing was tried"
