"""What a visitor of the demo does, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from tests.browser.conftest import Visit
from tests.unit.moments.kept_estimates import estimate

pytestmark = pytest.mark.xdist_group("browser")
PAGES = [
    "/", "/journeys/", "/journeys/map/", "/journeys/process/", "/journeys/variants/", "/journeys/list/?which=open",
    "/journeys/compare/", "/journeys/answers/waits/", "/journeys/answers/visibility/", "/journeys/answers/goals/",
    "/journeys/answers/optimum/", "/journeys/answers/standards/",
    "/touchpoints/", "/customers/?q=a", "/data/", "/people/me/",
    "/moments/", "/moments/?as=table", "/moments/searched/", f"/moments/{estimate()['id']}/",
]  # fmt: skip


def test_one_click_and_those_who_wait_stand_there_by_name(visit: Callable[..., Visit]) -> None:
    at = visit("cx_manager")
    rows = at.page.locator("table.waiting tbody tr")
    assert rows.count() > 0
    assert re.search(r"[^\W\d_]{2,} [^\W\d_]{2,}", rows.first.inner_text())
    rows.first.locator("a").click()
    at.settle()
    assert at.page.locator(".story li").count() > 0
    assert at.page.locator(".tag.us").count() > 0


def test_each_role_has_its_first_page(visit: Callable[..., Visit]) -> None:
    for role in ("administrator", "process_owner", "adviser", "committee_member", "analyst", "viewer"):
        at = visit(role)
        assert at.page.locator("h1").inner_text(), role
        assert not at.complaints, (role, at.complaints)


def test_no_page_breaks_its_security_policy_or_complains(visit: Callable[..., Visit]) -> None:
    at = visit("cx_manager")
    for path in PAGES:
        assert at.go(path) == 200, path
        assert not at.complaints, (path, at.complaints)


@pytest.mark.parametrize("width", [360, 640, 1280])
def test_no_page_scrolls_sideways(visit: Callable[..., Visit], width: int) -> None:
    """360: a phone; 640: 1280 at 200 % zoom."""
    at = visit("cx_manager", width=width)
    wide = []
    for path in PAGES:
        at.go(path)
        if at.page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            wide.append(path)
    assert not wide


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_accessibility_rules_hold(visit: Callable[..., Visit], scheme: str) -> None:
    """axe-core's rules of WCAG 2.2 A and AA, on every page."""
    from axe_playwright_python.sync_playwright import Axe

    options = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
    at = visit("cx_manager", color_scheme=scheme)
    found = []
    for path in PAGES:
        at.go(path)
        violations = Axe().run(at.page, options=options).response["violations"]
        found += [
            f"{path}: {v['id']}: {n['html'][:160]} {n.get('failureSummary', '')[:200]}"
            for v in violations
            for n in v["nodes"]
        ]
    assert not found, "\n".join(found[:20])


def test_the_keyboard_reaches_everything(visit: Callable[..., Visit]) -> None:
    at = visit("cx_manager")
    at.go("/journeys/list/?which=open")
    at.page.keyboard.press("Tab")
    assert at.page.evaluate("document.activeElement.className") == "skip"
    at.page.keyboard.press("Enter")
    at.page.keyboard.press("j")
    assert "/customers/" in at.page.evaluate("document.activeElement.href")
    at.page.keyboard.press("Control+k")
    at.page.wait_for_function("document.activeElement.id === 'palette-words'")
    at.page.keyboard.type("touchp")
    at.page.locator("#palette-found a.chosen", has_text="Touchpoints").wait_for()
    at.page.keyboard.press("Enter")
    at.page.wait_for_url("**/touchpoints/")


def test_the_brief_fits_a_phone(visit: Callable[..., Visit]) -> None:
    at = visit("adviser", width=360)
    at.go("/journeys/list/?which=all")
    at.page.locator("tbody a").first.click()
    at.settle()
    at.page.get_by_role("link", name="Brief").click()
    at.settle()
    assert at.page.locator(".brief h2").count() >= 2
    sizes = at.page.evaluate(
        "[...document.querySelectorAll('main a, main button')].map(e => e.getBoundingClientRect().height)"
    )
    assert min(sizes) >= 24
    assert not at.page.evaluate("document.documentElement.scrollWidth > window.innerWidth")


def test_nothing_moves_for_who_asks_for_that(visit: Callable[..., Visit]) -> None:
    at = visit("cx_manager", reduced_motion="reduce")
    at.go("/journeys/")
    moving = at.page.evaluate("document.getAnimations().filter(a => a.playState === 'running').length")
    assert moving == 0


def test_a_picture_has_words_and_a_table(visit: Callable[..., Visit]) -> None:
    at = visit("viewer")
    at.go("/journeys/map/")
    assert len(at.page.locator("figure img").first.get_attribute("alt") or "") > 80
    assert at.page.locator("main table").count() >= 2


def test_colours_and_language_stay_chosen(visit: Callable[..., Visit]) -> None:
    at = visit("viewer")
    at.page.locator("details.menu summary").click()
    at.page.locator(".menu-body select[name=theme]").select_option("dark")
    at.settle()
    assert at.page.locator("html").get_attribute("data-theme") == "dark"
    at.page.locator("details.menu summary").click()
    at.page.locator(".menu-body select[name=language]").select_option("lt")
    at.settle()
    assert at.page.locator("html").get_attribute("lang") == "lt"
    at.go("/journeys/")
    assert at.page.locator("html").get_attribute("lang") == "lt"
