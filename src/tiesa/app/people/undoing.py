"""Undo instead of "are you sure": the message that says what was done has the button that takes it back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.utils.html import format_html, format_html_join

from tiesa.core.locale import _


def say_done(request: HttpRequest, words: str, *, undo: str = "", **fields: str) -> None:
    """Say on the next page what was done. undo: address that takes it back when these fields are posted to it."""
    if not undo:
        messages.success(request, words)
        return
    hidden = format_html_join(
        "", '<input type="hidden" name="{}" value="{}">', [("csrfmiddlewaretoken", get_token(request)), *fields.items()]
    )
    messages.success(
        request,
        format_html(
            '<form method="post" action="{}" class="row">{}<span>{}</span> <button class="quiet">{}</button></form>',
            undo, hidden, words, _("Undo"),
        ),
    )  # fmt: skip


def say_refused(request: HttpRequest, words: str) -> None:
    """Say on the next page what was not done, and why."""
    messages.error(request, words)
