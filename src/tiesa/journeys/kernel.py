"""What makes a journey, and what is true of each contact in it: the one definition.

`annotate` takes contacts in `sort_order`, whole customers only, and gives them back with what their journeys
make of them, together with one row per journey (tables `journey_contact` and `journey` of `core.tables`).

**Which journey.** A contact with a case joins the journey of that case; one that answers an earlier contact
joins that contact's journey; another one joins the customer's open journey with the same reason (within 30
days of its latest contact), else their latest open journey (within 7 days), else it begins a journey. Windows
are those of the candidate's type, and a contact with a type of its own joins only journeys of that type.
A journey is open until a contact reaches or gives up its goal.

**Whose wait.** After each contact it is somebody's turn: ours while a message is unanswered or something is
promised, the customer's after we wrote, nobody's after a conversation, a third party's after a contact of
theirs. The gap before the next contact is that one's wait. Internal steps leave it as it is.

**Answers.** A message is what the customer sends over a delayed channel. It is answered by our next outbound
contact or the next conversation in the same journey, or by one that names it, from whichever journey.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa

from tiesa.core.business_time import EPOCH, MICROSECOND
from tiesa.core.columns import INSTANT, MONEY, TEXT
from tiesa.core.enums import Direction, Goal, GoalState, WaitOwner
from tiesa.core.errors import UnsortedInput
from tiesa.core.locale import _
from tiesa.core.tables import CONTACT, JOURNEY, JOURNEY_CONTACT
from tiesa.journeys import arrow_views as views
from tiesa.journeys.arrow_views import NONE, Numbers, Words
from tiesa.journeys.rules import ChannelMode, Rules

if TYPE_CHECKING:
    from tiesa.journeys.one_pass import Desk, Marks, Rows, Tables, Totals

sort_order = ("customer_key", "occurred_at", "source", "position", "contact_id")
"""The columns by which contacts are sorted, all ascending; texts byte by byte, as in UTF-8."""

REQUIRED = (*sort_order, "touchpoint", "channel")
_WORDS = ("touchpoint", "channel", "reason", "journey_type", "employee", "unit", "organisation")
_CASE, _CONTACT = np.uint64(1) << np.uint64(62), np.uint64(1) << np.uint64(61)


class _Input(NamedTuple):
    """A batch made ready: plain strings of the ids, codes of the words, instants in microseconds."""

    batch: pa.RecordBatch
    at: Numbers
    source: Words
    contact_id: pa.StringArray
    words: dict[str, Words]

    def column(self, name: str) -> pa.Array:
        return views.column_of(self.batch, name)


def annotate(batch: pa.RecordBatch, rules: Rules) -> tuple[pa.RecordBatch, pa.RecordBatch]:
    """Contacts with their annotations, and the journeys they make.

    Args: batch: columns of table `contact` in `sort_order`, whole customers only; those of REQUIRED must be
    there, any other that is missing counts as null. Words may be plain or dictionaries; cost is in the home
    currency. rules: what makes a journey.
    Returns: the batch's own columns with the annotations of table `journey_contact` behind them; and table
    `journey`. Words that the kernel adds are dictionaries.
    Raises: UnsortedInput where a row stands behind one it should precede, or a required column is missing.

    >>> from datetime import UTC, datetime
    >>> contacts = pa.RecordBatch.from_pylist([
    ...     {"customer_key": 1, "occurred_at": datetime(2026, 3, day, 9, tzinfo=UTC), "source": "mail", "position": day,
    ...      "contact_id": f"m{day}", "touchpoint": text, "channel": "email", "direction": direction}
    ...     for day, text, direction in [(2, "question", "inbound"), (3, "answer", "outbound")]])
    >>> rows, journeys = annotate(contacts, Rules())
    >>> rows["wait_owner"].to_pylist(), rows["is_answered"].to_pylist()
    ([None, 'us'], [True, None])
    >>> journeys.select(["contacts", "duration_s", "wait_us_business_s", "waiting_for"]).to_pylist()
    [{'contacts': 2, 'duration_s': Decimal('86400.000000'), 'wait_us_business_s': Decimal('28800.000000'),
    'waiting_for': 'customer'}]
    """
    from tiesa.journeys import one_pass

    given = _read(batch, rules)
    rows = _rows(given, rules)
    marks, totals = _room(one_pass.Marks, batch.num_rows), _room(one_pass.Totals, batch.num_rows)
    desk = _desk(given, one_pass.most_contacts(rows.customer))
    journeys = one_pass.run(desk, rows, _tables(given, rules), marks, totals)
    return _annotated(given, marks), _journeys(given, _first(totals, journeys))


def whole_customers(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The same rows, cut at customer borders: the last customer of each batch waits for the next one.

    Args: batches: rows sorted by customer_key. Returns: batches that hold whole customers, none of them empty.
    """
    waiting: list[pa.RecordBatch] = []
    for batch in batches:
        if not batch.num_rows:
            continue
        keys = batch.column("customer_key").to_numpy()
        if waiting and waiting[-1].column("customer_key")[-1].as_py() != keys[0]:
            yield pa.concat_batches(waiting)
            waiting = []
        border = int(np.searchsorted(keys, keys[-1]))
        if border:
            yield pa.concat_batches([*waiting, batch.slice(0, border)])
            waiting = []
        waiting.append(batch.slice(border))
    if waiting:
        yield pa.concat_batches(waiting)


