"""Every table of the house. A column is described here once: readers, checks, store and docs ask this module.

Times are UTC with microseconds; `?` of the field's literature is `null=True` here, and a null is never turned
into zero or a word. Money is decimal with its currency beside it. `position` is the file order of rows that
came without an id; rows with an id of their own carry that id where it is a whole number (else 0, and rows of the
same instant stand in the order of their ids), so that the log does not depend on how a file was cut.
"""

from __future__ import annotations

import pyarrow as pa

from tiesa.core import enums
from tiesa.core.columns import ATTRIBUTES, INSTANT, LIST, MONEY, SECONDS, TEXT, Column, Table

_BOOKKEEPING = (
    Column("source", TEXT, "where the row came from: the mapping's name for the system", null=False),
    Column("position", pa.int64(), "order among rows of the same instant", null=False, low=0),
    Column("import_id", TEXT, "the import that brought the row", null=False),
    Column("recorded_at", INSTANT, "when the row was kept", null=False, unit="UTC"),
)
_CUSTOMER_KEY = Column("customer_key", pa.int64(), "dense customer number, derived from nothing", null=False, low=0)
_CURRENCY = Column("currency", TEXT, "three-letter code of ISO 4217")

CONTACT = Table(
    "contact",
    "one moment at which customer and organisation meet, direct or indirect, or an internal step between",
    (
        Column("contact_id", TEXT, "unique with source", null=False, pseudonym=True),
        _BOOKKEEPING[0],
        _BOOKKEEPING[1],
        _CUSTOMER_KEY,
        Column("occurred_at", INSTANT, "when it happened", null=False, unit="UTC"),
        Column("touchpoint", TEXT, "what the contact was, in the organisation's words", null=False),
        Column("channel", TEXT, "by which way it came", null=False),
        Column("direction", TEXT, "who turned to whom", choices=enums.Direction),
        Column("kind", TEXT, "what the customer wanted with it", choices=enums.ContactKind),
        Column("reason", TEXT, "the question they came with"),
        Column("reply_to", TEXT, "contact_id this one answers", pseudonym=True),
        Column("promised_at", INSTANT, "by when something was promised", unit="UTC"),
        Column("waits_for", TEXT, "whose turn it is now, where the source says so", choices=enums.WaitsFor),
        Column("journey_type", TEXT, "kind of journey, where the source says so"),
        Column("case_id", TEXT, "the source's own thread", pseudonym=True),
        Column("employee", TEXT, "who of us took part", pseudonym=True),
        Column("unit", TEXT, "team, branch or line of the employee"),
        Column("organisation", TEXT, "null is us; else the bank, airline, partner"),
        Column("process", TEXT, "process it belongs to"),
        Column("product", TEXT, "product it is about"),
        Column("branch", TEXT, "place of the contact"),
        Column("severity", pa.int8(), "how bad it is for the customer, 1 (little) to 5", low=1, high=5),
        Column("emotion", pa.float32(), "felt at the contact", low=-1, high=1, unit="-1 to +1"),
        Column("emotion_label", TEXT, "the feeling in a word"),
        Column("emotion_source", TEXT, "how the emotion is known", choices=enums.EmotionSource),
        Column("emotion_confidence", pa.float32(), "how sure the emotion is", low=0, high=1, unit="0 to 1"),
        Column("language", TEXT, "language code of ISO 639"),
        Column("duration_s", pa.float64(), "length of the contact itself", low=0, unit="s"),
        Column("cost", MONEY, "what the contact cost us", low=0, unit="currency"),
        Column("amount", MONEY, "sum the contact is about", unit="currency"),
        _CURRENCY,
        Column("goal", TEXT, "the contact at which the goal was reached or given up", choices=enums.Goal),
        Column("attributes", ATTRIBUTES, "what else the source says", null=False),
        _BOOKKEEPING[2],
        _BOOKKEEPING[3],
    ),
    key=("source", "contact_id"),
    id_column="contact_id",
)

CUSTOMER = Table(
    "customer",
    "what is known of a customer, in versions: adjustment uses the version before exposure",
    (
        _CUSTOMER_KEY,
        Column("as_of", INSTANT, "from when this version holds", null=False, unit="UTC"),
        Column("segment", TEXT, "segment"),
        Column("since", INSTANT, "customer since", unit="UTC"),
        Column("yearly_margin", MONEY, "margin a year", unit="currency"),
        _CURRENCY,
        Column("language", TEXT, "language code of ISO 639"),
        Column("acquired_by", TEXT, "how they came: referral, campaign, branch"),
        Column("unit", TEXT, "unit that looks after them"),
        Column("attributes", ATTRIBUTES, "what else the source says", null=False),
        *_BOOKKEEPING,
    ),
    key=("customer_key", "as_of"),
)

