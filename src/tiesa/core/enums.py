"""The closed lists of words: each stands in one place and is used by library, command line and pages."""

from __future__ import annotations

from enum import StrEnum


class Direction(StrEnum):
    INBOUND = "inbound"
    OUTBOUND = "outbound"
    SELF_SERVICE = "self_service"
    INDIRECT = "indirect"
    INTERNAL = "internal"


class ContactKind(StrEnum):
    QUESTION = "question"
    REQUEST = "request"
    COMPLAINT = "complaint"
    OBJECTION = "objection"
    PRAISE = "praise"
    NOTICE = "notice"


class WaitsFor(StrEnum):
    """Whose turn it is after a contact, where the source says so itself."""

    US = "us"
    CUSTOMER = "customer"
    THIRD_PARTY = "third_party"


class WaitOwner(StrEnum):
    """Whose wait the gap before a contact was."""

    US = "us"
    CUSTOMER = "customer"
    THIRD_PARTY = "third_party"
    NOBODY = "nobody"
    UNKNOWN = "unknown"


class Goal(StrEnum):
    REACHED = "reached"
    ABANDONED = "abandoned"


class GoalState(StrEnum):
    REACHED = "reached"
    ABANDONED = "abandoned"
    OPEN = "open"


class EmotionSource(StrEnum):
    STATED = "stated"
    OBSERVED = "observed"
    INFERRED = "inferred"


class OutcomeKind(StrEnum):
    LEFT = "left"
    DORMANT = "dormant"
    PRODUCT_CLOSED = "product_closed"
    BOUGHT = "bought"
    MARGIN = "margin"
    REFERRED = "referred"


class AnswerKind(StrEnum):
    SERVICE_QUALITY = "service_quality"
    PRODUCT = "product"
    OVERALL = "overall"
    RECOMMENDATION = "recommendation"
    EFFORT = "effort"
    EXPECTATION = "expectation"
    EMOTION = "emotion"
    SOLVED = "solved"
    OPEN = "open"


class Respondent(StrEnum):
    CUSTOMER = "customer"
    EMPLOYEE = "employee"
    MYSTERY_VISITOR = "mystery_visitor"


class InvitationState(StrEnum):
    SENT = "sent"
    BOUNCED = "bounced"
    HELD_BACK = "held_back"
    OPENED = "opened"
    ANSWERED = "answered"


class FactState(StrEnum):
    GIVEN = "given"
    ASKED = "asked"
    SHOWN = "shown"


class ConsentState(StrEnum):
    GIVEN = "given"
    WITHDRAWN = "withdrawn"
    OBJECTED = "objected"


class JoinState(StrEnum):
    """What holds of two customer numbers: they are one person, or a person said that they are not."""

    JOINED = "joined"
    APART = "apart"


class JoinReason(StrEnum):
    """Why: an exact rule over the private tables, or a person's word."""

    CONTRACT = "contract"
    MAIL = "mail"
    PHONE = "phone"
    PERSON = "person"
