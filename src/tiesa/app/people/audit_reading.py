"""Reading the audit log: filtered, page by page, with people by their names and deeds in words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.http import QueryDict

from tiesa.app.people.keys import right_words
from tiesa.app.people.models import AuditEntry, Person
from tiesa.app.people.roles import KEY_RIGHTS, Role
from tiesa.core.locale import _

_PERSON = re.compile(r"person (\d+)$")


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry as it is shown."""

    number: int
    at: datetime
    who: str
    what: str
    words: str
    about: str
    details: str
    hash: str


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries: all of these at once; "" and None mean any."""

    who: str = ""
    what: str = ""
    about: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def entries(self) -> QuerySet[AuditEntry]:
        """The entries, newest first."""
        found = AuditEntry.objects.order_by("-number")
        if self.who:
            found = found.filter(who__in=[*_people_called(self.who), self.who])
        if self.what:
            found = found.filter(Q(what=self.what) | Q(what__startswith=f"{self.what}."))
        if self.about:
            found = found.filter(Q(about=self.about) | Q(about__in=_people_called(self.about)))
        if self.since:
            found = found.filter(at__gte=self.since)
        if self.until:
            found = found.filter(at__lt=self.until)
        return found


def read_filter(query: QueryDict) -> AuditFilter:
    """What an address says; days that do not exist are left out."""
    until = _day(query.get("to", ""))
    return AuditFilter(
        who=query.get("who", "").strip(),
        what=query.get("what", "").strip(),
        about=query.get("about", "").strip(),
        since=_day(query.get("from", "")),
        until=until + timedelta(days=1) if until else None,
    )


def _day(word: str) -> datetime | None:
    try:
        return datetime.strptime(word, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        return None


def _people_called(words: str) -> list[str]:
    found = Person.objects.filter(Q(name__icontains=words) | Q(email__iexact=words)).values_list("pk", flat=True)[:500]
    return [f"person {pk}" for pk in found]


def by_person(person: Person) -> QuerySet[AuditEntry]:
    """What somebody did, newest first."""
    return AuditEntry.objects.filter(who=f"person {person.pk}").order_by("-number")


def shown_entries(entries: Iterable[AuditEntry]) -> list[Shown]:
    """Entries with names in the place of people's numbers."""
    listed = list(entries)
    numbers = {int(m[1]) for one in listed for text in (one.who, one.about) if (m := _PERSON.match(text))}
    names = {f"person {pk}": name for pk, name in Person.objects.filter(pk__in=numbers).values_list("pk", "name")}
    deeds = deed_words()
    return [
        Shown(
            one.number, one.at, names.get(one.who) or _named(one.who), one.what, deeds.get(one.what, one.what),
            names.get(one.about) or _named(one.about), _in_line(one.details), one.hash,
        )
        for one in listed
    ]  # fmt: skip


def _named(said: str) -> str:
    """A number of ours with what it is a number of, in the reader's language; anything else as it stands."""
    thing, _space, number = said.rpartition(" ")
    if number.isdecimal() and thing in (things := _things()):
        return things[thing].format(n=number)
    return {"nobody": _("nobody"), "clock": _("the clock"), "unknown address": _("unknown address")}.get(said, said)


def _things() -> dict[str, str]:
    return {
        "person": _("person {n}"),
        "customer": _("customer {n}"),
        "invitation": _("invitation {n}"),
        "key": _("key {n}"),
    }


def _in_line(details: dict[str, Any]) -> str:
    words = _detail_words()
    return ", ".join(
        f"{words.get(key, key)}: {_value(key, value)}" for key, value in details.items() if value not in ("", None, [])
    )


def _value(key: str, value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_value(key, one) for one in value)
    if key == "role" and value in set(Role):
        return Role(value).in_words()
    return right_words(value) if key == "rights" and value in KEY_RIGHTS else str(value)


def _detail_words() -> dict[str, str]:
    """What the short names of details mean."""
    return {
        "role": _("role"),
        "unit": _("unit"),
        "process": _("process"),
        "below": _("below"),
        "rights": _("rights"),
        "days": _("days"),
        "entries": _("entries"),
        "breaks": _("breaks"),
        "kind": _("kind"),
        "job": _("job"),
        "found": _("found"),
        "purpose": _("purpose"),
        "state": _("state"),
        "entry": _("entry"),
        "undone": _("taken back"),
        "changed": _("changed"),
        "automatic": _("by the clock"),
    }


def deed_words() -> dict[str, str]:
    """What the log's short words mean."""
    return {
        "sign.in": _("signed in"),
        "sign.out": _("signed out"),
        "sign.failed": _("wrong password"),
        "sign.locked": _("address locked after wrong passwords"),
        "demo.sign_in": _("looked around in the demo"),
        "refused": _("was refused a page"),
        "person.invite": _("invited somebody"),
        "person.uninvite": _("withdrew an invitation"),
        "person.invite_again": _("let an invitation hold again"),
        "person.join": _("joined"),
        "person.change": _("changed a person"),
        "person.switch_off": _("switched an account off"),
        "person.switch_on": _("switched an account on"),
        "person.unlock": _("let a locked address in"),
        "role.give": _("gave a role"),
        "role.take": _("took a role away"),
        "self.change": _("changed their own account"),
        "session.end": _("ended a session"),
        "password.change": _("changed their password"),
        "password.set": _("set a password"),
        "password.reset": _("set a new password by mail"),
        "factor.add": _("added a second factor"),
        "factor.remove": _("removed a second factor"),
        "factor.reset": _("made new recovery codes"),
        "factor.failed": _("wrong code"),
        "unit.add": _("added a unit"),
        "unit.move": _("moved a unit"),
        "unit.remove": _("removed a unit"),
        "key.make": _("made a key"),
        "key.withdraw": _("withdrew a key"),
        "key.give_back": _("let a key hold again"),
        "audit.export": _("exported the audit log"),
        "audit.check": _("checked the audit log"),
        "job.stop": _("stopped a job"),
        "join.numbers": _("said that customer numbers are one person"),
        "join.apart": _("said that customer numbers are two persons"),
        "join.part": _("parted a customer number from its person"),
        "join.unsay": _("took back what was said of customer numbers"),
        "privacy.find": _("looked a person up"),
        "privacy.export": _("exported everything about a person"),
        "privacy.download": _("downloaded an export about a person"),
        "privacy.erase": _("erased a person"),
        "privacy.object": _("noted an objection or consent"),
        "privacy.rules": _("changed how long data are kept"),
        "privacy.delete": _("old data were deleted"),
        "moments.ask": _("had moments of truth looked for"),
        "moments.find": _("moments of truth were looked for"),
        "moment.decide": _("decided about a moment of truth"),
        "moment.undo": _("took a decision about a moment back"),
        "warning.contacted": _("turned to a customer because of the early warning"),
        "moment.words": _("read customers' words on a moment's sheet"),
        "export.sheet": _("downloaded an evidence sheet"),
    }