OUTCOME = Table(
    "outcome",
    "what a customer did in the end: left, bought, referred",
    (
        Column("outcome_id", TEXT, "unique with source", null=False, pseudonym=True),
        _CUSTOMER_KEY,
        Column("kind", TEXT, "what they did", null=False, choices=enums.OutcomeKind),
        Column("at", INSTANT, "when", null=False, unit="UTC"),
        Column("product", TEXT, "product it is about"),
        Column("value", MONEY, "its worth", unit="currency"),
        _CURRENCY,
        Column("reason", TEXT, "reason given"),
        *_BOOKKEEPING,
    ),
    key=("source", "outcome_id"),
    id_column="outcome_id",
)

ANSWER = Table(
    "answer",
    "one answered question; the only home of a score",
    (
        Column("answer_id", TEXT, "unique with source", null=False, pseudonym=True),
        Column("customer_key", pa.int64(), "null is anonymous", low=0),
        Column("respondent", TEXT, "who answered", null=False, choices=enums.Respondent),
        Column("study_id", TEXT, "study it belongs to"),
        Column("invitation_id", TEXT, "invitation it answers", pseudonym=True),
        Column("answered_at", INSTANT, "when", null=False, unit="UTC"),
        Column("question", TEXT, "the question asked", null=False),
        Column("kind", TEXT, "what the question measures", null=False, choices=enums.AnswerKind),
        Column("scale", TEXT, "lowest and highest value, as 0-10", null=False),
        Column("value", pa.float64(), "value on that scale"),
        Column("language", TEXT, "language code of ISO 639"),
        Column("touchpoint", TEXT, "touchpoint asked about"),
        Column("contact_id", TEXT, "contact asked about", pseudonym=True),
        Column("prompted", pa.bool_(), "asked by us (true) or said by themselves", null=False),
        *_BOOKKEEPING,
    ),
    key=("source", "answer_id"),
    id_column="answer_id",
)

INVITATION = Table(
    "invitation",
    "who was asked, when, by which survey",
    (
        Column("invitation_id", TEXT, "unique with source", null=False, pseudonym=True),
        _CUSTOMER_KEY,
        Column("study_id", TEXT, "survey", null=False),
        Column("contact_id", TEXT, "contact asked about", pseudonym=True),
        Column("sent_at", INSTANT, "when", null=False, unit="UTC"),
        Column("state", TEXT, "what became of it", null=False, choices=enums.InvitationState),
        Column("reason", TEXT, "why it was held back"),
        *_BOOKKEEPING,
    ),
    key=("source", "invitation_id"),
    id_column="invitation_id",
)

STUDY = Table(
    "study",
    "a survey, interview round or mystery visit, with the version of its method",
    (
        Column("study_id", TEXT, "unique with source", null=False),
        Column("kind", TEXT, "kind of study", null=False),
        Column("method_version", TEXT, "version of its method", null=False),
        Column("period_from", INSTANT, "first day", unit="UTC"),
        Column("period_to", INSTANT, "last day", unit="UTC"),
        *_BOOKKEEPING,
    ),
    key=("source", "study_id"),
    id_column="study_id",
)

SEEN = Table(
    "seen",
    "an employee opened what a customer had sent",
    (
        Column("employee", TEXT, "who", null=False, pseudonym=True),
        Column("contact_id", TEXT, "what", null=False, pseudonym=True),
        Column("at", INSTANT, "when", null=False, unit="UTC"),
        *_BOOKKEEPING,
    ),
    key=("source", "employee", "contact_id", "at"),
)

FACT = Table(
    "fact",
    "something the customer gave, was asked for, or was shown",
    (
        _CUSTOMER_KEY,
        Column("fact", TEXT, "which fact", null=False),
        Column("state", TEXT, "given, asked or shown", null=False, choices=enums.FactState),
        Column("at", INSTANT, "when", null=False, unit="UTC"),
        Column("contact_id", TEXT, "at which contact", pseudonym=True),
        *_BOOKKEEPING,
    ),
    key=("source", "customer_key", "fact", "state", "at"),
)

ABSENCE = Table(
    "absence",
    "an employee away",
    (
        Column("employee", TEXT, "who", null=False, pseudonym=True),
        Column("absent_from", INSTANT, "first instant away", null=False, unit="UTC"),
        Column("absent_to", INSTANT, "first instant back", null=False, unit="UTC"),
        *_BOOKKEEPING,
    ),
    key=("source", "employee", "absent_from"),
)

CHANGE = Table(
    "change",
    "something the organisation changed",
    (
        Column("change_id", TEXT, "unique with source", null=False),
        Column("what", TEXT, "what was changed", null=False),
        Column("live_from", INSTANT, "from when", null=False, unit="UTC"),
        Column("scope", TEXT, "where it holds", null=False),
        Column("moment_id", TEXT, "moment it is meant for"),
        Column("cost", MONEY, "what it cost", unit="currency"),
        _CURRENCY,
        *_BOOKKEEPING,
    ),
    key=("source", "change_id"),
    id_column="change_id",
)

