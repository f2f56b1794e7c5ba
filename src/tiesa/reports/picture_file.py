"""A picture as a file: SVG, PNG, an HTML page with its table and words, or its figures as CSV, XLSX or Parquet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import pyarrow as pa

from tiesa.core.errors import WrongUsage
from tiesa.core.locale import _
from tiesa.core.shown import ShownTable
from tiesa.pictures.palette import DARK, LIGHT, Theme
from tiesa.pictures.tables import html_table
from tiesa.reports.page import drawings, page
from tiesa.reports.spreadsheet import write_table
from tiesa.reports.writing import replacing

SUFFIXES = (".svg", ".png", ".html", ".csv", ".xlsx", ".parquet")
_PNG_WIDTH = {False: 2000, True: 1080}


@dataclass(frozen=True)
class Drawable:
    """A picture before it is drawn.

    draw: (theme, upright, frame) -> SVG. title, answer: what stands above it on a page. alternative: the same in words.
    table: the figures. shown: tables for people beneath it. inside: HTML that takes the picture's place on a page (the
    process map with its sliders). style: CSS that `inside` needs.
    """

    title: str
    answer: str
    alternative: str
    draw: Callable[[Theme, bool, bool], str]
    table: pa.Table
    shown: Sequence[ShownTable] = ()
    note: str = ""
    inside: str = ""


def write_picture(picture: Drawable, out: Path, *, theme: Theme = LIGHT, upright: bool = False) -> None:
    """Write a picture by the file's suffix. theme, upright: for SVG and PNG; a page holds all of them.

    Raises: WrongUsage for another suffix, TiesaError where the file cannot be written.
    """
    if out.suffix in (".csv", ".xlsx", ".parquet"):
        write_table(picture.table, out)
        return
    if out.suffix not in SUFFIXES:
        raise WrongUsage(
            _("There is no format {name}").format(name=repr(out.suffix)),
            where=str(out),
            remedy=_("Allowed: {keys}").format(keys=", ".join(SUFFIXES)),
        )
    with replacing(out) as draft:
        if out.suffix == ".html":
            draft.write_text(picture_page(picture), encoding="utf-8")
        elif out.suffix == ".svg":
            draft.write_text(picture.draw(theme, upright, True), encoding="utf-8")
        else:
            from tiesa.pictures.static import svg_to_png

            draft.write_bytes(svg_to_png(picture.draw(theme, upright, True), _PNG_WIDTH[upright]))


def picture_page(picture: Drawable) -> str:
    """The picture as a page of its own: the answer, the picture for every screen, its tables, and the same in words."""
    return page(
        picture.title,
        f'<p class="eyebrow">{escape(picture.title)}</p><h1>{escape(picture.answer or picture.title)}</h1>'
        f'<div class="card">{figure(picture)}</div>'
        + "".join(
            f'<div class="card"><div class="scroll" tabindex="0">{html_table(t)}</div></div>' for t in picture.shown
        )
        + f"<footer>{escape(picture.note)}</footer>",
    )


def figure(picture: Drawable) -> str:
    """The picture as a part of a page, with its text alternative."""
    drawn = picture.inside or drawings(
        picture.draw(LIGHT, False, False),
        picture.draw(DARK, False, False),
        light_tall=picture.draw(LIGHT, True, False),
        dark_tall=picture.draw(DARK, True, False),
    )
    words = (
        f"<details><summary>{escape(_('The picture in words'))}</summary><p>{escape(picture.alternative)}</p></details>"
    )
    return f"<figure>{drawn}</figure>{words}"
