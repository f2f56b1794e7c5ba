"""Results on the terminal: the answer first, then findings, then tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from tiesa.core.shown import ShownTable
    from tiesa.journeys.questions.result import Result

WORD_WIDTHS = (30, 22, 16, 12, 9)
"""Letters of a text cell, as many as there is room for; longer ones end in an ellipsis, or go on in the next line."""
WHOLE_WIDTH = 22
"""Letters that a text which is never cut has at least; with less room each row becomes a paragraph."""
ROWS = 8
"""Rows of a table that are shown; the whole of it goes to a file."""


def show_result(console: Console, result: Result, *, rows: int = ROWS, explain: bool = False) -> None:
    """Print one answer: question, answer in bold, what else was found, tables."""
    mark, colour = (
        ("●", "red" if result.needs_attention else "green") if result.can_be_judged else ("○", "bright_black")
    )
    number = f"{result.number} " if result.number else ""
    console.print()
    console.print(Text.assemble((f"{mark} ", colour), (number + result.question(), "dim")))
    say(console, result.answer(), "bold")
    for finding in result.findings():
        say(console, finding)
    if result.missing():
        say(console, Text.assemble(("← ", "dim"), (result.missing(), "cyan")))
    for table in result.tables() if rows else ():
        console.print()
        show_table(console, table.head(rows))
    if explain:
        console.print()
        say(console, result.explain(), "dim")


def say(console: Console, words: str | Text, style: str = "") -> None:
    """Print a paragraph, every line of it indented."""
    from rich.padding import Padding

    console.print(Padding(Text(words) if isinstance(words, str) else words, (0, 0, 0, 2), style=style))


def show_table(console: Console, table: ShownTable, *, title: bool = True) -> None:
    """Print one table with its title and note.

    Extra columns go where the terminal is too narrow for them; where that does not help, each row becomes a paragraph.
    """
    from rich.padding import Padding

    if title:
        say(console, table.title, "dim")
    extra = sum(column.extra for column in table.columns)
    tries = [(dropped, width) for dropped in range(extra + 1) for width in WORD_WIDTHS if width >= WHOLE_WIDTH]
    if not any(column.whole for column in table.columns):
        tries += [(extra, width) for width in WORD_WIDTHS if width < WHOLE_WIDTH]
    made = (rich_table(table.narrowed(dropped), width) for dropped, width in tries)
    drawn = next((one for one in made if fits(console, one)), None)
    if drawn:
        console.print(Padding(drawn, (0, 0, 0, 2)))
    else:
        _show_rows(console, table.narrowed(extra))
    if table.note:
        say(console, table.note, "dim")


def _show_rows(console: Console, table: ShownTable) -> None:
    """Print each row as a paragraph of its own: every heading before its value, nothing cut, what is empty left out."""
    for cells in table.cells():
        known = [(heading, cell) for heading, cell in zip(table.headings, cells, strict=True) if cell != "–"]
        parts = [((f"{heading} ", "dim"), cell) for heading, cell in known]
        say(console, Text(" · ", style="dim").join(Text.assemble(*part) for part in parts))


def fits(console: Console, table: Table) -> bool:
    """Has the terminal room for the table as it is?"""
    from rich.measure import Measurement

    free = console.options.update(max_width=10_000)
    return Measurement.get(console, free, table).maximum <= console.width - 2


def rich_table(shown: ShownTable, word_width: int) -> Table:
    """A table for the terminal: numbers to the right, no frame, words cut at a width, or going on in the next line."""
    from rich.cells import cell_len
    from rich.table import Table

    from tiesa.core.shown import Kind

    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    rows = list(shown.cells())
    for place, column in enumerate(shown.columns):
        cells = [row[place] for row in rows]
        parts = [word for cell in cells for word in cell.split()] if column.whole else cells
        widest = max(map(cell_len, parts), default=0)
        is_cut = column.kind == Kind.TEXT and not column.whole  # a figure is never cut, a word may be
        table.add_column(
            Text(column.heading), justify="right" if column.is_number else "left",
            no_wrap=not column.whole, overflow="fold" if column.whole else "ellipsis",
            min_width=None if is_cut else widest,
            max_width=word_width if is_cut else max(word_width, widest) if column.whole else None,
        )  # fmt: skip
    for row in rows:
        table.add_row(*map(Text, row))
    return table


def heading(console: Console, text: str, note: str = "") -> None:
    """A rule with a title, and a dim line beneath it."""
    from rich.markup import escape

    console.print()
    console.rule(f"[bold]{escape(text)}", align="left", style="dim")
    if note:
        console.print(f"[dim]{escape(note)}[/dim]", highlight=False)
