"""Every theme can be read by people with weak sight (WCAG 2.2 AA)."""

from __future__ import annotations

import pytest

from tiesa.core.enums import WaitOwner
from tiesa.pictures.palette import THEMES, Theme

GROUNDS = ("paper", "card", "band", "glad", "upset")


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, two: str) -> float:
    light, dark = sorted((luminance(one), luminance(two)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_measure_is_the_one_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("text", ["ink", "ink2", "accent", "us", "flag", "focus"])
def test_text_stands_out_from_every_ground(theme: Theme, ground: str, text: str) -> None:
    assert contrast(getattr(theme, text), getattr(theme, ground)) >= 4.5


@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
def test_numbers_in_bubbles_and_on_flags_can_be_read(theme: Theme) -> None:
    assert contrast(theme.card, theme.accent) >= 4.5
    assert contrast(theme.card, theme.flag) >= 4.5


@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
@pytest.mark.parametrize("owner", list(WaitOwner))
def test_the_line_of_each_owner_is_seen(theme: Theme, owner: WaitOwner) -> None:
    assert min(contrast(theme.wait(owner), getattr(theme, ground)) for ground in ("paper", "card", "band")) >= 3
