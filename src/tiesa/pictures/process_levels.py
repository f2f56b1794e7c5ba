"""The process map as a part of a page, with a slider for the detail and a switch between frequency and time.

No script: every level is drawn beforehand, radio buttons choose one, and the style sheet shows it. So it works with the
strictest content security policy for scripts, by keyboard, and on paper. A browser that does not know `:has()` shows
the middle level with its frequencies.
"""

from __future__ import annotations

from hashlib import sha256
from xml.sax.saxutils import quoteattr

from tiesa.core.enums import WaitOwner
from tiesa.core.locale import _
from tiesa.pictures.palette import FONT, LIGHT, Theme
from tiesa.pictures.process_figures import ProcessMap
from tiesa.pictures.process_layout import Placed
from tiesa.pictures.process_map import AROUND_UPRIGHT, AROUND_WIDE, fitted, footer, legend_items
from tiesa.pictures.process_marks import Show, box_marks, dot_marks, label_marks, line_marks, wait_colour
from tiesa.pictures.svg import Element, drawing, element

LEVELS = (0.0, 0.25, 0.5, 0.75, 1.0)
_FIRST = 2  # the level shown before anybody chooses
_NARROW = 640  # px; below it the upright drawings are shown
_SMALLEST = 0.75  # a wide drawing shrinks to this share of its size, then scrolls
_SHOWS: tuple[Show, ...] = ("frequency", "time")


def interactive(map: ProcessMap, *, theme: Theme = LIGHT, nonce: str = "") -> str:
    """The map as an HTML fragment: five levels of detail, frequency or time, wide or upright as the page has room.

    Args: nonce: of the page's content security policy, for the fragment's one style element.
    Its ids and class names begin with a name made from the figures, so that several maps can stand on one page.
    """
    name = "tpm-" + sha256(repr((map, theme.name)).encode()).hexdigest()[:8]
    figures, rules = [], []
    for level, detail in enumerate(LEVELS):
        drawings = []
        captions = []
        for upright in (False, True):
            shown, placed = fitted(map, detail=detail, upright=upright)
            if not upright:  # an upright drawing shows no more than the wide one: the legend of this serves both
                legends = [_legend(placed, theme, show, name) for show in _SHOWS]
            svg, width = _drawing(map, shown, placed, theme, name, upright=upright)
            way = "upright" if upright else "wide"
            drawings.append(element("div", svg, class_=f"{name}-{way}"))
            said = " ".join(filter(None, (shown.hidden or _("Everything is drawn."), placed.unlabelled)))
            captions.append(element("p", text=said, class_=f"{name}-{way}"))
            smallest = f"min-width:{width * _SMALLEST:.0f}px;" if not upright else ""
            rules.append(f".{name}-l{level} .{name}-{way} svg{{width:100%;{smallest}max-width:{width:.0f}px}}")
        scrolled = element("div", *drawings, class_=f"{name}-scroll", tabindex="0", role="group",
                           aria_label=_("The map; scroll sideways where it is wider than the page"))  # fmt: skip
        caption = element("figcaption", *legends, *captions)
        figures.append(element("figure", scrolled, caption, class_=f"{name}-l{level}"))
    choices = element(
        "div",
        _choice(name, "detail", _("Detail"), _level_names(), _FIRST),
        _choice(name, "show", _("Lines show"), (_("frequency"), _("time")), 0),
        class_=f"{name}-choices",
    )
    style = f"<style{f' nonce={quoteattr(nonce)}' if nonce else ''}>{_style(name, theme, rules)}</style>"
    whole = element(
        "section",
        element("h3", text=map.title),
        element("p", text=map.answer),
        choices,
        *figures,
        element("p", text=footer(map), class_=f"{name}-footer"),
        id=name,
        aria_label=map.title,
    )
    return style + str(whole)


def _level_names() -> tuple[str, ...]:
    return _("backbone"), _("little"), _("middle"), _("much"), _("everything")


def _choice(name: str, what: str, legend: str, words: tuple[str, ...], chosen: int) -> Element:
    buttons = []
    for i, word in enumerate(words):
        key = f"{name}-{what}-{i}"
        checked = "checked" if i == chosen else None
        buttons.append(element("input", type="radio", name_=f"{name}-{what}", id=key, value=str(i), checked=checked))
        buttons.append(element("label", text=word, for_=key))
    return element("fieldset", element("legend", text=legend), element("div", *buttons), class_=f"{name}-{what}")


