"""The level texts of an SVG whose groups hand on size, anchor and weight, and the room each takes."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from tiesa.pictures.svg import text_width

SVG = "{http://www.w3.org/2000/svg}"
_HANDED_ON = ("font-size", "text-anchor", "font-weight")


@dataclass(frozen=True)
class Drawn:
    """A text and its room."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


def tree(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - our own drawing


def texts(svg: str) -> list[Drawn]:
    return list(_walk(tree(svg), {"text-anchor": "start", "font-weight": "400"}, (0.0, 0.0)))


def overlapping(drawn: list[Drawn], *, allowed: float = 0.75) -> list[tuple[str, str]]:
    """Pairs of texts that cover each other by more than `allowed` in both directions."""
    return [
        (one.text, two.text)
        for one, two in combinations(drawn, 2)
        if min(one.right, two.right) - max(one.left, two.left) > allowed
        and min(one.bottom, two.bottom) - max(one.top, two.top) > allowed
    ]


def outside(svg: str, drawn: list[Drawn]) -> list[str]:
    """Texts that leave the viewBox."""
    _x, _y, width, height = map(float, tree(svg).attrib["viewBox"].split())
    return [one.text for one in drawn if one.left < 0 or one.top < 0 or one.right > width or one.bottom > height]


def _walk(node: ET.Element, given: dict[str, str], origin: tuple[float, float]) -> Iterator[Drawn]:
    given = {**given, **{name: node.attrib[name] for name in _HANDED_ON if name in node.attrib}}
    if moved := re.fullmatch(r"translate\(([-\d.]+) ([-\d.]+)\)", node.attrib.get("transform", "")):
        origin = (origin[0] + float(moved[1]), origin[1] + float(moved[2]))
    if node.tag == f"{SVG}text":
        x, y, size = float(node.attrib["x"]) + origin[0], float(node.attrib["y"]) + origin[1], float(given["font-size"])
        width = text_width(node.text or "", size, bold=int(given["font-weight"]) >= 600)
        left = x - width * {"start": 0.0, "middle": 0.5, "end": 1.0}[given["text-anchor"]]
        yield Drawn(node.text or "", left, y - 0.78 * size, left + width, y + 0.22 * size)
    for child in node:
        yield from _walk(child, given, origin)
