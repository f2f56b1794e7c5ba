"""The long work of privacy: exporting, erasing, deleting what is old. Each may be begun again with the same effect."""

from __future__ import annotations

import logging
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from tiesa.app.config.installation import installation
from tiesa.app.jobs.kinds import kind
from tiesa.app.jobs.models import Job, State
from tiesa.app.jobs.work import Running, ask_once
from tiesa.app.jobs.worker import every
from tiesa.app.people.audit import name_of, record
from tiesa.app.people.roles import Right
from tiesa.app.privacy.database import forget_in_database
from tiesa.app.privacy.exporting import export_of, exports, write_export
from tiesa.core.errors import TiesaError
from tiesa.core.locale import _
from tiesa.upkeep.privacy_rules import Kind, PrivacyRules, privacy_rules

EXPORT, ERASE, DELETE = "privacy.export", "privacy.erase", "privacy.delete"
log = logging.getLogger("tiesa.privacy")


@kind(EXPORT, right=Right.ERASE, words=lambda: _("Exporting everything about one person"))
def export(running: Running, arguments: dict[str, Any]) -> dict[str, Any]:
    """Write the ZIP; begun again, it is written anew under the same name."""
    running.tell(_("Looking everywhere"))
    counts = write_export(installation().place, int(arguments["number"]), export_of(str(running.job.pk)))
    return {"number": arguments["number"], "counts": counts}


@kind(ERASE, right=Right.ERASE, words=lambda: _("Erasing one person"))
def erase_person(running: Running, arguments: dict[str, Any]) -> dict[str, Any]:
    """Erase from the database, then from the log with a receipt; broken off, it goes on where it was.

    The database comes first: the log forgets who it is.
    """
    from tiesa.engines.duckdb import engine
    from tiesa.journeys.joining.links import join_store, numbers_of
    from tiesa.upkeep.erase import erase
    from tiesa.upkeep.person import find

    home, number = installation().place, int(arguments["number"])
    running.tell(_("Looking everywhere"))
    numbers = numbers_of(join_store(home).version(), number)
    with engine(spill=home.spill) as connection:
        persons = [find(connection, home, number=one) for one in numbers]
    in_database = sum(forget_in_database(person) for person in persons)
    running.tell(_("Erasing from the log"))
    done = erase(home, number=number, why=arguments["why"], by=name_of(running.job.asked_by))
    for one in numbers:
        _remove_exports_of(one)
    removed = sum((Counter(one.receipt.removed) for one in done.joined), Counter(done.receipt.removed))
    return {
        "number": number,
        "receipt": f"erasures/{done.receipt.file_name}",
        "removed": {**removed, "database": in_database},
        "others": [[number, source] for number, source in done.others],
        "elsewhere": dict(done.elsewhere),
        "backups": len(done.backups),
        "uploads": _files_not_looked_into(),
    }


def _remove_exports_of(number: int) -> None:
    for job in Job.objects.filter(kind=EXPORT, arguments__number=number):
        export_of(str(job.pk)).unlink(missing_ok=True)


def _files_not_looked_into() -> int:
    """Uploaded files that lie here as they came, for some days."""
    from django.apps import apps

    upload = apps.get_model("intake", "Upload")
    return int(upload._default_manager.exclude(stored="").count())


@kind(DELETE, right=Right.ERASE, words=lambda: _("Deleting old data"))
def delete(running: Running, arguments: dict[str, Any]) -> dict[str, Any]:
    """Delete what is past its time, in the log and in the database."""
    from tiesa.upkeep.old_data import delete_old

    del arguments
    home = installation().place
    rules = privacy_rules(home)

    def told(done: int, people: int) -> None:
        running.tell(_("Erasing person {n} of {all}").format(n=done + 1, all=people), done / people)

    running.tell(_("Looking for what is old"))
    counts: dict[Kind, int] = {}
    if home.settings.exists():
        counts |= delete_old(
            home, rules, by=name_of(running.job.asked_by) if running.job.asked_by else "clock", told=told
        ).counts
    counts |= delete_old_in_database(rules)
    record(running.job.asked_by or "clock", "privacy.delete", about="", **{kind.value: n for kind, n in counts.items()})
    return {"counts": {kind.value: n for kind, n in counts.items()}}


def old_in_database(rules: PrivacyRules, *, now: datetime | None = None) -> dict[Kind, int]:
    """How much of the application's own is past its time."""
    attempts, over, files = _own_old(rules, now or datetime.now(UTC))
    return {
        Kind.EXPORTS: len(files),
        Kind.ATTEMPTS: attempts.count(),
        Kind.JOBS: over.count() if over is not None else 0,
    }


def delete_old_in_database(rules: PrivacyRules, *, now: datetime | None = None) -> dict[Kind, int]:
    """Delete that."""
    attempts, over, files = _own_old(rules, now or datetime.now(UTC))
    for file in files:
        file.unlink(missing_ok=True)
    return {
        Kind.EXPORTS: len(files),
        Kind.ATTEMPTS: attempts.delete()[0],
        Kind.JOBS: over.delete()[1].get("jobs.Job", 0) if over is not None else 0,
    }


def _own_old(rules: PrivacyRules, at: datetime) -> tuple[Any, Any, list[Any]]:
    from axes.models import AccessAttempt

    def before(kind: Kind) -> datetime | None:
        days = rules[kind].keep_days
        return None if days is None else at - timedelta(days=days)

    exports_before, attempts_before, jobs_before = before(Kind.EXPORTS), before(Kind.ATTEMPTS), before(Kind.JOBS)
    assert exports_before is not None
    files = [
        file
        for file in sorted(exports().glob("*.zip"))
        if datetime.fromtimestamp(file.stat().st_mtime, UTC) < exports_before
    ]
    attempts = AccessAttempt.objects.filter(attempt_time__lt=attempts_before)
    ended = (State.DONE, State.FAILED, State.STOPPED)
    over = Job.objects.filter(state__in=ended, ended_at__lt=jobs_before) if jobs_before else None
    return attempts, over, files


@every(DELETE, timedelta(days=1))
def by_the_clock() -> None:
    """Once a day, where the rules say so."""
    try:
        automatic = privacy_rules(installation().place).automatic
    except TiesaError:
        log.warning("the rules on privacy cannot be read; nothing is deleted", extra={"kind": DELETE})
        return
    if automatic:
        ask_once(DELETE, {}, by=None)
