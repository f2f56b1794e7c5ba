"""The report: one file that runs nothing and fetches nothing, answers before pictures, words that stay words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pypdf import PdfReader
from tests.unit.journeys.questions.desk import after, home_of

from tiesa.cli.reporting import write_report
from tiesa.core.errors import WrongUsage
from tiesa.core.home import Home
from tiesa.core.locale import use_language
from tiesa.core.shown import Kind, Shown, ShownTable
from tiesa.journeys.selection import ALL, Selection
from tiesa.journeys.view import open_view
from tiesa.pictures.palette import DARK, LIGHT, Theme
from tiesa.reports.comparing import DRAWN, compared, comparison_picture
from tiesa.reports.journey_pictures import journey_map_picture, process_map_picture, variants_picture
from tiesa.reports.picture_file import Drawable, picture_page, write_picture
from tiesa.reports.report import Report, journey_report
from tiesa.reports.report_html import report_html
from tiesa.reports.report_pdf import report_pdf
from tiesa.reports.tables import write_tables

HOSTILE = "<script>alert(1)</script>"
QUOTES = 'it\'s "so" & </svg> $x$ #set text'
VOID = {"br", "hr", "img", "input", "link", "meta"}


def rows() -> list[dict[str, Any]]:
    """Forty cases: asked, answered after one to forty hours, every fourth asked again and half of them solved.

    Words of every kind are hostile to HTML, SVG, SQL and Typst alike.
    """
    made = []
    for n in range(40):
        common = {
            "customer": f"{HOSTILE} {n}",
            "case_id": f"{QUOTES} {n}",
            "reason": f"bill {QUOTES}",
            "product": HOSTILE,
        }
        asked = after(days=n, hours=1)
        answered = after(days=n, hours=2 + n % 20)
        made += [
            common | {"occurred_at": asked, "direction": "inbound", "touchpoint": HOSTILE, "emotion": -0.5,
                      "emotion_source": "stated"},
            common | {"occurred_at": answered, "direction": "outbound", "touchpoint": QUOTES,
                      "employee": f"Ana {HOSTILE}", "unit": QUOTES, "goal": "reached" if n % 2 else None},
        ]  # fmt: skip
        if n % 4 == 0:
            made.append(common | {"occurred_at": after(days=n + 3), "direction": "inbound", "touchpoint": HOSTILE,
                                  "channel": f"phone {HOSTILE}"})  # fmt: skip
    return made


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return home_of(rows(), tmp_path_factory.mktemp("report") / "home")


def reported(home: Home, **options: Any) -> Report:
    with open_view(home) as view:
        return journey_report(view, **options)


@pytest.fixture(scope="module")
def report(home: Home) -> Report:
    return reported(home, title=f"Title {HOSTILE}", notes=(f"Note {QUOTES}",))


@pytest.fixture(scope="module")
def html(report: Report) -> str:
    return report_html(report)


@pytest.fixture(scope="module")
def pdf(report: Report) -> PdfReader:
    return PdfReader(BytesIO(report_pdf(report)))


class Document(HTMLParser):
    """A page as a reader's program sees it: tags in order, texts, ids, links; raises where nesting is broken."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.words: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.attributes: dict[str, list[dict[str, str | None]]] = {}
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_startendtag(tag, attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        assert len(found) == len(attrs), f"an attribute twice in {tag}"
        self.tags.append(tag)
        self.attributes.setdefault(tag, []).append(found)
        self.ids += [str(found["id"])] if "id" in found else []
        self.links += [str(found[key]) for key in ("href", "src", "xlink:href") if key in found]

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return "\n".join(self.words)


@pytest.fixture(scope="module")
def document(html: str) -> Document:
    return Document(html)


def test_the_report_is_one_file_that_runs_and_fetches_nothing(html: str, document: Document) -> None:
    assert html.startswith("<!doctype html>")
    assert set(re.findall(r"https?://[^\s\"'<)]+", html)) <= {"http://www.w3.org/2000/svg"}
    assert not {"script", "link", "img", "iframe", "object", "embed", "foreignobject"} & set(document.tags)
    assert not [
        name for found in document.attributes.values() for one in found for name in one if name.startswith("on")
    ]
    assert "@import" not in html
    assert not re.search(r"url\((?!#)", html)
    assert len(html.encode()) < 3_000_000


def test_tags_are_balanced_and_ids_are_unique(document: Document) -> None:
    assert document.tags.count("html") == document.tags.count("main") == document.tags.count("h1") == 1
    assert len(document.ids) == len(set(document.ids))


def test_every_link_leads_to_a_part_of_the_page(document: Document, report: Report) -> None:
    assert {f"#{section.anchor}" for section in report.sections if section.number} <= set(document.links)
    assert all(link.startswith("#") and link[1:] in document.ids for link in document.links)


def test_answers_stand_before_pictures_and_what_matters_most_on_top(html: str, report: Report) -> None:
    assert [section.number for section in report.sections][:6] == [1, 2, 3, 4, 5, 6]
    first_picture = html.index("<svg")
    tiles = html.index('<ul class="tiles"')
    assert html.index("<h1>") < tiles < first_picture
    answers = re.findall(r'<span class="a">(.*?)</span>', html[tiles:first_picture])
    assert len(answers) == 6
    urgent = [section for section in report.sections if section.urgent and section.judged]
    assert urgent
    assert report.headline == urgent[0].answer


def test_every_answer_finding_and_figure_is_in_the_page(document: Document, report: Report) -> None:
    for section in report.sections:
        for sentence in (section.question, section.answer, *section.findings):
            assert sentence in document.words, section.anchor
        if section.judged:
            assert section.method in document.words
        for table in section.tables:
            for cells in table.cells():
                assert set(cells) <= set(document.words)


def test_no_interval_without_its_n(report: Report) -> None:
    for section in report.sections:
        for table in section.tables:
            if any(column.low for column in table.columns):
                assert any(column.kind == Kind.COUNT for column in table.columns), (section.anchor, table.name)
        if section.judged and "%" in section.answer:
            assert re.search(r"n [\d,]+\)|\d of [\d,]+\)", section.answer), section.answer


def test_hostile_words_are_words_in_the_page(html: str, document: Document) -> None:
    assert HOSTILE not in html
    assert html.count("&lt;script&gt;alert(1)") > 5
    assert any(HOSTILE in word for word in document.words)
    assert any(QUOTES in word for word in document.words)
    assert [word for word in document.words if word == f"Note {QUOTES}"]
    title = html[html.index("<title>") : html.index("</title>")]
    assert title == "<title>Title &lt;script&gt;alert(1)&lt;/script&gt;"


def test_the_pdf_is_tagged_and_has_a_title_and_a_language(pdf: PdfReader, report: Report) -> None:
    root = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert root["/Lang"] == "en"
    assert pdf.metadata is not None
    assert pdf.metadata.title == report.title


def test_the_pdf_says_every_answer_in_words(pdf: PdfReader, report: Report) -> None:
    text = squeezed("".join(page.extract_text() for page in pdf.pages))
    assert squeezed(report.headline) in text
    for section in report.sections:
        assert squeezed(section.answer) in text, section.anchor
    assert squeezed(f"Note {QUOTES}") in text
    assert squeezed(HOSTILE) in text


def squeezed(text: str) -> str:
    """Without what a line break or a hyphen at its end may have changed."""
    return re.sub(r"[\s\u00ad\u2010-]+", "", text)


def test_the_same_home_gives_the_same_bytes(home: Home, report: Report, html: str) -> None:
    again = reported(home, title=report.title, notes=report.notes)
    assert report_html(again) == html


def test_in_russian_the_page_says_so_and_has_decimal_commas(home: Home) -> None:
    with use_language("ru"):
        made = reported(home)
        html = report_html(made)
    assert '<html lang="ru">' in html
    found = Document(html)
    shares = [word for word in found.words if re.search(r"\d %", word)]
    assert any(re.search(r"\d,\d", word) for word in shares)
    assert not [word for word in shares if re.search(r"\d\.\d+ ?[%–]", word)]


def test_serbian_names_its_script(home: Home) -> None:
    with use_language("sr"), open_view(home) as view:
        assert '<html lang="sr-Cyrl">' in picture_page(variants_picture(view))


# Pictures as files

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 100" width="200" height="100">'
    '<rect width="9" height="9"/></svg>'
)


