"""Files that people bring in, folders that are looked into by the clock, and what became of saved mappings."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from tiesa.app.config.installation import installation
from tiesa.app.jobs.models import Job


def uploads() -> Path:
    """Where uploaded files lie until they are used."""
    return installation().folder / "uploads"


class Step(models.TextChoices):
    """How far a file is on its way: each step is kept, so that a reload or a restart goes on where it was.

    looking, checking, importing, undoing: a job is at it. refused: no reader knows it. removed: it was given up, or
    lay unused too long.
    """

    LOOKING = "looking"
    REFUSED = "refused"
    MAPPING = "mapping"
    CHECKING = "checking"
    CHECKED = "checked"
    IMPORTING = "importing"
    IMPORTED = "imported"
    UNDOING = "undoing"
    UNDONE = "undone"
    REMOVED = "removed"


UNDER_WAY = (Step.LOOKING, Step.CHECKING, Step.IMPORTING, Step.UNDOING)
WAITS_FOR_PERSON = (Step.MAPPING, Step.CHECKED)


class Folder(models.Model):
    """A folder that is looked into every so many minutes. found: what the last look found, newest first."""

    path = models.CharField(max_length=500, unique=True)
    is_on = models.BooleanField(default=True)
    minutes = models.PositiveIntegerField(default=15)
    next_at = models.DateTimeField(default=timezone.now)
    looked_at = models.DateTimeField(null=True)
    found = models.JSONField(default=list)
    error = models.TextField(blank=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ("path",)


class Upload(models.Model):
    """One file on its way into the log.

    stored: its name in its own folder, "" once it is gone. reader, table, start: how a person wants it read, where
    they said so. how: where the mapping came from (see contacts.recognise). mapping: TOML, maybe not whole yet.
    reasons, left: why each target was chosen and each column left out, in the language `told_in`.
    checked: what a dry run counted. result: what the import brought. import_id: chosen before the import is begun, so
    that a job begun again adds nothing twice. mends: the file whose rows, set aside, this one brings again.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200)
    stored = models.CharField(max_length=200, blank=True)
    size = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="uploads")
    folder = models.ForeignKey(Folder, null=True, on_delete=models.SET_NULL, related_name="uploads")
    mends = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="mended")
    at = models.DateTimeField(default=timezone.now)
    step = models.CharField(max_length=10, choices=Step.choices, default=Step.LOOKING)
    format = models.CharField(max_length=40, blank=True)
    columns = models.JSONField(default=list)
    reader = models.JSONField(default=dict)
    table = models.CharField(max_length=20, blank=True)
    start = models.CharField(max_length=10, blank=True)
    how = models.CharField(max_length=120, blank=True)
    mapping = models.TextField(blank=True)
    reasons = models.JSONField(default=dict)
    left = models.JSONField(default=dict)
    told_in = models.CharField(max_length=10, blank=True)
    notes = models.JSONField(default=list)
    checked = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    import_id = models.CharField(max_length=32, blank=True, db_index=True)
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    build = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ("-at",)
        indexes: ClassVar = [models.Index(fields=["step"])]

    @property
    def place(self) -> Path:
        """The folder of its own."""
        return uploads() / str(self.pk)

    @property
    def path(self) -> Path:
        return self.place / self.stored

    @property
    def sample(self) -> Path:
        """Its first rows, for the preview."""
        return self.place / ".sample.arrow"

    @property
    def is_under_way(self) -> bool:
        return self.step in UNDER_WAY


class MappingEdit(models.Model):
    """One change of a saved mapping: what stood in its file before, so that it can be put back."""

    name = models.CharField(max_length=80)
    before = models.TextField(blank=True)
    after = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-at", "-pk")
