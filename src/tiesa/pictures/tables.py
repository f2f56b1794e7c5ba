"""A `ShownTable` as HTML, for notebooks, reports and pages."""

from __future__ import annotations

from html import escape

from tiesa.core.shown import ShownTable


def html_table(table: ShownTable, *, caption: bool = True) -> str:
    """The table with its caption and note; numbers to the right."""
    head = "".join(f'<th scope="col"{_align(c.is_number)}>{escape(c.heading)}</th>' for c in table.columns)
    rows = "".join(
        "<tr>"
        + "".join(
            f"<td{_align(column.is_number)}>{escape(cell)}</td>"
            for column, cell in zip(table.columns, cells, strict=True)
        )
        + "</tr>"
        for cells in table.cells()
    )
    title = f"<caption>{escape(table.title)}</caption>" if caption else ""
    note = f'<p class="note">{escape(table.note)}</p>' if table.note else ""
    return f"<table>{title}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{note}"


def _align(is_number: bool) -> str:
    return ' class="num"' if is_number else ""
