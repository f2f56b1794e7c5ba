"""Against a real IMAP server, dovecot, on this machine."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

from tiesa.app.api import mailboxes
from tiesa.app.api.mailbox_work import add
from tiesa.app.api.mailboxes import UnreadableMailbox
from tiesa.app.api.models import Mailbox
from tiesa.app.people.roles import Role
from tiesa.contacts.log import ContactLog
from tiesa.core.errors import WrongUsage
from tiesa.core.tables import CONTACT
from tiesa.engines.duckdb import engine, parquet

pytestmark = pytest.mark.django_db(transaction=True)
SETTINGS = """
protocols = imap
listen = 127.0.0.1
base_dir = {root}/run
state_dir = {root}/state
log_path = {root}/log
ssl = no
disable_plaintext_auth = no
mail_location = maildir:{root}/mail:LAYOUT=fs
mail_fsync = never
first_valid_uid = 1
passdb {{
  driver = static
  args = password=s3cret
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={root}/home
}}
service imap-login {{
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
"""


class Server:
    def __init__(self, root: Path) -> None:
        self.mail, self.uid, self.n = root / "mail", pwd.getpwnam("nobody").pw_uid, 0
        gid = pwd.getpwnam("nobody").pw_gid
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            self.port = one.getsockname()[1]
        for folder in (root, self.mail, *(self.mail / name for name in ("cur", "new", "tmp")), root / "home"):
            folder.mkdir(exist_ok=True)
            os.chown(folder, self.uid, gid)
        settings = root / "dovecot.conf"
        settings.write_text(SETTINGS.format(root=root, uid=self.uid, gid=gid, port=self.port))
        self.process = subprocess.Popen([shutil.which("dovecot"), "-F", "-c", str(settings)], stdin=subprocess.DEVNULL)
        for _attempt in range(100):
            with socket.socket() as one:
                if one.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise AssertionError((root / "log").read_text())

    def put(self, sender: str, to: str, subject: str, *, message_id: str = "", more: str = "") -> None:
        self.n += 1
        own = message_id or f"<{self.n}@example.org>"
        text = (
            f"From: {sender}\r\nTo: {to}\r\nSubject: {subject}\r\nMessage-ID: {own}\r\n"
            f"Date: Sun, 01 Mar 2026 10:{self.n:02}:00 +0000\r\n{more}\r\nFrom here on it is text.\r\n"
        )
        path = self.mail / "new" / f"1772359200.{self.n:06}.host"
        path.write_text(text)
        os.chown(path, self.uid, -1)

    def end(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(10)


@pytest.fixture
def server():
    if not shutil.which("dovecot") or os.geteuid():
        pytest.skip("no dovecot here that root could start (apt-get install dovecot-imapd)")
    import tempfile

    root = Path(tempfile.mkdtemp(prefix="tiesa-imap-"))  # a short path: it holds sockets
    root.chmod(0o755)
    made = Server(root)
    yield made
    made.end()
    shutil.rmtree(root, ignore_errors=True)


def box_at(server, source, **more) -> Mailbox:
    given = {
        "name": "desk", "host": "127.0.0.1", "port": server.port, "security": "plain", "user": "desk",
        "folder": "INBOX", "password": "s3cret", "own": "@shop.example", "every_minutes": 5, "source": source,
    }  # fmt: skip
    return add(**given | more, by=None)


def contacts(home, source):
    with engine(spill=home.spill) as connection:
        files = [f.path for f in ContactLog(home).files(CONTACT)]
        sql = f"from {parquet(files, CONTACT)} where source = '{source}' order by occurred_at"
        return connection.sql(sql).to_arrow_table().to_pylist()


def test_every_message_becomes_a_contact_once_and_none_is_marked_as_read(server, home) -> None:
    server.put("Ana <ana@example.net>", "desk@shop.example", "Where is my router?", message_id="<q@example.net>")
    server.put(
        "desk@shop.example", "ana@example.net", "Re: Where is my router?", more="In-Reply-To: <q@example.net>\r\n"
    )
    box = box_at(server, "mail-once")
    assert mailboxes.read(box) == {"messages": 2, "accepted": 2}
    assert mailboxes.read(box) == {"messages": 0, "accepted": 0}
    first, second = contacts(home, "mail-once")
    assert (first["direction"], second["direction"]) == ("inbound", "outbound")
    assert first["customer_key"] == second["customer_key"]
    assert first["case_id"] == second["case_id"]
    flags = [path.name.partition(",")[2] for part in ("cur", "new") for path in (server.mail / part).iterdir()]
    assert len(flags) == 2
    assert not any("S" in flag for flag in flags)
    server.put("Ana <ana@example.net>", "desk@shop.example", "Thanks")
    assert mailboxes.read(box) == {"messages": 1, "accepted": 1}
    assert len(contacts(home, "mail-once")) == 3
    assert not list(mailboxes.folder().glob("*.mbox"))


def test_messages_come_in_parts_and_the_mark_moves_behind_each(server, home, monkeypatch) -> None:
    monkeypatch.setattr(mailboxes, "AT_ONCE", 2)
    for n in range(5):
        server.put(f"c{n}@example.net", "desk@shop.example", f"Question {n}")
    box, marks = box_at(server, "mail-parts"), []
    finish = mailboxes._finish

    def watched(box, taken):
        finish(box, taken)
        marks.append(box.last_uid)

    monkeypatch.setattr(mailboxes, "_finish", watched)
    assert mailboxes.read(box)["accepted"] == 5
    assert marks == [0, 2, 4, 5]


def test_a_worker_killed_between_the_log_and_the_mark_takes_nothing_twice(server, home, monkeypatch) -> None:
    server.put("ana@example.net", "desk@shop.example", "Hello")
    box = box_at(server, "mail-killed")

    class Killed(BaseException):
        pass

    def taken_then_killed(*arguments, **named):
        import_file(*arguments, **named)
        raise Killed

    import_file = mailboxes.import_file
    with monkeypatch.context() as patched:
        patched.setattr(mailboxes, "import_file", taken_then_killed)
        with pytest.raises(Killed):
            mailboxes.read(box)
    imports = len(ContactLog(home).imports())
    mailboxes.read(Mailbox.objects.get(pk=box.pk))
    assert len(ContactLog(home).imports()) == imports
    assert len(contacts(home, "mail-killed")) == 1
    assert Mailbox.objects.get(pk=box.pk).last_uid == 1


def test_a_mailbox_that_was_numbered_anew_adds_nothing_twice(server, home) -> None:
    server.put("ana@example.net", "desk@shop.example", "Hello")
    box = box_at(server, "mail-anew")
    mailboxes.read(box)
    Mailbox.objects.filter(pk=box.pk).update(uidvalidity=1, last_uid=900)
    assert mailboxes.read(box) == {"messages": 1, "accepted": 0}
    assert len(contacts(home, "mail-anew")) == 1


def test_a_mailbox_that_does_not_let_us_in_is_not_added_and_says_why(server) -> None:
    with pytest.raises(UnreadableMailbox, match=r"(?i)auth"):
        box_at(server, "x", password="wrong")
    with pytest.raises(UnreadableMailbox, match="no folder Nowhere"):
        box_at(server, "x", folder="Nowhere")
    assert not Mailbox.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"host": "imap.example.org"},
        {"user": "a\r\nA1 DELETE INBOX"},
        {"own": ""},
        {"own": "example.org"},
        {"port": 0},
        {"every_minutes": 0},
        {"security": "none"},
    ],
)
def test_what_cannot_be_meant_is_refused_before_anybody_is_called(change) -> None:
    class Nobody:
        port = 1

    with pytest.raises(WrongUsage):
        box_at(Nobody, "x", **change)


def test_the_job_keeps_what_was_wrong_for_the_page_until_it_works_again(server, home, client_of) -> None:
    from tiesa.app.jobs.models import Job, State
    from tiesa.app.jobs.work import ask, run_job

    box = box_at(server, "mail-job")

    def run():
        job = ask("mailbox", {"mailbox": box.pk}, by=None)
        run_job.call(str(job.pk))
        return Job.objects.get(pk=job.pk).state

    server.end()
    assert run() == State.FAILED
    page = client_of(Role.ADMINISTRATOR).get("/data/mailboxes/").content.decode()
    assert "cannot be read" in page
    assert "s3cret" not in page
