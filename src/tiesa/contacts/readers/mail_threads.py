"""Which messages belong together, and who in them is the organisation: both known only from the whole mailbox."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

# fmt: off
FREEMAIL = frozenset({
    "gmail.com", "googlemail.com", "yahoo.com", "ymail.com", "hotmail.com", "outlook.com", "live.com", "msn.com",
    "icloud.com", "me.com", "aol.com", "gmx.com", "gmx.net", "gmx.de", "web.de", "proton.me", "protonmail.com",
    "zoho.com", "mail.com", "yandex.ru", "yandex.com", "ya.ru", "mail.ru", "bk.ru", "inbox.ru", "list.ru",
    "rambler.ru", "inbox.lt", "one.lt", "mail.lt", "takas.lt", "siol.net", "t-2.net", "amis.net", "eunet.rs",
    "sbb.rs", "mts.rs", "yahoo.ro", "yahoo.co.uk", "hotmail.co.uk",
})
# fmt: on
"""Domains whose addresses belong to anybody."""


@dataclass(slots=True)
class Threads:
    """Message ids and the message each one answers."""

    _parents: dict[str, str] = field(default_factory=dict)

    def add(self, message_id: str, references: Sequence[str], in_reply_to: str) -> None:
        """References name the line of ancestors, the oldest first; In-Reply-To stands in where they are missing."""
        line = [*references, in_reply_to] if in_reply_to and in_reply_to not in references else [*references]
        for parent, child in pairwise([*line, message_id]):
            if parent != child:
                self._parents.setdefault(child, parent)

    def root(self, message_id: str) -> str:
        """The first message of the thread; the message itself where it answers none.

        >>> threads = Threads()
        >>> threads.add("c", ["a", "b"], "b")
        >>> threads.root("c")
        'a'
        """
        seen = {message_id}
        while (parent := self._parents.get(message_id)) is not None and parent not in seen:
            seen.add(parent)
            message_id = parent
        return message_id


@dataclass(slots=True)
class Parties:
    """In how many messages each address and domain takes part."""

    addresses: Counter[str] = field(default_factory=Counter)
    domains: Counter[str] = field(default_factory=Counter)

    def add(self, participants: Iterable[str]) -> None:
        everyone = set(participants)
        self.addresses.update(everyone)
        self.domains.update({domain_of(address) for address in everyone} - FREEMAIL)

    def likely_own(self) -> str:
        """The domain in most messages (`@domain`), or the address where that is one of a freemail provider. Of
        domains in equally many, the one with the busiest single address: customers write from several, a desk from one.
        """
        address, messages = max(self.addresses.items(), key=lambda found: (found[1], found[0]))
        busiest = {d: max(n for a, n in self.addresses.items() if domain_of(a) == d) for d in self._leading_domains()}
        domain = max(busiest, key=lambda d: (busiest[d], d), default="")
        shared = self.domains[domain]
        return f"@{domain}" if shared >= messages or domain_of(address) not in FREEMAIL else address

    def _leading_domains(self) -> list[str]:
        most = max(self.domains.values(), default=0)
        return [domain for domain, n in self.domains.items() if n == most]


def domain_of(address: str) -> str:
    return address.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class OwnSide:
    """The organisation's own addresses and `@domains` (a domain includes its subdomains)."""

    names: frozenset[str]

    def holds(self, address: str) -> bool:
        if address in self.names:
            return True
        domain = domain_of(address)
        while domain:
            if "@" + domain in self.names:
                return True
            domain = domain.partition(".")[2]
        return False
