"""A home: the folder that holds one organisation's log, rules and private tables."""

from __future__ import annotations

import os
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

from tiesa.core.errors import DamagedHome
from tiesa.core.locale import _
from tiesa.core.whole_files import write_whole

LAYOUT = 1
"""Number of the folder layout that this version writes and reads."""
SETTINGS_TEXT = "# A Tiesa home. Do not edit `layout` by hand.\nlayout = {layout}\n"


@dataclass(frozen=True, slots=True)
class Home:
    """Paths of a home; nothing is created until something is kept.

    Args: root: the folder. Raises DamagedHome (by `check`) when another version made it.
    """

    root: Path

    @classmethod
    def standard(cls) -> Home:
        """`TIESA_HOME`, else `~/.local/share/tiesa`."""
        return cls(Path(os.environ.get("TIESA_HOME") or Path.home() / ".local" / "share" / "tiesa"))

    @property
    def settings(self) -> Path:
        return self.root / "tiesa.toml"

    @property
    def rules(self) -> Path:
        return self.root / "rules"

    @property
    def mappings(self) -> Path:
        return self.root / "mappings"

    @property
    def private(self) -> Path:
        return self.root / "private"

    @property
    def quarantine(self) -> Path:
        return self.root / "quarantine"

    @property
    def spill(self) -> Path:
        """Where large sorts and joins may spill: in the home once it exists, else in the system's temporary folder."""
        return self.root / "spill" if self.settings.exists() else Path(tempfile.gettempdir())

    def check(self) -> None:
        """Raise DamagedHome unless the home is absent, empty or of this layout."""
        if not self.settings.exists():
            if self.root.is_file():
                raise DamagedHome(_("A file stands where the home should be"), where=str(self.root))
            return
        try:
            layout = tomllib.loads(self.settings.read_text("utf-8")).get("layout")
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise DamagedHome(
                _("This settings file is not TOML"), where=str(self.settings), remedy=str(error)
            ) from error
        if layout != LAYOUT or isinstance(layout, bool):
            is_older = isinstance(layout, int) and not isinstance(layout, bool) and 0 < layout < LAYOUT
            raise DamagedHome(
                _("This home has layout {found}, and this version of Tiesa reads layout {known}").format(
                    found=layout, known=LAYOUT
                ),
                where=str(self.root),
                remedy=_("Run `tiesa upgrade`") if is_older else _("Use the version that made it, or another --home"),
            )

    def make(self) -> None:
        """Create the folder and its settings file, unless they exist. Safe to call from two processes at once."""
        self.check()
        if self.settings.exists():
            return
        self.private.mkdir(parents=True, exist_ok=True)
        self.root.chmod(0o750)
        self.private.chmod(0o700)
        write_whole(self.settings, SETTINGS_TEXT.format(layout=LAYOUT))
