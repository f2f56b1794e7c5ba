"""What comes in by API, webhook and mailbox, until the log has it; and whom we call when something happened."""

from __future__ import annotations

import secrets
import uuid
from typing import ClassVar

from django.db import models
from django.utils import timezone

from tiesa.app.api.sealing import opened, sealed
from tiesa.core.tables import BY_NAME


class Batch(models.Model):
    """Rows on their way from the outbox to the log: one file, one import whose id was chosen beforehand.

    state: open until the log has it. begun: an import with this id may have been committed. refused: the library took
    none of its rows; the file stays for somebody to look at.
    """

    OPEN, DONE, REFUSED = "open", "done", "refused"
    import_id = models.CharField(max_length=60, unique=True)
    table = models.CharField(max_length=12)
    customers = models.CharField(max_length=60)
    rows = models.IntegerField()
    state = models.CharField(max_length=8, default=OPEN, choices=[(s, s) for s in (OPEN, DONE, REFUSED)])
    begun = models.BooleanField(default=False)
    result = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["state"])]

    def __str__(self) -> str:
        return f"{BY_NAME[self.table].plural} {self.import_id}"


class OutboxRow(models.Model):
    """One row that was acknowledged. name: a hash of table, source and id, so that there is one of each.

    digest: of its content; another one is a correction. payload: the row as JSON; empty once a batch has it, when only
    name and digest stay for a few days, so that a row that is sent again is known.
    """

    name = models.UUIDField(primary_key=True)
    table = models.CharField(max_length=12)
    customers = models.CharField(max_length=60)
    digest = models.BigIntegerField()
    payload = models.TextField()
    received_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["received_at"], condition=~models.Q(payload=""), name="api_outbox_waiting")
        ]


class Inlet(models.Model):
    """An address at which another system calls us when something happened there, signed with a shared secret."""

    SHAPES = ("generic", "chatwoot", "zendesk")
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120)
    shape = models.CharField(max_length=10, choices=[(s, s) for s in SHAPES])
    source = models.CharField(max_length=60)
    sealed_secret = models.TextField()
    is_open = models.BooleanField(default=True)
    made_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(null=True)
    taken = models.BigIntegerField(default=0)
    refused = models.BigIntegerField(default=0)
    last_problem = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("name", "made_at")

    @property
    def secret(self) -> str:
        return opened(self.sealed_secret)


class Hook(models.Model):
    """An address that we call when something happened here."""

    name = models.CharField(max_length=120)
    url = models.CharField(max_length=500)
    events = models.JSONField(default=list)
    sealed_secret = models.TextField()
    is_open = models.BooleanField(default=True)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("name", "made_at")

    @property
    def secret(self) -> str:
        return opened(self.sealed_secret)


class Delivery(models.Model):
    """One call of a hook: waiting until it was answered with 2xx, or given up after the last try."""

    WAITING, DELIVERED, GIVEN_UP = "waiting", "delivered", "given_up"
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    hook = models.ForeignKey(Hook, on_delete=models.CASCADE, related_name="deliveries")
    event = models.CharField(max_length=40)
    payload = models.TextField()
    state = models.CharField(max_length=10, default=WAITING, choices=[(s, s) for s in (WAITING, DELIVERED, GIVEN_UP)])
    tries = models.IntegerField(default=0)
    next_at = models.DateTimeField(default=timezone.now)
    status = models.IntegerField(null=True)
    problem = models.CharField(max_length=300, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True)
    replay_of = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ("-made_at",)
        indexes: ClassVar = [models.Index(fields=["state", "next_at"])]


class Told(models.Model):
    """Up to which version of a table the hooks have been told."""

    name = models.CharField(max_length=20, primary_key=True)
    version = models.BigIntegerField()


class Mailbox(models.Model):
    """A mailbox that is read by the clock, and only read. last_uid: the highest message taken of this uidvalidity.

    own: the organisation's own addresses or @domains. pending: the import under way and how far it reaches, so that
    one that was killed is not counted twice.
    """

    TLS, STARTTLS, PLAIN = "tls", "starttls", "plain"
    name = models.CharField(max_length=120)
    host = models.CharField(max_length=253)
    port = models.IntegerField(default=993)
    security = models.CharField(max_length=8, default=TLS, choices=[(s, s) for s in (TLS, STARTTLS, PLAIN)])
    user = models.CharField(max_length=254)
    sealed_password = models.TextField()
    folder = models.CharField(max_length=200, default="INBOX")
    source = models.CharField(max_length=60, default="mailbox")
    own = models.JSONField(default=list)
    every_minutes = models.IntegerField(default=5)
    is_open = models.BooleanField(default=True)
    uidvalidity = models.BigIntegerField(null=True)
    last_uid = models.BigIntegerField(default=0)
    pending = models.JSONField(default=dict)
    taken = models.BigIntegerField(default=0)
    read_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(default=timezone.now)
    problem = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("name", "pk")

    @property
    def password(self) -> str:
        return opened(self.sealed_password)


def new_secret() -> str:
    """A secret to share with another system."""
    return "whsec_" + secrets.token_urlsafe(32)


__all__ = ["Batch", "Delivery", "Hook", "Inlet", "Mailbox", "OutboxRow", "Told", "new_secret", "sealed"]
