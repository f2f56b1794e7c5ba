"""The waits of the journey map: boxes in a strip, each under the bracket of the stages it lies between."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from typing import TYPE_CHECKING

from tiesa.core.enums import WaitOwner
from tiesa.core.formats import length
from tiesa.pictures import journey_map_text as words
from tiesa.pictures.journey_map_layout import Box, free_place
from tiesa.pictures.journey_map_parts import DASHES, arrow_head, paragraph, write
from tiesa.pictures.svg import Element, element, path, text_width, wrap

if TYPE_CHECKING:
    from tiesa.pictures.journey_map import JourneyMap, Wait

_OURS, _OTHER = 20.0, 13.0


MOST_WIDE, MOST_UPRIGHT = 7, 5
"""Waits that are drawn: more would push the emotion off the screen."""


def chosen_waits(map: JourneyMap, most: int) -> tuple[Wait, ...]:
    """The waits to draw: ours first, then by the time spent in them altogether; at most so many.

    A wait with too few for an interval is drawn only where none has one.
    """
    judged = [wait for wait in map.waits if wait.low_s is not None]
    ordered = sorted(
        judged or map.waits,
        key=lambda w: (w.owner != WaitOwner.US, -w.n * w.median_s, w.after_stage, w.to_stage, w.owner),
    )
    return tuple(ordered[:most])


def scale_end(waits: Sequence[Wait]) -> float:
    """The longest length, in seconds, that the bars of our waits must show."""
    ours = [wait for wait in waits if wait.owner == WaitOwner.US]
    return max((max(w.median_s, w.high_s or 0.0, w.standard_s or 0.0) for w in ours), default=0.0)


def wait_lines(wait: Wait, course: str, width: float, *, size: float = 11) -> list[str]:
    """The small print of a wait, wrapped to the width. course: where it ends, if the drawing does not show it."""
    said = [words.owner_words(wait.owner), course, words.wait_interval(wait), *words.wait_standard(wait)]
    return [line for one in said if one for line in wrap(one, size, width, lines=3)]


def wait_height(lines: Sequence[str], *, ours: bool, size: float = 11) -> float:
    """How tall a box with these lines is."""
    return (_OURS if ours else _OTHER) * 1.2 + len(lines) * size * 1.32 + (26 if ours else 12)


def wait_box(
    wait: Wait, box: Box, lines: Sequence[str], longest_s: float, *, size: float = 11, anchor: str = "middle"
) -> list[Element]:
    """Median, small print and, for a wait of ours, its bar beside the standard."""
    ours = wait.owner == WaitOwner.US
    big = _OURS if ours else _OTHER
    median = length(wait.median_s)
    big *= min(1.0, (box.right - box.left - 16) / text_width(median, big, bold=True))
    x = (box.left + box.right) / 2 if anchor == "middle" else box.left + 9
    made = [
        element(
            "rect", x=box.left, y=box.top, width=box.right - box.left, height=box.bottom - box.top, rx=7,
            stroke_dasharray=DASHES.get(wait.owner, DASHES[WaitOwner.UNKNOWN]),
            class_=f"jm-box jm-of-{wait.owner if wait.owner in DASHES else WaitOwner.UNKNOWN}",
        )
    ]  # fmt: skip
    y = box.top + 5 + big * 0.95
    made.append(write(x, y, median, big, tone="us-text" if ours else "ink", anchor=anchor, bold=True))
    made += paragraph(x, y + size * 1.32 + 2, lines, size, tone="ink2", anchor=anchor)
    if ours and longest_s > 0:
        made += _bar(wait, Box(box.left + 9, box.bottom - 13, box.right - 9, box.bottom - 8), longest_s)
    return made


def _bar(wait: Wait, track: Box, longest_s: float) -> list[Element]:
    def at(seconds: float) -> float:
        return track.left + (track.right - track.left) * seconds / longest_s

    high = track.bottom - track.top
    made = [
        element(
            "rect", x=track.left, y=track.top, width=track.right - track.left, height=high, rx=2, class_="jm-track"
        ),
        element(
            "rect", x=track.left, y=track.top, width=at(wait.median_s) - track.left, height=high, class_="jm-by-us"
        ),
    ]
    if wait.standard_s is not None:
        x = at(wait.standard_s)
        made.append(
            element("path", d=path([("M", (x, track.top - 3)), ("L", (x, track.bottom + 3))]), class_="jm-standard")
        )
    return made


def wait_strip(
    map: JourneyMap,
    waits: Sequence[Wait],
    middle: Callable[[int], float],
    sides: tuple[float, float],
    top: float,
    column: float,
) -> tuple[list[Element], float]:
    """Every wait under its bracket, as high as there is room, none over another; and where the strip ends."""
    made: list[Element] = []
    taken: list[Box] = []
    longest = scale_end(waits)
    for wait in waits:
        ours = wait.owner == WaitOwner.US
        wanted = min(column - 8, 190.0)
        # the bracket shows from where to where, unless it is one stage
        course = words.wait_course(map, wait) if wait.to_stage == wait.after_stage else ""
        lines = wait_lines(wait, course, wanted - 14)
        needed = max(text_width(line, 11) for line in lines) + 16
        width = wanted if ours else min(wanted, max(needed, text_width(length(wait.median_s), _OTHER, bold=True) + 16))
        height = wait_height(lines, ours=ours)
        ends = sorted((middle(wait.after_stage), middle(wait.to_stage)))
        ends = [ends[0] + 4, ends[1] - 4] if ends[1] > ends[0] else [ends[0] - 24, ends[0] + 24]
        centre = sum(ends) / 2
        room = max(0.0, (ends[1] - ends[0] - width) / 2)
        lefts = [
            min(max(centre + shift - width / 2, sides[0] + 2), sides[1] - width - 2)
            for shift in (0.0, -0.5 * room, 0.5 * room, -room, room)
        ]
        places = (
            (Box(left, y, left + width, y + height + 12), Box(ends[0], y, ends[1], y + 10))
            for y in count(top, 4.0)
            for left in lefts
        )
        box, bracket = free_place(places, taken, gap=3)
        taken += [box, bracket]
        made += _bracket(wait, bracket)
        made += wait_box(wait, Box(box.left, box.top + 12, box.right, box.bottom), lines, longest)
    return made, max(box.bottom for box in taken)


def _bracket(wait: Wait, box: Box) -> list[Element]:
    """A line from one stage to the other in the owner's dash, with a head where it ends."""
    owner = wait.owner if wait.owner in DASHES else WaitOwner.UNKNOWN
    y, back = box.top + 5, wait.to_stage < wait.after_stage
    start, end = (box.right, box.left) if back else (box.left, box.right)
    tick = path([("M", (start, y - 4)), ("L", (start, y + 4))])
    line = path([("M", (start, y)), ("L", (end + (5 if back else -5), y))])
    return [
        element("path", d=tick, class_=f"jm-line jm-of-{owner}"),
        element("path", d=line, stroke_dasharray=DASHES[owner], class_=f"jm-line jm-of-{owner}"),
        arrow_head(end, y, -1 if back else 1, owner),
    ]
