"""Takes the screenshots of docs/tour.md from a running demo, with a real browser.

./tiesa demo --port 8011 &
.venv/bin/python docs/tour/take.py http://127.0.0.1:8011

Names after the address take these pictures alone.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

FOLDER = Path(__file__).resolve().parent
SHOTS = (
    # name, role, address, width, theme, height of the picture
    ("sign-in", "", "/account/sign-in/", 1280, "light", 900),
    ("today", "cx_manager", "/", 1280, "light", 1250),
    ("today-dark", "cx_manager", "/", 1280, "dark", 1250),
    ("today-phone", "cx_manager", "/", 360, "light", 1100),
    ("journeys", "cx_manager", "/journeys/", 1280, "light", 1750),
    ("journeys-dark", "cx_manager", "/journeys/", 1280, "dark", 1750),
    ("journeys-phone", "cx_manager", "/journeys/", 360, "dark", 1500),
    ("waits", "cx_manager", "/journeys/answers/waits/", 1280, "light", 1150),
    ("list", "cx_manager", "/journeys/list/?which=open&journey_type=problem+solving", 1280, "light", 900),
    ("compare", "cx_manager", "/journeys/compare/?with_channel=phone", 1280, "light", 1000),
    ("story", "cx_manager", "STORY", 1280, "light", 1250),
    ("brief-phone", "cx_manager", "BRIEF", 360, "light", 1000),
    ("moments", "cx_manager", "/moments/", 1280, "light", 1250),
    ("moment", "cx_manager", "MOMENT", 1280, "light", 1900),
    ("moment-phone", "cx_manager", "MOMENT", 360, "dark", 1500),
    ("searched", "cx_manager", "/moments/searched/", 1280, "dark", 1100),
    ("early-warning", "cx_manager", "/moments/early-warning/", 1280, "light", 1500),
    ("touchpoints", "cx_manager", "/touchpoints/", 1280, "dark", 900),
    ("data", "cx_manager", "/data/", 1280, "light", 900),
    ("people", "administrator", "/people/", 1280, "light", 900),
    ("audit", "administrator", "/people/audit/", 1280, "light", 900),
)


def main(address: str, names: list[str]) -> None:
    """Take every picture, or those of these names."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        chosen = [shot for shot in SHOTS if not names or shot[0] in names]
        if any("moment" in shot[2] or shot[2] == "MOMENT" for shot in chosen):
            _moments_found(_signed_in(browser, address, "cx_manager", 1280, "light"), address)
        for name, role, path, width, theme, height in chosen:
            page = _signed_in(browser, address, role, width, theme)
            if path in ("STORY", "BRIEF"):
                path = _waiting_customer(page, address) + ("brief/" if path == "BRIEF" else "")
            if path == "MOMENT":
                page.goto(address + "/moments/")
                path = page.locator("main .board a[href*='/moments/m-']").first.get_attribute("href") or ""
            page.goto(address + path)
            page.wait_for_function("() => !document.querySelector('.working')", timeout=120_000)
            page.wait_for_load_state("networkidle")
            page.wait_for_function("() => [...document.images].every((image) => image.complete)", timeout=120_000)
            page.screenshot(
                path=FOLDER / f"{name}.png", full_page=True, clip={"x": 0, "y": 0, "width": width, "height": height}
            )
            print(f"{name}.png")
            page.context.close()
        browser.close()


def _signed_in(browser: Browser, address: str, role: str, width: int, theme: str) -> Page:
    page = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme).new_page()  # type: ignore[arg-type]
    page.goto(address + "/account/sign-in/")
    if role:
        page.locator(f"form[action='/people/demo/{role}'] button").click()
        page.wait_for_load_state("networkidle")
        if page.locator(".tour button").count():
            page.locator(".tour button").click()
            page.wait_for_load_state("networkidle")
    return page


def _moments_found(page: Page, address: str) -> None:
    """Have them looked for, where nobody did."""
    page.goto(address + "/moments/")
    look = page.locator("form[action='/moments/find'] button:not(.quiet)")
    if look.count():
        look.click()
        page.wait_for_url("**/moments/**")
        for _try in range(300):
            page.goto(address + "/moments/")
            if page.locator("main .board").count():
                break
            page.wait_for_timeout(2_000)
    page.context.close()


def _waiting_customer(page: Page, address: str) -> str:
    """A customer who waits and has written: the most contacts first."""
    page.goto(address + "/journeys/list/?which=waiting&order=contacts")
    page.wait_for_function("() => !document.querySelector('.working')", timeout=120_000)
    link = page.locator("main tbody a").first.get_attribute("href") or ""
    return link.partition("#")[0]


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
