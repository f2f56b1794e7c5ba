"""Is an installation fit to be reached by people? What `tiesa check --deploy` looks at, beside Django's own checks."""

from __future__ import annotations

from collections.abc import Iterator

from tiesa.core.locale import _
from tiesa.upkeep.findings import Finding, error, warning

_SETTINGS = "settings"
_NOT_OURS = {"security.W004", "security.W005", "security.W021", "security.W008", "security.W012", "security.W016"}
"""What Django asks for and we say more exactly below: HSTS and its reach, and the way to https."""


def check_deployment() -> Iterator[Finding]:
    """Findings about the settings of a served installation; none where all is well. The application must be set up."""
    from django.core import checks

    from tiesa.app.config.installation import DEMO_KEY, installation
    from tiesa.app.people.models import Membership, Person
    from tiesa.app.people.roles import Role

    here = installation()
    if not here.is_secure:
        yield error(
            _SETTINGS,
            _("People reach it without encryption ({address})").format(address=here.base_url),
            "TIESA_BASE_URL",
            _("Put a proxy with a certificate before it; set TIESA_BASE_URL=https://... and TIESA_BEHIND_PROXY=true"),
        )
    if here.demo or here.key() == DEMO_KEY:
        yield error(_SETTINGS, _("It signs with the key of the demo"), "TIESA_SECRET_KEY", _("Leave it unset"))
    elif len(here.key()) < 50:
        yield error(
            _SETTINGS,
            _("The secret key is too short"),
            "TIESA_SECRET_KEY",
            _("Leave it unset, or give 50 characters or more"),
        )
    if here.is_secure and not here.behind_proxy:
        yield warning(
            _SETTINGS,
            _("It is reached by https, and no proxy is named that could speak it"),
            "TIESA_BEHIND_PROXY",
            _("Set it to true where a proxy ends TLS"),
        )
    if not here.mail_host:
        yield warning(
            _SETTINGS,
            _("No mail can leave: nobody can reset a password by themselves"),
            "TIESA_MAIL_HOST",
            _("Name a mail server"),
        )
    if Person.objects.filter(is_demo=True, is_active=True).exists():
        yield error("people", _("People of the demo can sign in"), str(here.home), _("Serve another home"))
    administrators = Membership.objects.filter(role=Role.ADMINISTRATOR, person__is_active=True)
    if not administrators.exists():
        yield warning(
            "people", _("There is no administrator yet"), str(here.home), _("Start `tiesa serve` and use its link")
        )
    else:
        from allauth.mfa.models import Authenticator

        second = set(Authenticator.objects.values_list("user_id", flat=True))
        bare = [m.person_id for m in administrators if m.person_id not in second]
        if bare:
            yield warning(
                "people",
                _("{n} of the administrators sign in without a second factor").format(n=len(bare)),
                str(here.home),
                _("They add one under My account"),
            )
    for found in checks.run_checks(include_deployment_checks=True):
        if found.level >= checks.WARNING and found.id not in _NOT_OURS:
            yield warning("django", str(found.msg).partition("\n")[0], found.id or "", str(found.hint or ""))