PROCESS = Table(
    "process",
    "a process with its steps, units and owner",
    (
        Column("process", TEXT, "name", null=False),
        Column("steps", LIST, "touchpoints in order", null=False),
        Column("units", LIST, "units that take part", null=False),
        Column("owner", TEXT, "who answers for it", null=False, pseudonym=True),
        *_BOOKKEEPING,
    ),
    key=("source", "process"),
)

RATE = Table(
    "rate",
    "a dated exchange rate: one unit of from_currency is `rate` units of to_currency",
    (
        Column("date", pa.date32(), "from which day", null=False),
        Column("from_currency", TEXT, "code of ISO 4217", null=False),
        Column("to_currency", TEXT, "code of ISO 4217", null=False),
        Column("rate", pa.decimal128(18, 8), "units of to_currency", null=False, low=0),
        *_BOOKKEEPING,
    ),
    key=("date", "from_currency", "to_currency"),
)

PROFILING = "profiling"
"""The purpose, in the table below, under which a customer agrees or objects to being profiled."""

CONSENT = Table(
    "consent",
    "what a customer agreed or objected to",
    (
        _CUSTOMER_KEY,
        Column("purpose", TEXT, "for what", null=False),
        Column("channel", TEXT, "by which way", null=False),
        Column("basis", TEXT, "legal basis", null=False),
        Column("state", TEXT, "given, withdrawn or objected", null=False, choices=enums.ConsentState),
        Column("at", INSTANT, "when", null=False, unit="UTC"),
        *_BOOKKEEPING,
    ),
    key=("source", "customer_key", "purpose", "channel", "at"),
)

IDENTITY = Table(
    "identity",
    "private: which source id, name, address belongs to which customer number",
    (
        _CUSTOMER_KEY,
        Column("source", TEXT, "whose customer ids these are", null=False),
        Column("source_id", TEXT, "the id", null=False),
        Column("name", TEXT, "name"),
        Column("mail", TEXT, "mail address"),
        Column("phone", TEXT, "telephone number"),
    ),
    key=("source", "source_id"),
)

PSEUDONYM = Table(
    "pseudonym",
    "private: ids that carry personal data and the number that stands for them in the log",
    (
        Column("source", TEXT, "system that uses the id", null=False),
        Column("source_id", TEXT, "its id, as a Message-ID or a mail address", null=False),
        Column("number", pa.int64(), "the number in its place", null=False, low=0),
    ),
    key=("source", "source_id"),
)

JOIN = Table(
    "join",
    "two customer numbers that belong to one person, or do not; in the partition `members` a number and its person's",
    (
        _CUSTOMER_KEY,
        Column("other_key", pa.int64(), "the other number; of a member: the lowest of its person", null=False, low=0),
        Column("state", TEXT, "joined or apart", null=False, choices=enums.JoinState),
        Column("reason", TEXT, "rule or person", null=False, choices=enums.JoinReason),
        Column("said_by", TEXT, "who said so; empty for a rule", null=False),
        Column("at", INSTANT, "since when", null=False, unit="UTC"),
    ),
    key=("customer_key", "other_key"),
)

WORDS = Table(
    "text",
    "private: the words of a contact or answer",
    (
        Column("source", TEXT, "system it came from", null=False),
        Column("contact_id", TEXT, "contact the words belong to"),
        Column("answer_id", TEXT, "or answer"),
        Column("customer_key", pa.int64(), "whose words, for erasure", low=0),
        Column("text", TEXT, "the words", null=False),
        Column("import_id", TEXT, "the import that brought them", null=False),
    ),
    key=("source", "contact_id", "answer_id"),
)

_ANNOTATIONS = (
    Column("journey_no", pa.int32(), "number of the journey among the customer's, by start", null=False, low=1),
    Column("journey_position", pa.int32(), "place in the journey", null=False, low=1),
    Column("journey_start_at", INSTANT, "first contact of the journey", null=False, unit="UTC"),
    Column("type_of_journey", TEXT, "kind of the journey, whatever the contact itself says"),
    Column("previous_touchpoint", TEXT, "touchpoint before it in the journey"),
    Column("gap_s", SECONDS, "since the journey's previous row of any kind", low=0, unit="s"),
    Column("gap_business_s", SECONDS, "the same in business time", low=0, unit="s of business time"),
    Column("wait_owner", TEXT, "whose wait the gap before it was", choices=enums.WaitOwner),
    Column("wait_s", SECONDS, "whole wait this contact ends; null on internal rows", low=0, unit="s"),
    Column("wait_business_s", SECONDS, "the same in business time", low=0, unit="s of business time"),
    Column("is_repeat", pa.bool_(), "the customer asks the same question again", null=False),
    Column("is_answered", pa.bool_(), "null where no answer was due"),
    Column("answered_at", INSTANT, "when the answer came", unit="UTC"),
    Column("answered_by", TEXT, "employee who answered"),
    Column("answered_channel", TEXT, "channel of the answer"),
    Column("answered_contact_id", TEXT, "the answering contact"),
    Column("insistence", pa.int32(), "how often the customer asked until the answer, this time included", low=1),
    Column("is_handover", pa.bool_(), "another employee than the journey's last known one", null=False),
    Column("is_channel_change", pa.bool_(), "another channel than the journey's last contact", null=False),
)

