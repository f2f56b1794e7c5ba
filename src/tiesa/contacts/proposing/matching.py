"""Which column fills which target: names and values together, each column once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from collections.abc import Mapping as Dict

from tiesa.contacts.proposing.names import enum_words, likeness, phrases, words_of
from tiesa.contacts.proposing.values import ColumnFacts
from tiesa.core.columns import Table

ENOUGH = 0.3
"""Least score at which a column is taken for a target."""
SURE = 0.8
LIKELY = 0.4
CLEAR_NAME = 0.8
"""A name, or the words of a column, that leave no doubt."""
_KNOWN_BY_VALUES = 0.6
_SAME_AS = {
    "at": "occurred_at",
    "answered_at": "occurred_at",
    "date": "occurred_at",
    "value": "amount",
    "from_currency": "currency",
    "to_currency": "currency",
}
"""Targets whose columns are called as those of another one in a contact."""
_MAIN_TARGETS = ("occurred_at", "at", "answered_at", "date", "case_id", "customer")

Scores = dict[str, dict[str, float]]


def scores(columns: Iterable[ColumnFacts], table: Table, targets: Iterable[str]) -> Scores:
    """Score of every column (by name) for every target it could fill, 0 to about 1.2."""
    found: Scores = {}
    for target in targets:
        usable = {facts.name: _score(facts, table, target) for facts in columns if not facts.is_empty}
        found[target] = {name: score for name, score in usable.items() if score >= ENOUGH}
    return found


def assign(found: Scores, columns: Iterable[ColumnFacts]) -> dict[str, ColumnFacts]:
    """Target -> column: the best pair first, then the best of what is left."""
    by_name = {facts.name: facts for facts in columns}
    order = list(by_name)
    pairs = [(score, target, name) for target, row in found.items() for name, score in row.items()]
    pairs.sort(key=lambda pair: (-pair[0], pair[1] not in _MAIN_TARGETS, order.index(pair[2])))
    taken: dict[str, ColumnFacts] = {}
    used: set[str] = set()
    for _points, target, name in pairs:
        if target not in taken and name not in used:
            taken[target] = by_name[name]
            used.add(name)
    return taken


def named(facts: ColumnFacts, *place: str) -> float:
    return likeness(facts.name, phrases(*place))


def _score(facts: ColumnFacts, table: Table, target: str) -> float:
    suits = _SUITS.get(f"{table.name}.{target}") or _SUITS.get(target, _is_word)
    if not suits(facts):
        return 0.0
    own = named(facts, table.name, target) if phrases(table.name, target) else 0.0
    shared = _SAME_AS.get(target, target) if not own else target
    score = own or named(facts, "contact", shared)
    if target in ("occurred_at", "at", "answered_at", "as_of"):
        elsewhen = target in ("occurred_at", "at") and named(facts, "not", "occurred_at")
        return 0.0 if elsewhen else _time_score(facts, score)
    evidence = _EVIDENCE.get(target)
    known = evidence(facts) if evidence else 0.0
    return max(score, known) + (0.2 if score and known else 0.0)


def _time_score(facts: ColumnFacts, score: float) -> float:
    """Any time will do where none is named; a full column goes before one with gaps."""
    full = len(facts.filled) / len(facts.texts)
    return max(score, 0.35) * full**2


def _is_word(facts: ColumnFacts) -> bool:
    return not facts.time and not facts.is_free_text and not facts.is_mail and not _has_fractions(facts)


def _has_fractions(facts: ColumnFacts) -> bool:
    return any(not number.is_integer() for number in facts.numbers)


def _is_id(facts: ColumnFacts) -> bool:
    """Neither a time nor a sum nor a sentence; a mail address or a number may well be an id."""
    return not facts.time and not facts.is_free_text and not _has_fractions(facts) and not facts.is_clock


def _is_few_words(facts: ColumnFacts) -> bool:
    return _is_word(facts) and facts.has_few_words and not facts.numbers


def _is_customer(facts: ColumnFacts) -> bool:
    """A customer's id; not a fact about them such as their kind, a name for one of us, or yes and no."""
    about = {
        "type",
        "kind",
        "segment",
        "group",
        "satisfaction",
        "tip",
        "vrsta",
        "tipas",
        "rating",
        "score",
        "name",
        "since",
    }
    return _is_id(facts) and not about & set(words_of(facts.name)) and not named(facts, "contact", "text") > ENOUGH


