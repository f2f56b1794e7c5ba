"""The renderer: SVG and PNG without a network, from our charts and from Altair's."""

from __future__ import annotations

import re
import struct
import subprocess
import sys
from pathlib import Path

import altair as alt
import pyarrow as pa
import pytest
from tests.unit.pictures.chart_tables import DOTS, REASONS, parsed

from tiesa.core.locale import use_language
from tiesa.pictures import static
from tiesa.pictures.charts import bars, dotted
from tiesa.pictures.palette import FONT
from tiesa.pictures.static import svg_to_png, to_png, to_svg

MOVE = r"M(-?[\d.]+)[ ,](-?[\d.]+)"


def size(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    return struct.unpack(">II", png[16:24])


def altair_chart(values: list[dict[str, float]]) -> alt.Chart:
    return (
        alt.Chart(alt.InlineData(values=values)).mark_bar().encode(x="a:Q", y="b:N").properties(width=300, height=100)
    )


def test_a_png_has_the_size_asked_for() -> None:
    picture = bars(REASONS, title="Reasons")
    root = parsed(picture.svg())
    width, height = int(root.get("width", "")), int(root.get("height", ""))
    assert size(to_png(picture)) == (2 * width, 2 * height)
    assert size(to_png(picture.svg(), scale=1)) == (width, height)
    assert size(svg_to_png(picture.svg(), 1000))[0] == 1000


def test_an_svg_without_a_width_is_refused() -> None:
    with pytest.raises(ValueError, match="width"):
        svg_to_png('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>', 100)


def test_a_chart_of_altair_speaks_the_language() -> None:
    chart = altair_chart([{"a": 0.5, "b": 1}, {"a": 1.25, "b": 2}])
    assert re.search(r">\d,\d<", to_svg(chart, language="ru"))
    with use_language("lt"):
        assert re.search(r">\d,\d<", to_svg(chart))
    assert re.search(r">\d\.\d<", to_svg(chart, language="en"))


def test_clips_have_names_of_their_own_and_the_same_each_time() -> None:
    """Two drawings may stand in one page, where names of clips must not meet."""
    one, other = (altair_chart([{"a": a, "b": 1}]).mark_bar(cornerRadiusEnd=4) for a in (1, 2))
    assert "clip-path" in to_svg(one)
    assert to_svg(one) == to_svg(one)
    first, second = (set(re.findall(r' id="([^"]+)"', to_svg(chart))) for chart in (one, other))
    assert first
    assert not first & second
    assert set(re.findall(r"url\(#([^)]+)\)", to_svg(one))) == first


def test_data_from_elsewhere_is_refused() -> None:
    """Nothing listens on this port; what refuses is the list of allowed addresses, before anything is asked."""
    elsewhere = alt.Chart("http://127.0.0.1:9/rows.csv").mark_point().encode(x="a:Q")
    with pytest.raises(ValueError, match="not allowed"):
        to_svg(elsewhere)


def test_the_drawing_says_what_it_shows() -> None:
    picture = bars(REASONS, title="Reasons")
    root = parsed(picture.svg())
    assert root.get("role") == "img"
    assert root.get("aria-label") == picture.alternative
    named = {e.tag.rpartition("}")[2]: e.text for e in root}
    assert named["title"] == "Reasons"
    assert named["desc"] == picture.alternative


def test_faces_are_named_once_and_cover_our_scripts() -> None:
    labels = ["Жалоба", "Њ и Ђ", "ėščžąų", "șțăâî", "čšž"]
    rows = pa.table({"label": labels, "value": [0.5] * 5, "low": [0.25] * 5, "high": [0.75] * 5, "n": [9] * 5})
    svg = bars(rows, title="Reasons").svg()
    root = parsed(svg)
    assert root.get("font-family") == FONT
    assert svg.count("font-family") == 1
    assert set(labels) <= {e.text for e in root.iter()}


def test_the_face_inside_the_renderer_holds_our_letters() -> None:
    """A letter it lacked would be measured and drawn as the same empty box as any other."""

    def ink(letter: str) -> bytes:
        return svg_to_png(
            '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40">'
            f'<text x="5" y="30" font-size="28" font-family="Liberation Sans">{letter}</text></svg>', 40,
        )  # fmt: skip

    letters = "ЖЉЋђщыėęųčšžțșăî"
    assert len({ink(letter) for letter in [*letters, "\U000f0000"]}) == len(letters) + 1


def test_equal_symbols_become_one_path_at_the_same_places(monkeypatch: pytest.MonkeyPatch) -> None:
    merged = [e.get("d", "") for e in parsed(dotted(DOTS).svg()).iter() if e.tag.endswith("}path")]
    starts = {tuple(map(float, start)) for d in merged if d.count("M") == 20 for start in re.findall(MOVE, d)}
    assert len(starts) == 60, "three families of twenty contacts each"
    monkeypatch.setattr(static, "_MANY", 1_000_000)  # from so many on, symbols are merged
    single = set()
    for e in parsed(dotted(DOTS).svg()).iter():
        at, first = re.match(r"translate\(([\d.]+),([\d.]+)\)", e.get("transform", "")), re.match(MOVE, e.get("d", ""))
        if e.tag.endswith("}path") and at and first:
            single.add((round(float(at[1]) + float(first[1]), 1), round(float(at[2]) + float(first[2]), 1)))
    assert starts <= single


def test_importing_the_charts_loads_neither_altair_nor_the_renderer(checkout: Path) -> None:
    code = (
        "import sys, tiesa.pictures.charts, tiesa.pictures.static; print({'altair', 'vl_convert'} & set(sys.modules))"
    )
    environment = {"PYTHONPATH": str(checkout / "src"), "PATH": ""}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    assert done.stdout.strip() == "set()"
