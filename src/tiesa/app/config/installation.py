"""What an installation says of itself: read once from the environment (`TIESA_...`) and from its home."""

from __future__ import annotations

import secrets
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from tiesa.core.home import Home
from tiesa.core.whole_files import creating

DEMO_KEY = "demo-key-known-to-everybody-serve-refuses-it"
"""Signs the sessions of `tiesa demo` only."""
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


class Installation(BaseSettings):
    """Settings of one installation; each is an environment variable with the prefix `TIESA_`.

    home: the folder of the log. database_url: postgresql://user:password@host/name, else SQLite in the home.
    base_url: how people reach it. secret_key: signs sessions and links; else a random one is kept in the home.
    demo: the made-up company with one click to sign in. behind_proxy: trust the proxy's word that a request came by
    https. language: of who has chosen none. mail_*: how mails leave. oidc_*: sign-on by an identity provider.
    second_factor: who must have one before they see anything. metrics_token: who shows it may read /metrics; without
    one only this machine may. api_per_s: requests a second of one key. hooks_loopback: webhooks may call this machine
    itself (for tests).
    """

    model_config = SettingsConfigDict(env_prefix="TIESA_", extra="ignore")

    home: Path = Field(default_factory=lambda: Home.standard().root)
    database_url: str = ""
    base_url: str = "http://127.0.0.1:8000"
    secret_key: str = ""
    demo: bool = False
    behind_proxy: bool = False
    language: str = "en"
    time_zone: str = "UTC"
    mail_host: str = ""
    mail_port: int = 587
    mail_user: str = ""
    mail_password: str = ""
    mail_tls: bool = True
    mail_from: str = "tiesa@localhost"
    oidc_issuer: str = ""
    oidc_name: str = ""
    oidc_client: str = ""
    oidc_secret: str = ""
    metrics_token: str = ""
    second_factor: Literal["nobody", "administrators", "everybody"] = "nobody"
    upload_limit: int = 2 * 1024**3
    api_per_s: float = 500
    hooks_loopback: bool = False

    @property
    def place(self) -> Home:
        return Home(self.home)

    @property
    def folder(self) -> Path:
        """Where the application keeps its own files."""
        return self.home / "app"

    @property
    def is_secure(self) -> bool:
        """Do people reach it by https?"""
        return urlsplit(self.base_url).scheme == "https"

    @property
    def hosts(self) -> list[str]:
        """The names it answers to."""
        name = urlsplit(self.base_url).hostname
        return [*LOOPBACK, *([name] if name and name not in LOOPBACK else [])]

    def key(self) -> str:
        """The secret key: given, or the home's own, made at the first start."""
        if self.demo:
            return DEMO_KEY
        return self.secret_key or self._kept_key()

    def _kept_key(self) -> str:
        path = self.folder / "secret"
        if not path.exists():
            self.place.make()
            self.folder.mkdir(mode=0o700, exist_ok=True)
            with suppress(FileExistsError), creating(path, mode=0o600) as draft:
                draft.write_text(secrets.token_urlsafe(50), "ascii")
        return path.read_text("ascii").strip()

    def database(self) -> dict[str, Any]:
        """The database as Django wants it."""
        if self.database_url:
            from psycopg.conninfo import conninfo_to_dict

            found = conninfo_to_dict(self.database_url)
            named = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
            return {
                "ENGINE": "django.db.backends.postgresql",
                **{ours: found.pop(theirs, "") for ours, theirs in named.items()},
                "CONN_MAX_AGE": 600,
                "CONN_HEALTH_CHECKS": True,
                "OPTIONS": found,
            }
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": self.folder / "tiesa.sqlite3",
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on",
            },
        }


@cache
def installation() -> Installation:
    """This process's installation."""
    return Installation()