def drawn(theme: Theme, upright: bool, frame: bool) -> str:
    del theme, upright, frame
    return SVG


def failing(theme: Theme, upright: bool, frame: bool) -> str:
    raise RuntimeError("the pen broke")


PLAIN = Drawable(
    f"A picture {HOSTILE}", "It says so.", f"In words {QUOTES}", drawn, pa.table({"a": ["x"], "n": [3]}),
    (ShownTable("t", "Figures", pa.table({"n": [3]}), (Shown("n", "n", Kind.COUNT),)),), "a note",
)  # fmt: skip


def test_a_picture_is_written_by_its_suffix(tmp_path: Path) -> None:
    files = {suffix: tmp_path / f"p.{suffix}" for suffix in ("svg", "png", "html", "csv", "xlsx", "parquet")}
    for file in files.values():
        write_picture(PLAIN, file)
    assert files["svg"].read_text() == SVG
    assert files["csv"].read_text("utf-8-sig").split() == ["a,n", "x,3"]
    assert pq.read_table(files["parquet"]).to_pylist() == [{"a": "x", "n": 3}]
    sheet = openpyxl.load_workbook(files["xlsx"]).worksheets[0]
    assert list(sheet.iter_rows(values_only=True)) == [("a", "n"), ("x", 3)]
    page = Document(files["html"].read_text())
    assert page.tags.count("svg") == 4  # lying and standing, light and dark
    assert {PLAIN.title, PLAIN.answer, PLAIN.alternative, PLAIN.note, "Figures"} <= set(page.words)
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(f.name for f in files.values())


