"""Telling others what happened here: each call is written down first, signed, tried again with growing pauses, and can
be sent once more by hand. The payloads hold counts and numbers, never a customer's data."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from tiesa.app.api import calling
from tiesa.app.api.models import Batch, Delivery, Hook, Told
from tiesa.app.api.signing import SIGNATURE, signature
from tiesa.app.config.installation import installation
from tiesa.app.jobs.kinds import kind
from tiesa.app.jobs.models import Job, State
from tiesa.app.jobs.work import Running, ask_once
from tiesa.app.jobs.worker import every
from tiesa.app.people.roles import Right
from tiesa.contacts.log import ContactLog
from tiesa.core.columns import Table
from tiesa.core.errors import EmptyHome, TiesaError
from tiesa.core.locale import _
from tiesa.core.tables import IMPORTABLE
from tiesa.engines.store import Store
from tiesa.journeys.evidence import evidence

PAUSES = tuple(timedelta(seconds=s) for s in (30, 120, 600, 3600, 3 * 3600, 12 * 3600, 24 * 3600))
"""After each try that failed; after the last one it is given up."""
MOST_AT_ONCE = 200
KEPT = timedelta(days=30)


def events() -> dict[str, str]:
    """What can be told, and what each event means."""
    return {
        "import.kept": _("An import, or its undo, changed a table of the log"),
        "batch.refused": _("A batch of rows that programs sent was not taken by the log"),
        "journeys.built": _("Journeys were made anew"),
    }


def tell(event: str, data: dict[str, Any]) -> int:
    """Write a call for every open hook that wants to hear of it; in a transaction, kept or lost with it."""
    hooks = [hook for hook in Hook.objects.filter(is_open=True) if event in hook.events]
    made = [Delivery(hook=hook, event=event) for hook in hooks]
    for delivery in made:
        delivery.payload = json.dumps(
            {"id": str(delivery.pk), "event": event, "at": delivery.made_at.isoformat(), "data": data}
        )
    Delivery.objects.bulk_create(made)
    return len(made)


def replay(delivery: Delivery) -> Delivery:
    """The same once more, as a call of its own with the same payload; the receiver knows it by the id inside."""
    return Delivery.objects.create(
        hook=delivery.hook, event=delivery.event, payload=delivery.payload, replay_of=delivery
    )


def due() -> Any:
    """Calls whose time has come."""
    return Delivery.objects.filter(state=Delivery.WAITING, next_at__lte=timezone.now(), hook__is_open=True)


def deliver(delivery: Delivery) -> bool:
    """Try once; True where the other side said 2xx. The try is counted before it is made, so that one that kills the
    process is not made for ever."""
    pause = PAUSES[min(delivery.tries, len(PAUSES) - 1)]
    is_last = delivery.tries >= len(PAUSES)
    mine = Delivery.objects.filter(pk=delivery.pk, state=Delivery.WAITING, tries=delivery.tries)
    if not mine.update(tries=delivery.tries + 1, next_at=timezone.now() + pause):
        return False  # somebody else is at it
    status, problem = None, ""
    content = delivery.payload.encode()
    try:
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Tiesa",
            "Tiesa-Event": delivery.event,
            "Tiesa-Delivery": str(delivery.pk),
            SIGNATURE: signature(delivery.hook.secret, content, int(time.time())),
        }
        answer = calling.post(delivery.hook.url, content, headers, loopback=installation().hooks_loopback)
        status = answer.status
    except TiesaError as error:
        problem = str(error)
    except (OSError, http.client.HTTPException) as error:
        problem = _("Nobody answered: {error}").format(error=type(error).__name__)
    done = status is not None and 200 <= status < 300
    if done:
        state = Delivery.DELIVERED
    else:
        state = Delivery.GIVEN_UP if is_last else Delivery.WAITING
    Delivery.objects.filter(pk=delivery.pk).update(
        status=status, problem=problem[:300], state=state, done_at=None if state == Delivery.WAITING else timezone.now()
    )
    return done


@kind("deliver", right=Right.MANAGE_INSTALLATION, words=lambda: _("Telling other systems what happened"))
def run(running: Running, arguments: dict[str, Any]) -> dict[str, Any]:
    """The job: make every call that is due."""
    del arguments
    told = {"delivered": 0, "failed": 0}
    for delivery in due().select_related("hook").order_by("next_at")[:MOST_AT_ONCE]:
        running.check()
        told["delivered" if deliver(delivery) else "failed"] += 1
    Job.objects.filter(kind="deliver", state=State.DONE, ended_at__lt=timezone.now() - timedelta(hours=1)).delete()
    return dict(told)


@every("deliveries", timedelta(seconds=5))
def ask_where_calls_are_due() -> None:
    """By the clock: what happened is written down for the hooks, and a job asked for where a call is due."""
    notice()
    if due().exists():
        ask_once("deliver", {}, by=None)


@every("deliveries_forget", timedelta(hours=6))
def forget() -> None:
    """By the clock: calls that are over are kept for a month."""
    Delivery.objects.exclude(state=Delivery.WAITING).filter(made_at__lt=timezone.now() - KEPT).delete()


def notice() -> None:
    """Tell of what is new since the last look, whoever did it: a page, a command, a folder that is watched."""
    if not Hook.objects.filter(is_open=True).exists():
        Told.objects.all().delete()  # a hook made later hears of what happens from then on
        return
    home = installation().place
    for table in IMPORTABLE:
        store = ContactLog(home).store(table)
        _since(table.plural, store.version().number, partial(_import_told, store, table))
    try:
        found = evidence(home)
    except EmptyHome:
        _since("journeys", 0, lambda _n: 0)
    else:
        facts = {name: found.facts.get(name) for name in ("contacts", "customers", "journeys")}
        _since("journeys", found.version, lambda n: tell("journeys.built", {"version": n, **facts}), only_last=True)
    refused = Batch.objects.filter(state=Batch.REFUSED).order_by("-pk").values_list("pk", flat=True).first()
    _since("refused", refused or 0, _refused_told)


def _import_told(store: Store, table: Table, number: int) -> int:
    facts = store.facts(number)[0]
    if facts.get("action") not in ("import", "undo"):
        return 0
    names = ("action", "import_id", "read", "accepted", "corrected", "duplicates", "set_aside", "rows", "version")
    return tell("import.kept", {"table": table.name, **{name: facts[name] for name in names if name in facts}})


def _refused_told(number: int) -> int:
    found = Batch.objects.filter(pk=number, state=Batch.REFUSED).first()
    return tell("batch.refused", {"import_id": found.import_id, "rows": found.rows}) if found else 0


def _since(name: str, version: int, told: Callable[[int], int], *, only_last: bool = False) -> None:
    """Tell of each version after the one told of last, once."""
    with transaction.atomic():
        before, is_new = Told.objects.select_for_update().get_or_create(name=name, defaults={"version": version})
        if is_new or version <= before.version:
            return
        for number in [version] if only_last else range(max(before.version + 1, version - 1000), version + 1):
            told(number)
        Told.objects.filter(pk=name).update(version=version)
