"""The page every HTML file of Tiesa is made of: one file, no script, nothing fetched; light, dark and print."""

from __future__ import annotations

from functools import cache
from html import escape
from importlib import resources

from tiesa.core.locale import current_language
from tiesa.pictures.palette import DARK, FONT, LIGHT, PRINT, Theme

LANGUAGE_TAGS = {"sr": "sr-Cyrl", "sr_Latn": "sr-Latn"}


def page(title: str, body: str, *, style: str = "") -> str:
    """A whole HTML document. body: HTML inside `<main>`. style: further rules.

    Colours are custom properties, one set per theme, chosen by the reader's system; print has its own.
    """
    language = LANGUAGE_TAGS.get(current_language(), current_language())
    dark = f"@media screen and (prefers-color-scheme:dark){{{_tokens(DARK)}}}"
    colours = _tokens(LIGHT) + dark + f"@media print{{{_tokens(PRINT)}}}"
    css = colours + stylesheet("page.css").replace("FONT", FONT) + style
    return (
        f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<meta name="generator" content="Tiesa">\n'
        f"<title>{escape(title)}</title>\n<style>{css}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


@cache
def stylesheet(name: str) -> str:
    """A style sheet of this folder."""
    return (resources.files("tiesa.reports") / name).read_text("utf-8")


def _tokens(theme: Theme) -> str:
    return ":root{" + ";".join(f"{name}:{value}" for name, value in theme.tokens.items()) + "}"


def drawings(light: str, dark: str, *, light_tall: str, dark_tall: str) -> str:
    """A picture in its four drawings, of which the page shows the one that fits the reader's screen and theme."""
    return (
        f'<div class="light wide">{light}</div><div class="light tall">{light_tall}</div>'
        f'<div class="dark wide">{dark}</div><div class="dark tall">{dark_tall}</div>'
    )
