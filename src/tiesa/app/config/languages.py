"""Languages under their two names: Django's tag (`sr-latn`) and the catalogue's folder (`sr_Latn`)."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation

from tiesa.core.locale import LANGUAGES

TAGS = {"sr": "sr", "sr_Latn": "sr-latn"}
HTML_TAGS = {"sr": "sr-Cyrl", "sr-latn": "sr-Latn"}


def ours(tag: str) -> str:
    """The catalogue of a Django language tag.

    >>> ours("sr-latn"), ours("lt")
    ('sr_Latn', 'lt')
    """
    return next((one for one in LANGUAGES if TAGS.get(one, one) == tag.lower()), "en")


def spoken_by(request: HttpRequest) -> str:
    """The tag of the language a request is to be answered in."""
    known = dict(settings.LANGUAGES)
    chosen = getattr(getattr(request, "user", None), "language", "") or request.COOKIES.get(
        settings.LANGUAGE_COOKIE_NAME, ""
    )
    if chosen in known:
        return chosen
    return translation.get_language_from_request(request)
