"""For what purpose, on which basis and how long each kind of data is kept. Read from `rules/privacy.toml`:

automatic = true                      # old data are deleted by the clock; false unless said otherwise

[names]                               # one table per kind of data (see KINDS)
purpose = "To answer customers by name"
basis = "contract"                    # one of BASES
keep = "1095 d"                       # days since the last contact; "for good" keeps
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import tomlkit

from tiesa.core.errors import InvalidRules
from tiesa.core.home import Home
from tiesa.core.locale import _, ngettext
from tiesa.journeys.rules_section import Section, invalid, parse_toml, read_toml

FILE = "privacy.toml"
FOR_GOOD = "for good"
SHORTEST_DAYS, LONGEST_DAYS = 1, 36_500
_KEEP = re.compile(r"(\d{1,5})\s*d")


class Basis(StrEnum):
    """Article 6(1) GDPR, a to f."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal obligation"
    VITAL_INTERESTS = "vital interests"
    PUBLIC_TASK = "public task"
    LEGITIMATE_INTEREST = "legitimate interest"


class Kind(StrEnum):
    """A kind of data. names: who a customer number is. words: what customers wrote. contacts: what happened, by number.
    answers: to surveys. set_aside: rows that could not be used. exports: files made for one person. attempts: wrong
    passwords of staff. jobs: long work that is over. audit: who did what."""

    NAMES = "names"
    WORDS = "words"
    CONTACTS = "contacts"
    ANSWERS = "answers"
    SET_ASIDE = "set_aside"
    EXPORTS = "exports"
    ATTEMPTS = "attempts"
    JOBS = "jobs"
    AUDIT = "audit"


