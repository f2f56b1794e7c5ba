"""A made-up company in this process's home, one person per role, and clients who are signed in."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.test import Client

from tiesa.app.config.installation import installation
from tiesa.app.people.models import Membership, Person, Unit
from tiesa.app.people.roles import Role
from tiesa.core.home import Home

CUSTOMERS = 300
COMPANY = "TIESA_TEST_COMPANY"
"""Names the folder in which a run on another database, which is a run of its own, finds the company."""
UNIT, OTHER_UNIT, PROCESS = "shop Vilnius", "shop Bucharest", "fault clearance"


@pytest.fixture(scope="session", autouse=True)
def _tables_can_be_emptied_between_tests() -> Iterator[None]:
    """The audit log refuses that, so its triggers are away for the moment; tests of a real server need it."""
    from django.db.backends.base.operations import BaseDatabaseOperations

    from tiesa.app.people.sealing import seal_table, unseal_table

    empty = BaseDatabaseOperations.execute_sql_flush

    def unsealed(self: BaseDatabaseOperations, sql_list: list[str]) -> None:
        vendor = self.connection.vendor
        with self.connection.cursor() as cursor:
            unseal_table(vendor, cursor.execute)
        empty(self, sql_list)
        with self.connection.cursor() as cursor:
            seal_table(vendor, cursor.execute)

    BaseDatabaseOperations.execute_sql_flush = unsealed
    yield
    BaseDatabaseOperations.execute_sql_flush = empty


@pytest.fixture(scope="session")
def made_company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The made-up company, imported and built: by the first process of a run that wants it, for all of them."""
    from tiesa.cli.demo import make_company
    from tiesa.journeys.build import build

    own = tmp_path_factory.getbasetemp()
    shared = Path(os.environ.get(COMPANY, own.parent if os.environ.get("PYTEST_XDIST_WORKER") else own)) / "company"
    with shared.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not shared.exists():
            made = Home(shared.with_suffix(".new"))
            shutil.rmtree(made.root, ignore_errors=True)  # of a process that was ended half-way
            make_company(made, customers=CUSTOMERS, seed=3)
            build(made)
            made.root.rename(shared)
    return shared


@pytest.fixture(scope="session")
def home(made_company: Path) -> Home:
    """A copy of the made-up company as this test process's home."""
    place = installation().place
    assert "tiesa-app-" in str(place.root), place.root
    if not (place.root / "journeys").exists():
        shutil.copytree(made_company, place.root, dirs_exist_ok=True)
    return place


@pytest.fixture
def people(db: None) -> dict[Role, Person]:
    """One person per role: the adviser in one shop, the process owner in one process, the others everywhere."""
    unit = Unit.objects.create(name=UNIT)
    Unit.objects.create(name=OTHER_UNIT)
    made = {}
    for role in Role:
        person = Person.objects.create_user(f"{role}@example.org", "a long password 1", name=f"The {role}")
        Membership.objects.create(
            person=person,
            role=role,
            unit=unit if role == Role.ADVISER else None,
            process=PROCESS if role == Role.PROCESS_OWNER else "",
        )
        made[role] = person
    return made


@pytest.fixture
def client_of(people: dict[Role, Person]) -> Callable[[Role | None], Client]:
    """A browser in which the person with that role is signed in; None: nobody."""

    def signed_in(role: Role | None) -> Client:
        client = Client()
        if role is not None:
            client.force_login(people[role], backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return signed_in
