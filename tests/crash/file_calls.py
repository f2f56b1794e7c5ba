"""Every call by which a process changes files, one by one: seen, let through, answered with an error, or its last.

What a killed process leaves on disk changes only at these calls, so a kill before each of them visits every state.
Linux hands the calls to us (seccomp's user notification: no root, no tracer, no compiler); the process runs at
its own pace between them.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import platform
import select
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

# Numbers of the calls; -1 where an architecture has none. Then: which arguments are paths ("0"), folder + path
# ("0/1"), or an open file ("fd 0"); the last one is where the change lands.
_CALLS = {
    "x86_64": {
        "open": (2, ("0",)),
        "creat": (85, ("0",)),
        "openat": (257, ("0/1",)),
        "write": (1, ("fd 0",)),
        "pwrite64": (18, ("fd 0",)),
        "writev": (20, ("fd 0",)),
        "ftruncate": (77, ("fd 0",)),
        "fallocate": (285, ("fd 0",)),
        "copy_file_range": (326, ("fd 2",)),
        "sendfile": (40, ("fd 0",)),
        "fsync": (74, ("fd 0",)),
        "fdatasync": (75, ("fd 0",)),
        "rename": (82, ("0", "1")),
        "renameat": (264, ("0/1", "2/3")),
        "renameat2": (316, ("0/1", "2/3")),
        "link": (86, ("0", "1")),
        "linkat": (265, ("0/1", "2/3")),
        "unlink": (87, ("0",)),
        "unlinkat": (263, ("0/1",)),
        "mkdir": (83, ("0",)),
        "mkdirat": (258, ("0/1",)),
        "rmdir": (84, ("0",)),
        "chmod": (90, ("0",)),
    },
    "aarch64": {
        "openat": (56, ("0/1",)),
        "write": (64, ("fd 0",)),
        "pwrite64": (68, ("fd 0",)),
        "writev": (66, ("fd 0",)),
        "ftruncate": (46, ("fd 0",)),
        "fallocate": (47, ("fd 0",)),
        "copy_file_range": (285, ("fd 2",)),
        "sendfile": (71, ("fd 0",)),
        "fsync": (82, ("fd 0",)),
        "fdatasync": (83, ("fd 0",)),
        "renameat": (38, ("0/1", "2/3")),
        "renameat2": (276, ("0/1", "2/3")),
        "linkat": (37, ("0/1", "2/3")),
        "unlinkat": (35, ("0/1",)),
        "mkdirat": (34, ("0/1",)),
    },
}
_ARCHITECTURE = {"x86_64": (0xC000003E, 317), "aarch64": (0xC00000B7, 277)}  # audit number, number of `seccomp`
_FLAGS_OF_OPEN = {"open": 1, "openat": 2}
_GROWS = {"write", "pwrite64", "writev", "fallocate", "copy_file_range", "sendfile"}
_NAMES = {"open", "creat", "openat", "link", "linkat", "rename", "renameat", "renameat2", "mkdir", "mkdirat"}
TAKES_SPACE = _GROWS | _NAMES
"""Calls that a full disk may refuse."""

_RECEIVE, _ANSWER = 0xC0502100, 0xC0182101
_NOTIFICATION, _RESPONSE = struct.Struct("=QIIiIQ6Q"), struct.Struct("=Qqi I")
_ALLOW, _NOTIFY = 0x7FFF0000, 0x7FC00000
_AT_FDCWD = -100


@dataclass(frozen=True, slots=True)
class FileCall:
    """One call about to be made: `path` is where its change lands, `moved` what a rename or link takes there."""

    verb: str
    path: str
    moved: str | None = None


Verdict = int | None
"""None lets a call through; a number is the error it ends with (`errno`)."""


def can_watch() -> str:
    """Why calls cannot be watched on this machine; empty when they can."""
    if platform.system() != "Linux" or platform.machine() not in _CALLS:
        return f"no list of file calls for {platform.system()} on {platform.machine()}"
    child = os.fork()
    if not child:
        try:
            os.close(_install())
        except OSError:
            os._exit(1)
        os._exit(0)
    refused = os.waitpid(child, 0)[1]
    return "this kernel refuses seccomp's user notification" if refused else ""


def hand_over(keeper: socket.socket) -> None:
    """In the process to be watched, while it has one thread: from here on `keeper` rules over its file calls."""
    listener = _install()
    socket.send_fds(keeper, [b"!"], [listener])
    os.close(listener)
    keeper.recv(1)


def take_over(victim: socket.socket) -> int:
    """In the keeper: the listener to give to `watch`."""
    _data, (listener,), _flags, _address = socket.recv_fds(victim, 1, 1)
    victim.sendall(b"!")
    return listener


def answer_next(listener: int, judge: Callable[[FileCall], Verdict]) -> bool:
    """Wait for one call and answer it as `judge` says; False when the process has ended."""
    poll = select.poll()
    poll.register(listener, select.POLLIN)
    if not any(event & select.POLLIN for _fd, event in poll.poll()):
        return False
    buffer = bytearray(_NOTIFICATION.size)
    try:
        fcntl.ioctl(listener, _RECEIVE, buffer)
        number, process, _flags, call, _architecture, _pointer, *arguments = _NOTIFICATION.unpack(buffer)
        error = judge(_read(process, call, arguments))
        reply = _RESPONSE.pack(number, 0, -(error or 0), 0 if error else 1)
        fcntl.ioctl(listener, _ANSWER, reply)
    except OSError as gone:  # killed between its call and our answer
        if gone.errno not in (errno.ENOENT, errno.ESRCH, errno.EINTR):
            raise
    return True


def _read(process: int, number: int, arguments: list[int]) -> FileCall:
    verb, places = next((v, p) for v, (n, p) in _CALLS[platform.machine()].items() if n == number)
    paths = []
    for place in places:
        kind, _space, which = place.rpartition(" ")
        first, _slash, second = which.partition("/")
        if kind == "fd":
            paths.append(_link(process, _signed(arguments[int(first)])))
        elif second:
            given = _text(process, arguments[int(second)])
            paths.append(given if given.startswith("/") else _under(process, arguments[int(first)], given))
        else:
            given = _text(process, arguments[int(first)])
            paths.append(given if given.startswith("/") else _under(process, _AT_FDCWD, given))
    return FileCall(verb, paths[-1], paths[0] if len(paths) > 1 else None)


def _signed(number: int) -> int:
    return ctypes.c_int32(number & 0xFFFFFFFF).value


def _under(process: int, folder: int, given: str) -> str:
    descriptor = _signed(folder)
    root = str(Path(f"/proc/{process}/cwd").readlink()) if descriptor == _AT_FDCWD else _link(process, descriptor)
    return str(Path(root) / given)


def _link(process: int, descriptor: int) -> str:
    try:
        return str(Path(f"/proc/{process}/fd/{descriptor}").readlink())
    except OSError:
        return "?"


def _text(process: int, address: int) -> str:
    with Path(f"/proc/{process}/mem").open("rb", buffering=0) as memory:
        memory.seek(address)
        room = 4096 - address % 4096  # a text may end right before a page that is not there
        found = memory.read(room)
        while b"\0" not in found:
            found += memory.read(4096)
    return os.fsdecode(found.partition(b"\0")[0])


class _Step(ctypes.Structure):
    _fields_ = (("code", ctypes.c_uint16), ("yes", ctypes.c_uint8), ("no", ctypes.c_uint8), ("k", ctypes.c_uint32))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_uint16), ("steps", ctypes.POINTER(_Step)))


def _install() -> int:
    audit, seccomp = _ARCHITECTURE[platform.machine()]
    load, equal, anything, end = 0x20, 0x15, 0x45, 0x06
    steps = [(load, 0, 0, 4), (equal, 1, 0, audit), (end, 0, 0, _ALLOW), (load, 0, 0, 0)]
    for verb, (number, _places) in _CALLS[platform.machine()].items():
        if verb in _FLAGS_OF_OPEN:  # only what may create: O_CREAT, O_TRUNC
            steps += [(equal, 0, 4, number), (load, 0, 0, 16 + 8 * _FLAGS_OF_OPEN[verb])]
            steps += [(anything, 0, 1, os.O_CREAT | os.O_TRUNC), (end, 0, 0, _NOTIFY), (end, 0, 0, _ALLOW)]
        else:
            steps += [(equal, 0, 1, number), (end, 0, 0, _NOTIFY)]
    steps.append((end, 0, 0, _ALLOW))
    library = ctypes.CDLL(None, use_errno=True)
    program = _Program(len(steps), (_Step * len(steps))(*(_Step(*step) for step in steps)))
    no_new_privileges, filter_mode, new_listener = 38, 1, 1 << 3
    library.prctl(no_new_privileges, 1, 0, 0, 0)
    listener = library.syscall(seccomp, filter_mode, new_listener, ctypes.byref(program))
    if listener < 0:
        raise OSError(ctypes.get_errno(), "seccomp")
    return int(listener)
