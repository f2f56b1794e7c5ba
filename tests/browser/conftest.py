"""A real browser at a real server: `tiesa demo` on loopback, with a company of its own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from tests.unit.moments.kept_estimates import UNANSWERED, estimate, keep_register

from tiesa.core.home import Home

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
CUSTOMERS = 400


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def started(checkout: Path, home: Path, *words: str) -> tuple[subprocess.Popen[str], str]:
    """A server of that home; returns it and its address once it answers."""
    port = free_port()
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("TIESA_", "DJANGO_"))}
    environment |= {"PYTHONPATH": str(checkout / "src"), "TIESA_HOME": str(home)}
    command = [sys.executable, "-m", "tiesa", *words, "--home", str(home), "--port", str(port)]
    log = (home.parent / "server.txt").open("w")
    server = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT, text=True)
    address = f"http://127.0.0.1:{port}"
    for _try in range(1200):
        if server.poll() is not None:
            break
        try:
            with urllib.request.urlopen(address + "/health", timeout=2):
                return server, address
        except OSError:
            time.sleep(0.2)
    server.kill()
    raise AssertionError("the server did not start:\n" + (home.parent / "server.txt").read_text()[-3000:])


@pytest.fixture(scope="session")
def demo(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running demo."""
    home = tmp_path_factory.mktemp("demo") / "home"
    server, address = started(checkout, home, "demo", "--customers", str(CUSTOMERS))
    keep_register(Home(home), [estimate(), estimate(UNANSWERED, state="effect_unknown")])
    yield address
    server.terminate()
    server.wait(60)


@pytest.fixture(scope="module")  # its event loop runs in this thread, where other tests want loops of their own
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("there is no Chromium on this machine")
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield made
        made.close()


@dataclass
class Visit:
    """A person's browser: one page, and everything the console complained of."""

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str) -> int:
        """Open a page and wait until its figures are there; returns its status."""
        response = self.page.goto(self.address + path)
        self.settle()
        return response.status if response else 0

    def settle(self) -> None:
        """Wait until nothing is being worked out or fetched."""
        self.page.wait_for_function("() => !document.querySelector('.working')", timeout=90_000)
        self.page.wait_for_load_state("networkidle")


@pytest.fixture
def visit(browser: Browser, demo: str) -> Iterator[Callable[..., Visit]]:
    """Opens a browser, signed in by one click as somebody of that role."""
    contexts: list[BrowserContext] = []

    def signed_in(role: str | None, *, width: int = 1280, **options: object) -> Visit:
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)  # type: ignore[arg-type]
        contexts.append(context)
        made = Visit(context.new_page(), demo)
        made.page.on("console", lambda m: made.complaints.append(m.text) if m.type == "error" else None)
        made.page.on("pageerror", lambda error: made.complaints.append(str(error)))
        if role is not None:
            made.page.goto(demo + "/account/sign-in/")
            made.page.locator(f"form[action='/people/demo/{role}'] button").click()
            made.settle()
        return made

    yield signed_in
    for context in contexts:
        context.close()
