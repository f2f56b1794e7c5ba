"""The commands that ask and draw, as a person meets them: answers with n, whole files, one sentence on errors.

They run in this process through the same entry as `tiesa` itself; what starts a process is in test_commands.py.
"""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest

from tiesa.cli.main import main
from tiesa.contacts.importing import import_file
from tiesa.core.home import Home
from tiesa.journeys.build import build

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "support.csv"


@dataclass(frozen=True)
class Said:
    """What a command left: its exit status and both streams."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        assert self.status == 0, self.err
        return json.loads(self.out)


Tiesa = Callable[..., Said]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = Home(tmp_path_factory.mktemp("cli") / "home")
    import_file(EXAMPLE, made)
    build(made)
    return made.root


@pytest.fixture
def tiesa(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Tiesa:
    """Run a command on the home of this module, on a terminal of so many columns."""

    def run(*words: str | Path, columns: int = 100) -> Said:
        monkeypatch.setenv("TIESA_HOME", str(home))
        monkeypatch.setenv("COLUMNS", str(columns))
        monkeypatch.setattr(sys, "argv", ["tiesa", *map(str, words)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return Said(int(ended.value.code or 0), out, err)

    return run


def refused(said: Said, *parts: str, status: int = 2) -> None:
    """One sentence, the right status, no traceback, nothing on the other stream."""
    assert said.status == status, said.err
    assert said.err.startswith("tiesa: ")
    assert said.err.count("\n") == 1
    assert "Something went wrong" not in said.err
    assert "Traceback" not in said.err
    assert said.out == ""
    for part in parts:
        assert part in said.err


# Questions


def test_all_six_questions_are_answered_in_order(tiesa: Tiesa) -> None:
    said = tiesa("questions")
    assert said.status == 0
    assert re.findall(r"^[●○] (\d) ", said.out, re.MULTILINE) == list("123456")
    assert "147 journeys · 114 customers · as of 28 Mar 2025, 12:31 UTC · evidence 1" in said.out
    assert "Customers wait 40 h for us (27–56 h, n 132)." in said.out


def test_one_question_brief_has_no_table_and_explained_says_how(tiesa: Tiesa) -> None:
    brief = tiesa("questions", "--number", "1", "--brief")
    assert re.findall(r"^[●○] (\d) ", brief.out, re.MULTILINE) == ["1"]
    full = tiesa("questions", "--number", "1", "--explain")
    answer = tiesa("questions", "--number", "1", "--json").json["questions"][0]
    assert flat(answer["answer"]) in flat(brief.out)
    assert flat(answer["explain"]) in flat(full.out)
    assert flat(answer["explain"]) not in flat(brief.out)
    assert len(full.out) > len(brief.out) + len(answer["explain"])


def flat(text: str) -> str:
    return " ".join(text.split())


def test_json_has_counts_and_intervals_of_every_share(tiesa: Tiesa) -> None:
    told = tiesa("questions", "--json").json
    assert (told["journeys"], told["customers"], told["version"], told["made_up"]) == (147, 114, 1, False)
    assert [question["number"] for question in told["questions"]] == [1, 2, 3, 4, 5, 6]
    shares = list(shares_in(told))
    assert len(shares) > 5
    for share in shares:
        assert 0 <= share["count"] <= share["n"]
        if share["n"]:
            assert share["interval"]["low"] <= share["value"] <= share["interval"]["high"]
        else:
            assert share["value"] is None


def shares_in(value: Any) -> Any:
    """Every share anywhere in an answer."""
    if isinstance(value, dict):
        if {"count", "n", "value", "interval"} <= set(value):
            yield value
        for part in value.values():
            yield from shares_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from shares_in(part)


@pytest.mark.parametrize(
    ("options", "journeys"),
    [
        (["--customer", "K1112"], "all"),
        (["--channel", "phone"], 48),
        (["--from", "2025-02-01"], "later"),
        (["--to", "2025-02-01"], "earlier"),
        (["--segment", "young"], 0),
        (["--unit", "nowhere"], 0),
        (["--product", "x", "--journey-type", "y", "--customer-language", "sr"], 0),
    ],
)
def test_options_choose_journeys(tiesa: Tiesa, options: list[str], journeys: int | str) -> None:
    told = tiesa("questions", "--number", "1", "--json", *options).json
    with EXAMPLE.open() as file:
        rows = list(csv.DictReader(file))
    if journeys == "all":
        assert told["customers"] == 1
        assert told["journeys"] <= sum(row["customer_id"] == "K1112" for row in rows)
    elif isinstance(journeys, int):
        assert told["journeys"] == journeys
    else:
        other = {"later": "--to", "earlier": "--from"}[journeys]
        rest = tiesa("questions", "--number", "1", "--json", other, "2025-02-01").json
        assert told["journeys"] + rest["journeys"] == 147
        assert min(told["journeys"], rest["journeys"]) > 0
    assert told["selection"] != "all journeys"


def test_now_decides_how_long_they_have_waited(tiesa: Tiesa) -> None:
    """A day later everybody who waits has waited a day longer."""
    waited = [
        tiesa("questions", "--number", "1", "--json", "--as-of", now).json["questions"][0]["figures"]["open_now"][0][
            "waited_s"
        ]
        for now in ("2025-04-01", "2025-04-02T00:00+00:00")
    ]
    assert waited[1] - waited[0] == 86_400


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--number", "7"], "There is no question 7"),
        (["--number", "-1"], "There is no question -1"),
        (["--number", "six"], "--number"),
        (["--from", "yesterday"], "'yesterday' is not a time"),
        (["--to", "2025-02-30"], "--to"),
        (["--as-of", "noon"], "--as-of"),
        (["--from", "2025-03-01", "--to", "2025-02-01"], "No journey can begin in that period"),
        (["--from", "2025-03-01", "--to", "2025-03-01"], "--from, --to"),
        (["--out", "answers.docx"], ".xlsx"),
        (["--out", "answers.svg"], "no picture of all six"),
        (["--out", "nowhere/answers.csv"], "nowhere"),
        (["--language", "xx"], "--language"),
    ],
)
def test_a_wrong_option_is_one_sentence(
    tiesa: Tiesa, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    refused(tiesa("questions", *options), said)
    assert list(tmp_path.iterdir()) == []


def test_tables_are_written_to_a_folder_or_beside_each_other(tiesa: Tiesa, tmp_path: Path) -> None:
    said = tiesa("questions", "--out", tmp_path / "answers")
    written = sorted((tmp_path / "answers").glob("*.csv"))
    assert said.status == 0
    assert said.out.count("Written: ") == len(written) > 6
    with (tmp_path / "answers" / "waits_by_owner.csv").open(encoding="utf-8-sig") as file:
        owners = list(csv.DictReader(file))
    assert sum(float(row["share"]) for row in owners) == pytest.approx(1)
    assert {"n", "low_s", "high_s"} <= set(owners[0])
    assert tiesa("questions", "--number", "4", "--out", tmp_path / "a.xlsx").status == 0
    books = sorted(tmp_path.glob("a*.xlsx"))
    assert books
    assert openpyxl.load_workbook(books[0]).worksheets[0].max_row > 1


def test_the_picture_of_one_question_is_written(tiesa: Tiesa, tmp_path: Path) -> None:
    assert tiesa("questions", "--number", "4", "--out", tmp_path / "q.svg").status == 0
    assert (tmp_path / "q.svg").read_text().startswith("<svg")


# Pictures


@pytest.mark.parametrize("command", ["map", "graph", "variants"])
def test_a_picture_is_written_in_every_format(tiesa: Tiesa, tmp_path: Path, command: str) -> None:
    files = [tmp_path / f"p.{suffix}" for suffix in ("svg", "html", "csv", "parquet")]
    for file in files:
        said = tiesa(command, "--out", file)
        assert (said.status, flat(said.out)) == (0, f"Written: {file}")
    assert files[0].read_text().startswith("<svg")
    assert files[1].read_text().startswith("<!doctype html>")
    figures = pq.read_table(files[3])
    assert figures.num_rows > 0
    with files[2].open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.DictReader(file))) == figures.num_rows


def test_a_picture_is_written_as_png_standing_and_dark(tiesa: Tiesa, tmp_path: Path) -> None:
    assert tiesa("variants", "--upright", "--theme", "dark", "--top", "3", "--out", tmp_path / "p.png").status == 0
    head = (tmp_path / "p.png").read_bytes()[:24]
    assert head[:4] == b"\x89PNG"
    assert int.from_bytes(head[16:20], "big") == 1080


def test_pictures_are_told_in_words_and_json(tiesa: Tiesa) -> None:
    edges = tiesa("graph", "--json").json["figures"]
    # 395 contacts in 147 journeys: 248 times one follows another.
    assert sum(edge["n"] for edge in edges) == 395 - 147
    ways = tiesa("variants", "--top", "100", "--json").json
    assert sum(step["journeys"] for step in ways["figures"] if step["step"] == 1) == 147  # all 37 ways
    assert {step["way"] for step in tiesa("variants", "--top", "3", "--json").json["figures"]} == {1, 2, 3}
    contacts = [row for row in tiesa("map", "--json").json["figures"] if row["kind"] == "contacts"]
    assert 0 < sum(row["n"] for row in contacts) <= 395
    shown = tiesa("map", "--title", "My [b]map[/b]")
    assert "My [b]map[/b]" in shown.out
    assert "147 journeys" in shown.out


def test_charts_of_waits_and_of_every_contact_show_what_the_tables_say(tiesa: Tiesa, tmp_path: Path) -> None:
    waits = {row["owner"]: row for row in tiesa("graph", "--show", "waits", "--json").json["figures"]}
    owners = tiesa("questions", "--number", "1", "--json").json["questions"][0]["figures"]["owners"]
    assert {row["wait_owner"]: (row["n"], row["median_s"]) for row in owners} == {
        owner: (row["n"], row["median_s"]) for owner, row in waits.items()
    }
    for show in ("dots", "dots-length"):
        assert tiesa("variants", "--show", show, "--out", tmp_path / f"{show}.svg").status == 0
        assert "All 147 journeys" in (tmp_path / f"{show}.svg").read_text()


@pytest.mark.parametrize("command", ["map", "graph", "variants", "compare"])
def test_a_selection_without_journeys_is_told_and_no_error(tiesa: Tiesa, command: str) -> None:
    more = ["--with", "segment=none"] if command == "compare" else []
    assert tiesa(command, "--customer", "nobody", *more).status == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["map", "--out", "p.docx"], "no format '.docx'"),
        (["map", "--theme", "neon"], "light"),
        (["graph", "--show", "colour"], "frequency, time"),
        (["graph", "--detail", "2"], "--detail"),
        (["variants", "--top", "0"], "--top"),
        (["map", "--out", "nowhere/p.svg"], "nowhere"),
        (["map", "--language", "xx"], "There is no language"),
        (["compare"], "second selection"),
        (["compare", "--before", "2025-02-01", "--with", "segment=x"], "second selection"),
        (["compare", "--with", "segment"], "is no selection"),
        (["compare", "--with", "in_words=x"], "is no selection"),
        (["compare", "--with", "colour=red"], "Allowed: journey-type"),
        (["compare", "--with", "from=soon"], "is not a time"),
    ],
)
def test_a_wrong_picture_option_is_one_sentence(
    tiesa: Tiesa, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    refused(tiesa(*words), said)
    assert list(tmp_path.iterdir()) == []


def test_compare_tells_before_from_after_and_one_channel_from_all(tiesa: Tiesa, tmp_path: Path) -> None:
    told = tiesa("compare", "--before", "2025-02-15", "--json").json
    assert told["differences"]
    for row in told["differences"]:
        assert row["low"] <= row["difference"] <= row["high"]
    shown = tiesa("compare", "--with", "channel=phone")
    assert shown.status == 0
    assert "figures differ clearly" in shown.out
    assert tiesa("compare", "--with", "channel=phone", "--out", tmp_path / "c.svg").status == 0
    assert (tmp_path / "c.svg").read_text().startswith("<svg")
    nobody = tiesa("compare", "--with", "segment=x")
    assert "Cannot be judged" in nobody.out


# Reports, demo, try


def test_a_report_is_no_docx_and_says_so_before_any_work(tiesa: Tiesa, tmp_path: Path) -> None:
    refused(tiesa("report", "--out", tmp_path / "r.docx"), ".html, .pdf")
    refused(tiesa("report"), "--out")
    refused(tiesa("report", "--out", tmp_path / "nowhere" / "r.html"), "nowhere")
    refused(tiesa("demo", "--home", tmp_path / "demo", "--out", tmp_path / "r.txt"), ".html, .pdf")
    assert list(tmp_path.iterdir()) == []


def test_reports_are_written_in_the_language_asked_for(tiesa: Tiesa, tmp_path: Path) -> None:
    assert tiesa("report", "--out", tmp_path / "r.html", "--language", "ru", "--title", "A & B").status == 0
    html = (tmp_path / "r.html").read_text()
    assert '<html lang="ru">' in html
    assert "<title>A &amp; B</title>" in html
    assert re.search(r"\d,\d %", html)
    assert not re.search(r"\d\.\d %", html)
    assert tiesa("report", "--out", tmp_path / "r.pdf", "--channel", "phone").status == 0
    assert (tmp_path / "r.pdf").read_bytes().startswith(b"%PDF-")


def test_demo_makes_a_company_once_and_uses_it_again(tiesa: Tiesa, tmp_path: Path) -> None:
    words = ["demo", "--no-serve", "--customers", "60", "--home", tmp_path / "demo", "--json"]
    first = tiesa(*words).json
    report = Path(first["report"])
    assert first["made_up"] is True
    assert "made-up company" in first["facts"]
    assert report == tmp_path / "demo" / "report.html"
    html = report.read_text()
    assert "made-up company" in html
    report.unlink()
    again = tiesa(*words).json
    assert again["facts"] == first["facts"]  # the same evidence number: nothing was imported or built again
    assert report.read_text() == html


def test_demo_refuses_a_home_with_contacts_of_real_people(tiesa: Tiesa, home: Path) -> None:
    refused(tiesa("demo", "--no-serve", "--customers", "60", "--home", home), "not made up", str(home), "--home")
    assert not (home / "report.html").exists()


def test_try_writes_the_page_and_answers_in_json_at_once(tiesa: Tiesa, tmp_path: Path) -> None:
    told = tiesa("try", EXAMPLE, "--out", tmp_path / "t.html", "--json").json
    assert {"import", "notes", "contacts", "customers", "journeys", "as_of", "questions", "ladder"} <= set(told)
    html = (tmp_path / "t.html").read_text()
    assert "<title>support.csv</title>" in html
    assert html.count('<span class="a">') == 6
    refused(tiesa("try", EXAMPLE, "--out", tmp_path / "t.docx"), ".html, .pdf")


# The terminal


@pytest.mark.parametrize("columns", [60, 80])
def test_a_narrow_terminal_cuts_words_but_never_a_figure(tiesa: Tiesa, columns: int) -> None:
    said = tiesa("questions", columns=columns)
    assert said.status == 0
    assert max(len(line) for line in said.out.splitlines()) <= columns
    assert not re.search(r"\d…|…\d|\(\d[^)]*…", said.out)
    for number in (1, 3, 4):
        told = tiesa("questions", "--number", str(number), "--json").json["questions"][0]
        assert flat(told["answer"]) in flat(said.out)
    for command in ("map", "graph", "variants"):
        assert tiesa(command, columns=columns).status == 0
