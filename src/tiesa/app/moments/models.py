"""What people decide about moments."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone


class Stand(models.TextChoices):
    """accepted: it is to be acted on. rejected: it is not, for the reason noted. watching: not decided yet."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    WATCHING = "watching"


class Verdict(models.Model):
    """What somebody decided about a moment, and when. None is ever changed: the latest that nobody took back holds."""

    moment = models.CharField(max_length=20, db_index=True)
    stand = models.CharField(max_length=10, choices=Stand.choices)
    note = models.CharField(max_length=1000, blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    taken_back_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    taken_back_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ("-at", "-pk")
