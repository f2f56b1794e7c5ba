"""The bytes of a file as they are, or out of its gz or zip wrapping, never more than the wrapping deserves."""

from __future__ import annotations

import gzip
import io
import lzma
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO, cast

from tiesa.contacts.readers.source import UNPACK_FREE, UNPACK_RATIO
from tiesa.core.errors import UnusableInput
from tiesa.core.locale import _

if TYPE_CHECKING:
    from typing_extensions import Buffer

BLOCK = 2**20
SHOWN = 10
"""Names of files in a zip that an error lists."""
DAMAGE = (
    EOFError, OSError, ValueError, NotImplementedError, RuntimeError, zipfile.BadZipFile, zlib.error, lzma.LZMAError,
    struct.error,
)  # fmt: skip
"""What the standard library raises on wrappings that are damaged, or made with methods it does not know."""
GZIP_MAGIC = b"\x1f\x8b"
ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
USABLE_SUFFIXES = frozenset(
    (".csv", ".tsv", ".tab", ".txt", ".psv", ".json", ".jsonl", ".ndjson", ".jsonocel", ".xes", ".xml", ".mbox")
)


@dataclass(frozen=True, slots=True)
class Content:
    """What is inside a file: `packing` is "", "gz" or "zip"; `member` names the file inside a zip."""

    path: Path
    packing: str = ""
    member: str = ""

    @property
    def name(self) -> str:
        """The name of the inner file: `calls.csv` for `calls.csv.gz`."""
        if self.packing == "zip":
            return PurePosixPath(self.member).name
        return self.path.name.removesuffix(".gz") if self.packing == "gz" else self.path.name

    def open(self) -> BinaryIO:
        """The inner bytes from their start. Reading raises UnusableInput where the wrapping is broken or a bomb."""
        if not self.packing:
            return self.path.open("rb", buffering=BLOCK)
        if self.packing == "gz":
            inner, packed = cast(BinaryIO, gzip.GzipFile(self.path)), self.path.stat().st_size
        else:
            inner, packed = _open_member(self.path, self.member)
        return io.BufferedReader(_Unpacking(inner, self.path, packed), BLOCK)

    def head(self, size: int) -> bytes:
        with self.open() as stream:
            return stream.read(size)


class _Unpacking(io.RawIOBase):
    """A decompressing stream that stops at the limit and speaks plainly when its input is broken."""

    def __init__(self, inner: BinaryIO, path: Path, packed: int) -> None:
        self._inner, self._path = inner, path
        self._left = allowed_size(packed)

    def readable(self) -> bool:
        return True

    def readinto(self, target: Buffer) -> int:
        view = memoryview(target)
        try:
            block = self._inner.read(len(view))
        except DAMAGE as error:
            raise broken_wrapping(self._path) from error
        self._left -= len(block)
        if self._left < 0:
            raise bomb(self._path)
        view[: len(block)] = block
        return len(block)

    def close(self) -> None:
        if not self.closed:
            self._inner.close()
        io.RawIOBase.close(self)


def allowed_size(packed: int) -> int:
    """How many bytes a compressed file of `packed` bytes may become."""
    return max(UNPACK_FREE, UNPACK_RATIO * packed)


def broken_wrapping(path: Path) -> UnusableInput:
    return UnusableInput(
        _("The compressed file is damaged or cut short"),
        where=str(path),
        remedy=_("Copy or export it again"),
    )


def bomb(path: Path) -> UnusableInput:
    return UnusableInput(
        _("The compressed file unpacks to more than {ratio} times its size").format(ratio=UNPACK_RATIO),
        where=str(path),
        remedy=_("Unpack it yourself if you trust it, then read the unpacked file"),
    )


def find_content(path: Path) -> Content:
    """Looks through a gz or zip wrapping; a workbook is a zip of its own kind and stays as it is.

    Raises: UnusableInput for a zip that is encrypted, damaged, a bomb, or holds no or several usable files.
    """
    with path.open("rb") as file:
        magic = file.read(4)
    if magic.startswith(GZIP_MAGIC):
        return Content(path, "gz")
    if magic in ZIP_MAGIC:
        members = zip_members(path)
        if any(info.filename == "xl/workbook.xml" for info in members):
            return Content(path)
        return Content(path, "zip", _only_usable(path, members).filename)
    return Content(path)


def zip_members(path: Path) -> list[zipfile.ZipInfo]:
    """The files in a zip, checked for encryption and for what they claim to unpack to."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = [info for info in archive.infolist() if info.filename and not info.is_dir()]
    except PermissionError:
        raise
    except DAMAGE as error:
        raise broken_wrapping(path) from error
    if any(info.flag_bits & 1 for info in members):
        raise UnusableInput(
            _("The zip file is protected by a password"),
            where=str(path),
            remedy=_("Unpack it and read the file inside"),
        )
    if sum(info.file_size for info in members) > allowed_size(path.stat().st_size):
        raise bomb(path)
    return members


def _only_usable(path: Path, members: list[zipfile.ZipInfo]) -> zipfile.ZipInfo:
    usable = [info for info in members if _is_usable(PurePosixPath(info.filename))]
    if not usable:
        raise UnusableInput(
            _("The zip file holds no file of a known kind"),
            where=str(path),
            remedy=_("Put one CSV, JSON Lines, XES or mbox file into it"),
        )
    if len(usable) > 1:
        names = ", ".join([*(info.filename[:80] for info in usable[:SHOWN]), *["…"] * (len(usable) > SHOWN)])
        raise UnusableInput(
            _("The zip file holds several files that could be read: {names}").format(names=names),
            where=str(path),
            remedy=_("Unpack it and name the one you want"),
        )
    return usable[0]


def _is_usable(name: PurePosixPath) -> bool:
    hidden = name.parts[:1] == ("__MACOSX",) or name.name.startswith(".")
    return not hidden and name.suffix.lower() in USABLE_SUFFIXES


def _open_member(path: Path, member: str) -> tuple[BinaryIO, int]:
    try:
        archive = zipfile.ZipFile(path)
        inner = archive.open(member)
        archive.close()  # the open member keeps the file open until it is closed itself
    except DAMAGE as error:
        raise broken_wrapping(path) from error
    return cast(BinaryIO, inner), path.stat().st_size
