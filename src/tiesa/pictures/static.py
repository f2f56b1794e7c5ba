"""Charts to SVG and PNG without a browser and without a network: the renderer is a library in this process.

Layout is measured with the one face the renderer carries inside (Liberation Sans: Latin with all our diacritics, and
Cyrillic), so that the same figures give the same bytes on every machine; the SVG names the faces of `palette.FONT`.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import Any, Protocol
from zlib import crc32

from tiesa.core.locale import current_language
from tiesa.pictures.charts_frame import Picture
from tiesa.pictures.charts_scales import d3_locale
from tiesa.pictures.palette import FONT
from tiesa.pictures.svg import Element, element

_INSIDE = "Liberation Sans"
_NAMESPACE = "http://www.w3.org/2000/svg"
_NOISE = {"class", "role", "aria-hidden", "aria-roledescription", "aria-label", "pointer-events", "font-family"}
_DEFAULTS = {("opacity", "1"), ("text-anchor", "start"), ("stroke-width", "0"), ("stroke-miterlimit", "10")}
_MANY = 8  # from so many equal symbols in a row on, one path holds them all


class Drawable(Protocol):
    """An Altair chart, or whatever else can write itself as Vega-Lite."""

    def to_dict(self) -> dict[str, Any]: ...


def to_svg(chart: Picture | Drawable, *, language: str | None = None) -> str:
    """A chart as SVG: self-contained, no address but the SVG namespace, described in words.

    Args: language: of numbers and dates the chart leaves to the renderer; the running language when not given. A
        Picture carries its own.
    Raises: ValueError where the specification asks for data from elsewhere or cannot be compiled.
    """
    import vl_convert

    spec = dict(chart.spec if isinstance(chart, Picture) else chart.to_dict())
    config = {"locale": d3_locale(language or current_language()), **spec.get("config", {}), "font": _INSIDE}
    made = vl_convert.vegalite_to_svg({**spec, "config": config}, allowed_base_urls=[])
    title, width = (chart.title, chart.width) if isinstance(chart, Picture) else ("", 0)
    return _tidied(made, title, str(spec.get("description", "")), width)


def to_png(chart_or_svg: Picture | Drawable | str, *, scale: float = 2) -> bytes:
    """A chart, or an SVG of ours, as PNG with `scale` dots to the pixel."""
    import vl_convert

    svg = chart_or_svg if isinstance(chart_or_svg, str) else to_svg(chart_or_svg)
    png: bytes = vl_convert.svg_to_png(svg, scale=scale)
    return png


def svg_to_png(svg: str, width: int) -> bytes:
    """An SVG of ours as PNG, `width` dots wide.

    Raises: ValueError if the SVG does not say its own width.
    """
    own = re.match(r'<svg\b[^>]*?\swidth="([\d.]+)', svg.lstrip())
    if own is None:
        raise ValueError("the SVG has no width")
    return to_png(svg, scale=width / float(own[1]))


def _tidied(made: str, title: str, description: str, least: int) -> str:
    """The renderer's SVG, at least so wide, with its title and description, less what only its own runtime needs."""
    root = ET.fromstring(made)  # noqa: S314 (written by the renderer a moment ago; it declares no entities)
    _own_ids(root, made)
    words = f"{title}. {description}" if title and not description.startswith(title) else description
    width, height = (round(float(root.get(side, "0"))) for side in ("width", "height"))
    width = max(width, least)
    ground = root.find(f"{{{_NAMESPACE}}}rect")
    if ground is not None:
        ground.set("width", str(width))
    drawing = element(
        "svg",
        *([element("title", text=title)] if title else []),
        *([element("desc", text=description)] if description else []),
        *_merged(list(_children(root))),
        xmlns=_NAMESPACE,
        width=width,
        height=height,
        viewBox=f"0 0 {width} {height}",
        role="img",
        aria_label=words or None,
        font_family=FONT,
    )
    return str(drawing)


