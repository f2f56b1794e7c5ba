"""Every error a person can meet: what happened, where, and what to do about it, in one sentence."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass


class TiesaError(Exception):
    """Something the person can mend. `str(error)` is one clear sentence, already in their language.

    Args: what: what happened. where: file, row or column. remedy: what to do now.

    >>> str(UnusableInput("The file is empty", where="calls.csv", remedy="Export it again"))
    'calls.csv: The file is empty. Export it again.'
    """

    exit_status = 1

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        self.what, self.where, self.remedy = what, where, remedy
        super().__init__(what)

    def __str__(self) -> str:
        sentence = f"{self.where}: {self.what}" if self.where else self.what
        sentences = [sentence, self.remedy] if self.remedy else [sentence]
        return " ".join(s if s.endswith((".", "!", "?")) else s + "." for s in sentences)


class WrongUsage(TiesaError):
    """The command or call was made with options that do not go together."""

    exit_status = 2


class UnusableInput(TiesaError):
    """A file or frame from which not one row can be used: empty, a directory, broken, too large when unpacked."""


class InvalidMapping(TiesaError):
    """A mapping that names columns, values or rules that do not exist."""

    exit_status = 2


class InvalidRules(TiesaError):
    """A rules file with an unknown key or an impossible value."""

    exit_status = 2


class UnsortedInput(TiesaError):
    """The journey kernel was given rows out of order, or half a customer: a mistake of the caller."""


class UnknownImport(TiesaError):
    """An import that this home does not hold (never made, or already undone)."""


class UnknownVersion(TiesaError):
    """An evidence number that this home does not hold (never made, or swept away)."""


class UnknownCustomer(TiesaError):
    """A customer whom this home does not know, or knows more than one of."""


class EmptyHome(TiesaError):
    """A home without contacts, where the command needs some."""


class DamagedHome(TiesaError):
    """A home whose files do not fit together, or that another version made."""


class LostRace(TiesaError):
    """Another process kept writing the same table until all tries were used up."""


class NoSpace(TiesaError):
    """The disk is full, or a quota is used up; nothing of what was under way was kept."""


def tells_of_no_space(error: BaseException) -> bool:
    """Whether an error, of whatever library, says that the disk is full.

    >>> tells_of_no_space(RuntimeError("IO Error: cannot write a.parquet: No space left on device"))
    True
    """
    said = str(error)
    return any(os.strerror(code) in said for code in (errno.ENOSPC, errno.EDQUOT)) or _SPILL_LIMIT in said


_SPILL_LIMIT = "max_temp_directory_size"
"""How DuckDB says that what it spills has filled the disk."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """One row set aside: `row` counts the file's records from 1 (header not counted)."""

    row: int
    column: str
    value: str | None
    reason: str
    raw: dict[str, str | None] | None = None
