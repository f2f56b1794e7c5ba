"""What SECURITY.md and the list of controls name as proof exists, and no line of level 2 is left out or said twice."""

from __future__ import annotations

import re
from pathlib import Path

LINE = re.compile(r"^\| (\d+\.\d+\.\d+) \|.*\| (yes|part|no|yours|–) \| (.*)\|$", re.MULTILINE)
LEVEL_2 = {
    1: {1: 7, 2: 4, 4: (1, 4, 5), 5: 4, 6: 4, 7: 2, 8: 2, 9: 2, 10: 1, 11: 2, 12: (2,), 14: 6},
    2: {1: 12, 2: 3, 3: 3, 4: 5, 5: 7, 6: 3, 7: 6, 8: 6, 9: 3, 10: 4},
    3: {1: 1, 2: 4, 3: 4, 4: 5, 5: 3, 7: 1},
    4: {1: (1, 2, 3, 5), 2: 2, 3: 3},
    5: {1: 5, 2: 8, 3: 10, 4: 3, 5: 4},
    6: {1: 3, 2: 6, 3: 2, 4: 2},
    7: {1: 4, 2: 2, 3: (1, 3, 4), 4: 3},
    8: {1: 4, 2: 3, 3: 8},
    9: {1: 3, 2: 4},
    10: {2: 2, 3: 3},
    11: {1: 8},
    12: {1: 3, 2: 1, 3: 6, 4: 2, 5: 2, 6: 1},
    13: {1: (1, 3, 4, 5), 2: (1, 2, 3, 5, 6), 3: 2, 4: 2},
    14: {1: 4, 2: 6, 3: (2, 3), 4: 7, 5: 4},
}
"""Chapter -> section -> its lines of level 1 and 2 in ASVS 4.0.3 (a number: from 1 on without a gap)."""


def wanted() -> list[str]:
    return [
        f"{chapter}.{section}.{line}"
        for chapter, sections in LEVEL_2.items()
        for section, lines in sections.items()
        for line in (range(1, lines + 1) if isinstance(lines, int) else lines)
    ]


def test_every_line_of_level_2_is_answered_once(checkout: Path) -> None:
    said = LINE.findall((checkout / "docs" / "asvs.md").read_text("utf-8"))
    assert [line for line, _state, _by in said] == wanted()
    silent = [line for line, state, by in said if state != "–" and not by.strip() and state != "yours"]
    assert not silent, "say by what"


def test_every_test_that_is_named_as_proof_exists(checkout: Path) -> None:
    known = set()
    for file in (checkout / "tests").rglob("test_*.py"):
        known |= set(re.findall(r"^def (test_\w+)", file.read_text("utf-8"), re.MULTILINE)) | {file.stem}
    for document in ("SECURITY.md", "docs/asvs.md"):
        named = set(re.findall(r"`(test_\w+)`", (checkout / document).read_text("utf-8")))
        assert named, document
        assert not named - known, document
