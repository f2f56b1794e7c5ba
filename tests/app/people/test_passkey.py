"""A passkey for real: Chromium, a virtual authenticator, and the content security policy as it is served."""

from __future__ import annotations

from pathlib import Path

import pytest

from tiesa.app.people.roles import Role
from tiesa.app.people.work import invite

PASSWORD = "a long password 1"
CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch):
    """A browser page with an authenticator that always says yes; any error of the page fails the test."""
    sync_api = pytest.importorskip("playwright.sync_api")
    if not CHROMIUM.exists():
        pytest.skip("needs Debian's chromium")
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # playwright's own loop runs in this thread
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        page = browser.new_page()
        problems: list[str] = []
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: problems.append(str(error)))
        client = page.context.new_cdp_session(page)
        client.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
            "isUserVerified": True, "automaticPresenceSimulation": True,
        }  # fmt: skip
        client.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        yield page
        browser.close()
        assert problems == []


def test_a_passkey_is_added_and_then_signs_in_without_a_password(live_server, page, transactional_db) -> None:
    _invitation, token = invite(email="key@example.org", role=Role.VIEWER, by=None)
    home = live_server.url.replace("127.0.0.1", "localhost")
    page.goto(f"{home}/people/join/{token}")
    page.fill("[name=name]", "Key Person")
    page.fill("[name=password]", PASSWORD)
    page.click("main button:text-is('Join')")
    page.wait_for_url(f"{home}/")
    page.goto(f"{home}/account/second/webauthn/add/")
    page.fill("[name=password]", PASSWORD)
    page.click("button:text-is('Confirm')")
    page.fill("[name=name]", "work phone")
    page.check("[name=passwordless]")
    page.wait_for_load_state()  # the button does nothing before its script is there
    page.click("#mfa_webauthn_add")
    page.wait_for_url("**/recovery-codes/")
    page.goto(f"{home}/account/sign-out/")
    page.click("main button:text-is('Sign out')")
    page.goto(f"{home}/account/sign-in/?next=/people/me/")
    page.click("#passkey_login")
    page.wait_for_url(lambda url: "/account/" not in url)
    page.goto(f"{home}/people/me/")
    assert "Key Person" in page.inner_text("h1")