def _drawing(
    map: ProcessMap, shown: ProcessMap, placed: Placed, theme: Theme, name: str, *, upright: bool
) -> tuple[Element, float]:
    """One level, with the labels of frequency and of time; the style sheet shows one of them and colours the lines."""
    beside, above = AROUND_UPRIGHT if upright else AROUND_WIDE
    width = placed.width + 2 * beside
    if upright:
        width = max(width, 340)
    labels = [element("g", label_marks(placed, theme, show), class_=f"{name}-{show}") for show in _SHOWS]
    marks = [
        line_marks(placed, theme, "frequency", classes=f"{name}-"),
        dot_marks(placed, theme, upright=upright),
        box_marks(placed, theme),
        *labels,
    ]
    inner = element("g", *marks, transform=f"translate({(width - placed.width) / 2:.1f} {above:.1f})")
    # The caption says what is left out and the page has the tables: the description of each level stays short.
    return drawing(
        width, placed.height + 2 * above, inner, title=map.title, description=shown.hidden or map.answer
    ), width


def _legend(placed: Placed, theme: Theme, show: Show, name: str) -> Element:
    items = []
    for colour, dashed, words in legend_items(placed, theme, show):
        dash = "6 4" if dashed else None
        sample = element("path", d="M0 5h22", stroke=colour, stroke_width=3, stroke_dasharray=dash)
        drawn = element("svg", sample, width=22, height=10, aria_hidden="true")
        items.append(element("li", drawn, element("span", text=words)))
    return element("ul", *items, class_=f"{name}-{show}")


def _style(name: str, theme: Theme, rules: list[str]) -> str:
    """Everything is scoped by the fragment's id; colours are literal."""
    time = f"#{name}:has(#{name}-show-1:checked)"
    waits = "".join(
        f"{time} .{name}-{owner}>path:first-of-type{{stroke:{wait_colour(owner, theme)}}}"
        f"{time} .{name}-{owner}>path:last-of-type{{fill:{wait_colour(owner, theme)}}}"
        for owner in WaitOwner
    )
    levels = "".join(
        f"#{name}:has(#{name}-detail-{i}:checked)>figure{{display:none}}"
        f"#{name}:has(#{name}-detail-{i}:checked)>figure.{name}-l{i}{{display:block}}"
        for i in range(len(LEVELS))
    )
    return (
        f"#{name}{{font-family:{FONT};color:{theme.ink};background:{theme.card};padding:1rem;font-size:.8125rem}}"
        f"#{name} h3{{margin:0;font-size:1rem}}#{name} p{{margin:.25rem 0;color:{theme.ink2}}}"
        f".{name}-choices{{display:flex;flex-wrap:wrap;gap:.5rem 1.5rem;margin:.75rem 0}}"
        f"#{name} fieldset{{border:0;margin:0;padding:0;min-width:0}}"
        f"#{name} legend{{padding:0 0 .25rem;color:{theme.ink2}}}"
        f"#{name} fieldset>div{{position:relative;display:flex;flex-wrap:wrap;overflow:hidden;"
        f"border:1px solid {theme.line};border-radius:6px}}"
        f"#{name} input{{position:absolute;opacity:0;width:1px;height:1px}}"
        f"#{name} label{{padding:.375rem .75rem;cursor:pointer;min-height:1.5rem;box-sizing:border-box}}"
        f"#{name} input:checked+label{{background:{theme.accent_soft};font-weight:600;"
        f"box-shadow:inset 0 -3px {theme.accent}}}"
        f"#{name} input:focus-visible+label{{outline:2px solid {theme.focus};outline-offset:-2px}}"
        f"#{name} figure{{margin:0}}#{name}>figure:not(.{name}-l{_FIRST}){{display:none}}"
        f".{name}-scroll{{overflow-x:auto}}.{name}-scroll svg{{display:block;height:auto;margin:auto}}"
        f"#{name} ul{{display:flex;flex-wrap:wrap;gap:.25rem 1rem;list-style:none;margin:.5rem 0;padding:0;"
        f"color:{theme.ink2}}}#{name} li svg{{vertical-align:middle;margin-right:.4rem}}"
        f".{name}-time,.{name}-upright{{display:none!important}}"
        f"{time} .{name}-frequency{{display:none!important}}{time} .{name}-time{{display:inline!important}}"
        f"{time} ul.{name}-time{{display:flex!important}}"
        f"{levels}{waits}{''.join(rules)}"
        f"@media(max-width:{_NARROW}px){{.{name}-wide{{display:none!important}}"
        f".{name}-upright{{display:block!important}}}}"
    )