def warm_up() -> None:
    """Compile the pass, or load it from the cache: seconds once, so that no person waits for it later."""
    names = [name for name in CONTACT.names if name in REQUIRED]
    annotate(pa.RecordBatch.from_pylist([], pa.schema([CONTACT.schema.field(name) for name in names])), Rules())


# --- in ----------------------------------------------------------------------------------------------------


def _read(batch: pa.RecordBatch, rules: Rules) -> _Input:
    missing = [name for name in REQUIRED if name not in batch.schema.names]
    if missing:
        what = _("Contacts cannot become journeys without the columns {columns}").format(columns=", ".join(missing))
        raise UnsortedInput(what)
    words = {name: views.words_of(views.column_of(batch, name)) for name in _WORDS}
    words["type"] = _types(words.pop("journey_type"), words["touchpoint"], rules)
    return _Input(
        batch,
        views.whole_numbers_of(batch.column("occurred_at"), INSTANT),
        _ranked(views.words_of(batch.column("source"))),
        views.text_of(batch.column("contact_id")),
        words,
    )


def _ranked(words: Words) -> Words:
    """The same words, with codes that sort as the words do."""
    texts = words.texts.to_pylist()
    order = sorted(range(len(texts)), key=texts.__getitem__)
    rank = np.empty(len(order) + 1, np.int32)
    rank[order], rank[NONE] = np.arange(len(order)), NONE
    return Words(views.frozen(rank[words.codes], np.int32), words.texts.take(pa.array(order, pa.int64())))


