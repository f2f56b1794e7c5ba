"""What a check found: how bad it is, what, where, and what to do."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """error: figures may be wrong, or private data may be read by others. warning: something is not finished or not in
    use. note: nothing to do at once."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """code: the kind of finding, for programs. where: the place within the home."""

    severity: Severity
    code: str
    what: str
    where: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A home's state. files, bytes: what was looked at; quick: the bytes themselves were left out."""

    findings: tuple[Finding, ...]
    files: int
    bytes: int
    quick: bool

    @property
    def is_sound(self) -> bool:
        """No error was found."""
        return all(finding.severity != Severity.ERROR for finding in self.findings)

    def to_json(self) -> dict[str, Any]:
        return {"sound": self.is_sound, **asdict(self)}


def error(code: str, what: str, where: str, remedy: str) -> Finding:
    return Finding(Severity.ERROR, code, what, where, remedy)


def warning(code: str, what: str, where: str, remedy: str) -> Finding:
    return Finding(Severity.WARNING, code, what, where, remedy)


def note(code: str, what: str, where: str, remedy: str) -> Finding:
    return Finding(Severity.NOTE, code, what, where, remedy)