JOURNEY_CONTACT = Table(
    "journey_contact",
    "a contact with what its journey makes of it",
    tuple(c for c in CONTACT.columns if c.name not in ("import_id", "recorded_at")) + _ANNOTATIONS,
    key=("source", "contact_id"),
)

_BY_OWNER = tuple(
    Column(f"wait_{owner}{suffix}_s", SECONDS, f"gaps that were a wait for {owner}", null=False, low=0, unit=unit)
    for suffix, unit in (("", "s"), ("_business", "s of business time"))
    for owner in enums.WaitOwner
)

JOURNEY = Table(
    "journey",
    "an ordered set of one customer's contacts that serve one task",
    (
        _CUSTOMER_KEY,
        Column("journey_no", pa.int32(), "number among the customer's journeys, by start", null=False, low=1),
        Column("journey_type", TEXT, "kind of journey"),
        Column("source", TEXT, "source of its first contact", null=False),
        Column("case_id", TEXT, "the source's own thread, where one started it"),
        Column("reason", TEXT, "first reason given"),
        Column("start_at", INSTANT, "first contact", null=False, unit="UTC"),
        Column("end_at", INSTANT, "last contact", null=False, unit="UTC"),
        Column("start_touchpoint", TEXT, "first touchpoint", null=False),
        Column("end_touchpoint", TEXT, "last touchpoint", null=False),
        Column("duration_s", SECONDS, "from first to last contact", null=False, low=0, unit="s"),
        Column("contacts", pa.int32(), "rows, internal steps included", null=False, low=1),
        Column("internal_steps", pa.int32(), "rows that are internal steps", null=False, low=0),
        Column("inbound", pa.int32(), "times the customer turned to us", null=False, low=0),
        *_BY_OWNER,
        Column("variant", pa.int64(), "stable number of the sequence of touchpoints", null=False),
        Column("goal_state", TEXT, "how it stands with the goal", null=False, choices=enums.GoalState),
        Column("goal_at", INSTANT, "when the goal was reached or given up", unit="UTC"),
        Column("repeats", pa.int32(), "same question again", null=False, low=0),
        Column("unanswered", pa.int32(), "messages without an answer so far", null=False, low=0),
        Column("insistence", pa.int32(), "most times asked until one answer", null=False, low=0),
        Column("handovers", pa.int32(), "changes of employee", null=False, low=0),
        Column("channel_changes", pa.int32(), "changes of channel", null=False, low=0),
        Column("employees", pa.int32(), "different employees", null=False, low=0),
        Column("units", pa.int32(), "different units", null=False, low=0),
        Column("channels", pa.int32(), "different channels", null=False, low=1),
        Column("organisations", pa.int32(), "organisation lanes crossed, ours included", null=False, low=1),
        Column("emotion_n", pa.int32(), "contacts with a known emotion", null=False, low=0),
        Column("emotion_start", pa.float32(), "first known", low=-1, high=1, unit="-1 to +1"),
        Column("emotion_worst", pa.float32(), "lowest known", low=-1, high=1, unit="-1 to +1"),
        Column("emotion_end", pa.float32(), "last known", low=-1, high=1, unit="-1 to +1"),
        Column("cost", MONEY, "sum of known costs", low=0, unit="home currency"),
        Column("waiting_for", TEXT, "whose turn it is after the last contact", choices=enums.WaitOwner),
        Column("waiting_since", INSTANT, "since when it is without a break theirs", unit="UTC"),
    ),
    key=("customer_key", "journey_no"),
)

IMPORTABLE = (
    CONTACT,
    CUSTOMER,
    OUTCOME,
    ANSWER,
    SEEN,
    ABSENCE,
    RATE,
    INVITATION,
    STUDY,
    FACT,
    CHANGE,
    PROCESS,
    CONSENT,
)
"""What `tiesa import --as` takes. Of several tables in one mapping, the first in this order is the file's own."""
TABLES = (
    *IMPORTABLE,
    IDENTITY,
    PSEUDONYM,
    JOIN,
    WORDS,
    JOURNEY_CONTACT,
    JOURNEY,
)
BY_NAME = {table.name: table for table in TABLES}
