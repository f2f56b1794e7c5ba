"""Log lines as JSON, with a fixed set of fields, so that no personal data slips in with a message's arguments."""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime

FIELDS = ("view", "status", "ms", "job", "kind", "rows", "count", "url_host")
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_NUMBER = re.compile(r"\+?\d[\d /-]{7,}\d")


class JsonLines(logging.Formatter):
    """One JSON object per record; mail addresses and long numbers are blotted out."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "what": _plain(record.getMessage()),
        }
        line |= {field: getattr(record, field) for field in FIELDS if hasattr(record, field)}
        if record.exc_info and record.exc_info[0]:
            # The message of an error may quote a customer's words; its kind and place never do.
            line["error"] = record.exc_info[0].__name__
            last = record.exc_info[2]
            while last and last.tb_next:
                last = last.tb_next
            if last:
                line["at_line"] = f"{last.tb_frame.f_code.co_filename.rpartition('tiesa/')[2]}:{last.tb_lineno}"
        return json.dumps(line, ensure_ascii=False)


def _plain(text: str) -> str:
    return _NUMBER.sub("…", _ADDRESS.sub("…", text))
