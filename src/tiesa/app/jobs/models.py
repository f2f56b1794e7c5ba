"""A job: long work that somebody asked for, or the clock did."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone


class State(models.TextChoices):
    """waiting: in the queue. stopped: by a person. failed: it said why, or was broken off too often."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"


class Job(models.Model):
    """One piece of long work. progress: 0 to 1, null where unknown. step: what is being done, in words.

    attempts: how often a worker has begun it. seen_at: the worker's last sign of life; one that gives none is dead, and
    its job is begun again (every kind of job may be: its effects happen once).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=40)
    arguments = models.JSONField(default=dict)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="jobs")
    asked_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    progress = models.FloatField(null=True)
    step = models.CharField(max_length=300, blank=True)
    result = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    attempts = models.IntegerField(default=0)
    begun_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    stop_asked = models.BooleanField(default=False)

    class Meta:
        ordering = ("-asked_at",)
        indexes: ClassVar = [models.Index(fields=["state"]), models.Index(fields=["kind", "state"])]

    @property
    def is_over(self) -> bool:
        return self.state in (State.DONE, State.FAILED, State.STOPPED)


class Beat(models.Model):
    """When something that the clock asks for was last asked for, so that two workers do not ask twice."""

    name = models.CharField(max_length=60, primary_key=True)
    next_at = models.DateTimeField()
