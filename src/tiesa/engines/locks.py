"""Whose turn it is: a lock that a process holds on a file or folder, and loses when it ends, however it ends."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_LOOK_AGAIN_S = 0.05


@contextmanager
def held(path: Path, *, shared: bool = False, wait_s: float | None = None) -> Iterator[None]:
    """Hold a file (made where it is not there) or a folder. Shared holders stand beside each other, else one is alone.

    wait_s: how long to wait for the others; None is as long as it takes. Raises BlockingIOError after that. Within one
    process a second `held` waits like anybody else.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder, held(Path(folder) / "lock"):
    ...     is_held(Path(folder) / "lock")
    True
    """
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _take(descriptor, fcntl.LOCK_SH if shared else fcntl.LOCK_EX, wait_s)
        yield
    finally:
        os.close(descriptor)


def is_held(path: Path) -> bool:
    """Does a living process hold it?"""
    try:
        with held(path, wait_s=0):
            return False
    except BlockingIOError:
        return True


def _take(descriptor: int, kind: int, wait_s: float | None) -> None:
    if wait_s is None:
        fcntl.flock(descriptor, kind)
        return
    until = time.monotonic() + wait_s
    while True:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                raise
            time.sleep(_LOOK_AGAIN_S)
        else:
            return
