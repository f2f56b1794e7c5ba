"""What somebody sees who may not see a page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def without_token(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that came without its token: another site's, or a page that lay open too long."""
    del reason
    return render(request, "bad_request.html", status=403)


def refused(request: HttpRequest) -> HttpResponse:
    """The page that says so, and whom to ask."""
    return render(request, "refused.html", status=403)
