"""Small tables for every chart: figures chosen by hand, names that would break a careless writer."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa

from tiesa.pictures.charts import (
    Annotation,
    Picture,
    bars,
    calibration,
    compare,
    dotted,
    effects,
    matrix,
    optimum,
    survival,
    trend,
    wait_distribution,
)

HOSTILE = '<script>alert(1)</script> & "quoted" \' ]]> {{x}} \x07 https://evil.example/'

WAITS = pa.table({"owner": ["us"] * 40 + ["customer"] * 4, "wait_s": [1800.0 * i for i in range(1, 41)] + [90.0] * 4})
CURVE = pa.Table.from_pylist([
    {"time_s": 86_400.0 * d, "state": s, "value": v, "low": v - 0.02, "high": v + 0.02, "at_risk": 812 - 10 * d}
    for s, slope, base in (("reached", 0.03125, 0.0175), ("open", -0.03125, 0.9))
    for d in range(0, 20, 2)
    for v in [base + slope * d]
])  # fmt: skip
START = datetime(2026, 1, 5, tzinfo=UTC)
DOTS = pa.Table.from_pylist([
    {"journey": f"j{j}", "occurred_at": START + timedelta(days=j, hours=7 * k), "family": family}
    for j in range(20)
    for k, family in enumerate(["web", "phone", HOSTILE])
])  # fmt: skip
CHANGES = pa.Table.from_pylist([
    {"metric": name, "unit": unit, "before": b, "before_low": b - h, "before_high": b + h, "before_n": 812,
     "after": a, "after_low": a - h, "after_high": a + h, "after_n": 345,
     "difference": a - b, "difference_low": a - b - h, "difference_high": a - b + h}
    for name, unit, b, a, h in [("Goal reached", "share", 0.75, 0.7656, 0.03125),
                                (HOSTILE, "seconds", 90_000.0, 72_000.0, 3600.0)]
])  # fmt: skip
REASONS = pa.Table.from_pylist([
    {"label": "No reply", "value": 0.4375, "low": 0.40625, "high": 0.46875, "n": 812},
    {"label": HOSTILE, "value": 0.125, "low": 0.0625, "high": 0.1875, "n": 345},
    {"label": "Other", "value": None, "low": None, "high": None, "n": 3},
])  # fmt: skip
WEEKS = pa.Table.from_pylist([
    {"period": date(2026, 1, 5) + timedelta(weeks=i), "value": None if i == 5 else 0.5 + i / 64,
     "low": None if i == 5 else 0.4375 + i / 64, "high": None if i == 5 else 0.5625 + i / 64, "n": 812 + i}
    for i in range(12)
])  # fmt: skip
CONTACTS = pa.Table.from_pylist([
    {"contacts": c, "goal": g, "goal_low": g - 0.03125, "goal_high": g + 0.03125,
     "emotion": e, "emotion_low": e - 0.125, "emotion_high": e + 0.125, "n": 812 - c}
    for c, g, e in [(1, 0.625, 0.125), (2, 0.8125, 0.25), (3, 0.75, -0.1875), (4, 0.5625, -0.3125)]
])  # fmt: skip
SEEN = pa.Table.from_pylist([
    {"row": r, "column": c, "value": 0.5 + i / 16 + j / 32, "low": 0.4375, "high": 0.9375, "n": 812 + i}
    for i, r in enumerate(["Branch", HOSTILE])
    for j, c in enumerate(["web", "e-mail", "phone", HOSTILE])
])  # fmt: skip

Draw = Callable[..., Picture]


def parsed(svg: str) -> ET.Element:
    """The drawing as a tree; it must be well-formed XML."""
    return ET.fromstring(svg)  # noqa: S314 (our own drawing)


def _trend(rows: pa.Table, **more: Any) -> Picture:
    events = [Annotation(date(2026, 2, 2), HOSTILE), Annotation(date(2026, 2, 9), "price rise")]
    return trend(rows, title="Kept", standard=0.625, annotations=events, **more)


DIFFERENCES = pa.Table.from_pylist([
    {"label": "Effect", "value": 0.125, "low": 0.0625, "high": 0.1875, "n": 812},
    {"label": HOSTILE, "value": -0.03125, "low": None, "high": None, "n": 345},
    {"label": "Other", "value": None, "low": None, "high": None, "n": 3},
])  # fmt: skip

SAID = pa.Table.from_pylist([
    {"said": 0.03125, "value": 0.015625, "low": 0.0, "high": 0.0625, "n": 345},
    {"said": 0.125, "value": 0.25, "low": 0.1875, "high": 0.3125, "n": 812},
    {"said": 0.125, "value": None, "low": None, "high": None, "n": 0},
])  # fmt: skip

CHARTS: dict[str, tuple[Draw, pa.Table]] = {
    "wait_distribution": (lambda rows, **more: wait_distribution(rows, standard_s=36_000, **more), WAITS),
    "survival": (survival, CURVE),
    "dotted": (dotted, DOTS),
    "compare": (compare, CHANGES),
    "bars": (lambda rows, **more: bars(rows, title=HOSTILE, **more), REASONS),
    "effects": (lambda rows, **more: effects(rows, title="What it does", **more), DIFFERENCES),
    "calibration": (lambda rows, **more: calibration(rows, customers=1157, title=HOSTILE, **more), SAID),
    "trend": (_trend, WEEKS),
    "optimum": (lambda rows, **more: optimum(rows, best=(2, 3), **more), CONTACTS),
    "matrix": (lambda rows, **more: matrix(rows, title="Seen", **more), SEEN),
}