def _rows(given: _Input, rules: Rules) -> Rows:
    from tiesa.journeys import one_pass

    customer = views.whole_numbers_of(given.column("customer_key"), pa.int64())
    position = views.whole_numbers_of(given.column("position"), pa.int64())
    offsets, text = views.buffers_of(given.contact_id)
    wrong = one_pass.first_unsorted(customer, given.at, given.source.codes, position, offsets, text)
    if wrong != NONE:
        raise UnsortedInput(
            _("Row {row} stands behind a row that it should precede").format(row=wrong),
            remedy=_("Sort by {columns}").format(columns=", ".join(sort_order)),
        )

    has_replies = given.column("reply_to").null_count < len(given.at)
    organisation, touchpoint, channel = (given.words[name] for name in ("organisation", "touchpoint", "channel"))
    ours = [name in rules.own_organisations for name in organisation.texts.to_pylist()]
    lanes = [NONE if own else code for code, own in enumerate(ours)]
    elsewhere = _meant(organisation, [not own for own in ours], null=False)
    if rules.third_party:
        elsewhere = elsewhere | _meant(touchpoint, [t in rules.third_party for t in touchpoint.texts.to_pylist()], null=False)
    live = [rules.channel(name).mode == ChannelMode.LIVE for name in channel.texts.to_pylist()]
    return one_pass.Rows(
        customer=customer,
        at=given.at,
        case=_names(given, "case_id", _CASE),
        contact=_names(given, "contact_id", _CONTACT) if has_replies else _no_names(len(given.at)),
        reply_to=_names(given, "reply_to", _CONTACT),
        touchpoint=touchpoint.codes,
        channel=channel.codes,
        reason=given.words["reason"].codes,
        type=given.words["type"].codes,
        employee=given.words["employee"].codes,
        unit=given.words["unit"].codes,
        lane=views.frozen(np.array([*lanes, NONE], np.int32)[organisation.codes], np.int32) if any(ours) else organisation.codes,
        direction=_places(given.column("direction"), list(Direction)),
        waits_for=_places(given.column("waits_for"), list(WaitOwner)),
        goal=_places(given.column("goal"), list(Goal)),
        live=_meant(channel, live, null=False),
        third_party=views.frozen(elsewhere, np.int8),
        promises=views.validity_of(given.column("promised_at")),
        emotion=views.reals_of(given.column("emotion")),
        cost=views.money_of(given.column("cost")),
    )


def _names(given: _Input, name: str, kind: np.uint64) -> Numbers:
    """The column's texts, each with its source, as 64 bits; 0 for null."""
    from tiesa.journeys import one_pass

    column = given.column(name)
    if column.null_count == len(column):
        return _no_names(len(column))
    texts = views.text_of(column)
    names = np.empty(len(texts), np.uint64)
    one_pass.name(*views.buffers_of(texts), views.validity_of(texts), given.source.codes, kind, names)
    return views.frozen(names, np.uint64)


def _no_names(n: int) -> Numbers:
    return views.frozen(np.zeros(n, np.uint64), np.uint64)


def _meant(words: Words, meanings: Sequence[int], *, null: int) -> Numbers:
    """For each row the meaning of its word, a small number."""
    from tiesa.journeys import one_pass

    found = np.empty(len(words.codes), np.int8)
    one_pass.look_up(views.frozen(np.array([*meanings, null]), np.int8), words.codes, found)
    return views.frozen(found, np.int8)


def _places(column: pa.Array, choices: list[Any]) -> Numbers:
    """Words of a closed list as their places in it."""
    words = views.words_of(column)
    return _meant(words, [choices.index(text) for text in words.texts.to_pylist()], null=NONE)


def _types(stated: Words, touchpoint: Words, rules: Rules) -> Words:
    """Each contact's own type: what the source says, else what its touchpoint starts. Holds every type of the rules."""
    named = stated.texts.to_pylist()
    types = [*named, *(name for name in rules.types if name not in set(named))]
    codes = {name: code for code, name in enumerate(types)}
    starts = {touchpoint: codes[name] for touchpoint, name in rules.starts.items()}
    started = np.array([*(starts.get(text, NONE) for text in touchpoint.texts.to_pylist()), NONE], np.int32)
    own = np.where(stated.codes != NONE, stated.codes, started[touchpoint.codes]) if starts else stated.codes
    return Words(views.frozen(own, np.int32), pa.array(types, TEXT))


