"""The corpus: ten thousand broken files, each made anew from its number, the same on every machine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.fuzz.bombs import BOMBS, bomb
from tests.fuzz.mutations import SUFFIXES, mutate, splice
from tests.fuzz.structures import broken_by_its_rules, broken_letters
from tests.fuzz.whole import Whole, maildir_files, mbox, packed, wholes, zipped

SIZE = 10_000
BOMB_SHARE = 0.03
READERS = tuple(sorted(wholes()))


@dataclass(frozen=True, slots=True)
class Malformed:
    """A broken file. how: in what way; files: for a maildir, its messages by their path."""

    number: int
    reader: str
    name: str
    content: bytes
    how: str
    files: tuple[tuple[str, bytes], ...] = ()

    def write(self, folder: Path) -> Path:
        """Write it into the folder under its name."""
        path = folder / self.name
        if self.reader != "maildir":
            path.write_bytes(self.content)
            return path
        for inner in ("cur", "new", "tmp", ".Sent/cur", ".Sent/new"):
            (path / inner).mkdir(parents=True, exist_ok=True)
        for name, letter in self.files:
            (path / name).write_bytes(letter)
        return path


def malformed(number: int) -> Malformed:
    """The file of that number. Numbers go round the readers, so any stretch of them meets every reader."""
    rng = Random(f"malformed {number}")
    reader = READERS[number % len(READERS)]
    whole = rng.choice(wholes()[reader])
    if reader == "maildir":
        return _maildir(number, whole, rng)
    content, how = _broken(whole, rng)
    name = whole.name
    if rng.random() < 0.07:
        name, how = Path(name).stem + rng.choice(SUFFIXES), how + ", other name"
    if rng.random() < 0.05 and len(content) < 2**20:
        packing = rng.choice(("gz", "zip"))
        content = packed(content) if packing == "gz" else zipped([(name, content)])
        name, how = f"{name}.{packing}", f"{how}, packed in {packing}"
    return Malformed(number, reader, name or "calls", content, how)


def _broken(whole: Whole, rng: Random) -> tuple[bytes, str]:
    chance = rng.random()
    if chance < BOMB_SHARE and whole.reader in BOMBS:
        return bomb(whole.reader, rng)
    if chance < 0.5:
        if whole.reader == "mbox":
            letters, how = broken_letters(rng)
            content = mbox(letters)
        else:
            content, how = broken_by_its_rules(whole, rng)
        if rng.random() < 0.15:
            content, more = mutate(content, rng, times=1)
            how = ", ".join([how, *more])
        return content, how
    if chance < 0.93:
        content, steps = mutate(whole.content, rng)
        return content, ", ".join(steps)
    other = rng.choice(wholes()[rng.choice(READERS)])
    return splice(whole.content, other.content, rng), f"spliced with {other.reader}"


def _maildir(number: int, whole: Whole, rng: Random) -> Malformed:
    chance = rng.random()
    if chance < BOMB_SHARE:
        content, how = bomb("maildir", rng)
        letters = [content.partition(b"\n")[2]]
    elif chance < 0.6:
        letters, how = broken_letters(rng)
    else:
        changed = [mutate(letter, rng, times=1) for _name, letter in whole.files]
        letters, how = [content for content, _steps in changed], "bytes of its letters"
    return Malformed(number, "maildir", whole.name, b"", how, maildir_files(letters))
