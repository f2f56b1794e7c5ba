"""The whole benchmark: sizes, pieces, rounds; figures as plain data. `tiesa bench` asks for it and shows it."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bench import results, running
from bench.job import Folder
from bench.pieces import CONTACTS, PIECES, Piece
from bench.running import Limits, Outcome, Stopped, Tell

KEPT = "results.json"


def measured(
    sizes: Sequence[int],
    *,
    runs: int = 3,
    only: Sequence[str] = (),
    counts: str = CONTACTS,
    folder: Path | None = None,
    limits: Limits | None = None,
    tell: Tell = lambda words: None,
) -> results.Figures:
    """Measure every piece whose size counts contacts (or customers) at every size.

    Args: only: names of pieces, or of single works, which are then measured without the others of their piece.
        folder: where logs, homes and figures are kept, so that a later call goes on from there (figures of other
        pieces and sizes in it are told too); else a temporary one, gone afterwards. tell: is told what is going on.
    """
    root = folder or Path(tempfile.mkdtemp(prefix="tiesa-bench-"))
    root.mkdir(parents=True, exist_ok=True)
    limits = limits or Limits(minutes=30, memory_gib=0.6 * running.free_gib())
    chosen = [piece for one in PIECES if one.counts == counts and (piece := _chosen(one, only)).works]
    kept = kept_figures(root)
    try:
        for rows in sizes:
            place = Folder(root / (str(rows) if counts == CONTACTS else f"{rows}-{counts}"))
            for piece in chosen:
                outcomes = _outcomes(piece, place, rows, runs=runs, limits=limits, tell=tell)
                kept.setdefault(rows, {})[piece.name] = {
                    **results.of_piece(piece, rows, outcomes),
                    "machine": results.machine(),
                }
                shutil.rmtree(place.root / "output", ignore_errors=True)
                if folder:
                    (root / KEPT).write_text(json.dumps(kept, indent=1), "utf-8")
    finally:
        if folder is None:
            shutil.rmtree(root, ignore_errors=True)
    pieces = {rows: [found[p.name] for p in PIECES if p.name in found] for rows, found in sorted(kept.items())}
    return {
        "machine": results.machine(),
        "sizes": [{"rows": rows, "pieces": found} for rows, found in pieces.items()],
        "growth": results.growth(pieces),
    }


def _outcomes(piece: Piece, place: Folder, rows: int, *, runs: int, limits: Limits, tell: Tell) -> list[Outcome]:
    """What the works of a piece came to; where what they stand on cannot be made, each says so."""

    def tell_size(words: str) -> None:
        tell(f"{rows:,} · {words}")

    try:
        running.prepare(piece, place, rows, limits=limits, tell=tell_size)
    except Stopped as error:
        return [Outcome(work, why_not=f"nothing to work on: {error}") for work in piece.works]
    return running.measure(piece, place, runs=runs, limits=limits, tell=tell_size)


def _chosen(piece: Piece, only: Sequence[str]) -> Piece:
    """The piece with the works that are asked for."""
    if not only or piece.name in only:
        return piece
    return replace(piece, works=tuple(work for work in piece.works if work.name in only))


def kept_figures(root: Path) -> dict[int, dict[str, results.Figures]]:
    """What is kept in a folder, by contacts and piece, smallest log first, held to today's goals."""
    file = root / KEPT
    read = json.loads(file.read_text("utf-8")) if file.exists() else {}
    kept = {int(rows): dict(found) for rows, found in sorted(read.items(), key=lambda each: int(each[0]))}
    for found in kept.values():
        found |= {piece.name: results.judged(piece, found[piece.name]) for piece in PIECES if piece.name in found}
    return kept