def _tables(given: _Input, rules: Rules) -> Tables:
    from tiesa.journeys import one_pass

    types: list[str | None] = [None, *given.words["type"].texts.to_pylist()]
    windows = [rules.windows_of(name) for name in types]
    touchpoints = given.words["touchpoint"].texts.to_pylist()
    codes = {text: code for code, text in enumerate(touchpoints)}
    goals = np.full((len(types), len(touchpoints)), NONE, np.int8)
    for row, name in enumerate(types):
        for touchpoint, state in rules.goals_of(name).items():
            if touchpoint in codes:
                goals[row, codes[touchpoint]] = list(GoalState).index(state)
    first, last = (int(given.at.min()), int(given.at.max())) if len(given.at) else (0, 0)
    calendar = rules.calendar.table(EPOCH + first * MICROSECOND, EPOCH + last * MICROSECOND)
    total, never = int((calendar.ends - calendar.starts).sum()), 1 << 62
    lengths = np.array([[w.same_reason // MICROSECOND, w.latest // MICROSECOND, w.repeat // MICROSECOND] for w in windows])
    return one_pass.Tables(
        windows=views.frozen(lengths, np.int64),
        goals=views.frozen(goals, np.int8),
        variants=views.frozen(np.array([_variant_of(text) for text in touchpoints], np.uint64), np.uint64),
        opens=views.frozen(np.append(calendar.starts, never), np.int64),
        closes=views.frozen(np.append(calendar.ends, never), np.int64),
        open_before=views.frozen(np.append(calendar.before, total), np.int64),
        first_interval=views.frozen(calendar.first, np.int64),
        first_day=views.frozen(np.array([calendar.first_day]), np.int64),
        longest=views.frozen(lengths[:, :2].max(keepdims=True).ravel(), np.int64),
    )


def _desk(given: _Input, largest: int) -> Desk:
    from tiesa.journeys import one_pass

    n = len(given.at)
    reasons, employees, units, channels, organisations = (
        np.full(len(given.words[name].texts) + 1, NONE, np.int32)
        for name in ("reason", "employee", "unit", "channel", "organisation")
    )
    slots = 1 << (4 * largest).bit_length()
    return one_pass.Desk(
        running=np.empty(largest, one_pass.JOURNEY),
        names=np.empty(slots, np.uint64),
        named_row=np.empty(slots, np.int32),
        following=np.empty(n, np.int32),
        older_message=np.empty(n, np.int32),
        asked_row=reasons,
        employee_seen=employees,
        unit_seen=units,
        channel_seen=channels,
        lane_seen=organisations,
    )


@lru_cache(maxsize=1 << 16)
def _variant_of(touchpoint: str) -> int:
    """A number of the text that is the same everywhere and for ever."""
    return int.from_bytes(blake2b(touchpoint.encode(), digest_size=8).digest(), "little")


# --- out ---------------------------------------------------------------------------------------------------

_TYPES: Mapping[str, Any] = {
    **dict.fromkeys(("turn", "goal"), np.int8),
    **dict.fromkeys(("has_wait", "repeat", "handover", "channel_change"), np.bool_),
    **dict.fromkeys(("gap", "gap_open", "wait", "wait_open", "gaps", "gaps_open"), (np.int64, 2)),
    **dict.fromkeys(("answered_at", "cost"), np.int64),
    **dict.fromkeys(("emotion_start", "emotion_worst", "emotion_end"), np.float32),
    "variant": np.uint64,
}
"""Types of the arrays the pass writes; the others are int32."""


def _room(kind: Any, n: int) -> Any:
    """Arrays for the pass to write, one place per row; sums by owner begin as 0."""
    room = {name: np.empty(n, _TYPES.get(name, np.int32)) for name in kind._fields if not name.startswith("gaps")}
    sums = {name: np.zeros((len(WaitOwner), n), _TYPES[name]) for name in kind._fields if name.startswith("gaps")}
    return kind(**room, **sums)


def _first(totals: Totals, journeys: int) -> Totals:
    """The places that were written; sums by owner stay where they are, for they are large."""
    parts = {name: array[:journeys].copy() for name, array in totals._asdict().items() if array.ndim == 1}
    return totals._replace(**parts, gaps=totals.gaps[:, :journeys], gaps_open=totals.gaps_open[:, :journeys])


def _choices(places: Numbers, choices: list[Any]) -> pa.DictionaryArray:
    return Words(places, pa.array([str(choice) for choice in choices], TEXT)).column()


def _annotated(given: _Input, marks: Marks) -> pa.RecordBatch:
    answer = marks.answer
    is_message, has_answer, has_previous = answer >= NONE, answer >= 0, marks.position > 1
    columns = {
        "journey_no": pa.array(marks.journey),
        "journey_position": pa.array(marks.position),
        "previous_touchpoint": Words(marks.previous_touchpoint, given.words["touchpoint"].texts).column(),
        "gap_s": views.seconds(marks.gap, has_previous),
        "gap_business_s": views.seconds(marks.gap_open, has_previous),
        "wait_owner": _choices(marks.turn, list(WaitOwner)),
        "wait_s": views.seconds(marks.wait, marks.has_wait),
        "wait_business_s": views.seconds(marks.wait_open, marks.has_wait),
        "is_repeat": views.flags(marks.repeat),
        "is_answered": views.flags(has_answer, is_message),
        "answered_at": views.instants(marks.answered_at, has_answer),
        "answered_by": Words(marks.answered_by, given.words["employee"].texts).column(),
        "answered_channel": Words(marks.answered_channel, given.words["channel"].texts).column(),
        "answered_contact_id": given.contact_id.take(pa.array(answer, mask=~has_answer)),
        "insistence": views.nullable(pa.int32(), marks.insistence, is_message),
        "is_handover": views.flags(marks.handover),
        "is_channel_change": views.flags(marks.channel_change),
    }
    fields = [_field(JOURNEY_CONTACT.schema.field(name), column) for name, column in columns.items()]
    schema = pa.schema([*given.batch.schema, *fields])
    return pa.RecordBatch.from_arrays([*given.batch.columns, *columns.values()], schema=schema)


def _journeys(given: _Input, totals: Totals) -> pa.RecordBatch:
    first, last, state = totals.first, totals.last, list(GoalState)
    start_at, end_at = given.at[first], given.at[last]
    waits = (totals.turn != list(WaitOwner).index(WaitOwner.NOBODY)) & (totals.boundary != NONE)
    touchpoint = given.words["touchpoint"]
    starts = pa.array(first)
    columns = {
        "customer_key": given.column("customer_key").take(starts).cast(pa.int64()),
        "journey_no": pa.array(totals.journey),
        "journey_type": Words(totals.type, given.words["type"].texts).column(),
        "source": given.source.take(first).column(),
        "case_id": views.text_of(given.column("case_id").take(starts)),
        "reason": Words(totals.reason, given.words["reason"].texts).column(),
        "start_at": views.instants(start_at),
        "end_at": views.instants(end_at),
        "start_touchpoint": touchpoint.take(first).column(),
        "end_touchpoint": touchpoint.take(last).column(),
        "duration_s": views.seconds(views.wide(end_at - start_at)),
        **{f"wait_{owner}_s": views.seconds(totals.gaps[row]) for row, owner in enumerate(WaitOwner)},
        **{f"wait_{owner}_business_s": views.seconds(totals.gaps_open[row]) for row, owner in enumerate(WaitOwner)},
        "variant": pa.array(totals.variant.view(np.int64)),
        "goal_state": _choices(totals.goal, state),
        "goal_at": views.instants(given.at[totals.goal_row], totals.goal_row != NONE),
        "organisations": pa.array(totals.lanes),
        "emotion_start": views.nullable(pa.float32(), totals.emotion_start, totals.emotion_n > 0),
        "emotion_worst": views.nullable(pa.float32(), totals.emotion_worst, totals.emotion_n > 0),
        "emotion_end": views.nullable(pa.float32(), totals.emotion_end, totals.emotion_n > 0),
        "cost": views.nullable(MONEY, views.wide(totals.cost), totals.cost != views.NO_MONEY),
        "waiting_for": _choices(np.where(totals.boundary != NONE, totals.turn, NONE), list(WaitOwner)),
        "waiting_since": views.instants(given.at[totals.boundary], waits),
    }
    columns |= {name: pa.array(getattr(totals, name)) for name in JOURNEY.names if name not in columns}
    fields = [_field(field, columns[field.name]) for field in JOURNEY.schema]
    return pa.RecordBatch.from_arrays([columns[name] for name in JOURNEY.names], schema=pa.schema(fields))


def _field(field: pa.Field, column: pa.Array) -> pa.Field:
    """The field of the contract, as a dictionary where the column is one."""
    return field.with_type(column.type) if pa.types.is_dictionary(column.type) else field
