"""How the sign-in package behaves here: nobody signs up by themselves, its sentences are ours, and who failed too often
waits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tiesa.core.locale import _


class _OurWords:
    """Errors of forms in our words, in the language of who reads them."""

    def validation_error(self, code: str, *arguments: Any) -> ValidationError:
        del arguments
        return ValidationError(words_of(code), code=code)


class AccountAdapter(_OurWords, DefaultAccountAdapter):  # type: ignore[misc]
    """People come by invitation only (see work.join)."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        del request
        return False

    def format_email_subject(self, subject: str) -> str:
        return subject

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Wrong passwords are counted by axes, in the database: the same for every process, and an administrator can
        forgive them. The package's own count (per process) stays in use for the codes of second factors."""

    def _rollback_login_failed_rl_usage(self) -> None:
        """There is nothing to take back."""


class MfaAdapter(_OurWords, DefaultMFAAdapter):  # type: ignore[misc]
    """Second factors."""


class SocialAccountAdapter(_OurWords, DefaultSocialAccountAdapter):  # type: ignore[misc]
    """The identity provider proves who somebody is; that they may come in, an invitation says."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        from tiesa.app.people.work import invitation_of

        del request
        return bool(address := _proven_address(sociallogin)) and invitation_of(address) is not None

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: Mapping[str, Any]) -> Any:
        del request
        person = sociallogin.user
        person.email = (data.get("email") or "").strip().lower()
        both = f"{data.get('first_name') or ''} {data.get('last_name') or ''}".strip()
        person.name = (data.get("name") or both or person.email)[:120]
        return person

    def save_user(self, request: HttpRequest, sociallogin: Any, form: Any = None) -> Any:
        """The first sign-on of somebody invited: they join with the role of their invitation."""
        from tiesa.app.people.work import invitation_of, take_up

        del form
        address = _proven_address(sociallogin)
        invitation = invitation_of(address)
        person = sociallogin.user
        person.email = address
        person.set_unusable_password()
        sociallogin.save(request)
        if invitation is not None:
            take_up(invitation, person)
        return person


def _proven_address(sociallogin: Any) -> str:
    """The mail address that the provider says belongs to them; "" where it only repeats what they typed."""
    proven = [one.email for one in sociallogin.email_addresses if one.verified]
    return proven[0].strip().lower() if proven else ""


def address_of(request: HttpRequest, credentials: Mapping[str, Any] | None) -> str:
    """Which address somebody tries to sign in with, as axes counts it."""
    given = credentials or {}
    address = given.get("email") or given.get("username") or request.POST.get("login") or ""
    return str(address).strip().lower()[:254]


def locked_out(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
    """What somebody sees who failed to sign in too often."""
    del arguments, named
    return render(request, "locked_out.html", status=429)


def words_of(code: str) -> str:
    """What the package found wrong, in our words."""
    known = {
        "account_inactive": _("This account is switched off; an administrator can switch it on again."),
        "email_password_mismatch": _("Address or password are not right."),
        "username_password_mismatch": _("Address or password are not right."),
        "invalid_login": _("Address or password are not right."),
        "incorrect_password": _("The password is not right."),
        "enter_current_password": _("The password so far is not right."),
        "incorrect_code": _("The code is not right; the app shows a new one every 30 seconds."),
        "invalid_or_expired_key": _("This link does not work any more."),
        "invalid_password_reset": _("This link does not work any more."),
        "unknown_email": _("Nobody with that address has an account here."),
        "too_many_login_attempts": _("Too many wrong codes: try again in five minutes."),
        "rate_limited": _("Too many attempts: wait a minute."),
        "same_as_current": _("That is what it is already."),
        "email_taken": _("Somebody with that address has an account here already."),
        "cannot_delete_authenticator": _("The second factor has to stay."),
        "cannot_generate_recovery_codes": _("Recovery codes come with a second factor: set one up first."),
        "unverified_email": _("The mail address has to be confirmed first."),
    }
    return known.get(code) or _("That was not accepted.")
