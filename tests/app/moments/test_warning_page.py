"""The early warning on screen: who may see it, whom it lists, who is left out, and what is remembered of it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tests.app.test_sentinels import seen_until_done as page
from tests.unit.moments.kept_estimates import UNANSWERED, estimate, keep_register

import tiesa
from tiesa.app.insight.looking import look_anew
from tiesa.app.people.models import AuditEntry, Person
from tiesa.app.people.roles import Role
from tiesa.core.home import Home
from tiesa.moments.warning_memory import Kept, is_held_out, remembered
from tiesa.simulate import simulate

PLACE = "/moments/early-warning/"
pytestmark = pytest.mark.xdist_group("warning-page")


@pytest.fixture(scope="module")
def larger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home of a company that is large enough to learn from; one customer objects to profiling."""
    folder = tmp_path_factory.mktemp("larger")
    simulate(6000, seed=4108, out=folder / "company")
    home = Home(folder / "home")
    for name in ("customers", "contacts", "outcomes"):
        tiesa.import_file(folder / "company" / f"{name}.parquet", home)
    objects = pq.read_table(folder / "company" / "customers.parquet")["customer"][0]
    lines = "customer,purpose,channel,basis,state,at,source\n{},profiling,all,consent,objected,2026-09-01T10:00:00Z,crm"
    (folder / "consents.csv").write_text(lines.format(objects), "utf-8")
    tiesa.import_file(folder / "consents.csv", home)
    tiesa.build(home)
    return home.root


@pytest.fixture
def large(larger: Path, home: Home, tmp_path: Path) -> Iterator[Home]:
    """This process's home with that company in the place of the small one."""
    # Not what is spilled: whoever warms up answers in the background may be writing there.
    kept, names = tmp_path / "kept", {path.name for path in larger.iterdir()} - {"spill"}
    kept.mkdir()
    for name in names:
        if (home.root / name).exists():
            shutil.move(home.root / name, kept / name)
    for path in (larger / name for name in names):
        shutil.copytree(path, home.root / path.name) if path.is_dir() else shutil.copy2(path, home.root / path.name)
    look_anew()
    yield home
    for name in {*names, "early-warning"}:
        place = home.root / name
        shutil.rmtree(place) if place.is_dir() else place.unlink(missing_ok=True)
    for path in kept.iterdir():
        shutil.move(path, home.root / path.name)
    look_anew()


def test_in_a_small_company_the_page_says_what_it_takes(home: Home, client_of) -> None:
    shown = page(client_of(Role.CX_MANAGER), PLACE)
    assert "No warning can be given yet." in shown
    assert "Too little to learn an early warning from" in shown
    assert str(home.root) not in shown


def test_who_may_not_see_single_customers_does_not_see_the_list(home: Home, client_of) -> None:
    assert client_of(Role.VIEWER).get(PLACE).status_code == 403
    assert client_of(Role.VIEWER).get("/moments/early-warning.svg").status_code == 403
    assert client_of(Role.VIEWER).post(f"{PLACE}1").status_code == 403


def test_the_list_names_risks_with_intervals_and_remembers_who_was_contacted(large: Home, client_of) -> None:
    client = client_of(Role.CX_MANAGER)
    drawn = client.get("/moments/early-warning.svg?top=20")  # waits until it is worked out
    assert drawn.headers["Content-Type"].startswith("image/svg")
    shown = page(client, f"{PLACE}?top=20")
    rows = re.findall(r'<tr id="customer-(\d+)">', shown)
    assert len(rows) == 20
    assert "times as often as usual" in shown
    assert "1 customer objects to profiling and was neither looked at nor learned from." in shown
    assert len(re.findall(r'[\d.]+ %<span class="sub">[\d.]+ % – [\d.]+ %</span>', shown)) == 20
    assert client.post(f"{PLACE}{rows[3]}?top=20").status_code == 302
    assert client.post(f"{PLACE}999999?top=20").status_code == 404
    (noted,) = [one for one in remembered(large) if one.kept == Kept.CONTACTED]
    assert noted.customer_key == int(rows[3])
    assert 0 < noted.risk < 1
    assert Person.objects.get(pk=noted.by)
    assert AuditEntry.objects.filter(what="warning.contacted", about=rows[3]).exists()
    assert page(client, f"{PLACE}?top=20").count("I turned to them") == 19


def test_a_moment_can_be_warned_of_instead(large: Home, client_of) -> None:
    """Those that are confirmed to do harm stand to choose from, the strongest first; any other word means leaving."""
    weak, kind = ({"all": [{"atom": "inbound", "k": 3}]}, {"all": [{"atom": "touchpoint", "touchpoint": "praise"}]})
    helps, little = estimate(kind, effect=-0.2, low=-0.3, high=-0.1), estimate(weak, effect=0.02, low=0.01, high=0.03)
    keep_register(large, [little, helps, estimate(), estimate(UNANSWERED, state="effect_unknown")])
    look_anew()
    client, here = client_of(Role.CX_MANAGER), estimate()["id"]
    client.get(f"/moments/early-warning.svg?of={here}&top=20")  # waits until it is worked out
    shown = page(client, f"{PLACE}?of={here}&top=20")
    assert f'<option value="{here}" selected>' in shown
    assert re.findall(r'<option value="(left|m-\w+)"', shown) == ["left", here, little["id"]]
    assert "likely to come to this within 30 days" in shown
    rows = re.findall(r'<tr id="customer-(\d+)">', shown)
    assert len(rows) == 20
    assert client.post(f"{PLACE}{rows[0]}?top=20&of={here}").status_code == 302
    assert {one.target for one in remembered(large)} == {here}
    client.get(f"/moments/early-warning.svg?of={estimate(UNANSWERED)['id']}&top=20")
    assert "likely to leave within 180 days" in page(client, f"{PLACE}?of={estimate(UNANSWERED)['id']}&top=20")


def test_a_list_is_kept_with_those_whom_chance_holds_out(large: Home, client_of) -> None:
    client = client_of(Role.CX_MANAGER)
    assert client_of(Role.VIEWER).post(f"{PLACE}keep?top=20&apart=20").status_code == 403
    assert client.post(f"{PLACE}keep?top=20&apart=20").status_code == 302
    notes = remembered(large)
    listed, apart = ([one for one in notes if one.kept == kept] for kept in (Kept.LISTED, Kept.HELD_OUT))
    assert len(listed) == 20
    assert apart
    assert all(is_held_out(one.customer_key, 0.2) for one in apart)
    assert not any(is_held_out(one.customer_key, 0.2) for one in listed)
    assert {Person.objects.get(pk=one.by).pk for one in notes} == {int(notes[0].by)}
    assert AuditEntry.objects.filter(what="warning.keep", about="left").count() == 1
    shown = page(client, f"{PLACE}?top=20&apart=20")
    assert f"customers on it: 20, held out by chance: {len(apart)}." in shown
    assert re.search(r"This list was kept: \d+ \w+ \d+, \d+:\d+", shown)
    assert client.post(f"{PLACE}keep?top=20&apart=20").status_code == 302
    assert len(remembered(large)) == len(notes), "kept once"
    whole = page(client, f"{PLACE}?top=100")
    assert not set(re.findall(r'<tr id="customer-(\d+)">', whole)) & {str(one.customer_key) for one in apart}
