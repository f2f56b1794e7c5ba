"""The pinned files fit pyproject.toml, hold hashes for the platforms we serve, and name no address."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

FILES = ["run.txt", "test.txt", "bench.txt", "uv.txt"]
PYTHONS = ["3.11", "3.12", "3.13"]


def pins(file: Path) -> list[Requirement]:
    lines = file.read_text().replace("\\\n", "").splitlines()
    return [Requirement(line.split(" --hash")[0].strip()) for line in lines if line and line[0] not in " #"]


def versions(file: Path, python: str) -> dict[str, str]:
    """Package -> version on Linux with one Python."""
    here = {"python_version": python, "python_full_version": f"{python}.9", "sys_platform": "linux",
            "platform_system": "Linux", "os_name": "posix", "platform_machine": "x86_64",
            "implementation_name": "cpython", "platform_python_implementation": "CPython"}  # fmt: skip
    wanted = [pin for pin in pins(file) if pin.marker is None or pin.marker.evaluate(here)]
    return {canonicalize_name(pin.name): str(pin.specifier).removeprefix("==") for pin in wanted}


@pytest.fixture(scope="module")
def project(checkout: Path) -> dict:
    return tomllib.loads((checkout / "pyproject.toml").read_text())


def declared(project: dict, file: str) -> list[Requirement]:
    groups = {"run.txt": [], "test.txt": ["test"], "bench.txt": ["test", "bench"]}[file]
    app = project["project"]["optional-dependencies"]["app"]  # served from every checkout
    lines = (
        project["project"]["dependencies"]
        + app
        + [line for group in groups for line in project["dependency-groups"][group]]
    )
    return [Requirement(line) for line in lines]


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("file", ["run.txt", "test.txt", "bench.txt"])
def test_pins_satisfy_what_the_project_declares(checkout: Path, project: dict, file: str, python: str) -> None:
    pinned = versions(checkout / "requirements" / file, python)
    for requirement in declared(project, file):
        version = pinned.get(canonicalize_name(requirement.name))
        assert version is not None, f"{requirement.name} is not pinned in {file}: run requirements/compile"
        assert requirement.specifier.contains(version), (
            f"{requirement} is pinned to {version}: run requirements/compile"
        )


@pytest.mark.parametrize("python", PYTHONS)
def test_a_test_install_holds_the_run_time_packages(checkout: Path, python: str) -> None:
    run, test = (versions(checkout / "requirements" / file, python) for file in ("run.txt", "test.txt"))
    assert run.items() <= test.items()


@pytest.mark.parametrize("file", FILES)
def test_every_pin_is_exact_and_hashed(checkout: Path, file: str) -> None:
    text = (checkout / "requirements" / file).read_text()
    for block in re.split(r"\n(?=\S)", text.strip()):
        assert re.match(r"[\w.-]+(\[[\w,]+\])?==[\w.!+]+", block), block[:80]
        assert "--hash=sha256:" in block, block[:80]


@pytest.mark.parametrize("file", FILES)
def test_requirement_files_name_no_address(checkout: Path, file: str) -> None:
    text = (checkout / "requirements" / file).read_text()
    assert not re.search(r"https?:|file:|git\+|--(extra-)?index|--find-links|--trusted-host|@ ", text)


def test_run_time_packages_hold_no_test_tools(checkout: Path) -> None:
    pinned = versions(checkout / "requirements" / "run.txt", "3.11")
    assert not pinned.keys() & {"pytest", "hypothesis", "mypy", "ruff", "pandas", "polars", "pip", "uv"}


def test_there_is_one_kind_of_lock_file(checkout: Path) -> None:
    assert not (checkout / "uv.lock").exists(), "uv.lock names the index it was made from; requirements/ holds the pins"
