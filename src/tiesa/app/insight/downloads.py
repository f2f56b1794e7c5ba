"""Pictures and tables as files: what a page shows, to be put into a slide or a spreadsheet."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.utils.cache import patch_response_headers

from tiesa.app.insight.answers import PICTURES, RESULTS, touchpoints
from tiesa.app.insight.looking import look
from tiesa.app.insight.small_groups import TooFew, fit_for
from tiesa.app.people.audit import record
from tiesa.app.people.gate import needs
from tiesa.app.people.policies import access_of
from tiesa.app.people.roles import Right
from tiesa.core.errors import EmptyHome
from tiesa.core.shown import ShownTable
from tiesa.pictures.palette import THEMES, Theme
from tiesa.reports.journey_pictures import PAGE_WIDTH, PHONE_WIDTH

_WIDTHS = {False: 2000, True: 1080}
_DRAWING = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""A drawing has rules of its own inside; nothing in it may run or be fetched."""
_TYPES = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


@needs(Right.SEE_FIGURES)
def picture(request: HttpRequest, name: str, kind: str) -> HttpResponse:
    """A picture as SVG or PNG; its address names theme and shape, so that a browser may keep it."""
    theme = THEMES.get(request.GET.get("theme", "light"))
    if name not in PICTURES or theme is None:
        raise Http404
    upright = request.GET.get("upright") == "1"
    try:
        drawn = look(request).svg(name, theme, upright=upright)
    except (EmptyHome, TooFew) as error:
        raise Http404 from error
    if not drawn:
        raise Http404
    if kind == "png":
        from tiesa.pictures.static import svg_to_png

        response = HttpResponse(svg_to_png(drawn, _WIDTHS[upright]), content_type="image/png")
        response["Content-Disposition"] = f'attachment; filename="tiesa-{name}.png"'
    else:
        response = svg_response(drawn)
        if request.GET.get("download"):
            response["Content-Disposition"] = f'attachment; filename="tiesa-{name}.svg"'
    response["Content-Security-Policy"] = _DRAWING
    return kept_a_while(response)


def asked_drawing(request: HttpRequest, draw: Callable[[Theme, int], str | None]) -> HttpResponse:
    """The drawing in the theme and shape that the address names, as SVG; not found where there is nothing to draw."""
    theme = THEMES.get(request.GET.get("theme", "light"))
    if theme is None:
        raise Http404
    try:
        drawn = draw(theme, PHONE_WIDTH if request.GET.get("upright") == "1" else PAGE_WIDTH)
    except (EmptyHome, TooFew) as error:
        raise Http404 from error
    if drawn is None:
        raise Http404
    return svg_response(drawn)


def kept_a_while(response: HttpResponse) -> HttpResponse:
    """A browser may keep a drawing for ten minutes; its address names theme and shape."""
    patch_response_headers(response, cache_timeout=600)
    response["Cache-Control"] = "private, max-age=600"
    response["Vary"] = "Cookie"
    return response


def svg_response(drawn: str) -> HttpResponse:
    """A drawing as an answer in which nothing runs."""
    response = HttpResponse(drawn, content_type="image/svg+xml")
    response["Content-Security-Policy"] = _DRAWING
    return response


@needs(Right.EXPORT)
def table(request: HttpRequest, name: str, table: str, kind: str) -> FileResponse:
    """A table of an answer, whole, as CSV or XLSX; within what the person may export. Noted in the audit log."""
    seen = look(request, Right.EXPORT)
    if name in RESULTS:
        tables = seen.ask(name, RESULTS[name], patience=None).tables()
    elif name == "touchpoints":
        tables = (seen.ask(name, touchpoints, patience=None).table(),)
    elif name in PICTURES:
        made = seen.drawable(name)
        tables = tuple(made.shown) if made else ()
    else:
        tables = ()
    found = next((one for one in fit_for(access_of(request.user), tables) if one.name == table), None)
    if found is None:
        raise Http404
    record(request.user, "export.table", about=f"{name}/{table}.{kind}", rows=len(found), query=seen.filters.query)
    return as_file(found, kind)


def as_file(shown: ShownTable, kind: str) -> FileResponse:
    """A table as a file to be kept."""
    from tiesa.reports.tables import write_tables

    with tempfile.TemporaryDirectory(prefix="tiesa-export-") as folder:
        (path,) = write_tables([shown], Path(folder) / f"{shown.name}.{kind}")
        content = path.open("rb")
    return FileResponse(content, as_attachment=True, filename=f"tiesa-{shown.name}.{kind}", content_type=_TYPES[kind])
