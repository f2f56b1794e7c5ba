"""Version 1 of the API, put together."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from ninja import NinjaAPI

from tiesa import __version__
from tiesa.app.api import asking, others_words, sending  # noqa: F401 (their operations register themselves)
from tiesa.app.api.problems import CONTENT_TYPE, Problem, tell_problems, told
from tiesa.app.api.routing import router
from tiesa.app.people.gate import BY_KEY, public
from tiesa.core.locale import _

api = NinjaAPI(
    title="Tiesa",
    version=__version__,
    description=(
        "Contacts, customers, answers and outcomes in; contacts with their journeys, imports and the six questions "
        "out. "
        "Sign in with a key: `Authorization: Bearer tsa_…`. Errors are problem details (RFC 9457)."
    ),
    urls_namespace="api_v1",
    docs_url=None,
    openapi_url=None,
)
tell_problems(api)
api.add_router("", router)


ROOT = "/api/v1/"


@cache
def described() -> dict[str, Any]:
    """The API in the words of OpenAPI; what goes wrong has the media type of problem details."""
    made = dict(api.get_openapi_schema(path_prefix=ROOT))
    problem = {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemOut"}}}
    for methods in made["paths"].values():
        for operation in methods.values():
            for status, answer in operation["responses"].items():
                if int(status) < 400:
                    continue
                others = [one for one in _schemas(answer) if one != problem[CONTENT_TYPE]["schema"]]
                answer["content"] = {**({"application/json": {"schema": others[0]}} if others else {}), **problem}
    return made


def _schemas(answer: dict[str, Any]) -> list[dict[str, Any]]:
    schema = answer["content"]["application/json"]["schema"]
    return list(schema.get("anyOf", [schema]))


@public
@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """The description of the API, for programs that make programs."""
    del request
    return JsonResponse(described())


@public
@csrf_exempt
def unknown(request: HttpRequest, rest: str = "") -> HttpResponse:
    """Nothing is at this address."""
    del request, rest
    return told(Problem(404, _("There is nothing at this address")))


def _ruled(pattern: URLPattern) -> URLPattern:
    """An operation that asks for its key itself, and says in problem details which methods there are."""
    view: Callable[..., Any] = pattern.callback

    @wraps(view)
    def answer(request: HttpRequest, *arguments: Any, **named: Any) -> Any:
        response = view(request, *arguments, **named)
        if response.status_code == 405:
            allowed = response["Allow"]
            response = told(Problem(405, _("This address does not know that method")))
            response["Allow"] = allowed
        return response

    answer.rule = BY_KEY  # type: ignore[attr-defined]
    pattern.callback = answer
    return pattern


urlpatterns = [
    path("openapi.json", openapi, name="openapi"),
    *(_ruled(pattern) for pattern in api.urls[0] if isinstance(pattern, URLPattern) and pattern.name != "api-root"),
    path("", unknown, name="root"),
    path("<path:rest>", unknown, name="unknown"),
]
