"""OCEL 2.0 JSON: one row per event, the objects it touches beside it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from tiesa.contacts.readers.json_records import SHOWN, items_of
from tiesa.contacts.readers.spool import Broken, Record, SpooledSource, spool
from tiesa.contacts.readers.unpacking import Content
from tiesa.core.errors import UnusableInput
from tiesa.core.locale import _

OBJECT = "object:"
SEPARATOR = "|"

_History = list[tuple[datetime, str]]


class _Objects:
    """Type and attribute histories of every object: the one thing of this format that must be in memory."""

    def __init__(self, content: Content) -> None:
        self.types: dict[str, str] = {}
        self._histories: dict[str, dict[str, _History]] = {}
        for found in items_of(content, "objects.item"):
            self.types[str(found["id"])] = str(found["type"])
            histories: dict[str, _History] = {}
            for attribute in found.get("attributes") or ():
                stated = (_stated(attribute.get("time"), content), str(attribute["value"]))
                histories.setdefault(str(attribute["name"]), []).append(stated)
            for history in histories.values():
                history.sort(key=lambda stated: stated[0])
            self._histories[str(found["id"])] = histories

    def attributes_at(self, object_id: str, moment: datetime) -> Iterator[tuple[str, str | None]]:
        """Each attribute of the object with its latest value not after `moment`."""
        for name, history in self._histories[object_id].items():
            known = bisect_right(history, moment, key=lambda stated: stated[0])
            yield name, history[known - 1][1] if known else None


def open_ocel(content: Content) -> SpooledSource:
    """Columns `ocel:id`, `ocel:type`, `ocel:time`, the event's attributes, and per type of object
    `object:<type>` (ids joined by `|`); `object:<type>:<attribute>` where exactly one of that type takes part.

    Raises: UnusableInput for broken JSON, an event without id, type or time, or no event at all.
    """
    try:
        kept = spool(_records(content))
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UnusableInput(
            _("The file is no OCEL 2.0 event log ({reason} is missing or misplaced)").format(reason=str(error)[:80]),
            where=str(content.path),
        ) from error
    if not kept.rows:
        raise UnusableInput(_("The event log has no event"), where=str(content.path))
    return SpooledSource(content.path, "ocel", kept.names, kept)


def _records(content: Content) -> Iterator[Record | Broken]:
    objects = _Objects(content)
    for event in items_of(content, "events.item"):
        try:
            moment = _moment(event["time"])
        except (ValueError, OverflowError):
            yield Broken(str(event)[:SHOWN], _("the event's time is not an ISO time"))
            continue
        record: Record = {"ocel:id": str(event["id"]), "ocel:type": str(event["type"]), "ocel:time": event["time"]}
        for attribute in event.get("attributes") or ():
            record[str(attribute["name"])] = str(attribute["value"])
        record.update(_related(event, objects, moment))
        yield record


def _related(event: dict[str, Any], objects: _Objects, moment: datetime) -> Record:
    by_type: dict[str, dict[str, None]] = {}  # ids once each, in their order
    for relation in event.get("relationships") or ():
        object_id = str(relation["objectId"])
        kind = objects.types.get(object_id)
        if kind is not None:
            by_type.setdefault(kind, {})[object_id] = None
    record: Record = {}
    for kind, ids in by_type.items():
        record[OBJECT + kind] = SEPARATOR.join(ids)
        if len(ids) == 1:
            record |= {
                f"{OBJECT}{kind}:{name}": value for name, value in objects.attributes_at(next(iter(ids)), moment)
            }
    return record


def _moment(text: str | None) -> datetime:
    """A comparable time; an attribute without one has held since ever. Raises ValueError, OverflowError (a time that
    an offset carries out of the calendar)."""
    if text is None:
        return datetime.min.replace(tzinfo=UTC)
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _stated(text: str | None, content: Content) -> datetime:
    try:
        return _moment(text)
    except (ValueError, OverflowError) as error:
        raise UnusableInput(
            _("The time of an object's attribute is not an ISO time ({text})").format(text=repr(text)[:80]),
            where=str(content.path),
        ) from error
