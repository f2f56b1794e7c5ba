"""Every error a person can meet: what happened, where, and what to do about it, in one sentence."""

from __future__ import annotations

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


class EmptyHome(TiesaError):
    """A home without contacts, where the command needs some."""


class DamagedHome(TiesaError):
    """A home whose files do not fit together, or that another version made."""


class LostRace(TiesaError):
    """Another process kept writing the same table until all tries were used up."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """One row set aside: `row` counts the file's records from 1 (header not counted)."""

    row: int
    column: str
    value: str | None
    reason: str
    raw: dict[str, str | None] | None = None
