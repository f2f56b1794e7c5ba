"""A home of the first layout, as the first version left it: an import, a correction, an undo, another source, builds.

`layout1.zip` is never made again. Later versions must read it, or upgrade it, for ever.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

from tiesa.core.home import Home

ZIP = Path(__file__).with_name("layout1.zip")
CORRECTED, UNDONE = "20261122-055745-3ed8dd", "20261122-055746-89f35b"
FIGURES = {
    1: (395, 147, 35841960, 24336540, 3900420, 0),
    2: (396, 147, 42261540, 24336540, 10320000, 0),
    3: (398, 149, 42261540, 24336540, 10320000, 0),
}
"""By evidence number: contacts, journeys, and in seconds their length and the waits for us, customers, unknown."""


def unpacked(folder: Path) -> Home:
    """A copy of it, with the access rights that an archive does not keep."""
    with zipfile.ZipFile(ZIP) as archive:
        archive.extractall(folder)
    home = Home(folder)
    home.private.chmod(0o700)
    (home.private / "salt").chmod(0o600)
    return home
