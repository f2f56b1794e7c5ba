"""Names for the moments at which a command changes the home: fault points, found by looking, not by marking code."""

from __future__ import annotations

import re
from pathlib import Path

from tests.crash.file_calls import FileCall

ANSWER = "answer"
"""Everything is done, and the person has not been told yet."""

_VERBS = {
    "open": "create",
    "creat": "create",
    "openat": "create",
    "pwrite64": "write",
    "writev": "write",
    "sendfile": "write",
    "copy_file_range": "write",
    "fdatasync": "sync",
    "fsync": "sync",
    "renameat": "rename",
    "renameat2": "rename",
    "linkat": "link",
    "unlinkat": "unlink",
    "mkdirat": "mkdir",
}
_UNIQUE = re.compile(r"[0-9a-f]{8,}(-[0-9a-f]{4,}){0,4}")


def point_of(call: FileCall, home: Path) -> str | None:
    """The point's name, such as `contacts: link entry`; None of calls that change nothing in the home.

    What is spilled is no part of the home's state: it is thrown away at the end.

    >>> point_of(FileCall("linkat", "/h/contacts/_delta_log/00000000000000000003.json"), Path("/h"))
    'contacts: link entry'
    >>> point_of(FileCall("rename", "/h/private/texts/part=x/0123456789abcdef0123456789abcdef-22.parquet"), Path("/h"))
    'private/texts: rename sealed file'
    """
    prefix = f"{home}/"
    if not call.path.startswith(prefix):
        return None
    relative = Path(call.path.removeprefix(prefix).removesuffix(" (deleted)"))
    if relative.parts[0] == "spill":
        return None
    table, thing = _place(relative)
    return f"{table}: {_VERBS.get(call.verb, call.verb)} {thing}"


def _place(relative: Path) -> tuple[str, str]:
    parts, name = relative.parts, relative.name
    if "_delta_log" in parts:
        table = "/".join(parts[: parts.index("_delta_log")])
        if name == "_delta_log":
            return table, "log folder"
        if name.startswith("_last_checkpoint") or ".checkpoint" in name:
            return table, "checkpoint"
        return table, "entry" if re.fullmatch(r"\d{20}\.json", name) else "entry's draft"
    split = next((n for n, part in enumerate(parts) if "=" in part), None)
    if split is not None:
        table = "/".join(parts[:split])
        if not name.endswith(".parquet"):
            return table, "folder"
        return table, "sealed file" if "-" in name else "draft"
    return "home", _UNIQUE.sub("*", str(relative))