@pytest.mark.parametrize(("upright", "width"), [(False, 2000), (True, 1080)])
def test_a_png_has_the_width_of_its_screen(tmp_path: Path, upright: bool, width: int) -> None:
    write_picture(PLAIN, tmp_path / "p.png", upright=upright)
    head = (tmp_path / "p.png").read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(head[16:20], "big") == width


@pytest.mark.parametrize("name", ["p.gif", "p", "p.svg.exe"])
def test_an_unknown_suffix_is_refused_and_nothing_written(tmp_path: Path, name: str) -> None:
    with pytest.raises(WrongUsage, match=r"no format.*\.svg, \.png"):
        write_picture(PLAIN, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", ["svg", "png", "html"])
def test_a_half_written_picture_never_remains(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"p.{suffix}"
    file.write_text("as it was")
    with pytest.raises(RuntimeError):
        write_picture(replace(PLAIN, draw=failing), file)
    assert (file.read_text(), [f.name for f in tmp_path.iterdir()]) == ("as it was", [file.name])


@pytest.mark.parametrize("suffix", ["html", "pdf"])
def test_a_half_written_report_never_remains(tmp_path: Path, report: Report, suffix: str) -> None:
    broken = replace(report, sections=(), maps=(replace(PLAIN, draw=failing),))
    with pytest.raises(RuntimeError):
        write_report(broken, tmp_path / f"r.{suffix}")
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def pictures(home: Home) -> Iterator[dict[str, Drawable]]:
    with open_view(home) as view:
        yield {
            "map": journey_map_picture(view), "graph": process_map_picture(view), "variants": variants_picture(view),
        }  # fmt: skip


@pytest.mark.parametrize("name", ["map", "graph", "variants"])
def test_pictures_of_journeys_escape_words_and_say_what_they_rest_on(
    pictures: dict[str, Drawable], tmp_path: Path, name: str
) -> None:
    picture = pictures[name]
    write_picture(picture, tmp_path / "p.html")
    html = (tmp_path / "p.html").read_text()
    page = Document(html)
    assert "script" not in page.tags
    assert HOSTILE not in html
    assert len(page.ids) == len(set(page.ids))
    assert "40 journeys" in picture.note
    assert "evidence 1" in picture.note
    assert ("90 contacts" in picture.note) == (name != "variants")
    assert picture.table.num_rows
    for theme in (LIGHT, DARK):
        for upright in (False, True):
            Document(picture.draw(theme, upright, True))


def test_a_comparison_draws_the_clearest_differences_and_holds_all(home: Home) -> None:
    made = compared(home, Selection(until=after(days=20)), Selection(since=after(days=20)))
    picture = comparison_picture(made)
    assert picture.answer == made.answer()
    assert picture.table.num_rows == len(made.differences) > 0
    drawing = Document(picture.draw(LIGHT, False, True))
    assert drawing.tags[0] == "svg"
    assert len(made.differences[:DRAWN]) <= DRAWN


def test_a_comparison_without_a_common_figure_says_so(home: Home) -> None:
    picture = comparison_picture(compared(home, ALL, Selection(customer="nobody")))
    assert "Cannot be judged" in picture.answer
    Document(picture.draw(LIGHT, False, True))


@pytest.mark.parametrize(
    ("tables", "out", "names"),
    [
        (2, "folder/deep", ["one.csv", "two.csv"]),
        (2, "a.xlsx", ["a-one.xlsx", "a-two.xlsx"]),
        (1, "a.parquet", ["a.parquet"]),
    ],
)
def test_tables_become_files_beside_each_other(tmp_path: Path, tables: int, out: str, names: list[str]) -> None:
    data = pa.table({"n": [3]})
    made = [ShownTable(name, name, data, (Shown("n", "n", Kind.COUNT),)) for name in ("one", "two")][:tables]
    found = write_tables(made, tmp_path / out)
    assert [path.name for path in found] == names
    assert all(path.is_file() for path in found)
