"""The first day of an installation: from the one-time link to the list of open journeys of a real helpdesk."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from tests.browser.conftest import started

pytestmark = pytest.mark.xdist_group("browser")
PASSWORD = "an apple a day keeps"


@pytest.fixture
def served(checkout: Path, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A fresh installation: its address, and what its start printed."""
    home = tmp_path / "home"
    server, address = started(checkout, home, "serve")
    yield address, home.parent / "server.txt"
    server.terminate()
    assert server.wait(60) == 0, "it ends in order when told to"


def joined(browser: Browser, link: str, mail: str) -> Page:
    """Somebody who has just joined by a link."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.goto(link)
    if page.locator("[name=email]").count():
        page.locator("[name=email]").fill(mail)
    page.locator("[name=name]").fill("Ona Onaitė")
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Join").click()
    page.wait_for_load_state("networkidle")
    return page


def test_from_the_first_link_to_the_open_journeys_of_a_helpdesk(
    served: tuple[str, Path], browser: Browser, real_data: Path, tmp_path: Path
) -> None:
    address, printed = served
    link = re.search(r"http\S+/people/join/\S+", printed.read_text())
    assert link, printed.read_text()
    administrator = joined(browser, link[0], "administrator@example.org")
    assert administrator.locator("nav").count(), "who has joined is signed in"
    administrator.goto(address + "/people/")
    administrator.locator("[name=role][value=cx_manager]").check()
    administrator.locator("form[action='/people/invite'] button").last.click()
    administrator.wait_for_load_state("networkidle")
    invitation = re.search(r"http\S+/people/join/[\w-]+", administrator.locator("main").inner_text())
    assert invitation, administrator.locator("main").inner_text()
    manager = joined(browser, invitation[0], "manager@example.org")
    assert "There are no journeys yet" in manager.locator("main").inner_text()

    manager.goto(address + "/data/bring")
    manager.locator("input[type=file]").set_input_files(real_data / "contacts" / "helpdesk.xes.gz")
    manager.get_by_role("button", name="Bring in").click()
    for wanted in ("Try it out", r"Import [\d,]+ rows"):
        _until(manager, wanted)
        manager.locator("main button").filter(has_text=re.compile(f"^({wanted})")).first.click()
    manager.get_by_role("link", name="See the journeys").wait_for(timeout=90_000)

    clicks = 0
    for name in ("See the journeys", "List", "open"):
        manager.get_by_role("link", name=name, exact=True).first.click()
        manager.wait_for_load_state("networkidle")
        manager.wait_for_function("() => !document.querySelector('.working')", timeout=90_000)
        clicks += 1
    assert clicks == 3
    assert "oldest first" in manager.locator("main").inner_text()
    ages = manager.locator("tbody tr td:last-child").all_inner_texts()
    days = [float(age.replace(",", "").split()[0]) for age in ages if "day" in age]
    assert len(days) > 10
    assert days == sorted(days, reverse=True)


def _until(page: Page, words: str) -> None:
    """Wait until a button of these words is there (the page follows the work by itself)."""
    for _try in range(300):
        if page.locator("main button").filter(has_text=re.compile(f"^({words})")).count():
            return
        time.sleep(0.3)
    raise AssertionError(f"no button {words!r}: " + page.locator("main").inner_text()[:500])
