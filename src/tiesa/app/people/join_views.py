"""Coming in: the sign-in page, the demo's one click, and taking up an invitation."""

from __future__ import annotations

from typing import Any

from allauth.account.views import LoginView
from allauth.socialaccount.adapter import get_adapter
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from tiesa.app.config.installation import installation
from tiesa.app.people import work
from tiesa.app.people.audit import record
from tiesa.app.people.forms import JoinForm
from tiesa.app.people.gate import public
from tiesa.app.people.models import Person
from tiesa.app.people.roles import Role

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


class SignIn(LoginView):  # type: ignore[misc]
    """The package's page with the demo's people, and the organisation's sign-on where there is one."""

    def get_context_data(self, **named: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().get_context_data(**named)
        providers = [
            {"name": one.name, "address": one.get_login_url(self.request, process="login")}
            for one in get_adapter().list_providers(self.request)
        ]
        return {**found, "providers": providers, "demo_people": demo_people() if installation().demo else []}


def demo_people() -> list[dict[str, Any]]:
    """The demo's people, in the order in which one would look around."""
    from tiesa.app.people.demo import PEOPLE

    names = {
        membership: name
        for name, membership in Person.objects.filter(is_demo=True).values_list("name", "memberships__role")
    }
    return [{"role": role, "name": names[role]} for role in PEOPLE if role in names]


@public
@require_POST
def demo_sign_in(request: HttpRequest, role: str) -> HttpResponse:
    """One click, in the demo only: sign in as somebody with that role."""
    if not installation().demo or role not in set(Role):
        raise Http404
    person = get_object_or_404(Person, is_demo=True, memberships__role=role)
    login(request, person, backend=BACKEND)
    record(person, "demo.sign_in", role=role)
    return redirect(_onwards(request))


def _onwards(request: HttpRequest) -> str:
    wanted = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if is_ours else "/"


@public
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Take up an invitation. The link is the secret: nobody keeps the page, and other sites hear of no referrer."""
    invitation = work.invitation_by_token(token)
    if invitation is None:
        return _private(render(request, "people/join_over.html", status=410))
    form = JoinForm(request.POST or None, address=invitation.email)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            person = work.join(
                token,
                name=said["name"],
                password=said["password"],
                email=said.get("email", ""),
                language=getattr(request, "LANGUAGE_CODE", ""),
            )
        except work.NotAllowed as error:
            form.add_error(None, error.what)
        else:
            login(request, person, backend=BACKEND)
            return redirect("/")
    page = {"form": form, "invitation": invitation, "role": Role(invitation.role)}
    return _private(render(request, "people/join.html", page))


def _private(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response
