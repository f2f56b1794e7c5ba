"""XLSX workbooks: one sheet, dates as timestamps, everything else as the text a person sees."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice
from typing import Any

import pyarrow as pa
import python_calamine as calamine

from tiesa.contacts.readers.arrays import numbered_batch, text_array
from tiesa.contacts.readers.dialect import has_header
from tiesa.contacts.readers.names import refuse_many_columns, unique_names
from tiesa.contacts.readers.source import ReaderOptions, Source, batch_rows
from tiesa.contacts.readers.unpacking import Content
from tiesa.contacts.readers.workbook_extent import damaged, refuse_bomb
from tiesa.core.errors import UnusableInput
from tiesa.core.locale import _

TIMESTAMP = pa.timestamp("us")

Cells = list[Any]


@dataclass(slots=True)
class WorkbookSource(Source):
    """The rows of one sheet. A sheet has at most 1,048,576 of them: the library keeps it whole, as plain values."""

    sheet: calamine.CalamineSheet
    header: bool
    places: tuple[int, ...]
    dated: tuple[bool, ...]

    def batches(self) -> Iterator[pa.RecordBatch]:
        rows = _filled_rows(self.sheet)
        if self.header:
            next(rows, None)
        first = 1
        while piece := list(islice(rows, batch_rows(len(self.columns)))):
            arrays = {
                name: _timestamps(piece, place) if dated else text_array([cell_text(row[place]) for row in piece])
                for name, place, dated in zip(self.columns, self.places, self.dated, strict=True)
            }
            yield numbered_batch(first, arrays, len(piece))
            first += len(piece)


def open_workbook(content: Content, *, options: ReaderOptions) -> WorkbookSource:
    """The sheet `options.sheet`, else the first that has rows. Blank rows are skipped and not counted.

    Raises: UnusableInput for a workbook that is damaged, without that sheet, or without rows.
    """
    refuse_bomb(content)
    try:
        workbook = calamine.CalamineWorkbook.from_path(str(content.path))
        sheet = _chosen_sheet(workbook, content, options.sheet)
    except (calamine.CalamineError, ValueError, OSError) as error:
        raise damaged(content) from error
    shown = [[cell_text(cell) or "" for cell in row] for row in islice(_filled_rows(sheet), 200)]
    header = has_header(shown)
    rows = _filled_rows(sheet)
    names = [cell_text(cell) or "" for cell in next(rows)] if header else [""] * len(shown[0])
    filled, dated = [name != "" for name in names], [True] * len(names)
    count = 0
    for row in rows:
        count += 1
        for place, cell in enumerate(row):
            if cell != "":
                filled[place] = True
                dated[place] = dated[place] and isinstance(cell, date)
    if not count:
        raise UnusableInput(_("The sheet {name} has no row").format(name=sheet.name), where=str(content.path))
    places = tuple(place for place, is_filled in enumerate(filled) if is_filled)
    refuse_many_columns(len(places), str(content.path))
    all_names = unique_names(names)
    return WorkbookSource(
        content.path,
        "xlsx",
        tuple(all_names[place] for place in places),
        sheet,
        header,
        places,
        tuple(dated[place] for place in places),
    )


def _chosen_sheet(workbook: calamine.CalamineWorkbook, content: Content, wanted: str) -> calamine.CalamineSheet:
    names = workbook.sheet_names
    if wanted and wanted not in names:
        raise UnusableInput(
            _("The workbook has no sheet {name}").format(name=wanted),
            where=str(content.path),
            remedy=_("Its sheets are {names}").format(names=", ".join(names)),
        )
    for name in [wanted] if wanted else names:
        sheet = workbook.get_sheet_by_name(name)
        if next(_filled_rows(sheet), None) is not None:
            return sheet
    raise UnusableInput(_("The workbook has no row"), where=str(content.path))


def _filled_rows(sheet: calamine.CalamineSheet) -> Iterator[Cells]:
    if not sheet.total_height:
        return
    for row in sheet.iter_rows():
        if any(cell != "" for cell in row):
            yield row


def _timestamps(rows: list[Cells], place: int) -> pa.Array:
    return pa.array([_moment(row[place]) for row in rows], TIMESTAMP)


def _moment(cell: Any) -> datetime | None:
    if isinstance(cell, datetime):
        return cell
    return datetime.combine(cell, time()) if isinstance(cell, date) else None


def cell_text(cell: Any) -> str | None:
    """What a person sees in the cell: whole numbers without a point, times in ISO form.

    >>> [cell_text(cell) for cell in (3.0, 2.5, True, datetime(2025, 12, 31, 14, 5), "")]
    ['3', '2.5', 'true', '2025-12-31 14:05:00', None]
    """
    if cell == "" or cell is None:
        return None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
