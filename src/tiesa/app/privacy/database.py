"""Where the application's own database tells of a customer: rows on their way to the log, notes of long work."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.db.models import Q, TextField
from django.db.models.functions import Cast

from tiesa.upkeep.person import SHORT, Person, plain_mail

OF_CUSTOMERS = ("api", "insight", "intake", "jobs")
"""The apps whose tables may hold what customers sent; those of staff hold nobody else."""
EMPTIED = {("api.outboxrow", "payload")}
"""Fields whose whole value goes, as the program reads it: a row that waits for the log is taken for moved."""
GONE = "…"


def told_in_database(person: Person) -> list[dict[str, Any]]:
    """Every value of the database that tells of the person: where, and what it says."""
    return [
        {"place": f"{model._meta.label_lower}.{field.name}", "row": str(row.pk), "value": getattr(row, field.name)}
        for model, field, row in _rows(person)
    ]


def places_in_database(person: Person) -> dict[str, int]:
    """The same, counted by table and column."""
    found: dict[str, int] = {}
    for model, field, _row in _rows(person):
        place = f"{model._meta.label_lower}.{field.name}"
        found[place] = found.get(place, 0) + 1
    return found


@transaction.atomic
def forget_in_database(person: Person) -> int:
    """Take out every value that tells of the person; returns how many."""
    n = 0
    for model, field, row in list(_rows(person)):
        is_emptied = (model._meta.label_lower, field.name) in EMPTIED
        value = "" if is_emptied else _without(getattr(row, field.name), person)
        model._default_manager.filter(pk=row.pk).update(**{field.name: value})
        n += 1
    return n


def _rows(person: Person) -> Iterator[tuple[type[models.Model], models.Field[Any, Any], models.Model]]:
    terms = list(_terms(person))
    if not terms:
        return
    for label in OF_CUSTOMERS:
        for model in apps.get_app_config(label).get_models():
            for field in model._meta.concrete_fields:
                if not isinstance(field, (models.TextField, models.CharField, models.JSONField)) or field.primary_key:
                    continue
                found = Q()
                for term in terms:
                    found |= Q(as_text__icontains=term)
                rows = model._default_manager.annotate(as_text=Cast(field.name, TextField())).filter(found)
                for row in rows.iterator(chunk_size=500):
                    if _tells(getattr(row, field.name), person):
                        yield model, field, row


def _terms(person: Person) -> Iterator[str]:
    """What to look for: as it is, and as JSON writes it."""
    said = (person.source_id, person.name, plain_mail(person.mail), person.phone)
    for one in said:
        if not one:
            continue
        written = json.dumps(one)
        yield from {one, written[1:-1]} if len(one) >= SHORT else {written}


def _tells(value: Any, person: Person) -> bool:
    if isinstance(value, str):
        try:
            inner = json.loads(value) if value[:1] in "[{" else None
        except ValueError:
            inner = None
        return _tells(inner, person) if inner is not None else person.stands_in(value, is_id=True)
    if isinstance(value, dict):
        return any(_tells(one, person) for pair in value.items() for one in pair)
    if isinstance(value, list):
        return any(_tells(one, person) for one in value)
    return False


def _without(value: Any, person: Person) -> Any:
    if isinstance(value, dict):
        return {(GONE if _tells(key, person) else key): _without(one, person) for key, one in value.items()}
    if isinstance(value, list):
        return [_without(one, person) for one in value]
    return GONE if _tells(value, person) else value
