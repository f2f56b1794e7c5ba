"""What is done with mailboxes: trying and adding one, a new password, opening and closing."""

from __future__ import annotations

import re
from typing import Any

from django.db import transaction

from tiesa.app.api import mailboxes
from tiesa.app.api.models import Mailbox, sealed
from tiesa.app.people.audit import record
from tiesa.core.errors import WrongUsage
from tiesa.core.locale import _

HERE = ("127.0.0.1", "::1", "localhost")
_ADDRESS = re.compile(r"[^\s@]*@[^\s@]+\.[^\s@]+|@[^\s@]+")


def add(
    *, name: str, host: str, port: int, security: str, user: str, password: str, folder: str, source: str, own: str,
    every_minutes: int, by: Any,
) -> Mailbox:  # fmt: skip
    """Add a mailbox after a look into it. own: addresses or @domains of the organisation, with blanks between.

    Raises: WrongUsage for what cannot be meant; UnreadableMailbox where it does not let us in.
    """
    words = (name, host, user, password, folder, source)
    if any(c < " " or c == "\x7f" for word in words for c in word):
        raise WrongUsage(_("A line break or another sign that cannot be typed stands in a field"))
    if not all(word.strip() for word in (name, host, user, password, folder)) or security not in (
        "tls",
        "starttls",
        "plain",
    ):
        raise WrongUsage(_("A mailbox needs a name, a server, a user and a password"))
    if security == Mailbox.PLAIN and host.strip() not in HERE:
        raise WrongUsage(_("A password goes over the network only encrypted: choose TLS or STARTTLS"))
    if not 0 < port < 65536 or not 1 <= every_minutes <= 24 * 60:
        raise WrongUsage(_("The port or the pause between two looks is none"))
    addresses = [address.lower() for address in re.split(r"[\s,;]+", own) if address]
    if not addresses or not all(map(_ADDRESS.fullmatch, addresses)):
        raise WrongUsage(
            _("Name your own addresses or domains, as @example.org: they tell what came in from what went out")
        )
    box = Mailbox(
        name=name.strip()[:120], host=host.strip()[:253], port=port, security=security, user=user.strip()[:254],
        sealed_password=sealed(password), folder=folder.strip()[:200], source=(source.strip() or "mailbox")[:60],
        own=addresses, every_minutes=every_minutes,
    )  # fmt: skip
    with mailboxes.opened(box):
        pass
    with transaction.atomic():
        box.save()
        record(by, "mailbox.add", about=f"mailbox {box.pk}", security=security)
    return box


@transaction.atomic
def set_open(box: Mailbox, is_open: bool, *, by: Any) -> None:
    """Read a mailbox again, or no longer; what was read stays, and so does the mark."""
    box.is_open = is_open
    box.save(update_fields=["is_open"])
    record(by, f"mailbox.{'open' if is_open else 'close'}", about=f"mailbox {box.pk}")


def new_password(box: Mailbox, password: str, *, by: Any) -> None:
    """Use another password from now on, after a look into the mailbox. Raises: WrongUsage, UnreadableMailbox."""
    if not password or any(c < " " for c in password):
        raise WrongUsage(_("A mailbox needs a name, a server, a user and a password"))
    box.sealed_password = sealed(password)
    with mailboxes.opened(box):
        pass
    with transaction.atomic():
        Mailbox.objects.filter(pk=box.pk).update(sealed_password=box.sealed_password, problem="")
        record(by, "mailbox.password", about=f"mailbox {box.pk}")
