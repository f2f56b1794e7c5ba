"""What came in so far: every import in the log, by whom, and whether it was taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tiesa.app.config.installation import installation
from tiesa.app.intake.models import Step, Upload
from tiesa.contacts.log import ContactLog
from tiesa.core.errors import EmptyHome
from tiesa.core.locale import _
from tiesa.journeys.evidence import evidence

SHOWN = 50


@dataclass(frozen=True, slots=True)
class Brought:
    """One import. read, set_aside: None where an older version wrote it. upload: where it came by these pages."""

    import_id: str
    file: str
    at: datetime | None
    who: str
    read: int | None
    accepted: int
    corrected: int
    duplicates: int
    set_aside: int | None
    is_undone: bool
    upload: Upload | None


def imports() -> list[Brought]:
    """Every import, newest first."""
    facts = ContactLog(installation().place).imports()
    undone = {f.get("import_id") for f in facts if f["action"] == "undo"}
    uploads = {u.import_id: u for u in Upload.objects.exclude(import_id="").select_related("by", "folder")}
    return [_brought(f, undone, uploads) for f in facts if f["action"] == "import"]


def one(import_id: str) -> Brought | None:
    """An import by its name."""
    return next((brought for brought in imports() if brought.import_id == import_id), None)


def has_journeys() -> bool:
    """Were journeys made of what came in?"""
    try:
        evidence(installation().place)
    except EmptyHome:
        return False
    return True


def _brought(facts: dict[str, Any], undone: set[Any], uploads: dict[str, Upload]) -> Brought:
    import_id = str(facts["import_id"])
    upload = uploads.get(import_id)
    return Brought(
        import_id=import_id,
        file=upload.name if upload else str(facts.get("file", "")),
        at=_instant(facts.get("at")),
        who=_who(upload, str(facts.get("by", ""))),
        read=facts.get("read"),
        accepted=int(facts.get("accepted", 0)),
        corrected=int(facts.get("corrected", 0)),
        duplicates=int(facts.get("duplicates", 0)),
        set_aside=facts.get("set_aside"),
        is_undone=import_id in undone or (upload is not None and upload.step == Step.UNDONE),
        upload=upload,
    )


def _who(upload: Upload | None, how: str) -> str:
    if upload is None:
        return _("a program") if how == "api" else _("command line")
    if upload.by:
        return upload.by.name
    return _("scheduled folder")


def _instant(text: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text)).astimezone(UTC)
    except ValueError:
        return None
