"""What a home remembers of a watched folder: the files that were read, and whether journeys are still to be made.

It only spares work: imports add nothing twice, so a memory that is lost, or of a watch that was killed before it could
write, costs one more reading of each file. That is why it may be one small JSON file, replaced whole.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tiesa.core.errors import DamagedHome
from tiesa.core.home import Home
from tiesa.core.locale import _
from tiesa.core.whole_files import make_folder, write_whole
from tiesa.engines.locks import held
from tiesa.journeys.arrivals import Arrival


@dataclass(frozen=True, slots=True)
class Read:
    """A file that was read when it had this size and time of change.

    refused_with: of a file that could not be used, what it was read with (mappings, kind of rows, version); else "".
    """

    changed_ns: int
    size: int
    refused_with: str = ""


@dataclass(frozen=True, slots=True)
class Memory:
    """files: by name. owed: contacts may have come in since journeys were last made."""

    files: dict[str, Read] = field(default_factory=dict)
    owed: bool = False

    def knows(self, arrival: Arrival, ways: str) -> bool:
        """Was the file read as it is now? One that was refused counts as long as it would be read the same way."""
        known = self.files.get(arrival.name)
        unchanged = known is not None and (known.changed_ns, known.size) == (arrival.changed_ns, arrival.size)
        return unchanged and known is not None and known.refused_with in ("", ways)

    def after(self, arrival: Arrival, *, refused_with: str, there: Collection[str]) -> Memory:
        """With this file read, and without those that are no longer there."""
        files = {name: read for name, read in self.files.items() if name in there}
        return replace(self, files={**files, arrival.name: Read(arrival.changed_ns, arrival.size, refused_with)})


@dataclass(frozen=True)
class Watched:
    """The memory of one folder in one home."""

    home: Home
    folder: Path

    @property
    def path(self) -> Path:
        digest = hashlib.sha256(os.fsencode(self.folder.resolve())).hexdigest()
        return self.home.root / "watched" / f"{digest[:16]}.json"

    def read(self) -> Memory:
        """Raises DamagedHome when the file is not what `write` wrote; the next `write` mends it."""
        try:
            held = json.loads(self.path.read_text("ascii"))
            return Memory({name: Read(*read) for name, read in held["files"].items()}, bool(held["owed"]))
        except FileNotFoundError:
            return Memory()
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise DamagedHome(
                _("What was read of the watched folder cannot be told any more"),
                where=str(self.path),
                remedy=_("Every file in it is read once more; nothing is added twice"),
            ) from error

    def write(self, memory: Memory) -> None:
        """Replace the memory as a whole; it outlives a loss of power. Only for who has the turn."""
        files = {name: [r.changed_ns, r.size, r.refused_with] for name, r in memory.files.items()}
        whole: dict[str, Any] = {"folder": str(self.folder.resolve()), "owed": memory.owed, "files": files}
        self.home.make()
        write_whole(self.path, json.dumps(whole))

    @contextmanager
    def turn(self) -> Iterator[bool]:
        """Take the turn among the watchers of this folder; False when another one has it. A killed one loses it."""
        self.home.make()
        make_folder(self.path.parent)
        with ExitStack() as stack:
            try:
                stack.enter_context(held(self.path.with_suffix(".lock"), wait_s=0))
            except BlockingIOError:
                yield False
            else:
                yield True
