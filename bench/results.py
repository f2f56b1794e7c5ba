"""From runs to figures: medians, spreads, ratios within the same round, growth, and goals met or missed."""

from __future__ import annotations

import math
import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from typing import Any

from bench.pieces import CONTACTS, PIECES, Goal, Kind, Piece
from bench.running import Outcome, agreeing, disagreements

Figures = dict[str, Any]
FITS_IN_MEMORY = 10_000_000
"""Contacts up to which a build is held to the growth of work that fits in memory."""


def of_piece(piece: Piece, rows: int, outcomes: Sequence[Outcome]) -> Figures:
    """One piece of one size as plain figures."""
    by_name = {outcome.work.name: outcome for outcome in outcomes}
    pairs = [(goal.work, goal.other) for goal in piece.goals if goal.kind == Kind.RATIO]
    pairs = [pair for pair in (*pairs, *piece.shown) if set(pair) <= by_name.keys()]
    answered, facts = agreeing(outcomes)
    figures = {
        "piece": piece.name,
        "question": piece.question,
        "rows": rows,
        "counts": piece.counts,
        "works": [_work(outcome) for outcome in outcomes],
        "ratios": [_ratio(by_name[ours], by_name[other]) for ours, other in pairs],
        "answers": {"works": answered, "facts": facts, "differ": disagreements(outcomes)},
    }
    return judged(piece, figures)


def judged(piece: Piece, figures: Figures) -> Figures:
    """A piece's figures, just measured or kept from an earlier run, with the goals that are stated for their size."""
    works = {work["work"]: work for work in figures["works"]}
    ratios = {(ratio["work"], ratio["other"]): ratio["ratio"] for ratio in figures["ratios"]}

    def value(goal: Goal) -> float | None:
        if goal.kind == Kind.RATIO:
            return ratios.get((goal.work, goal.other))
        found: float | None = works[goal.work].get(str(goal.kind))
        return found

    stated = [
        goal
        for goal in piece.goals
        if goal.kind != Kind.GROWTH
        and goal.is_stated_for(figures["rows"])
        and {goal.work, goal.other} - {""} <= works.keys()
    ]
    return {**figures, "goals": [_held(goal, value(goal)) for goal in stated]}


def _work(outcome: Outcome) -> Figures:
    figures: Figures = {"work": outcome.work.name, "label": outcome.work.label, "why_not": outcome.why_not}
    if outcome.runs:
        seconds = [run.seconds for run in outcome.runs]
        figures |= {
            "runs": len(seconds),
            "seconds": median(seconds),
            "fastest": min(seconds),
            "slowest": max(seconds),
            "cpu_seconds": median(run.cpu_seconds for run in outcome.runs),
            "peak_gib": max(run.peak_gib for run in outcome.runs),
            "extra": {name: _middle(run.extra.get(name) for run in outcome.runs) for name in outcome.runs[0].extra},
        }
    return figures


def _middle(values: Iterable[Any]) -> Any:
    """The median of numbers; of what is listed the first."""
    known = [value for value in values if value is not None]
    if known and isinstance(known[0], list):
        return known[0]
    return median(known) if known and all(isinstance(value, int | float) for value in known) else None


def _ratio(ours: Outcome, other: Outcome) -> Figures:
    """Ours to theirs, round by round: what disturbs the machine for a round disturbs both."""
    pairs = list(zip(ours.runs, other.runs, strict=False))
    ratios = sorted(a.seconds / b.seconds for a, b in pairs)
    figures: Figures = {"work": ours.work.name, "other": other.work.name, "runs": len(pairs), "ratio": None}
    if pairs:
        figures |= {"ratio": median(ratios), "lowest": ratios[0], "highest": ratios[-1]}
        figures["cpu_ratio"] = median(a.cpu_seconds / max(b.cpu_seconds, 1e-9) for a, b in pairs)
    return figures


def _held(goal: Goal, value: float | None) -> Figures:
    met = None if value is None else value <= goal.at_most
    return {
        "kind": str(goal.kind),
        "work": goal.work,
        "other": goal.other,
        "at_most": goal.at_most,
        "value": value,
        "met": met,
    }


def growth(sizes: Mapping[int, Sequence[Figures]]) -> list[Figures]:
    """Exponents of growth of every work measured at two sizes or more: seconds ~ rows ** exponent.

    Up to FITS_IN_MEMORY by least squares over all sizes; beyond from the largest size within to those past it.
    """
    seconds: dict[str, dict[int, float]] = {}
    for rows, pieces in sizes.items():
        of_logs = (piece for piece in pieces if piece.get("counts", CONTACTS) == CONTACTS)
        for work in (work for piece in of_logs for work in piece["works"] if "seconds" in work):
            seconds.setdefault(work["work"], {})[rows] = work["seconds"]
    goals = {(goal.work, goal.beyond): goal for piece in PIECES for goal in piece.goals if goal.kind == Kind.GROWTH}
    found = []
    for name, measured in seconds.items():
        within = {rows: s for rows, s in measured.items() if rows <= FITS_IN_MEMORY}
        beyond = {rows: s for rows, s in measured.items() if rows > FITS_IN_MEMORY}
        if within and beyond:
            beyond[max(within)] = within[max(within)]
        for points, is_beyond in ((within, False), (beyond, True)):
            if len(points) < 2:
                continue
            goal = goals.get((name, is_beyond))
            figures: Figures = {
                "work": name,
                "beyond": is_beyond,
                "sizes": sorted(points),
                "exponent": exponent(points),
            }
            if goal and goal.is_stated_for(max(points)):
                figures |= {"at_most": goal.at_most, "met": figures["exponent"] <= goal.at_most}
            found.append(figures)
    return found


def exponent(seconds: Mapping[int, float]) -> float:
    """The slope of log seconds over log rows, by least squares.

    >>> round(exponent({1_000: 1.0, 10_000: 10.0, 100_000: 100.0}), 6)
    1.0
    """
    points = [(math.log(rows), math.log(s)) for rows, s in seconds.items()]
    x, y = (sum(values) / len(points) for values in zip(*points, strict=True))
    return sum((a - x) * (b - y) for a, b in points) / sum((a - x) ** 2 for a, _b in points)


def machine() -> Figures:
    """What it was measured on and with."""
    model, memory = "", 0.0
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    if hasattr(os, "sysconf"):
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    packages = (
        "tiesa", "duckdb", "pyarrow", "numba", "polars", "pandas", "pm4py", "retentioneering", "scikit-learn",
        "statsmodels", "pysubgroup", "doubleml",
    )  # fmt: skip
    return {
        "processor": model,
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(memory, 1),
        "python": platform.python_version(),
        "packages": {name: found for name in packages if (found := _version(name))},
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "load": os.getloadavg()[0],
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        if package == "tiesa":
            from tiesa import __version__

            return __version__
        return ""