def _is_seconds(facts: ColumnFacts) -> bool:
    """A number that is not said to be in another unit."""
    other = {
        "min",
        "mins",
        "minutes",
        "minuta",
        "minute",
        "minuciu",
        "minut",
        "ms",
        "hours",
        "hour",
        "h",
        "sati",
        "days",
    }
    return bool(facts.numbers) and min(facts.numbers) >= 0 and not other & set(words_of(facts.name)) and not facts.time


def _is_sum(facts: ColumnFacts) -> bool:
    return bool(facts.numbers) and not facts.time


def _is_code(facts: ColumnFacts, length: int = 3) -> bool:
    return bool(facts.filled) and all(t.strip().isalpha() and len(t.strip()) == length for t in facts.filled)


def _is_language(facts: ColumnFacts) -> bool:
    return facts.has_few_words and not facts.numbers and max(map(len, facts.counts)) <= 7


def _is_score(facts: ColumnFacts) -> bool:
    return facts.lies_within(0, 10) and "confidence" not in words_of(facts.name)


def _says(kind: str) -> Callable[[ColumnFacts], bool]:
    return lambda facts: facts.said(kind)[1] > 0


def _says_mostly(kind: str) -> Callable[[ColumnFacts], float]:
    return lambda facts: _KNOWN_BY_VALUES if facts.said(kind)[1] >= SURE else 0.0


def _speaks_of_channels(facts: ColumnFacts) -> float:
    if not _is_few_words(facts):
        return 0.0
    known = sum(n for text, n in facts.counts.items() if likeness(text, enum_words("channel")["any"]) > ENOUGH)
    return 0.45 if known >= SURE * len(facts.filled) else 0.0


_SUITS: Dict[str, Callable[[ColumnFacts], bool]] = {
    "contact_id": lambda f: f.is_unique and not f.time and not f.is_free_text and not _has_fractions(f),
    "answer_id": lambda f: f.is_unique and not f.time,
    "outcome_id": lambda f: f.is_unique and not f.time,
    "reply_to": _is_id,
    "case_id": lambda f: (
        _is_id(f) and not f.is_mail and (not f.has_few_words or len(f.filled) <= 20 or len(f.counts) > 20)
    ),
    "customer": _is_customer,
    "customer_name": lambda f: _is_word(f) and not f.numbers,
    "customer_mail": lambda f: f.is_mail and not named(f, "contact", "employee"),
    "customer_phone": lambda f: f.is_phone or (_is_id(f) and min(map(len, f.filled)) >= 5),
    "occurred_at": lambda f: f.time is not None,
    "at": lambda f: f.time is not None,
    "answered_at": lambda f: f.time is not None,
    "as_of": lambda f: f.time is not None,
    "since": lambda f: f.time is not None,
    "promised_at": lambda f: f.time is not None,
    "date": lambda f: f.time is not None,
    "touchpoint": _is_few_words,
    "channel": _is_few_words,
    "direction": _says("direction"),
    "kind": _says("kind"),
    "reason": lambda f: _is_word(f) and f.mean_length < 60,
    "employee": lambda f: not f.time and not f.is_free_text and not _has_fractions(f),
    "severity": lambda f: f.lies_within(1, 5) and not _has_fractions(f),
    "emotion": lambda f: _says("emotion")(f) or f.lies_within(-1, 1),
    "emotion_confidence": lambda f: f.lies_within(0, 1),
    "language": _is_language,
    "duration_s": _is_seconds,
    "cost": lambda f: _is_sum(f) and min(f.numbers) >= 0,
    "amount": _is_sum,
    "yearly_margin": _is_sum,
    "currency": _is_code,
    "from_currency": _is_code,
    "to_currency": _is_code,
    "rate": lambda f: _is_sum(f) and min(f.numbers) > 0,
    "text": lambda f: not f.time and not f.numbers and (f.is_free_text or f.mean_length > 12),
    "question": lambda f: not f.time and not f.numbers,
    "value": _is_sum,
    "answer.value": _is_score,
}
"""What the values of a target must be like; words that are no sentences where nothing is said."""

_EVIDENCE: Dict[str, Callable[[ColumnFacts], float]] = {
    "direction": _says_mostly("direction"),
    "kind": _says_mostly("kind"),
    "emotion": _says_mostly("emotion"),
    "channel": _speaks_of_channels,
    "customer_mail": lambda f: 0.35,
    "customer_phone": lambda f: 0.35 if f.is_phone else 0.0,
    "text": lambda f: 0.35 if f.is_free_text and f.mean_length > 30 else 0.0,
}
"""Targets that values alone can show."""
