"""What stands in a folder that files are dropped into, and which of them are whole.

A file is *settled* when two looks at least some seconds apart found it with the same size and time of change. Both
looks are ours and timed by a clock that only goes forward: neither a copy that keeps old times nor a file server whose
clock is off can make a half-written file look old. A writer that pauses for longer is found by asking the system
whether somebody still holds the file open (`held_open`).
"""

from __future__ import annotations

import fcntl
import os
import signal
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

UNFINISHED = (
    ".part", ".partial", ".filepart", ".tmp", ".temp", ".crdownload", ".download", ".opdownload", ".upload",
    ".incomplete", ".swp", "~",
)  # fmt: skip
"""How programs end the name of a file they have not finished, or of a copy they made for themselves."""
NOT_DROPPED = ("thumbs.db", "desktop.ini")
"""Files that a file server or a desktop puts there by itself."""


@dataclass(frozen=True, slots=True, order=True)
class Arrival:
    """A file as one look found it; in the order in which files are taken: the oldest first, then by name.

    changed_ns: its time of change, nanoseconds since 1970.
    """

    changed_ns: int
    name: str
    size: int


def looked(folder: Path, earlier: Mapping[Arrival, float], now: float) -> dict[Arrival, float]:
    """One look: every file of the folder as it is now, with the second since which it has looked like that.

    Args: earlier: what the look before gave. now: seconds of a clock that only goes forward.
    Raises: OSError when the folder is not there or may not be listed.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "calls.csv")
    ...     _ = file.write_text("half")
    ...     first = looked(Path(folder), {}, now=10.0)
    ...     again = looked(Path(folder), first, now=12.0)
    ...     _ = file.write_text("half and half")
    ...     changed = looked(Path(folder), again, now=14.0)
    >>> [list(look.values()) for look in (first, again, changed)]
    [[10.0], [10.0], [14.0]]
    """
    return {arrival: earlier.get(arrival, now) for arrival in _arrivals(folder)}


def _arrivals(folder: Path) -> Iterator[Arrival]:
    """The folder's own files; links to files count, what stands in its folders does not."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if not is_finished_name(entry.name):
                continue
            try:
                found = entry.stat()
            except OSError:  # gone again, or a link to nothing: not there
                continue
            if stat.S_ISREG(found.st_mode):
                yield Arrival(found.st_mtime_ns, entry.name, found.st_size)


def is_finished_name(name: str) -> bool:
    """False for hidden files and for what programs call a file while they write it.

    >>> [is_finished_name(n) for n in ("calls.csv", "calls.csv.part", ".calls.csv.Xy3", "~$calls.xlsx", "calls.csv~")]
    [True, False, False, False, False]
    """
    small = name.lower()
    return not (small.startswith((".", "~$")) or small.endswith(UNFINISHED) or small in NOT_DROPPED)


def held_open(file: Path) -> bool:
    """Does some process hold the file open for writing? False also where the system does not tell.

    Linux grants a read lease only on a file that nobody can write, and tells it to the file's owner and to root, on
    local disks: one call of microseconds, without a walk through all processes. The lease is given back at once.
    Raises: OSError when the file is gone or may not be read.
    """
    descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        # Who opens the file for writing within those microseconds makes the kernel signal us: with one that is ignored.
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except BlockingIOError:
        return True
    except OSError:
        return False  # somebody else's file, or a file system without leases
    else:
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
        return False
    finally:
        os.close(descriptor)
