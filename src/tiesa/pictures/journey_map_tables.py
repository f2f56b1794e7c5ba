"""The journey map as Arrow tables: every figure that is drawn, and those that found no room."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

    from tiesa.pictures.journey_map import JourneyMap, Wait

Row = Mapping[str, object]


def bubbles(map: JourneyMap) -> pa.Table:
    """stage, lane, contacts."""
    return _table({"stage": "s", "lane": "s", "contacts": "i"}, _bubbles(map))


def flows(map: JourneyMap) -> pa.Table:
    """stage, lane, to_stage, to_lane, owner, n."""
    return _table({"stage": "s", "lane": "s", "to_stage": "s", "to_lane": "s", "owner": "s", "n": "i"}, _flows(map))


def waits(map: JourneyMap) -> pa.Table:
    """stage, to_stage, owner, n, median_s, low_s, high_s, standard_s, kept, kept_low, kept_high, kept_n."""
    columns = {"stage": "s", "to_stage": "s", "owner": "s", "n": "i", "median_s": "f", "low_s": "f", "high_s": "f"}
    kept = {"standard_s": "f", "kept": "f", "kept_low": "f", "kept_high": "f", "kept_n": "i"}
    return _table(columns | kept, (_wait(map, wait) for wait in map.waits))


def feelings(map: JourneyMap) -> pa.Table:
    """stage, n, mean, low, high: mean and bounds are empty where too few or none were measured."""
    return _table({"stage": "s", "n": "i", "mean": "f", "low": "f", "high": "f"}, _feelings(map))


def flags(map: JourneyMap) -> pa.Table:
    """stage, lane, title, detail."""
    return _table({"stage": "s", "lane": "s", "title": "s", "detail": "s"}, _flags(map))


def everything(map: JourneyMap) -> pa.Table:
    """One row per figure: kind, stage, lane, to_stage, to_lane, owner, n, value, low, high, unit, standard_s, kept,
    kept_low, kept_high, kept_n, text. The value of contacts and moves is n itself and stands there alone."""
    rows: list[Row] = [{"kind": "contacts", "n": row["contacts"], **row} for row in _bubbles(map)]
    rows += [{"kind": "moves", **row} for row in _flows(map)]
    rows += [
        {"kind": "wait", "value": row["median_s"], "low": row["low_s"], "high": row["high_s"], "unit": "s", **row}
        for row in (_wait(map, wait) for wait in map.waits)
    ]
    rows += [{"kind": "emotion", "value": row.get("mean"), "unit": "-1..1", **row} for row in _feelings(map)]
    rows += [{"kind": "moment", "text": f"{row['title']}: {row['detail']}", **row} for row in _flags(map)]
    where = {"kind": "s", "stage": "s", "lane": "s", "to_stage": "s", "to_lane": "s", "owner": "s"}
    figures = {"n": "i", "value": "f", "low": "f", "high": "f", "unit": "s"}
    kept = {"standard_s": "f", "kept": "f", "kept_low": "f", "kept_high": "f", "kept_n": "i", "text": "s"}
    return _table(where | figures | kept, rows)


def _bubbles(map: JourneyMap) -> Iterable[Row]:
    for one in map.bubbles:
        yield {"stage": map.stages[one.stage], "lane": map.lanes[one.lane], "contacts": one.contacts}


def _flows(map: JourneyMap) -> Iterable[Row]:
    for one in map.flows:
        yield {
            "stage": map.stages[one.from_stage],
            "lane": map.lanes[one.from_lane],
            "to_stage": map.stages[one.to_stage],
            "to_lane": map.lanes[one.to_lane],
            "owner": one.owner,
            "n": one.n,
        }


def _wait(map: JourneyMap, wait: Wait) -> Row:
    row = {
        "stage": map.stages[wait.after_stage],
        "to_stage": map.stages[wait.to_stage],
        "owner": wait.owner,
        "n": wait.n,
        "median_s": wait.median_s,
        "low_s": wait.low_s,
        "high_s": wait.high_s,
        "standard_s": wait.standard_s,
    }
    if wait.kept is None:
        return row
    bounds = wait.kept.interval
    return row | {"kept": wait.kept.value, "kept_low": bounds.low, "kept_high": bounds.high, "kept_n": wait.kept.n}


def _feelings(map: JourneyMap) -> Iterable[Row]:
    measured = {feeling.stage: feeling for feeling in map.feelings}
    for stage, name in enumerate(map.stages):
        one = measured.get(stage)
        if one is None:
            yield {"stage": name, "n": 0}
        elif one.low is None or one.high is None:
            yield {"stage": name, "n": one.n}
        else:
            yield {"stage": name, "n": one.n, "mean": one.mean, "low": one.low, "high": one.high}


def _flags(map: JourneyMap) -> Iterable[Row]:
    for one in map.flags:
        lane = None if one.lane is None else map.lanes[one.lane]
        yield {"stage": map.stages[one.stage], "lane": lane, "title": one.title, "detail": one.detail}


def _table(columns: Mapping[str, str], rows: Iterable[Row]) -> pa.Table:
    import pyarrow as pa

    types = {"s": pa.string(), "i": pa.int64(), "f": pa.float64()}
    given = list(rows)
    return pa.table({name: pa.array([row.get(name) for row in given], types[kind]) for name, kind in columns.items()})
