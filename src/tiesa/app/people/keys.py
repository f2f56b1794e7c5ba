"""Keys of programs: made, shown once, used, withdrawn."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from tiesa.app.people.audit import record
from tiesa.app.people.models import ApiKey, Unit, hashed, new_token
from tiesa.app.people.roles import KEY_RIGHTS, Right
from tiesa.app.people.work import NotAllowed
from tiesa.core.locale import _

PREFIX = "tsa_"
SHOWN = 10
LONGEST_DAYS = 730


@transaction.atomic
def make_key(
    *, name: str, rights: Iterable[Right], by: Any, days: int, unit: Unit | None = None, process: str = ""
) -> tuple[ApiKey, str]:
    """Make a key; returns it and the secret, which is not kept and can be shown only now. Raises: NotAllowed."""
    chosen = [right for right in KEY_RIGHTS if right in set(rights)]
    if not name.strip():
        raise NotAllowed(_("A key needs a name: of the program that will use it"))
    if not chosen:
        raise NotAllowed(_("A key needs at least one right"))
    if Right.SEE_NAMES in chosen and Right.SEE_CUSTOMERS not in chosen:
        raise NotAllowed(_("Names can be seen only with the customers"))
    if not 1 <= days <= LONGEST_DAYS:
        raise NotAllowed(_("A key holds for 1 to {days} days").format(days=LONGEST_DAYS))
    secret = new_token(PREFIX)
    made = ApiKey.objects.create(
        name=name.strip()[:120],
        start=secret[:SHOWN],
        key_hash=hashed(secret),
        rights=[str(right) for right in chosen],
        unit=unit,
        process=process,
        made_by=by,
        expires_at=timezone.now() + timedelta(days=days),
    )
    record(
        by, "key.make", about=f"key {made.pk}", rights=[str(right) for right in chosen],
        unit=unit.name if unit else "", process=process, days=days,
    )  # fmt: skip
    return made, secret


def key_of(secret: str) -> ApiKey | None:
    """The key of a secret that a program shows, where it holds."""
    if not secret.startswith(PREFIX):
        return None
    found = ApiKey.objects.select_related("unit").filter(key_hash=hashed(secret)).first()
    return found if found is not None and found.is_open else None


@transaction.atomic
def withdraw_key(key: ApiKey, *, by: Any, back: bool = False) -> None:
    """Withdraw a key, or (back) take the withdrawal back."""
    ApiKey.objects.filter(pk=key.pk).update(withdrawn_at=None if back else timezone.now())
    record(by, "key.give_back" if back else "key.withdraw", about=f"key {key.pk}")


def right_words(right: str) -> str:
    """What a right lets a program do."""
    return {
        Right.SEND_CONTACTS: _("send contacts, customers, answers and outcomes"),
        Right.SEE_FIGURES: _("read figures"),
        Right.SEE_CUSTOMERS: _("read contacts of customers, by number"),
        Right.SEE_NAMES: _("read names and addresses with them"),
    }[Right(right)]
