"""`tiesa map`, `graph`, `variants`, `compare`: the pictures of journeys, on the terminal or as a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tiesa.cli.options import JsonOption, LanguageOption, print_json, speaking, working
from tiesa.cli.selecting import Asked, selecting
from tiesa.core.errors import WrongUsage
from tiesa.core.locale import _

if TYPE_CHECKING:
    from tiesa.journeys.view import View
    from tiesa.reports.picture_file import Drawable

OutOption = Annotated[
    Path | None, typer.Option("--out", metavar="FILE", help=_("Write .svg, .png, .html, .csv, .xlsx or .parquet."))
]
ThemeOption = Annotated[str, typer.Option("--theme", help=_("Colours: light, dark or print."))]
UprightOption = Annotated[bool, typer.Option("--upright", help=_("Standing, for a phone."))]
TitleOption = Annotated[str, typer.Option("--title", help=_("Title (else what is selected)."))]


def register(app: typer.Typer) -> None:
    app.command("map", help=_("Draw the journey map."))(journey_map)
    app.command("graph", help=_("Draw the process map: what follows what."))(graph)
    app.command("variants", help=_("Draw the ways journeys go."))(variants)
    app.command("compare", help=_("Compare two selections: what differs most."))(compare)


@selecting
def journey_map(
    asked: Asked,
    out: OutOption = None,
    theme: ThemeOption = "light",
    upright: UprightOption = False,
    title: TitleOption = "",
    language: LanguageOption = "",
    as_json: JsonOption = False,
) -> None:
    from tiesa.reports.journey_pictures import journey_map_picture

    with speaking(language):
        _picture(asked, lambda view: journey_map_picture(view, title=title), out, theme, upright, as_json)


@selecting
def graph(
    asked: Asked,
    out: OutOption = None,
    theme: ThemeOption = "light",
    upright: UprightOption = False,
    title: TitleOption = "",
    detail: Annotated[
        float, typer.Option("--detail", min=0.0, max=1.0, help=_("0: the backbone, 1: everything."))
    ] = 0.5,
    show: Annotated[
        str, typer.Option("--show", help=_("frequency or time on the lines; waits: how long waits take instead."))
    ] = "frequency",
    language: LanguageOption = "",
    as_json: JsonOption = False,
) -> None:
    from tiesa.reports.journey_pictures import process_map_picture, waits_picture

    check_choice("--show", show, ("frequency", "time", "waits"))
    if show == "waits":
        with speaking(language):
            _picture(asked, lambda view: waits_picture(view, title=title), out, theme, upright, as_json)
        return
    with speaking(language):
        _picture(
            asked,
            lambda view: process_map_picture(
                view, detail=detail, show="time" if show == "time" else "frequency", title=title
            ),
            out, theme, upright, as_json,
        )  # fmt: skip


@selecting
def variants(
    asked: Asked,
    out: OutOption = None,
    theme: ThemeOption = "light",
    upright: UprightOption = False,
    title: TitleOption = "",
    top: Annotated[int, typer.Option("--top", min=1, max=100, help=_("How many ways."))] = 10,
    show: Annotated[
        str, typer.Option("--show", help=_("ribbons, or dots: every contact by time (dots-length: by age)."))
    ] = "ribbons",
    language: LanguageOption = "",
    as_json: JsonOption = False,
) -> None:
    from tiesa.reports.journey_pictures import dotted_picture, variants_picture

    made: dict[str, Callable[[View], Drawable]] = {
        "ribbons": lambda view: variants_picture(view, top=top, title=title),
        "dots": lambda view: dotted_picture(view, title=title),
        "dots-length": lambda view: dotted_picture(view, order="length", title=title),
    }
    check_choice("--show", show, made)
    with speaking(language):
        _picture(asked, made[show], out, theme, upright, as_json)


@selecting
def compare(
    asked: Asked,
    before: Annotated[
        str, typer.Option("--before", help=_("Compare journeys begun before this day with those after."))
    ] = "",
    with_: Annotated[
        list[str] | None,
        typer.Option(
            "--with", metavar="NAME=VALUE", help=_("The other selection, such as segment=senior; may be repeated.")
        ),
    ] = None,
    out: OutOption = None,
    theme: ThemeOption = "light",
    upright: UprightOption = False,
    language: LanguageOption = "",
    as_json: JsonOption = False,
) -> None:
    from tiesa.reports.comparing import compared, comparison_picture

    with speaking(language):
        first, second = _two(asked, before, with_ or [])
        with working(_("Comparing")):
            made = compared(asked.home, first, second, as_of=asked.as_of)
        if out:
            from tiesa.reports.picture_file import write_picture

            write_picture(comparison_picture(made), out, theme=theme_of(theme), upright=upright)
            typer.echo(_("Written: {path}").format(path=out))
        elif as_json:
            print_json({"answer": made.answer(), "differences": made.table().to_pylist(), "explain": made.explain()})
        else:
            from rich.console import Console

            from tiesa.cli.shown import heading, show_table

            console = Console(highlight=False)
            heading(console, made.answer(), " ".join(made.findings()))
            for table in made.tables():
                show_table(console, table.head(20))


def _two(asked: Asked, before: str, with_: list[str]) -> tuple[Any, Any]:
    """The two selections a comparison is about."""
    from tiesa.cli.options import instant_of
    from tiesa.journeys.selection import Selection

    day = instant_of(before, option="--before")
    if bool(day) == bool(with_):
        raise WrongUsage(
            _("A comparison needs a second selection"), where="compare",
            remedy=_("Give either --before DAY, or --with NAME=VALUE (such as --with segment=senior)"),
        )  # fmt: skip
    if day:
        return replace(asked.selection, until=day), replace(asked.selection, since=day)
    changed: dict[str, Any] = {}
    parts = {field.name for field in fields(Selection)}
    for pair in with_:
        name, equals, value = pair.partition("=")
        name = {"from": "since", "to": "until"}.get(name, name).replace("-", "_")
        if not equals or name not in parts:
            allowed = "journey-type, segment, customer, unit, channel, product, touchpoint, language, from, to"
            raise WrongUsage(
                _("{pair} is no selection").format(pair=repr(pair)), where="--with",
                remedy=_("Allowed: {keys}").format(keys=allowed),
            )  # fmt: skip
        changed[name] = instant_of(value, option="--with") if name in ("since", "until") else value or None
    return asked.selection, replace(asked.selection, **changed)


def _picture(
    asked: Asked, make: Callable[[View], Drawable], out: Path | None, theme: str, upright: bool, as_json: bool
) -> None:
    """Make a picture of what is asked, and write or say it."""
    from tiesa.journeys.view import open_view
    from tiesa.reports.picture_file import write_picture

    colours = theme_of(theme)
    with open_view(asked.home, asked.selection, as_of=asked.as_of) as view, working(_("Drawing")):
        made = make(view)
    if out:
        with working(_("Drawing")):
            write_picture(made, out, theme=colours, upright=upright)
        typer.echo(_("Written: {path}").format(path=out))
    elif as_json:
        print_json(
            {
                "title": made.title,
                "answer": made.answer,
                "in_words": made.alternative,
                "figures": made.table.to_pylist(),
            }
        )
    else:
        _say(made)


def _say(made: Drawable) -> None:
    from rich.console import Console
    from rich.markup import escape

    from tiesa.cli.shown import ROWS, heading, show_table

    console = Console(highlight=False)
    heading(console, made.title, made.note)
    console.print(f"[bold]{escape(made.answer)}[/bold]")
    for table in made.shown:
        console.print()
        show_table(console, table.head(ROWS * 2))
    if not made.shown:
        console.print(escape(made.alternative))
    console.print("[dim]" + _("--out FILE.svg (or .png, .html, .csv, .xlsx, .parquet) draws it.") + "[/dim]")


def theme_of(name: str) -> Any:
    """The theme of that name. Raises: WrongUsage."""
    from tiesa.pictures.palette import THEMES

    check_choice("--theme", name, THEMES)
    return THEMES[name]


def check_choice(option: str, word: str, allowed: Iterable[str]) -> None:
    """Raise WrongUsage unless the word is one of those allowed."""
    if word not in allowed:
        what = _("There is no {word} to choose").format(word=repr(word))
        raise WrongUsage(what, where=option, remedy=_("Allowed: {keys}").format(keys=", ".join(allowed)))
