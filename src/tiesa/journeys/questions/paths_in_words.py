"""The fastest paths in words: their difficulty, their touchpoints, the sentence and the table."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from tiesa.core import formats
from tiesa.core.locale import _
from tiesa.core.shown import Kind, Shown, ShownTable
from tiesa.journeys.questions.paths import ENOUGH


def paths_table(paths: pa.Table) -> ShownTable:
    """The fastest paths as people see them."""
    shown = paths.append_column("difficulty", pa.array(map(_difficulty, paths.to_pylist()), pa.string()))
    shown = shown.append_column("way", pa.array(map(_way, paths["path"].to_pylist()), pa.string()))
    sure = [_("yes") if is_faster else _("not clearly") for is_faster in paths["is_faster"].to_pylist()]
    return ShownTable(
        "fastest_paths",
        _("The fastest paths to the goal at the same difficulty"),
        shown.append_column("faster", pa.array(sure, pa.string())),
        (
            Shown("difficulty", _("difficulty")),
            Shown("way", _("path")),
            Shown("median_s", _("median"), Kind.SECONDS, "low_s", "high_s"),
            Shown("n", _("n"), Kind.COUNT),
            Shown("all_median_s", _("all of this difficulty"), Kind.SECONDS, "all_low_s", "all_high_s"),
            Shown("all_n", _("n"), Kind.COUNT),
            Shown("faster", _("faster")),
        ),
        note=_("Paths of at least {n} journeys; the same touchpoints in the same order.").format(n=ENOUGH),
    )


def difficulty_words() -> dict[str, str]:
    """What makes a matter more or less difficult, by column."""
    return {
        "journey_type": _("type"),
        "severity": _("severity"),
        "product": _("product"),
        "reason": _("reason"),
    }


def _difficulty(row: dict[str, Any]) -> str:
    named = [f"{word} {row[c]}" for c, word in difficulty_words().items() if row[c] is not None]
    return ", ".join(named) or _("all, difficulty not known")


def _way(path: list[str], most: int = 7) -> str:
    """The touchpoints of a path in a row; of a long one beginning and end."""
    if len(path) <= most:
        return " → ".join(path)
    left_out = _("… {n} more …").format(n=len(path) - most + 1)
    return " → ".join([*path[: most - 3], left_out, *path[-2:]])


def faster_sentence(path: dict[str, Any]) -> str:
    """A path that is faster than the others of its difficulty, with both medians."""
    return _(
        "Fastest at the same difficulty ({difficulty}): {path}: {median}, n {n}; all of them {all}, n {all_n}."
    ).format(
        difficulty=_difficulty(path),
        path=_way(path["path"]),
        median=_with_interval(path, ""),
        n=formats.number(path["n"]),
        all=_with_interval(path, "all_"),
        all_n=formats.number(path["all_n"]),
    )


def _with_interval(row: dict[str, Any], start: str) -> str:
    bounds = formats.between(formats.length(row[f"{start}low_s"]), formats.length(row[f"{start}high_s"]))
    return f"{formats.length(row[f'{start}median_s'])} ({bounds})"
