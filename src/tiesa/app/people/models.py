"""People, units, roles, invitations to join, keys of programs, and the audit log."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone
from simple_history.models import HistoricalRecords

from tiesa.app.people.roles import Role


class PersonManager(BaseUserManager["Person"]):
    """Makes people; an address is kept in small letters, so that it is known however it is typed."""

    def create_user(self, email: str, password: str | None = None, **more: Any) -> Person:
        person = self.model(email=email.strip().lower(), **more)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def get_by_natural_key(self, username: str | None) -> Person:
        return self.get(email=(username or "").strip().lower())


class Person(AbstractBaseUser):
    """Somebody who signs in. employee: how the data call them (question 5 knows by it who met a customer)."""

    email = models.EmailField(unique=True, max_length=254)
    name = models.CharField(max_length=120)
    employee = models.CharField(max_length=120, blank=True)
    language = models.CharField(max_length=10, blank=True)
    is_active = models.BooleanField(default=True)
    is_demo = models.BooleanField(default=False)
    joined_at = models.DateTimeField(default=timezone.now)
    tour_seen = models.BooleanField(default=False)

    objects: ClassVar[PersonManager] = PersonManager()
    history = HistoricalRecords(excluded_fields=["password", "last_login"])

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name

    def has_perm(self, permission: str, obj: Any = None) -> bool:
        """Django's own permissions are not used: see `policies`."""
        del permission, obj
        return False

    has_module_perms = has_perm


class Unit(models.Model):
    """A unit of the organisation, by the name the data give it; units below it are seen with it."""

    name = models.CharField(max_length=200, unique=True)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A role a person has: everywhere, in one unit and what is below it, in one process, or both."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=[(role, role) for role in Role])
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="memberships")
    process = models.CharField(max_length=200, blank=True)
    history = HistoricalRecords()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "role", "unit", "process"], nulls_distinct=False, name="one_membership_each"
            )
        ]


def hashed(token: str) -> str:
    """How a secret that was shown once is kept: tokens are random, so a plain hash suffices.

    >>> len(hashed("abc"))
    64
    """
    return hashlib.sha256(token.encode()).hexdigest()


class JoinInvitation(models.Model):
    """A link by which one person may join, with the roles they will have. It works once and for a few days."""

    email = models.EmailField(max_length=254, blank=True)
    role = models.CharField(max_length=20, choices=[(role, role) for role in Role])
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.CASCADE)
    process = models.CharField(max_length=200, blank=True)
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    @property
    def is_open(self) -> bool:
        return self.used_at is None and self.withdrawn_at is None and self.expires_at > timezone.now()


class ApiKey(models.Model):
    """What a program signs in with. The key itself is shown once; kept are its beginning and its hash."""

    name = models.CharField(max_length=120)
    start = models.CharField(max_length=12)
    key_hash = models.CharField(max_length=64, unique=True)
    rights = models.JSONField(default=list)
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT)
    process = models.CharField(max_length=200, blank=True)
    made_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="keys")
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-made_at",)

    @property
    def is_open(self) -> bool:
        return self.withdrawn_at is None and self.expires_at > timezone.now()


def new_token(prefix: str = "") -> str:
    """A secret of 256 bits to be shown once."""
    return prefix + secrets.token_urlsafe(32)


def in_days(days: int) -> datetime:
    return timezone.now() + timedelta(days=days)


class AuditEntry(models.Model):
    """One thing that somebody did, or was refused. Never changed, never removed: each carries the hash of the one
    before it, so that a chain that was tampered with shows (see audit.py)."""

    number = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    who = models.CharField(max_length=120)
    what = models.CharField(max_length=60)
    about = models.CharField(max_length=200, blank=True)
    details = models.JSONField(default=dict)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ("-number",)
        indexes: ClassVar = [models.Index(fields=["what"]), models.Index(fields=["about"])]
