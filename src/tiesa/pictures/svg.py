"""SVG, written element by element: escaped, with numbers cut to a tenth, so that the same figures give the same bytes.

A drawing is a tree of `Element`s; text widths are estimated from the faces of `palette.FONT`, because a picture is laid
out on machines that have no browser and may have other fonts.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

Attribute = str | float | None
# Widths of letters as shares of the type size, in DejaVu Sans: the widest face a machine may fall back to.
_WIDTHS = {
    0.28: "'ijlįîјії",
    0.34: " ,.·‘’\u00a0\u202f/:;\\|IJĮÎЈІЇ",  # noqa: RUF001
    0.42: "fr-()[]!tțţ",
    0.55: '*_`–§°"“”„sșşšzžгcčćсэ?з',
    0.62: "aeoąęėăâL ktvxyPTYkвтьухчкяГРУТабеоё«»",  # noqa: RUF001
    0.64: "$0123456789€£{}F",
    0.66: "bdghnpquđųūESđийлрнпћђџKĘĖŠȘЗЁЕ",  # noqa: RUF001
    0.71: "ABCRVXZČĆĄŽĂÂдцАБВКХЧЬСЭЯъ",  # noqa: RUF001
    0.79: "NUHDGOQŲŪĐ&ИЙНЛПЏЦДОЂЋмы",
    0.87: "w#+<=>^~→←±−×юфMМФЪ",
    0.95: "Ыњжљш%щ",
    1.0: "mW@—…",
    1.1: "ЊШЖЮЩЉ",
}
_WIDTH_OF = {letter: width for width, letters in reversed(_WIDTHS.items()) for letter in letters}
_BOLDER = 1.14


@dataclass(slots=True)
class Element:
    """One SVG element: name, attributes (`_` in a name is written `-`, None is left out), children or a text."""

    name: str
    attributes: dict[str, Attribute] = field(default_factory=dict)
    children: list[Element] = field(default_factory=list)
    text: str = ""

    def add(self, *children: Element) -> Element:
        """Append children; returns self."""
        self.children.extend(children)
        return self

    def __str__(self) -> str:
        inner = escape(clean(self.text)) + "".join(map(str, self.children))
        given = "".join(
            f" {key.rstrip('_').replace('_', '-')}={quoteattr(_plain(value))}"
            for key, value in self.attributes.items()
            if value is not None
        )
        return f"<{self.name}{given}>{inner}</{self.name}>" if inner else f"<{self.name}{given}/>"


def element(name: str, *children: Element, text: str = "", **attributes: Attribute) -> Element:
    """An element. Attributes that are Python words take a trailing `_`.

    >>> print(element("circle", cx=1.25, r=4, class_="bubble"))
    <circle cx="1.2" r="4" class="bubble"/>
    """
    return Element(name, dict(attributes), list(children), text)


def drawing(width: float, height: float, *children: Element, title: str, description: str, style: str = "") -> Element:
    """The outermost element: scales to its box, says in words what it shows (title, description), carries its style."""
    return element(
        "svg",
        element("title", text=title),
        element("desc", text=description),
        *([element("style", text=style)] if style else []),
        *children,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {_plain(width)} {_plain(height)}",
        width=width,
        height=height,
        role="img",
        aria_label=f"{title}. {description}",
    )


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """About how wide a text will be, in the unit of its size; a little too wide rather than too narrow.

    >>> text_width("illi", 10) < text_width("wmmw", 10)
    True
    """
    width = 0.0
    for letter in text:
        if letter in _WIDTH_OF:
            width += _WIDTH_OF[letter]
        elif unicodedata.combining(letter):
            continue
        elif letter.isupper():
            width += 0.79
        else:
            width += 1.0 if unicodedata.east_asian_width(letter) in "WF" else 0.66
    return width * size * (_BOLDER if bold else 1.0)


def wrap(text: str, size: float, width: float, *, lines: int = 2, bold: bool = False) -> list[str]:
    """The text in at most `lines` lines of `width`; what does not fit ends in an ellipsis. No-break spaces hold.

    >>> wrap("Talks to an adviser", 10, 60)
    ['Talks to an', 'adviser']
    """
    made: list[str] = []
    words = [word for word in text.replace("\t", " ").replace("\n", " ").split(" ") if word]
    while words and len(made) < lines:
        line = words.pop(0)
        while words and text_width(f"{line} {words[0]}", size, bold=bold) <= width:
            line += " " + words.pop(0)
        if words and len(made) == lines - 1:
            line += " …" if text_width(line + " …", size, bold=bold) <= width else "…"
        made.append(shorten(line, size, width, bold=bold))
    return made


def full_lines(text: str, size: float, width: float, *, bold: bool = False) -> list[str]:
    """The whole text in as many lines of `width` as it takes; a word too long for a line is parted, best at a mark.

    >>> full_lines("Talks to an adviser again", 10, 60)
    ['Talks to an', 'adviser', 'again']
    """
    made: list[str] = []
    for word in text.split():
        joined = f"{made[-1]} {word}" if made else word
        if made and text_width(joined, size, bold=bold) <= width:
            made[-1] = joined
            continue
        rest = word
        while text_width(rest, size, bold=bold) > width and len(rest) > 1:
            fits = max(n for n in range(1, len(rest)) if n == 1 or text_width(rest[:n], size, bold=bold) <= width)
            mark = max((i + 1 for i in range(fits) if rest[i] in "_-/.:"), default=0)
            cut = mark if mark > fits // 3 else min(fits, max(len(rest) - 4, 1))  # four letters at least go over
            made.append(rest[:cut])
            rest = rest[cut:]
        made.append(rest)
    return made


def shorten(text: str, size: float, width: float, *, bold: bool = False) -> str:
    """The text, cut with an ellipsis where it is wider than `width`."""
    if text_width(text, size, bold=bold) <= width:
        return text
    cut = text.rstrip("… ")
    while cut and text_width(cut + "…", size, bold=bold) > width:
        cut = cut[:-1].rstrip()
    return cut + "…"


def path(points: Iterable[tuple[str, Sequence[float]]]) -> str:
    """Path data from commands and their numbers.

    >>> path([("M", (0, 0)), ("L", (10, 2.55))])
    'M0 0L10 2.5'
    """
    return "".join(command + " ".join(_plain(n) for n in numbers) for command, numbers in points)


def clean(text: str) -> str:
    """The text without the characters that XML forbids."""
    if text.isprintable():
        return text
    return "".join(
        c
        for c in text
        if ((c >= " " or c in "\t\n") and not "\ud800" <= c <= "\udfff" and c < "\ufffe") or c > "\uffff"
    )


def _plain(value: str | float) -> str:
    if isinstance(value, str):
        return clean(value)
    short = f"{value:.1f}".rstrip("0").rstrip(".")
    return "0" if short in ("-0", "") else short
