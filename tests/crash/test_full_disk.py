"""A full disk is said in one sentence, leaves nothing half kept, and costs nothing but the same command once more."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.crash import looks
from tests.crash.conftest import LONG, TRIAL
from tests.crash.full_disk import (
    fill,
    make_room,
    moments_of_shortage,
    play_full,
    small_disk,
    unnamed,
)
from tests.crash.plans import Plan
from tests.crash.rounds import KINDS, Kind
from tests.crash.scene import BUILD, FOLD_IN, Scene
from tests.crash.victim import FULL

from tiesa.contacts.log import ContactLog
from tiesa.core.home import Home
from tiesa.core.tables import CONTACT
from tiesa.journeys.evidence import journey_contact_store, journey_store

pytestmark = pytest.mark.xdist_group("crash-1")
MOMENTS = 8 if LONG else 2


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_disk_that_is_full_from_some_moment_on_costs_nothing_but_room(
    scene: Scene, kind: Kind, record_property: Callable[[str, object], None]
) -> None:
    moments = moments_of_shortage(scene, kind)
    step = max(1, (len(moments) - 1) // (MOMENTS - 1))
    for call, moment in moments[::step]:
        one = play_full(scene, kind, call, moment)
        record_property(TRIAL, str(one))
        assert not one.faults, str(one)


def test_a_build_that_meets_a_full_disk_does_not_keep_it_full(scene: Scene) -> None:
    root = scene.copy("more", "half-built")
    for point in ("journey_contacts: write draft", "journeys: rename sealed file", "journeys: link entry"):
        fate = scene.nursery.run(Plan(str(root), [BUILD], full_at=point))
        assert fate.answers[0]["err"] == FULL
        for store in (journey_store(Home(root)), journey_contact_store(Home(root))):
            assert unnamed(store) == []


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="mounting a small disk needs root")
def test_a_small_disk_that_fills_up_and_is_then_enlarged(scene: Scene, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "40m") as disk:
        root = disk / "home"
        scene.do(root, scene.importing(0), BUILD)
        fill(disk, but=20_000)
        refused = scene.nursery.run(Plan(str(root), [scene.importing(1), FOLD_IN])).answers
        assert [(a["status"], a["err"]) for a in refused] == [(1, FULL), (1, FULL)]
        assert looks.holds(Home(root))["contacts"] == looks.wanted((0,))["contacts"]
        assert looks.faults_of_evidence(Home(root)) == (1, [])
        make_room(disk, "80m")
        kept, built = scene.do(root, scene.importing(1), BUILD).answers
        assert json.loads(kept["out"])["accepted"] == 50
        assert json.loads(built["out"])["contacts"] == 2040
        assert looks.holds(Home(root)) == looks.wanted((0, 1))
        assert unnamed(ContactLog(Home(root)).store(CONTACT)) == []
