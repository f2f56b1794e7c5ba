"""The company's words: touchpoints, channels, units, partners, reasons. One list each; the sheet holds positions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from tiesa.core import enums
from tiesa.simulate.clock import CENTRE, OFFICE, SHOP, Hours


@dataclass(frozen=True)
class Words:
    """A closed list of words; `words["phone"]` is the position of "phone"."""

    words: tuple[str, ...]

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {word: position for position, word in enumerate(self.words)}

    def __getitem__(self, word: str) -> int:
        return self._positions[word]

    def __len__(self) -> int:
        return len(self.words)

    def all_of(self, *words: str) -> list[int]:
        return [self[word] for word in words]


JOURNEY_TYPES = Words(("pre-purchase", "registration", "payment", "problem solving", "moving"))
CHANNELS = Words(("phone", "email", "chat", "app", "web", "shop", "sms", "visit"))
LIVE_CHANNELS = ("phone", "chat", "shop", "visit")
DIRECTIONS = Words(tuple(enums.Direction))
KINDS = Words(tuple(enums.ContactKind))
WAITS_FOR = Words(tuple(enums.WaitsFor))
GOALS = Words(tuple(enums.Goal))
LANGUAGES = Words(("sr", "lt", "ru", "sl", "ro", "en"))
SEGMENTS = Words(("budget", "standard", "premium", "business"))
ACQUIRED = Words(("campaign", "referral", "shop", "web", "partner"))
PRODUCTS = Words(("mobile plan", "home internet", "current account", "credit card"))
ORGANISATIONS = Words(("Partner Installers", "Partner Bank", "Roaming Partner", "Sky Airline"))

TOUCHPOINTS = Words(
    (
        # before the purchase
        "web visit",
        "information line call",
        "our offer call",
        "offer e-mail",
        "shop visit",
        "order placed",
        "offer declined",
        # registration
        "sign-up started",
        "identity check",
        "documents asked",
        "documents asked again",
        "documents sent",
        "contract sent",
        "contract signed",
        "service active",
        "sign-up given up",
        # payment
        "price change notice",
        "bill sent",
        "bill viewed",
        "bill question",
        "bill explained",
        "bill disputed",
        "bill corrected",
        "dispute rejected",
        "contract terms asked",
        "contract terms sent",
        "payment reminder",
        "payment arrangement asked",
        "payment arrangement offered",
        "bank transfer",
        "bill paid",
        "debt handed over",
        # problem solving
        "flight delayed",
        "card refused",
        "roaming off",
        "fault noticed",
        "help searched",
        "fault reported",
        "status asked",
        "fault reported again",
        "information sent",
        "reply sent",
        "case note",
        "transferred",
        "adviser call",
        "call-back",
        "technician ordered",
        "technician visit",
        "roaming partner answer",
        "solution explained",
        "solution follow-up",
        "solution confirmed",
        "case closed without solution",
        "customer gave up",
        # moving
        "move announced",
        "date agreed",
        "installer visit",
        "service moved",
        "first bill after move",
        "move cancelled",
    )
)

REASONS = Words(
    (
        "new contract",
        "sign-up",
        "bill too high",
        "bill unclear",
        "payment in instalments",
        "no internet",
        "slow internet",
        "app does not work",
        "card does not work",
        "money transfer missing",
        "stranded abroad",
        "moving house",
    )
)


@dataclass(frozen=True, slots=True)
class Unit:
    """A team: its hours, and how many of a hundred employees work in it."""

    name: str
    hours: Hours
    share: float


UNITS = (
    Unit("contact centre", CENTRE, 26),
    Unit("e-mail desk", OFFICE, 18),
    Unit("technical support", CENTRE, 16),
    Unit("billing", OFFICE, 12),
    Unit("moving desk", OFFICE, 6),
    Unit("sales", CENTRE, 8),
    Unit("shop Belgrade", SHOP, 4),
    Unit("shop Vilnius", SHOP, 3),
    Unit("shop Riga", SHOP, 3),
    Unit("shop Ljubljana", SHOP, 2),
    Unit("shop Bucharest", SHOP, 4),
    Unit("shop Dublin", SHOP, 2),
)
UNIT_NAMES = Words(tuple(unit.name for unit in UNITS))
SHOP_OF_LANGUAGE = tuple(
    UNIT_NAMES[f"shop {town}"] for town in ("Belgrade", "Vilnius", "Riga", "Ljubljana", "Bucharest", "Dublin")
)
PROCESSES = Words(("sales", "sign-up", "billing", "fault clearance", "move"))
"""One process for each journey type, in the same order."""

STEPS = {
    "sales": ("web visit", "information line call", "our offer call", "offer e-mail", "shop visit", "order placed"),
    "sign-up": (
        "sign-up started",
        "identity check",
        "documents asked",
        "documents sent",
        "contract sent",
        "contract signed",
        "service active",
    ),
    "billing": ("bill sent", "bill viewed", "bill question", "bill explained", "bill paid"),
    "fault clearance": (
        "fault noticed",
        "help searched",
        "fault reported",
        "adviser call",
        "technician visit",
        "solution explained",
        "solution follow-up",
        "solution confirmed",
    ),
    "move": (
        "move announced",
        "documents asked",
        "documents sent",
        "date agreed",
        "installer visit",
        "service moved",
        "first bill after move",
    ),
}
