"""The gate before every page: each view says what it needs, and one that says nothing stays shut."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from tiesa.app.config.installation import installation
from tiesa.app.people.policies import NOBODY, access_of
from tiesa.app.people.roles import Right
from tiesa.core.locale import _

if TYPE_CHECKING:
    from tiesa.app.people.models import Person

View = TypeVar("View", bound=Callable[..., HttpResponseBase])
PUBLIC = "public"
SIGNED_IN = "signed_in"
BY_KEY = "by_key"
"""For programs: the view itself asks for a key or a signature, and answers 401 without."""
OF_PACKAGES = {
    # allauth's pages by the beginning of their names; what is not named here is shut.
    "account_login": PUBLIC,
    "account_logout": PUBLIC,
    "account_reset_password": PUBLIC,
    "account_reset_password_done": PUBLIC,
    "account_reset_password_from_key": PUBLIC,
    "account_reset_password_from_key_done": PUBLIC,
    "account_inactive": PUBLIC,
    "account_reauthenticate": SIGNED_IN,
    "account_change_password": SIGNED_IN,
    "account_set_password": SIGNED_IN,
    "mfa_authenticate": PUBLIC,
    "mfa_trust": PUBLIC,
    "mfa_login_webauthn": PUBLIC,
    "mfa_index": SIGNED_IN,
    "mfa_activate_totp": SIGNED_IN,
    "mfa_deactivate_totp": SIGNED_IN,
    "mfa_reauthenticate": SIGNED_IN,
    "mfa_reauthenticate_webauthn": SIGNED_IN,
    "mfa_view_recovery_codes": SIGNED_IN,
    "mfa_generate_recovery_codes": SIGNED_IN,
    "mfa_download_recovery_codes": SIGNED_IN,
    "mfa_list_webauthn": SIGNED_IN,
    "mfa_add_webauthn": SIGNED_IN,
    "mfa_remove_webauthn": SIGNED_IN,
    "mfa_edit_webauthn": SIGNED_IN,
    "usersessions_list": SIGNED_IN,
    "openid_connect_login": PUBLIC,
    "openid_connect_callback": PUBLIC,
    "socialaccount_connections": SIGNED_IN,
    "socialaccount_signup": PUBLIC,
    "socialaccount_login_cancelled": PUBLIC,
    "socialaccount_login_error": PUBLIC,
}
"""The rules of views that packages bring, by name."""


def needs(*rights: Right) -> Callable[[View], View]:
    """The view is for people who have all of these rights (somewhere; which customers, the view asks `Access`)."""
    return _with_rule(rights)


def public(view: View) -> View:
    """The view is for everybody, signed in or not."""
    return _with_rule(PUBLIC)(view)


def signed_in(view: View) -> View:
    """The view is for everybody who is signed in: their own settings."""
    return _with_rule(SIGNED_IN)(view)


def _with_rule(rule: Any) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        @wraps(view)
        def ruled(*arguments: Any, **named: Any) -> HttpResponseBase:
            return view(*arguments, **named)

        ruled.rule = rule  # type: ignore[attr-defined]
        return ruled  # type: ignore[return-value]

    return decorate


def person_of(request: HttpRequest) -> Person:
    """Who asks, behind a rule that wants somebody signed in."""
    from tiesa.app.people.models import Person

    assert isinstance(request.user, Person)
    return request.user


def rule_of(view: Callable[..., Any], name: str | None) -> Any:
    """What a view needs: PUBLIC, SIGNED_IN, BY_KEY, a tuple of rights; None where nobody said."""
    return getattr(view, "rule", None) or OF_PACKAGES.get(name or "")


def allows(rule: Any, person: Any) -> bool:
    """Does a rule let this person through?"""
    if rule in (PUBLIC, BY_KEY):
        return True
    if rule is None or person is None or not person.is_authenticated or not person.is_active:
        return False
    access = access_of(person)
    return rule == SIGNED_IN or all(access.may(right) for right in rule)


def lacks_second_factor(person: Any) -> bool:
    """Has somebody to set up a second factor before they see anything? Who signs on elsewhere proves it there."""
    asked = installation().second_factor
    if asked == "nobody" or not person.has_usable_password():
        return False
    if asked == "administrators" and not access_of(person).may(Right.MANAGE_PEOPLE):
        return False
    from allauth.mfa.utils import is_mfa_enabled

    return not is_mfa_enabled(person)


def gated(answer: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: nobody reaches a view whose rule does not let them through."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        if getattr(request, "is_personal", False):
            response.headers.setdefault("Cache-Control", "private, no-store")  # no trace in a shared browser
        return response

    def process_view(request: HttpRequest, view: Any, arguments: Any, named: Any) -> HttpResponse | None:
        del arguments, named
        match = request.resolver_match
        rule = rule_of(view, match.view_name if match else None)
        request.access = access_of(request.user) if rule not in (PUBLIC, BY_KEY) else NOBODY  # type: ignore[attr-defined]
        request.is_personal = rule not in (PUBLIC, BY_KEY)  # type: ignore[attr-defined]
        if allows(rule, request.user):
            if rule not in (PUBLIC, BY_KEY, SIGNED_IN) and lacks_second_factor(request.user):
                messages.warning(request, _("Set up a second factor first: your organisation asks for one."))
                return redirect("mfa_index")
            return None
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
        from tiesa.app.people.audit import record
        from tiesa.app.people.refusing import refused

        record(request.user, "refused", about=match.view_name if match else "")
        return refused(request)

    middleware.process_view = process_view  # type: ignore[attr-defined]
    return middleware
