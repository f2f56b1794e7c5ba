"""The rules by which several ids are one person.

`read_joining` takes them from `joining.toml` in the rules folder. All of it is optional; without it nothing is joined
but what a person joins:

    [joining]
    automatic = ["contract", "mail", "phone"]   # what joins by itself where it is the same
    country_code = "+381"                       # of telephone numbers that are written without one
    contract = "contract_no"                    # attribute of contacts and customers that holds the contract's number
    same_ids = ["crm", "billing"]               # systems that use the same customer numbers
    most = 4                                    # what more ids share (a switchboard, a family's address) joins nobody
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from tiesa.core.enums import JoinReason
from tiesa.core.locale import _
from tiesa.journeys.rules_section import Section, invalid, parse_toml, read_toml

FILE = "joining.toml"
MOST = 4
_RULES = (JoinReason.CONTRACT, JoinReason.MAIL, JoinReason.PHONE)


@dataclass(frozen=True, slots=True)
class JoiningRules:
    """automatic: which values join by themselves. country_code: digits. most: ids that may share a value."""

    automatic: tuple[JoinReason, ...] = ()
    country_code: str = ""
    contract: str = ""
    same_ids: tuple[str, ...] = ()
    most: int = MOST

    @property
    def fingerprint(self) -> str:
        """A stable text: equal where every rule is equal."""
        told = repr((sorted(self.automatic), self.country_code, self.contract, sorted(self.same_ids), self.most))
        return blake2b(told.encode(), digest_size=16).hexdigest()


def read_joining(folder: Path) -> JoiningRules:
    """The rules of `joining.toml` in the folder; none where there is no such file.

    Raises: InvalidRules on an unknown key or an impossible value, with the key and what is allowed.
    """
    path = folder / FILE
    return read_toml(path, _rules) if path.exists() else JoiningRules()


def parse_joining(text: str, *, where: str = FILE) -> JoiningRules:
    r"""The rules of a text of that form; `where` names it in errors. Raises: InvalidRules.

    >>> parse_joining('[joining]\nautomatic = ["mail"]\ncountry_code = "+370"').country_code
    '370'
    """
    return parse_toml(text, _rules, where=where)


def _rules(file: Section) -> JoiningRules:
    section = file.section("joining")
    rules = JoiningRules(
        automatic=_automatic(section),
        country_code=_country_code(section),
        contract=section.take("contract", str, _("the name of an attribute"), ""),
        same_ids=section.words("same_ids"),
        most=section.take("most", int, _("a whole number"), MOST),
    )
    if not 2 <= rules.most <= 20:
        raise invalid(section.key("most"), _("{value!r} is not a number from 2 to 20").format(value=rules.most))
    if JoinReason.CONTRACT in rules.automatic and not (rules.contract or rules.same_ids):
        raise invalid(
            section.key("automatic"),
            _("Joining by contract needs `contract` (an attribute) or `same_ids` (systems with the same numbers)"),
        )
    section.done()
    file.done()
    return rules


def _automatic(section: Section) -> tuple[JoinReason, ...]:
    words = section.words("automatic")
    for word in words:
        if word not in _RULES:
            what = _("{value!r} is no such rule; allowed are {keys}").format(value=word, keys=", ".join(_RULES))
            raise invalid(section.key("automatic"), what)
    return tuple(rule for rule in _RULES if rule in words)


def _country_code(section: Section) -> str:
    said: str = section.take("country_code", str, meaning := _("a country code such as +381"), "")
    if said and not re.fullmatch(r"(\+|00)?[1-9]\d{0,2}", said):
        raise invalid(section.key("country_code"), _("{value!r} is not {meaning}").format(value=said, meaning=meaning))
    return said.removeprefix("+").removeprefix("00")