DELETED = frozenset({Kind.NAMES, Kind.WORDS, Kind.SET_ASIDE, Kind.EXPORTS, Kind.ATTEMPTS, Kind.JOBS})
"""What is deleted when its time is over. The rest carries no name: figures rest on it, or it proves what was done."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """How one kind of data is kept. keep_days: None keeps it for good."""

    kind: Kind
    purpose: str
    basis: Basis
    keep_days: int | None

    @property
    def keep_in_words(self) -> str:
        if self.keep_days is None:
            return _("for good")
        return ngettext("{n} day", "{n} days", self.keep_days).format(n=self.keep_days)


@dataclass(frozen=True, slots=True)
class PrivacyRules:
    """automatic: old data are deleted by the clock. kept: one entry per kind, in order."""

    automatic: bool
    kept: tuple[Keeping, ...]

    def __getitem__(self, kind: Kind) -> Keeping:
        return next(one for one in self.kept if one.kind == kind)


def kind_words(kind: Kind) -> str:
    """What a kind of data is, for a person."""
    return {
        Kind.NAMES: _("Names, addresses and ids of customers"),
        Kind.WORDS: _("What customers wrote"),
        Kind.CONTACTS: _("What happened, by customer number"),
        Kind.ANSWERS: _("Answers to surveys, by customer number"),
        Kind.SET_ASIDE: _("Rows of files that could not be used"),
        Kind.EXPORTS: _("Exports made for one person"),
        Kind.ATTEMPTS: _("Wrong passwords of staff"),
        Kind.JOBS: _("Long work that is over"),
        Kind.AUDIT: _("Audit log"),
    }[kind]


def _defaults() -> dict[Kind, Keeping]:
    """A cautious beginning that fits most organisations; each should put in its own."""
    service = _("Answering customers, and finding what makes them wait, repeat themselves or leave")
    names = _("Answering customers by name, and joining what one person told several systems")
    return {
        one.kind: one
        for one in (
            Keeping(Kind.NAMES, names, Basis.CONTRACT, 1095),
            Keeping(Kind.WORDS, _("Answering customers, and seeing what they feel"), Basis.LEGITIMATE_INTEREST, 730),
            Keeping(Kind.CONTACTS, service, Basis.LEGITIMATE_INTEREST, None),
            Keeping(Kind.ANSWERS, _("Learning what customers think of the service"), Basis.LEGITIMATE_INTEREST, None),
            Keeping(Kind.SET_ASIDE, _("Mending files that could not be read whole"), Basis.LEGITIMATE_INTEREST, 90),
            Keeping(Kind.EXPORTS, _("Giving people what is known about them"), Basis.LEGAL_OBLIGATION, 7),
            Keeping(Kind.ATTEMPTS, _("Keeping strangers out"), Basis.LEGITIMATE_INTEREST, 30),
            Keeping(Kind.JOBS, _("Knowing what became of long work"), Basis.LEGITIMATE_INTEREST, 90),
            Keeping(Kind.AUDIT, _("Proving who did what"), Basis.LEGAL_OBLIGATION, None),
        )
    }  # fmt: skip


def privacy_rules(home: Home) -> PrivacyRules:
    """The rules of a home, with sensible ones where it says nothing. Raises: InvalidRules.

    >>> from pathlib import Path
    >>> rules = privacy_rules(Home(Path("nowhere")))
    >>> rules.automatic, rules[Kind.WORDS].keep_days
    (False, 730)
    """
    file = home.rules / FILE
    return read_toml(file, _rules) if file.exists() else _rules(Section({}))


def check_text(text: str) -> PrivacyRules:
    """The rules that a text says. Raises: InvalidRules that names the key."""
    return parse_toml(text, _rules, where=FILE)


def rules_text(rules: PrivacyRules) -> str:
    """Rules as TOML."""
    document = tomlkit.document()
    document.add("automatic", tomlkit.item(rules.automatic))
    for one in rules.kept:
        keep = FOR_GOOD if one.keep_days is None else f"{one.keep_days} d"
        document.add(one.kind.value, tomlkit.item({"purpose": one.purpose, "basis": one.basis.value, "keep": keep}))
    return tomlkit.dumps(document)


def read_keep(text: str) -> int | None:
    """Days of "730 d"; None of "for good". Raises: ValueError.

    >>> read_keep("730 d"), read_keep("for good")
    (730, None)
    """
    plain = text.strip().lower()
    if plain == FOR_GOOD:
        return None
    found = _KEEP.fullmatch(plain)
    if not found or not SHORTEST_DAYS <= int(found[1]) <= LONGEST_DAYS:
        raise ValueError(text)
    return int(found[1])


def _rules(section: Section) -> PrivacyRules:
    automatic = section.content.get("automatic", False)
    section.taken.add("automatic")
    if not isinstance(automatic, bool):
        raise invalid("automatic", _("{value!r} is not {meaning}").format(value=automatic, meaning="true, false"))
    defaults = _defaults()
    kept = tuple(_keeping(kind, section.section(kind.value), defaults[kind]) for kind in Kind)
    section.done()
    return PrivacyRules(automatic, kept)


def _keeping(kind: Kind, section: Section, default: Keeping) -> Keeping:
    purpose = _text(section, "purpose", default.purpose)
    basis = _text(section, "basis", default.basis.value)
    if basis not in set(Basis):
        allowed = ", ".join(Basis)
        raise invalid(section.key("basis"), _("{value!r} is none of {allowed}").format(value=basis, allowed=allowed))
    keep = _text(section, "keep", FOR_GOOD if default.keep_days is None else f"{default.keep_days} d")
    section.done()
    try:
        days = read_keep(keep)
    except ValueError:
        raise _not_days(section.key("keep"), keep) from None
    if days is None and kind in (Kind.EXPORTS, Kind.ATTEMPTS):
        raise invalid(section.key("keep"), _("This is not kept for good"))
    if days is not None and kind not in DELETED:
        raise invalid(section.key("keep"), _("Figures and proofs rest on it: it carries no name and is kept for good"))
    return Keeping(kind, purpose, Basis(basis), days)


def _text(section: Section, key: str, default: str) -> str:
    value: Any = section.take(key, str, _("a text"), default)
    if not value.strip():
        raise invalid(section.key(key), _("This must not be empty"))
    return str(value).strip()


def _not_days(key: str, value: str) -> InvalidRules:
    meaning = _('a number of days such as "730 d" ({low} to {high}), or "for good"').format(
        low=SHORTEST_DAYS, high=LONGEST_DAYS
    )
    return invalid(key, _("{value!r} is not {meaning}").format(value=value, meaning=meaning))


def changed(rules: PrivacyRules, said: Mapping[Kind, Mapping[str, str]], *, automatic: bool) -> PrivacyRules:
    """The rules with other purposes, bases and times, as a form says them. Raises: InvalidRules."""
    document = {"automatic": automatic, **{kind.value: dict(said.get(kind, {})) for kind in Kind}}
    for one in rules.kept:
        keep = FOR_GOOD if one.keep_days is None else f"{one.keep_days} d"
        before = {"purpose": one.purpose, "basis": one.basis.value, "keep": keep}
        document[one.kind.value] = {**before, **said.get(one.kind, {})}
    return check_text(tomlkit.dumps(document))
