"""The audit log on screen."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from tiesa.app.people.audit import broken, record
from tiesa.app.people.audit_reading import AuditFilter, deed_words, read_filter, shown_entries
from tiesa.app.people.gate import needs
from tiesa.app.people.models import AuditEntry
from tiesa.app.people.roles import Right
from tiesa.app.people.undoing import say_done, say_refused
from tiesa.core.formats import moment, number
from tiesa.core.locale import ngettext

PAGE = 50
COLUMNS = ("number", "at", "who", "what", "about", "details", "previous", "hash")


@needs(Right.READ_AUDIT)
@require_safe
def audit(request: HttpRequest) -> HttpResponse:
    """A page of entries; `before` is the number above which the last page ended."""
    chosen = read_filter(request.GET)
    found = chosen.entries()
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) <= 18:
        found = found.filter(number__lt=int(before))
    page = list(found[: PAGE + 1])
    last = AuditEntry.objects.order_by("-number").first()
    return render(
        request,
        "people/audit.html",
        {
            "entries": shown_entries(page[:PAGE]),
            "older": page[PAGE - 1].number if len(page) > PAGE else None,
            "is_first": not before,
            "query": request.GET,
            "deeds": sorted(deed_words().items(), key=lambda deed: deed[1]),
            "last": last,
        },
    )


@needs(Right.READ_AUDIT)
@require_safe
def audit_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The chosen entries as CSV, each with its hash, so that the chain can be checked elsewhere."""
    chosen = read_filter(request.GET)
    record(request.user, "audit.export")
    response = StreamingHttpResponse(_lines(chosen), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="audit.csv"'
    return response


def _lines(chosen: AuditFilter) -> Iterator[str]:
    yield _line(COLUMNS)
    for entry in chosen.entries().iterator(chunk_size=2000):
        yield _line([_cell(getattr(entry, column)) for column in COLUMNS])


def _cell(value: object) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = value.isoformat() if hasattr(value, "isoformat") else str(value)
    return "'" + text if text[:1] in "=+-@\t\r" else text


def _line(cells: Iterator[str] | list[str] | tuple[str, ...]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue()


@needs(Right.READ_AUDIT)
@require_POST
def audit_check(request: HttpRequest) -> HttpResponse:
    """Does the chain hold?"""
    n = AuditEntry.objects.count()
    breaks = list(broken())
    if breaks:
        first, at = breaks[0]
        say_refused(
            request,
            ngettext(
                "The chain is broken at {n} entry, first at number {first} of {moment}: somebody changed the database.",
                "The chain is broken at {n} entries, first at number {first} of {moment}: somebody changed the "
                "database.",
                len(breaks),
            ).format(n=number(len(breaks)), first=first, moment=moment(at)),
        )
    else:
        say_done(
            request,
            ngettext("The chain holds: {n} entry.", "The chain holds: all {n} entries.", n).format(n=number(n)),
        )
    record(request.user, "audit.check", entries=n, breaks=len(breaks))
    return redirect("people:audit")
