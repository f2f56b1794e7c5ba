"""Puts what was measured into a document: `python bench/tables.py FOLDER [docs/performance.md]`.

FOLDER is one that `tiesa bench --folder FOLDER` has filled. The tables go between the document's marks: one pair for
what was measured of logs, one for made-up companies; where FOLDER has nothing of a kind, its tables stay. Without a
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
from bench.pieces import CONTACTS, CUSTOMERS, PIECES
from bench.suite import kept_figures

BEGIN, END = "<!-- measured -->", "<!-- /measured -->"
MARKS = {CONTACTS: (BEGIN, END), CUSTOMERS: ("<!-- measured: customers -->", "<!-- /measured: customers -->")}


def tables(kept: dict[int, dict[str, Any]], counts: str = CONTACTS) -> Iterator[str]:
    """Lines of Markdown: a chapter per piece whose size counts contacts or customers, then growth over contacts."""
    for piece in (each for each in PIECES if each.counts == counts):
        measured = [found[piece.name] for found in kept.values() if piece.name in found]
        if measured:
            yield from _chapter(piece.question, measured)
    grown = results.growth({rows: list(found.values()) for rows, found in kept.items()})
    if grown and counts == CONTACTS:
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
    counts = measured[0].get("counts", CONTACTS)
    yield f"| | {counts} | median | fastest – slowest | CPU | peak memory |"
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
    yield from _found(measured)
    yield from (f"| ratio | {counts} | of time | lowest – highest | of CPU | goal | |", "|---|---|---|---|---|---|---|")
    for piece in measured:
        yield from _ratios(piece)
    yield from ("", *(_told(piece) for piece in measured), "")


def _found(measured: list[dict[str, Any]]) -> Iterator[str]:
    """What each work looked at and called true, and its estimates beside the truth, where a piece has such."""
    works = [(piece, work) for piece in measured for work in piece["works"] if "looked_at" in work.get("extra", {})]
    if not works:
        return
    called_true = "called true | hit | part | ancestor | false | planted found"
    yield f"| | customers | looked at | CPU each | all of them | {called_true} |"
    yield "|---|---|---|---|---|---|---|---|---|---|---|"
    for piece, work in works:
        found = work["extra"]
        every, looked_at = found.get("all"), f"{found['looked_at']:,.0f}"
        told = f"{looked_at} of {every:,.0f} | " if every else f"{looked_at} | "
        told += f"{1000 * found['each_cpu_s']:,.1f} ms | "
        told += f"{every * found['each_cpu_s']:,.0f} s of CPU, extrapolated | " if every else "as measured | "
        called = [found.get(name) for name in ("shown", "hits", "parts", "ancestors", "false", "planted")]
        told += " | ".join("–" if number is None else f"{number:.0f}" for number in called)
        yield f"| {work['label']} | {_size(piece['rows'])} | {told} |"
    yield from ("", "| effect, points | customers | situation | estimate (95 %) | in truth |", "|---|---|---|---|---|")
    for piece, work in works:
        for one in work["extra"].get("effects") or ():
            value, low, high, true = (f"{100 * one[name]:+.1f}" for name in ("value", "low", "high", "true"))
            told = f"{one['situation'].replace('_', ' ')} | {value} ({low} to {high}) | {true}"
            yield f"| {work['label']} | {_size(piece['rows'])} | {told} |"
    yield ""


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
    return f"{rows / 1e6:g} M" if rows >= 100_000 else f"{rows:,}"


def _seconds(value: float) -> str:
    return f"{value:.2f} s" if value < 10 else f"{value:.1f} s"


def _verdict(met: bool) -> str:
    return "met" if met else "**missed**"


def main(folder: Path, document: Path | None) -> None:
    kept = kept_figures(folder)
    for counts, (begin, end) in MARKS.items():
        made = "\n".join(tables(kept, counts)).rstrip() + "\n"
        if document is None:
            sys.stdout.write(made)
        elif made.strip():
            before, _begin, rest = document.read_text("utf-8").partition(begin)
            _old, _end, after = rest.partition(end)
            if not after:
                raise SystemExit(f"{document} has no lines {begin} and {end}")
            document.write_text(f"{before}{begin}\n{made}{end}{after}", "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
