"""From contacts to what the pass reads: facts of each row, and the rules as look-ups."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from tiesa.core.business_time import EPOCH, MICROSECOND
from tiesa.core.columns import INSTANT, TEXT
from tiesa.core.enums import Direction, Goal, GoalState, WaitOwner
from tiesa.journeys import arrow_views as views
from tiesa.journeys.arrow_views import NONE, Numbers, Words
from tiesa.journeys.channels import ChannelMode
from tiesa.journeys.pass_names import look_up, name_texts
from tiesa.journeys.pass_shapes import JOURNEY, Desk, Rows, Tables
from tiesa.journeys.rules import Rules

_WORDS = ("touchpoint", "channel", "reason", "journey_type", "employee", "unit", "organisation")
_CASE, _CONTACT = np.uint64(1) << np.uint64(62), np.uint64(1) << np.uint64(61)


class Input(NamedTuple):
    """A batch made ready: plain strings of the ids, codes of the words, instants in microseconds."""

    batch: pa.RecordBatch
    at: Numbers
    source: Words
    texts: dict[str, pa.StringArray]
    words: dict[str, Words]

    def column(self, name: str) -> pa.Array:
        return views.column_of(self.batch, name)


def read(batch: pa.RecordBatch, rules: Rules) -> Input:
    """Make a batch ready; the types of the rules are among its words."""
    words = {name: views.words_of(views.column_of(batch, name)) for name in _WORDS}
    words["type"] = _types(words.pop("journey_type"), words["touchpoint"], rules)
    return Input(
        batch,
        views.whole_numbers_of(batch.column("occurred_at"), INSTANT),
        _ranked(views.words_of(batch.column("source"))),
        {name: views.text_of(views.column_of(batch, name)) for name in ("contact_id", "case_id", "reply_to")},
        words,
    )


def _ranked(words: Words) -> Words:
    """The same words, with codes that sort as the words do."""
    texts = words.texts.to_pylist()
    order = sorted(range(len(texts)), key=texts.__getitem__)
    rank = np.empty(len(order) + 1, np.int32)
    rank[order], rank[NONE] = np.arange(len(order)), NONE
    return Words(views.frozen(rank[words.codes], np.int32), words.texts.take(pa.array(order, pa.int64())))


def rows_of(given: Input, rules: Rules) -> Rows:
    """The facts of each contact by which the pass goes."""
    has_replies = given.texts["reply_to"].null_count < len(given.at)
    channel, touchpoint, organisation = (given.words[name] for name in ("channel", "touchpoint", "organisation"))
    live = [rules.channel(name).mode == ChannelMode.LIVE for name in channel.texts.to_pylist()]
    others = [name not in rules.own_organisations for name in organisation.texts.to_pylist()]
    elsewhere = [name in rules.third_party for name in touchpoint.texts.to_pylist()]
    return Rows(
        customer=views.whole_numbers_of(given.column("customer_key"), pa.int64()),
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
        lane=_lanes(organisation, others),
        direction=_places(given.column("direction"), list(Direction)),
        waits_for=_places(given.column("waits_for"), list(WaitOwner)),
        goal=_places(given.column("goal"), list(Goal)),
        live=_meant(channel, live, null=False),
        third_party=views.frozen(
            _meant(organisation, others, null=False) | _meant(touchpoint, elsewhere, null=False), np.int8
        ),
        promises=views.validity_of(given.column("promised_at")),
        emotion=views.reals_of(given.column("emotion")),
        cost=views.money_of(given.column("cost")),
    )


def _lanes(organisation: Words, others: Sequence[bool]) -> Numbers:
    """The organisation's code; NONE where it is ours, by whichever name."""
    if all(others):
        return organisation.codes
    lanes = [code if other else NONE for code, other in enumerate(others)]
    return views.frozen(np.array([*lanes, NONE])[organisation.codes], np.int32)


def _names(given: Input, name: str, kind: np.uint64) -> Numbers:
    """The column's texts, each with its source, as 64 bits; 0 for null."""
    texts = given.texts[name]
    if texts.null_count == len(texts):
        return _no_names(len(texts))
    names = np.empty(len(texts), np.uint64)
    name_texts(*views.buffers_of(texts), views.validity_of(texts), given.source.codes, kind, names)
    return views.frozen(names, np.uint64)


def _no_names(n: int) -> Numbers:
    return views.frozen(np.zeros(n, np.uint64), np.uint64)


def _meant(words: Words, meanings: Sequence[int], *, null: int) -> Numbers:
    """For each row the meaning of its word, a small number."""
    found = np.empty(len(words.codes), np.int8)
    look_up(views.frozen(np.array([*meanings, null]), np.int8), words.codes, found)
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


def tables_of(given: Input, rules: Rules) -> Tables:
    """The rules as look-ups by the codes of this batch, and the business calendar of its years."""
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
    lengths = np.array(
        [[w.same_reason // MICROSECOND, w.latest // MICROSECOND, w.repeat // MICROSECOND] for w in windows]
    )
    return Tables(
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


def desk_for(given: Input, largest: int) -> Desk:
    """Room for the pass to work in; `largest` is how many contacts the largest customer has."""
    n = len(given.at)
    reasons, employees, units, channels, organisations = (
        np.full(len(given.words[name].texts) + 1, NONE, np.int32)
        for name in ("reason", "employee", "unit", "channel", "organisation")
    )
    slots = 1 << (4 * largest).bit_length()
    return Desk(
        running=np.empty(largest, JOURNEY),
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
