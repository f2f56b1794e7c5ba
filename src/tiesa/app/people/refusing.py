"""What somebody sees who may not see a page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def refused(request: HttpRequest) -> HttpResponse:
    """The page that says so, and whom to ask."""
    return render(request, "refused.html", status=403)
