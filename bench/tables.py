"""Puts what was measured into a document: `python bench/tables.py FOLDER [docs/performance.md]`.

FOLDER is one that `tiesa bench --folder FOLDER` has filled. The tables go between the document's two marks; without a
document they are printed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import results
from bench.pieces import PIECES
from bench.suite import kept_figures

BEGIN, END = "<!-- measured -->", "<!-- /measured -->"


def tables(kept: dict[int, dict[str, Any]]) -> Iterator[str]:
    """Lines of Markdown: a chapter per piece, then growth."""
    for piece in PIECES:
        measured = [found[piece.name] for found in kept.values() if piece.name in found]
        if measured:
            yield from _chapter(piece.question, measured)
    grown = results.growth({rows: list(found.values()) for rows, found in kept.items()})
    if grown:
        labels = {work.name: f"{piece.question} | {work.label}" for piece in PIECES for work in piece.works}
        yield from ("### Growth", "", "Time as a power of the number of contacts.", "")
        yield from ("| | work | over contacts | exponent | goal | |", "|---|---|---|---|---|---|")
        for each in grown:
            sizes = ", ".join(_size(rows) for rows in each["sizes"])
            goal = f"{each['at_most']:g} | {_verdict(each['met'])}" if "met" in each else "| "
            yield f"| {labels[each['work']]} | {sizes} | {each['exponent']:.2f} | {goal} |"
        yield ""


def _chapter(question: str, measured: list[dict[str, Any]]) -> Iterator[str]:
    yield from (f"### {question[:1].upper()}{question[1:]}", "")
    yield "| | contacts | median | fastest – slowest | CPU | peak memory |"
    yield "|---|---|---|---|---|---|"
    for piece in measured:
        for work in piece["works"]:
            label = f"**{work['label']}**" if work["label"].startswith("Tiesa") else work["label"]
            if "seconds" in work:
                figures = (
                    f"{_seconds(work['seconds'])} | {_seconds(work['fastest'])} – {_seconds(work['slowest'])} | "
                    f"{_seconds(work['cpu_seconds'])} | {work['peak_gib']:.2f} GiB"
                )
                yield f"| {label} | {_size(piece['rows'])} | {figures} |"
            if work["why_not"]:
                yield f"| {label} | {_size(piece['rows'])} | {work['why_not']} | | | |"
    yield ""
    yield from ("| ratio | contacts | of time | lowest – highest | of CPU | goal | |", "|---|---|---|---|---|---|---|")
    for piece in measured:
        yield from _ratios(piece)
    yield from ("", *(_told(piece) for piece in measured), "")


def _ratios(piece: dict[str, Any]) -> Iterator[str]:
    labels = {work["work"]: work["label"] for work in piece["works"]}
    ratios = {(goal["work"], goal["other"]): goal for goal in piece["goals"] if goal["kind"] == "ratio"}
    for ratio in piece["ratios"]:
        if ratio["ratio"] is None:
            continue
        goal = ratios.get((ratio["work"], ratio["other"]))
        yield (
            f"| {labels[ratio['work']]} / {labels[ratio['other']]} | {_size(piece['rows'])} | {ratio['ratio']:.2f} | "
            f"{ratio['lowest']:.2f} – {ratio['highest']:.2f} | {ratio['cpu_ratio']:.2f} | "
            + (f"{goal['at_most']:g} | {_verdict(goal['met'])} |" if goal else "| |")
        )
    for goal in piece["goals"]:
        if goal["kind"] != "ratio" and goal["value"] is not None:
            unit = "s" if goal["kind"] == "seconds" else "GiB at its peak"
            yield (
                f"| {labels[goal['work']]} | {_size(piece['rows'])} | {goal['value']:.2f} {unit} | | | "
                f"{goal['at_most']:g} | {_verdict(goal['met'])} |"
            )


def _told(piece: dict[str, Any]) -> str:
    """When it was measured, and whether everybody found the same."""
    answers, machine = piece["answers"], piece["machine"]
    if answers["differ"]:
        same = f"**The answers differ**: {'; '.join(answers['differ'])}."
    elif answers["works"] > 1:
        same = f"{answers['works']} of them gave the same answers in {_facts(answers['facts'])}."
    else:
        same = "Nothing was held against another answer."
    at = machine["at"][:16].replace("T", " ")
    return f"{_size(piece['rows'])}: {same} Measured {at} UTC, load {machine['load']:.1f}.  "


def _facts(n: int) -> str:
    return "1 fact" if n == 1 else f"{n} facts"


def _size(rows: int) -> str:
    return f"{rows / 1e6:g} M"


def _seconds(value: float) -> str:
    return f"{value:.2f} s" if value < 10 else f"{value:.1f} s"


def _verdict(met: bool) -> str:
    return "met" if met else "**missed**"


def main(folder: Path, document: Path | None) -> None:
    made = "\n".join(tables(kept_figures(folder))).rstrip() + "\n"
    if document is None:
        sys.stdout.write(made)
        return
    before, _begin, rest = document.read_text("utf-8").partition(BEGIN)
    _old, _end, after = rest.partition(END)
    if not after:
        raise SystemExit(f"{document} has no lines {BEGIN} and {END}")
    document.write_text(f"{before}{BEGIN}\n{made}{END}{after}", "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
