"""The language of our pages: Jinja2 with our gettext, our number formats, and nothing that could run a script."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import json_script
from django.utils.safestring import mark_safe
from jinja2 import Environment, StrictUndefined, pass_context

from tiesa import __version__
from tiesa.app.config import words
from tiesa.app.config.installation import installation
from tiesa.app.config.languages import HTML_TAGS
from tiesa.app.people.browsers import browser_words
from tiesa.app.people.roles import Role
from tiesa.core import formats, locale


def environment(**options: Any) -> Environment:
    """Jinja2 as the pages want it: an unknown name is an error, never an empty place."""
    options.setdefault("undefined", StrictUndefined)
    options |= {"trim_blocks": True, "lstrip_blocks": True, "autoescape": True}
    made = Environment(extensions=["jinja2.ext.i18n"], **options)
    made.install_gettext_callables(  # type: ignore[attr-defined]
        locale._, locale.ngettext, newstyle=False, pgettext=locale.pgettext
    )
    made.globals |= {"static": static, "url": url, "with_query": with_query, "version": __version__, "role_of": Role}
    made.filters |= {
        "number": formats.number,
        "moment": formats.moment,
        "day": formats.day,
        "length_of": formats.length,
        "share": formats.share,
        "whole_share": formats.whole_share,
        "score": lambda value: formats.number(value, digits=2, sign=True),
        "role_words": lambda role: role.in_words(),
        "browser_words": browser_words,
        "json_script": json_script,
        "wait_words": words.wait,
        "direction_words": words.direction,
        "waited_length": words.waited,
    }
    return made


def url(name: str, *arguments: Any, **named: Any) -> str:
    """The address of a view by its name."""
    return str(reverse(name, args=arguments or None, kwargs=named or None))


@pass_context
def with_query(context: Any, **changed: Any) -> str:
    """This page's query with some parts changed; None takes a part away."""
    query = context["request"].GET.copy()
    for key, value in changed.items():
        if value is None:
            query.pop(key, None)
        else:
            query[key] = str(value)
    safe: str = mark_safe("?" + query.urlencode())
    return safe


def page_context(request: HttpRequest) -> dict[str, Any]:
    """What every page knows: who looks, where they may go, which theme and language."""
    from tiesa.app.people.navigation import entries
    from tiesa.app.people.policies import access_of

    tag = getattr(request, "LANGUAGE_CODE", "en")
    theme = request.COOKIES.get("tiesa_theme", "")
    person = getattr(request, "user", None)
    access = access_of(person)
    return {
        "person": person,
        "access": access,
        "navigation": entries(access, request),
        "messages": get_messages(request),
        "language_tag": HTML_TAGS.get(tag, tag),
        "language_code": tag,
        "languages": settings.LANGUAGES,
        "theme": theme if theme in ("light", "dark") else "",
        "is_demo": installation().demo,
        "is_fragment": bool(getattr(request, "htmx", False)) and not getattr(request.htmx, "boosted", False),  # type: ignore[attr-defined]
    }
