"""Starting the application: bring the database up to date, refuse what is unsafe, serve, and end in order."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tiesa.core.errors import WrongUsage
from tiesa.core.home import Home
from tiesa.core.locale import _

if TYPE_CHECKING:
    from tiesa.app.config.installation import Installation

GRACE_S = 20
"""Requests and jobs under way get so long to end when the server is told to stop."""


def set_up(home: Home, *, demo: bool = False, base_url: str = "") -> Installation:
    """Make this process the application of a home. Changes the environment of this process; to be called once."""
    os.environ["TIESA_HOME"] = str(home.root)
    os.environ["TIESA_DEMO"] = "true" if demo else "false"
    if base_url and "TIESA_BASE_URL" not in os.environ:
        os.environ["TIESA_BASE_URL"] = base_url
    os.environ["DJANGO_SETTINGS_MODULE"] = "tiesa.app.config.settings"
    try:
        import django
    except ModuleNotFoundError as error:
        raise WrongUsage(
            _("The pages need packages that are not installed ({name})").format(name=error.name),
            remedy=_("Install them with: pip install 'tiesa[app]'"),
        ) from error
    from tiesa.app.config.installation import installation

    installation.cache_clear()
    home.make()
    installation().folder.mkdir(mode=0o700, exist_ok=True)
    django.setup()
    return installation()


def prepare() -> None:
    """Bring the database to this version's tables."""
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    for file in _database_files():
        file.chmod(0o600)


def _database_files() -> list[Path]:
    from tiesa.app.config.installation import installation

    return sorted(installation().folder.glob("tiesa.sqlite3*"))


def refuse_what_is_unsafe() -> None:
    """Raise WrongUsage where something of the demo would be served to people who mean it."""
    from tiesa.app.config.installation import DEMO_KEY, installation
    from tiesa.app.people.models import Person

    if installation().key() == DEMO_KEY:
        raise WrongUsage(
            _("TIESA_SECRET_KEY is the demo's, which everybody knows"),
            where="serve",
            remedy=_("Set another one, or none: the home then gets its own"),
        )
    if Person.objects.filter(is_demo=True, is_active=True).exists():
        raise WrongUsage(
            _("This home was made by the demo: everybody could sign in"),
            where="serve",
            remedy=_("Serve another home with --home, or look at this one with `tiesa demo`"),
        )


def first_link() -> str:
    """A link by which the first administrator joins, where there is nobody yet; else "". It works for a day."""
    from tiesa.app.config.installation import installation
    from tiesa.app.people.models import JoinInvitation, Membership
    from tiesa.app.people.roles import Role
    from tiesa.app.people.work import invite

    if Membership.objects.filter(role=Role.ADMINISTRATOR, person__is_active=True).exists():
        return ""
    JoinInvitation.objects.filter(invited_by=None, used_at=None).delete()  # links of earlier starts
    _invitation, token = invite(email="", role=Role.ADMINISTRATOR, by=None, days=1)
    return f"{installation().base_url}/people/join/{token}"


def serve(host: str, port: int, *, with_worker: bool) -> None:
    """Serve until SIGINT or SIGTERM; then end what is under way within GRACE_S."""
    import uvicorn

    from tiesa.app.config.installation import installation

    config = uvicorn.Config(
        "tiesa.app.config.asgi:application",
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        proxy_headers=installation().behind_proxy,
        timeout_graceful_shutdown=GRACE_S,
        timeout_keep_alive=20,
    )
    _warm_up()
    worker = _Beside() if with_worker else None
    if worker:
        worker.start()
    for name in (signal.SIGINT, signal.SIGTERM):
        # The server ends in order and then raises the signal once more, which would end us before the worker has ended.
        signal.signal(name, lambda _signal, _frame: None)
    uvicorn.Server(config).run()
    if worker:
        worker.end()


def _warm_up() -> None:
    """Begin to work out what the first visitors will ask, while they sign in."""
    from tiesa.app.config.installation import installation
    from tiesa.app.insight.looking import warm
    from tiesa.core.scope import EVERYTHING

    warm(installation().place, EVERYTHING)


class _Beside:
    """A worker in a thread of the server, for small installations and the demo."""

    def __init__(self) -> None:
        from tiesa.app.jobs.worker import Worker

        self._worker = Worker()
        self._thread = threading.Thread(target=self._worker.run, name="worker", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def end(self) -> None:
        """A job that does not end in time is begun again at the next start."""
        self._worker.end()
        self._thread.join(GRACE_S)


def work() -> None:
    """Run jobs until SIGINT or SIGTERM; the job under way is finished first."""
    from tiesa.app.jobs.worker import Worker

    worker = Worker()

    def end(_signal: int, _frame: Any) -> None:
        worker.end()

    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, end)
    worker.run()
