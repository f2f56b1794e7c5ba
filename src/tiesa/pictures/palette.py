"""The colours and the type of every picture and page: one set of tokens, in three themes.

Status is never told by colour alone: whoever draws with these adds a word, a shape or a dash.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from tiesa.core.enums import WaitOwner

FONT = '"Inter", "Segoe UI", system-ui, -apple-system, "Noto Sans", "DejaVu Sans", sans-serif'
"""Faces that hold Latin with all our diacritics and Cyrillic, the ones a machine has first; none is fetched."""


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours by what they are for. ink2: second text; line: rules; band: every other column; us, customer,
    third_party, nobody, unknown: whose wait; glad, upset: grounds of the emotion curve; flag: moments of truth."""

    name: str
    ink: str
    ink2: str
    paper: str
    card: str
    line: str
    band: str
    accent: str
    accent_soft: str
    us: str
    customer: str
    third_party: str
    nobody: str
    unknown: str
    glad: str
    upset: str
    flag: str
    focus: str

    def wait(self, owner: str | None) -> str:
        """The colour of a wait by its owner."""
        return str(getattr(self, owner if owner in set(WaitOwner) else "unknown"))

    @property
    def tokens(self) -> dict[str, str]:
        """CSS custom properties (`--ink`, `--third-party`, ...) and their values.

        >>> LIGHT.tokens["--us"]
        '#b5482a'
        """
        return {"--" + f.name.replace("_", "-"): getattr(self, f.name) for f in fields(self) if f.name != "name"}


LIGHT = Theme(
    name="light", ink="#1b2430", ink2="#56616f", paper="#faf9f6", card="#ffffff", line="#e4e1da", band="#f4f2ed",
    accent="#0d6e6e", accent_soft="#cfe2e0", us="#b5482a", customer="#5f7d9e", third_party="#94772f", nobody="#6f8076",
    unknown="#7a818b", glad="#eaf3ef", upset="#f8ece7", flag="#8a1c3b", focus="#1a56c4",
)  # fmt: skip
DARK = Theme(
    name="dark", ink="#e8ebef", ink2="#a3aebb", paper="#12161c", card="#191f27", line="#2f3843", band="#1d242d",
    accent="#4bb8ad", accent_soft="#23484a", us="#e8815f", customer="#86a6c8", third_party="#d3bb7c", nobody="#7d8f83",
    unknown="#7b838d", glad="#172722", upset="#2a1d1a", flag="#f07a9a", focus="#7aa7ff",
)  # fmt: skip
PRINT = Theme(
    name="print", ink="#111820", ink2="#444e5a", paper="#ffffff", card="#ffffff", line="#cfccc5", band="#f4f3f0",
    accent="#0d6e6e", accent_soft="#cfe2e0", us="#b5482a", customer="#5f7d9e", third_party="#94772f", nobody="#6f8076",
    unknown="#7a818b", glad="#f0f6f3", upset="#faf1ed", flag="#8a1c3b", focus="#1a56c4",
)  # fmt: skip
THEMES = {theme.name: theme for theme in (LIGHT, DARK, PRINT)}
