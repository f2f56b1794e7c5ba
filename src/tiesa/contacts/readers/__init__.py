"""Readers: any file or frame an organisation has becomes text columns in file order, in bounded memory.

This room knows formats and nothing of what columns mean; it imports only `core`. `open_source` opens a file,
`frame_source` a data frame; `values` tells how numbers and times are written.
"""

from tiesa.contacts.readers.delimited import CsvSource
from tiesa.contacts.readers.dialect import CsvDialect, find_dialect
from tiesa.contacts.readers.opening import open_source
from tiesa.contacts.readers.source import BATCH_ROWS, ROW, ReaderOptions, Source
from tiesa.contacts.readers.typed import frame_source
from tiesa.contacts.readers.values import NumberFormat, TimeFormat, find_number_format, find_time_format

__all__ = [
    "BATCH_ROWS",
    "ROW",
    "CsvDialect",
    "CsvSource",
    "NumberFormat",
    "ReaderOptions",
    "Source",
    "TimeFormat",
    "find_dialect",
    "find_number_format",
    "find_time_format",
    "frame_source",
    "open_source",
]
