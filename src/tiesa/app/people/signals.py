"""What the sign-in packages do is written to the audit log too: coming and going, passwords, second factors."""

from __future__ import annotations

from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver

from tiesa.app.people.audit import record
from tiesa.app.people.models import Person


@receiver(user_logged_in, dispatch_uid="people.in")
def _signed_in(user: Any, **rest: Any) -> None:
    del rest
    record(user, "sign.in")


@receiver(user_logged_out, dispatch_uid="people.out")
def _signed_out(user: Any, **rest: Any) -> None:
    del rest
    if user is not None:
        record(user, "sign.out")


@receiver(user_login_failed, dispatch_uid="people.failed")
def _failed(credentials: dict[str, Any], **rest: Any) -> None:
    del rest
    record(None, "sign.failed", about=_about(credentials.get("email") or credentials.get("username")))


@receiver(user_locked_out, dispatch_uid="people.locked")
def _locked(username: str | None = None, **rest: Any) -> None:
    del rest
    record(None, "sign.locked", about=_about(username))


def _about(address: Any) -> str:
    """Whose account it was, by number; an address that has none here is not kept."""
    known = Person.objects.filter(email=str(address or "").strip().lower()).values_list("pk", flat=True).first()
    return f"person {known}" if known else "unknown address"


def _on_self(what: str) -> Any:
    def note(user: Any, **rest: Any) -> None:
        del rest
        record(user, what, about=f"person {user.pk}")

    return note


_NOTED = (
    (account.password_changed, "password.change"),
    (account.password_set, "password.set"),
    (account.password_reset, "password.reset"),
    (mfa.authenticator_added, "factor.add"),
    (mfa.authenticator_removed, "factor.remove"),
    (mfa.authenticator_reset, "factor.reset"),
    (mfa.authentication_failed, "factor.failed"),
)
for _signal, _what in _NOTED:
    _signal.connect(_on_self(_what), weak=False, dispatch_uid=f"people.{_what}")