def _own_ids(root: ET.Element, made: str) -> None:
    """Names of clips and gradients that depend on the drawing alone, and that no other drawing of a page has.

    The renderer numbers them through its life, so that a second drawing of the same chart would differ.
    """
    mark = crc32(re.sub(r"(?:clip|gradient_)\d+", "", made).encode())
    names = {e.attrib["id"]: f"i{mark:08x}-{i}" for i, e in enumerate(e for e in root.iter() if "id" in e.attrib)}
    for node in root.iter() if names else ():
        for key, value in node.attrib.items():
            if key == "id":
                node.set(key, names[value])
            elif value.startswith("url(#") and value[5:-1] in names:
                node.set(key, f"url(#{names[value[5:-1]]})")


def _children(node: ET.Element) -> Iterator[Element]:
    for child in node:
        name = child.tag.removeprefix(f"{{{_NAMESPACE}}}")
        if child.get("display") == "none" or (child.get("class") == "background" and child.get("fill") is None):
            continue
        given = {k: _short(k, v) for k, v in child.attrib.items() if k not in _NOISE and (k, v) not in _DEFAULTS}
        if given.get("transform") == "translate(0,0)":
            del given["transform"]
        made = Element(name, dict(given), _merged(list(_children(child))), child.text or "")
        if name == "g" and not made.children:
            continue
        if name == "g" and not made.attributes:
            yield from made.children
            continue
        yield made


def _short(name: str, value: str) -> str:
    """The value with its coordinates to a tenth of a pixel."""
    if name not in {"d", "transform", "x", "y", "x1", "x2", "y1", "y2", "width", "height"}:
        return value
    return re.sub(r"-?\d+\.\d+(?:e-?\d+)?", lambda found: _tenth(float(found[0])), value)


def _tenth(value: float) -> str:
    short = f"{value:.1f}".rstrip("0").rstrip(".")
    return "0" if short == "-0" else short


def _merged(drawn: list[Element]) -> list[Element]:
    """Runs of equal symbols as one path each: a tenth of the bytes."""
    made: list[Element] = []
    start = 0
    while start < len(drawn):
        first, end = drawn[start], start + 1
        while end < len(drawn) and _alike(first, drawn[end]):
            end += 1
        outline = _relative(str(first.attributes.get("d", "")))
        if end - start < _MANY or outline is None:
            made += drawn[start:end]
        else:
            (x0, y0), rest = outline
            moves = []
            for symbol in drawn[start:end]:
                x, y = _shift(symbol) or (0.0, 0.0)
                moves.append(f"M{_tenth(x + x0)} {_tenth(y + y0)}{rest}")
            kept = {k: v for k, v in first.attributes.items() if k not in {"d", "transform"}}
            made.append(Element("path", {"d": "".join(moves), **kept}))
        start = end
    return made


def _alike(first: Element, other: Element) -> bool:
    if first.name != "path" or other.name != "path" or _shift(first) is None or _shift(other) is None:
        return False
    return {**first.attributes, "transform": None} == {**other.attributes, "transform": None}


def _shift(symbol: Element) -> tuple[float, float] | None:
    found = re.fullmatch(r"translate\((-?[\d.]+),(-?[\d.]+)\)", str(symbol.attributes.get("transform", "")))
    return (float(found[1]), float(found[2])) if found else None


def _relative(outline: str) -> tuple[tuple[float, float], str] | None:
    """A symbol's outline as its first point and the rest relative to it; None where it is not of M, L, A, h, v, Z.

    >>> _relative("M-2,-2h4v4h-4Z")
    ((-2.0, -2.0), 'h4v4h-4z')
    """
    steps = re.findall(r"([A-Za-z])([^A-Za-z]*)", outline)
    if not steps or steps[0][0] != "M":
        return None
    x, y = start = _numbers(steps[0][1])[:2]
    rest = ""
    for command, given in steps[1:]:
        n = _numbers(given)
        if command in "hv" and len(n) == 1:
            rest += command + _tenth(n[0])
            x, y = (x + n[0], y) if command == "h" else (x, y + n[0])
        elif command == "L" and len(n) == 2:
            rest += f"l{_tenth(n[0] - x)} {_tenth(n[1] - y)}"
            x, y = n
        elif command == "A" and len(n) == 7:
            rest += "a" + " ".join(map(_tenth, [*n[:5], n[5] - x, n[6] - y]))
            x, y = n[5:]
        elif command == "Z":
            rest += "z"
        else:
            return None
    return (start[0], start[1]), rest


def _numbers(text: str) -> list[float]:
    return [float(number) for number in re.findall(r"-?\d*\.?\d+", text)]
