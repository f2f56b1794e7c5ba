"""What every answer keeps to, whatever the log: shares lie within bounds, counts add up, no figure lacks its n."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.unit.journeys.contacts import INSTANTS, RULES, contacts
from tests.unit.journeys.questions.desk import take

from tiesa.core.home import Home
from tiesa.core.intervals import Share
from tiesa.core.scope import EVERYTHING, Scope
from tiesa.journeys.build import build
from tiesa.journeys.held import held
from tiesa.journeys.questions.asking import ask
from tiesa.journeys.questions.result import Result
from tiesa.journeys.selection import ALL, Selection
from tiesa.journeys.view import open_view

SOME = settings(
    max_examples=1, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)  # fmt: skip
"""A home takes a second to build and more to question, so one holds many tangled customers: others in every run."""
EVERY = Selection(since=datetime(1990, 1, 1, tzinfo=UTC))
MIDDLE = INSTANTS[len(INSTANTS) // 2]


def home_of(logs: list[list[dict[str, Any]]], folder: Path) -> Home:
    """A built home in which every log has customers and contact ids of its own."""
    rows = []
    for number, log in enumerate(logs):
        for row in log:
            own = {name: f"{number}-{row[name]}" for name in ("contact_id", "reply_to", "case_id") if row[name]}
            kept = {name: value for name, value in row.items() if name not in ("source", "customer_key")}
            rows.append(kept | own | {"customer": f"{number}/{row['customer_key']}", "currency": "EUR"})
    home = Home(folder)
    take(home, rows)
    build(home, rules=RULES)
    return home


def asked(home: Home, selection: Selection = ALL, scope: Scope = EVERYTHING) -> dict[int, Any]:
    with open_view(home, selection, scope=scope) as view:
        return {answer.number: answer for answer in ask(view)}


def values(result: Result) -> dict[str, Any]:
    return {f.name: getattr(result, f.name) for f in fields(result)}  # type: ignore[arg-type]


def bounds_of(result: Result) -> Iterator[tuple[str, float | None, float | None, float | None]]:
    """Every share of a result with its bounds."""
    for name, value in values(result).items():
        if isinstance(value, Share):
            assert 0 <= value.count <= value.n, name
            yield name, value.value, value.interval.low, value.interval.high
        if isinstance(value, pa.Table):
            for column in value.column_names:
                low, high = next(
                    (
                        (low, high)
                        for stem in (column.removesuffix("_share") + "_", "")
                        if {low := f"{stem}low", high := f"{stem}high"} <= set(value.column_names)
                    ),
                    (None, None),
                )
                if pa.types.is_floating(value.schema.field(column).type) and column.endswith(("share", "value")):
                    for row in value.to_pylist():
                        is_bound = low is not None and column not in ("timed_share", "costed_share")
                        yield (
                            f"{name}.{column}", row[column],
                            row[low] if is_bound else None, row[high] if is_bound else None,
                        )  # fmt: skip


def check_answer(result: Result) -> None:
    """It says itself, in words and tables, without a share outside of its bounds or a figure without its n."""
    for name, value, low, high in bounds_of(result):
        where = f"{result.name}.{name}"
        if value is not None:
            assert 0 <= value <= 1 + 1e-12, where
            if low is not None and high is not None:
                assert 0 <= low <= value + 1e-9, where
                assert value - 1e-9 <= high <= 1, where
    for name, table in values(result).items():
        if isinstance(table, pa.Table) and {"low_s", "median_s", "high_s"} <= set(table.column_names):
            for row in table.to_pylist():
                if row["low_s"] is not None:
                    assert row["low_s"] <= row["median_s"] <= row["high_s"], f"{result.name}.{name}"
    json.dumps(result.as_plain(), default=str)
    assert result.question()
    assert result.explain()
    for shown in result.tables():
        assert len(shown) == shown.data.num_rows
    for text in said(result):
        if re.search(r"\d\s%|median", text):
            assert re.search(r"\bn \d|\d of \d|\d \w+ of \d", text), text
    assert result.answer()


def said(result: Result) -> list[str]:
    """The answer and each finding, without how much of hours and cost is known."""
    return [re.sub(r"\(\w+ known of [\d.]+\s%\)", "", text) for text in (result.answer(), *result.findings())]


def total(table: pa.Table, column: str) -> int:
    return int(pc.sum(table[column]).as_py() or 0)


def check_counts(found: dict[int, Any]) -> None:
    waits, fewer, again, silence, visibility, goals = (found[number] for number in range(1, 7))
    if total(waits.owners, "total_s"):
        assert float(pc.sum(waits.owners["share"]).as_py()) == pytest.approx(1)
    assert total(waits.pairs, "n") == total(waits.owners, "n")
    assert total(waits.standards, "kept") == waits.kept.count
    assert total(waits.standards, "n") == waits.kept.n
    assert sum(goals.counts.values()) == fewer.journeys
    assert set(goals.counts) == {"reached", "abandoned", "open"}
    applied = total(fewer.rules, "n")
    assert applied == total(fewer.savings, "n") <= fewer.inbound  # each avoidable contact once
    if fewer.avoidable is not None:
        assert (fewer.avoidable.count, fewer.avoidable.n) == (applied, fewer.inbound)
    assert (
        total(fewer.distribution, "n") == goals.counts["reached"] == goals.to_goal.num_rows * total(goals.to_goal, "n")
    )
    assert again.repeats.n <= fewer.inbound
    assert again.chains == total(again.causes, "n") == total(again.lengths, "n")
    assert silence.still_open + silence.given_up == silence.unanswered.count == total(silence.causes, "n")
    assert silence.insisted.n + silence.unanswered.count + silence.settled == silence.unanswered.n
    assert total(silence.ledger, "asked") <= silence.unanswered.count + silence.insisted.n + fewer.inbound
    assert visibility.before.n == visibility.meetings == total(visibility.units, "n")
    assert visibility.unseen.n <= visibility.before.count


def figures(found: dict[int, Any]) -> dict[str, Any]:
    """All figures by question and field, tables as sorted rows, without our own customer numbers."""

    def plain(value: Any) -> Any:
        if isinstance(value, pa.Table):
            return sorted(str(row | {"customer_key": 0}) for row in value.to_pylist())
        return value

    return {f"{a.name}.{name}": plain(value) for a in found.values() for name, value in values(a).items()}


def until(logs: list[list[dict[str, Any]]], moment: datetime) -> list[list[dict[str, Any]]]:
    return [[row for row in log if row["occurred_at"] <= moment] for log in logs]


def check_an_earlier_now(home: Home, then: Home) -> None:
    """What a home tells of an earlier moment is what a home of that time told, given what the log held then."""
    with open_view(then) as view:
        holds, now = held(view), view.now
        really = {answer.number: answer for answer in ask(view, holds=holds)}
    with open_view(home, as_of=now) as view:
        assert figures({answer.number: answer for answer in ask(view, holds=holds)}) == figures(really)


def added(found: dict[int, Any]) -> dict[str, int]:
    """Counts of a selection of journeys that add up over disjoint ones."""
    waits, fewer, again, silence, visibility, goals = (found[number] for number in range(1, 7))
    owners = {f"waits {row['wait_owner']}": row["n"] for row in waits.owners.to_pylist()}
    states = {f"goals {state}": n for state, n in goals.counts.items()}
    return owners | states | {
        "kept": waits.kept.count, "due": waits.kept.n, "waiting": waits.waiting_now or 0,
        "inbound": fewer.inbound, "avoidable": total(fewer.rules, "n"), "with a reason": again.repeats.n,
        "repeats": again.repeats.count, "silent": silence.unanswered.count, "replies due": silence.unanswered.n,
        "not due": silence.not_due, "meetings": visibility.meetings, "before": visibility.before.count,
    }  # fmt: skip


@SOME
@given(st.lists(contacts(), min_size=10, max_size=16).filter(lambda logs: sum(map(len, logs)) > 60))
def test_answers_keep_their_laws_on_any_log(logs: list[list[dict[str, Any]]]) -> None:
    with TemporaryDirectory() as folder:
        home = home_of(logs, Path(folder) / "now")
        whole = asked(home)
        for found in (whole, asked(home, Selection(journey_type="claim"), Scope(names=False))):
            for answer in found.values():
                check_answer(answer)
            check_counts(found)
        assert figures(asked(home, EVERY)) == figures(whole)  # a selection of everything is none
        check_an_earlier_now(home, home_of(until(logs, MIDDLE), Path(folder) / "then"))
        early, late = asked(home, Selection(until=MIDDLE)), asked(home, Selection(since=MIDDLE))
        first, second = added(early), added(late)
        assert {name: first.get(name, 0) + second.get(name, 0) for name in first | second} == added(whole)


def test_a_selection_without_journeys_has_an_answer(tmp_path: Path) -> None:
    row = {
        "contact_id": "c1", "source": "crm", "customer_key": 1, "occurred_at": INSTANTS[0], "touchpoint": "asks",
        "channel": "email", "direction": "inbound", "reply_to": None, "case_id": None,
    }  # fmt: skip
    home = home_of([[row]], tmp_path)
    for selection in (Selection(customer="nobody"), Selection(since=INSTANTS[-1] + timedelta(days=1))):
        found = asked(home, selection)
        for answer in found.values():
            check_answer(answer)
        check_counts(found)
        assert sum(added(found).values()) == 0
