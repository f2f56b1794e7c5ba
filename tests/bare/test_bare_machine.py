"""On a bare Debian 12 with only python3, python3-pip and certificates, the two commands of the README work.

The machine is a debootstrap chroot: no `venv` module, no compiler, no git, no Node. Its base system and uv's downloads
are kept in /tmp/tiesa-bare-cache for the next run. How this machine reaches the network (name servers, certificates,
proxies, package index) is handed on, whatever it is. Every command runs in its own mount and process namespace, so
nothing stays mounted or running, however it ends.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.xdist_group("bare")  # one machine for all tests of this file

CACHE = Path("/tmp/tiesa-bare-cache")
CERTIFICATES = "etc/ssl/certs/ca-certificates.crt"
CERTIFICATE_VARIABLES = ["SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"]
NETWORK_VARIABLES = [
    *(name for proxy in ["http_proxy", "https_proxy", "all_proxy", "no_proxy"] for name in (proxy, proxy.upper())),
    *["PIP_INDEX_URL", "PIP_DEFAULT_TIMEOUT", "UV_INDEX_URL", "UV_DEFAULT_INDEX", "UV_HTTP_TIMEOUT"],
]
ENTER = """
mount --bind /dev "$1/dev" && mount -t proc proc "$1/proc" && mount --bind "$2" "$1/var/cache/uv" &&
machine=$1 user=$3 folder=$4 && shift 4 && exec chroot --userspec="$user" "$machine" env --chdir="$folder" "$@"
"""


@dataclass(frozen=True)
class Machine:
    """A bare Debian below `root`, and the files of this checkout to put on it."""

    root: Path
    checkout: Path
    files: list[Path]

    def run(
        self, *words: str, user: str = "root", folder: str = "/", network: bool = True, timeout: int = 1500
    ) -> subprocess.CompletedProcess:
        home = "/root" if user == "root" else f"/home/{user}"
        environment = {name: os.environ[name] for name in NETWORK_VARIABLES if name in os.environ}
        environment |= {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": home, "LANG": "C.UTF-8"}
        environment |= {"UV_CACHE_DIR": "/var/cache/uv", "UV_LINK_MODE": "copy", "TIESA_BARE": "1"}
        apart = ["unshare", "--mount", "--pid", "--fork", "--kill-child", *([] if network else ["--net"])]
        enter = ["sh", "-euc", ENTER, "enter", self.root, CACHE / "uv", user, folder]
        return subprocess.run(
            [*apart, *enter, *words],
            env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout,
        )  # fmt: skip

    def check(self, *words: str, user: str = "root", folder: str = "/") -> subprocess.CompletedProcess:
        done = self.run(*words, user=user, folder=folder)
        assert done.returncode == 0, f"{' '.join(words)}\n{done.stdout[-6000:]}\n{done.stderr[-6000:]}"
        return done

    def put_checkout(self, folder: str, owner: str) -> str:
        """A fresh clone in `folder`: the files of the project, without git."""
        for file in self.files:
            copy = self.root / folder.lstrip("/") / file.relative_to(self.checkout)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(file, copy)
        self.check("chown", "--recursive", f"{owner}:{owner}", folder)
        return folder

    def installed(self, venv: str) -> set[str]:
        packages = (self.root / venv.lstrip("/")).glob("lib/python3*/site-packages/*.dist-info")
        return {package.name.partition("-")[0].lower() for package in packages}


def base_system() -> Path:
    """The base system as a tar file, made once."""
    tar = CACHE / "bookworm.tar"
    if not tar.exists():
        with tempfile.TemporaryDirectory(dir=CACHE) as work:
            include = "--include=python3,python3-pip,ca-certificates"
            making = ["debootstrap", "--variant=minbase", include, "bookworm", f"{work}/root"]
            made = subprocess.run(making, capture_output=True, text=True)
            if made.returncode:
                pytest.skip(f"debootstrap could not make a bare Debian: {(made.stdout + made.stderr)[-300:]}")
            subprocess.run(
                ["tar", "-C", f"{work}/root", "--exclude=./var/cache/apt/*", "-cf", f"{work}/new.tar", "."], check=True
            )
            Path(work, "new.tar").replace(tar)
    return tar


def hand_on_network(root: Path) -> None:
    for file in ["etc/resolv.conf", "etc/hosts"]:
        shutil.copyfile(f"/{file}", root / file)
    named = [os.environ[name] for name in CERTIFICATE_VARIABLES if name in os.environ]
    bundle = next((file for file in [*named, f"/{CERTIFICATES}"] if Path(file).is_file()), None)
    if bundle:
        shutil.copyfile(bundle, root / CERTIFICATES)


@pytest.fixture(scope="module")
def machine(checkout: Path, project_files: list[Path]) -> Iterator[Machine]:
    if os.geteuid() != 0:
        pytest.skip("a chroot needs root")
    for tool in ["debootstrap", "unshare", "chroot", "tar"]:
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed here")
    if subprocess.run(["unshare", "--mount", "--pid", "--fork", "true"], capture_output=True).returncode:
        pytest.skip("this machine allows no namespaces")
    CACHE.mkdir(mode=0o755, exist_ok=True)
    if CACHE.stat().st_uid != 0:
        pytest.skip(f"{CACHE} belongs to somebody else")
    (CACHE / "uv").mkdir(exist_ok=True)
    tar = base_system()
    root = Path(tempfile.mkdtemp(prefix="machine-", dir=CACHE))
    try:
        root.chmod(0o755)
        subprocess.run(["tar", "-C", root, "-xf", tar], check=True)
        (root / "var/cache/uv").mkdir()
        hand_on_network(root)
        bare = Machine(root, checkout, project_files)
        bare.check("useradd", "--create-home", "visitor")
        yield bare
    finally:
        assert str(root) not in Path("/proc/mounts").read_text(), f"something is still mounted below {root}"
        shutil.rmtree(root)


@pytest.fixture(scope="module")
def of_root(machine: Machine) -> str:
    return machine.put_checkout("/srv/tiesa", "root")


@pytest.fixture(scope="module")
def of_visitor(machine: Machine) -> str:
    own_cache(machine)
    return machine.put_checkout("/home/visitor/tiesa", "visitor")


def own_cache(machine: Machine) -> None:
    machine.check("chown", "--recursive", "visitor:visitor", "/var/cache/uv")


def test_the_machine_is_bare(machine: Machine) -> None:
    assert machine.run("python3", "-m", "venv", "/tmp/venv").returncode != 0
    assert machine.run("python3", "-m", "pip", "install", "six").returncode != 0
    for tool in ["gcc", "cc", "git", "node", "uv", "java"]:
        assert machine.run("sh", "-c", f"command -v {tool}").returncode != 0, tool


def test_what_is_missing_is_said_in_one_sentence(machine: Machine) -> None:
    folder = machine.put_checkout("/srv/without", "root")
    offline = machine.run("./tiesa", "--version", folder=folder, network=False)
    assert offline.returncode == 1
    assert offline.stderr.splitlines()[-1].startswith("tiesa: could not get uv; is the network there")
    pip = machine.root / "usr/lib/python3/dist-packages/pip"
    hidden = pip.rename(pip.with_name("pip-hidden"))
    try:
        without_pip = machine.run("./tiesa", "--version", folder=folder)
    finally:
        hidden.rename(pip)
    assert without_pip.returncode == 1
    assert without_pip.stderr.startswith(
        "tiesa: pip is missing; install it (on Debian or Ubuntu: apt install python3-pip)"
    )
    assert len(without_pip.stderr.splitlines()) == 1


def test_a_killed_start_heals_and_two_starts_set_up_once(machine: Machine) -> None:
    folder = machine.put_checkout("/srv/twice", "root")
    for seconds in ("3", "5"):  # while pip gets uv; while uv installs
        machine.check("sh", "-c", f"./tiesa --version & sleep {seconds}; kill -9 $!; wait || true", folder=folder)
    both = machine.check("sh", "-c", "./tiesa --version & ./tiesa --version && wait $!", folder=folder)
    assert both.stdout.count("tiesa ") == 2
    assert both.stderr.count("tiesa: installing") == 1


def test_first_answer_needs_run_time_packages_only(machine: Machine, of_root: str) -> None:
    first = machine.check("./tiesa", "try", "examples/support.csv", folder=of_root)
    assert "tiesa: installing" in first.stderr
    assert "395" in first.stdout, f"the number of contacts is not in the answer:\n{first.stdout}"
    kernel = machine.root / of_root.lstrip("/") / ".tools" / "kernel"
    assert list(kernel.rglob("*.nbi")), "the journey kernel is compiled at set-up"
    installed = machine.installed(f"{of_root}/.venv")
    assert {"duckdb", "numba"} <= installed
    assert not installed & {"pytest", "hypothesis", "mypy", "ruff", "pandas", "polars", "playwright", "pyspark"}


def test_second_start_takes_less_than_a_second(machine: Machine, of_root: str) -> None:
    seconds = []  # of the processor, since other tests may have it meanwhile
    for _ in range(5):
        before = os.times()
        start = machine.check("./tiesa", "--version", folder=of_root)
        after = os.times()
        seconds.append(sum(after[2:4]) - sum(before[2:4]))
    assert start.stderr == ""
    assert min(seconds) < 1.0, seconds


# The whole suite runs where these tests run. Here it is enough to see that its command sets everything up, and that
# what leans on the machine works on a bare one: files and their rights, fonts, processes, locks.
FILES, FONTS = "tests/unit/core", ["tests/unit/pictures/test_static.py", "tests/unit/reports/test_report.py"]
PROCESSES, LOCKS = "tests/unit/cli/test_commands.py", "tests/unit/contacts/test_import_races.py"


def test_root_runs_the_tests(machine: Machine, of_root: str) -> None:
    suite = machine.check("./tiesa", "test", FILES, *FONTS, PROCESSES, LOCKS, folder=of_root)
    assert " passed" in suite.stdout.splitlines()[-1]
    after = machine.check("./tiesa", "--version", folder=of_root)
    assert "installing" not in after.stderr, "a test install serves the program as well"


def test_an_ordinary_user_does_the_same(machine: Machine, of_visitor: str) -> None:
    machine.check("./tiesa", "try", "examples/support.csv", user="visitor", folder=of_visitor)
    suite = machine.check(
        "./tiesa", "test", FILES, LOCKS, "tests/unit/contacts/test_quarantine.py", "tests/laws/test_imports.py",
        user="visitor", folder=of_visitor,
    )  # fmt: skip
    assert " passed" in suite.stdout.splitlines()[-1]


def test_a_read_only_checkout_serves_an_ordinary_user(machine: Machine) -> None:
    own_cache(machine)
    folder = machine.put_checkout("/opt/tiesa", "root")
    machine.check("./tiesa", "try", "examples/support.csv", user="visitor", folder=folder)
    machine.check("./tiesa", "test", "tests/laws/test_imports.py", "tests/unit/core", user="visitor", folder=folder)
    left = {
        path.name for path in (machine.root / "opt/tiesa").rglob("*") if path.name in {".venv", ".tools", "__pycache__"}
    }
    assert not left
