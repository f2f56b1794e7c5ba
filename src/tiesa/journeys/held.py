"""What a log holds: which columns have values, so that every answer knows what it can and cannot say."""

from __future__ import annotations

from dataclasses import dataclass

from tiesa.core.enums import Direction
from tiesa.core.tables import ABSENCE, ANSWER, CUSTOMER, OUTCOME, SEEN
from tiesa.engines.duckdb import literal
from tiesa.journeys.view import View

_OF_INTEREST = (
    "direction", "waits_for", "reason", "case_id", "employee", "unit", "product", "emotion", "severity", "goal",
    "cost", "promised_at", "reply_to", "duration_s", "organisation", "journey_type", "kind", "answered_at",
)  # fmt: skip


@dataclass(frozen=True)
class Held:
    """How many contacts have a value, by column; how many by direction; the channels; which other tables there are."""

    contacts: int
    filled: dict[str, int]
    directions: dict[str, int]
    channels: tuple[str, ...]
    tables: frozenset[str]

    def __getitem__(self, column: str) -> int:
        return self.filled.get(column, 0)

    @property
    def spoken(self) -> int:
        """Contacts in which somebody turned to somebody."""
        return self.directions.get(Direction.INBOUND, 0) + self.directions.get(Direction.OUTBOUND, 0)

    @property
    def knows_replies(self) -> bool:
        """Can silence be told from a log that just lacks our side? Without a reply of ours, silence proves nothing."""
        replies = self.directions.get(Direction.OUTBOUND, 0) + self["waits_for"] + self["answered_at"]
        return bool(replies) or not self.spoken

    @property
    def knows_owners(self) -> bool:
        """Can it be told whose wait a gap was?"""
        return self.knows_replies and bool(self.spoken or self["waits_for"])

    @property
    def knows_messages(self) -> bool:
        """Can messages that stayed unanswered be told?"""
        return self.knows_replies and bool(self.directions.get(Direction.INBOUND, 0))


def held(view: View) -> Held:
    """What the log of a view holds; of the whole log, whatever is selected and whoever asks: it tells of no customer.

    Counts of values come from the files' own statistics, without reading a column but those of customers who were
    made anew since the last full build.
    """
    files = ", ".join(literal(str(f)) for f in (*view.evidence.rows, *view.evidence.recent_rows))
    wanted = ", ".join(map(literal, _OF_INTEREST))
    counts = dict(
        view.rows(
            "select path_in_schema, sum(num_values - coalesce(stats_null_count, 0))::bigint from "
            f"parquet_metadata([{files}]) where path_in_schema in ({wanted}) group by 1"
        )
    )
    if view.evidence.recent_rows:
        replaced = view.one(
            f"select {', '.join(f'count({c})' for c in _OF_INTEREST)} from {view.evidence.replaced_sql}"
        )
        counts = {c: counts.get(c, 0) - n for c, n in zip(_OF_INTEREST, replaced, strict=True)}
    ways = view.rows(
        f"select direction, channel, count(*) from {view.evidence.rows_sql} group by all order by 3 desc, 2, 1"
    )
    directions: dict[str, int] = {}
    for direction, _channel, n in ways:
        if direction is not None:
            directions[direction] = directions.get(direction, 0) + n
    others = (CUSTOMER, OUTCOME, ANSWER, SEEN, ABSENCE)
    return Held(
        contacts=sum(n for *_way, n in ways),
        filled=counts,
        directions=directions,
        channels=tuple(dict.fromkeys(channel for _direction, channel, _n in ways)),
        tables=frozenset(table.name for table in others if view.has(table)),
    )


def is_made_up(view: View) -> bool:
    """Does the log hold the simulated company?"""
    return bool(view.one("select coalesce(bool_or(source = 'made-up company'), false) from journeys")[0])
