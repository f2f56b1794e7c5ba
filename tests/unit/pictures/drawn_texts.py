"""The texts of an SVG and the room each takes, for holding a picture to: nothing overlaps, nothing is cut off."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass
from itertools import combinations
from math import cos, radians, sin

from tiesa.pictures.svg import text_width

SVG = "{http://www.w3.org/2000/svg}"
Point = tuple[float, float]
Sides = tuple[float, float, float, float]


@dataclass(frozen=True)
class Drawn:
    """A text, the four corners of its room, and the upright rectangle around them."""

    text: str
    corners: tuple[Point, Point, Point, Point]
    round: Sides


def parsed(svg: str) -> ET.Element:
    """The drawing as a tree; it is our own, so no attack hides in it."""
    return ET.fromstring(svg.encode())  # noqa: S314


def texts(svg: str) -> list[Drawn]:
    return [_drawn(node) for node in parsed(svg).iter(f"{SVG}text")]


def _drawn(node: ET.Element) -> Drawn:
    x, y, size = (float(node.attrib[name]) for name in ("x", "y", "font-size"))
    text = node.text or ""
    width = text_width(text, size, bold="jm-bold" in node.attrib["class"])
    left = x - width * {"start": 0.0, "middle": 0.5, "end": 1.0}[node.attrib["text-anchor"]]
    top, bottom = y - 0.78 * size, y + 0.22 * size
    corners = ((left, top), (left + width, top), (left + width, bottom), (left, bottom))
    turned = node.attrib.get("transform", "rotate(0 0 0)")
    assert turned.startswith("rotate("), turned
    angle, about_x, about_y = map(float, turned[7:-1].split())
    c, s = cos(radians(angle)), sin(radians(angle))
    a, b, d, e = (
        (about_x + (px - about_x) * c - (py - about_y) * s, about_y + (px - about_x) * s + (py - about_y) * c)
        for px, py in corners
    )
    across, down = zip(a, b, d, e, strict=True)
    return Drawn(text, (a, b, d, e), (min(across), min(down), max(across), max(down)))


def overlapping(drawn: list[Drawn], *, allowed: float = 0.75) -> list[tuple[str, str]]:
    """Pairs of texts that cover each other by more than `allowed` in every direction (separating axes)."""
    near = [(one, two) for one, two in combinations(drawn, 2) if _could_meet(one.round, two.round)]
    return [(one.text, two.text) for one, two in near if _depth(one, two) > allowed]


def _could_meet(one: Sides, two: Sides) -> bool:
    return one[0] < two[2] and two[0] < one[2] and one[1] < two[3] and two[1] < one[3]


def _depth(one: Drawn, two: Drawn) -> float:
    least = float("inf")
    for shape in (one, two):
        for i in (0, 1):
            (x0, y0), (x1, y1) = shape.corners[i], shape.corners[i + 1]
            length = ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5
            if length == 0:
                return 0.0
            axis = ((x1 - x0) / length, (y1 - y0) / length)
            spans = [[px * axis[0] + py * axis[1] for px, py in each.corners] for each in (one, two)]
            least = min(least, min(max(spans[0]), max(spans[1])) - max(min(spans[0]), min(spans[1])))
    return least


def outside(svg: str, drawn: list[Drawn]) -> list[str]:
    """Texts that leave the viewBox."""
    _x, _y, width, height = map(float, parsed(svg).attrib["viewBox"].split())
    return [one.text for one in drawn if any(not (0 <= x <= width and 0 <= y <= height) for x, y in one.corners)]


def crossing_a_box(svg: str, drawn: list[Drawn]) -> list[str]:
    """Texts that begin inside a wait's box and are wider than it."""
    found = []
    for rect in parsed(svg).iter(f"{SVG}rect"):
        if "jm-box" not in rect.attrib.get("class", ""):
            continue
        x, y, width, height = (float(rect.attrib[name]) for name in ("x", "y", "width", "height"))
        for one in drawn:
            (left, top), _b, (right, bottom), _d = one.corners
            middle = ((left + right) / 2, (top + bottom) / 2)
            inside = x < middle[0] < x + width and y < middle[1] < y + height
            if inside and (left < x or right > x + width or top < y or bottom > y + height):
                found.append(one.text)
    return found
