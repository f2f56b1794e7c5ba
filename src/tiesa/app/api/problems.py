"""What went wrong, told to programs: problem details of RFC 9457."""

from __future__ import annotations

import json
import logging
from http import HTTPStatus
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation, TooManyFilesSent
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from tiesa.app.insight.desk import NotYet
from tiesa.core.errors import EmptyHome, TiesaError, UnknownVersion
from tiesa.core.locale import _

CONTENT_TYPE = "application/problem+json"
log = logging.getLogger("tiesa.api")


class Problem(Exception):
    """Ends a request with problem details. detail: one sentence. retry_s: when it may be tried again. more: further
    members."""

    def __init__(self, status: int, detail: str, *, retry_s: int = 0, **more: Any) -> None:
        super().__init__(detail)
        self.status, self.detail, self.retry_s, self.more = status, detail, retry_s, more


def told(problem: Problem) -> HttpResponse:
    """The answer that says it."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
        **problem.more,
    }
    response = HttpResponse(json.dumps(body), status=problem.status, content_type=CONTENT_TYPE)
    if problem.retry_s:
        response["Retry-After"] = str(problem.retry_s)
    if problem.status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = 'Bearer realm="tiesa"'
    return response


def problem_of(error: Exception) -> Problem:
    """The problem that an error is to a program. What nobody foresaw is logged, and says nothing of itself."""
    match error:
        case Problem():
            return error
        case AuthenticationError():
            return Problem(401, _("Send a key that holds: Authorization: Bearer tsa_…"))
        case ValidationError():
            reasons = [
                {"field": ".".join(map(str, one["loc"])), "code": one["type"], "reason": one["msg"]}
                for one in error.errors
            ]
            return Problem(422, _("The address says something that is not understood"), reasons=reasons)
        case HttpError():
            return Problem(error.status_code, error.message)
        case Http404():
            return Problem(404, _("There is nothing at this address"))
        case RequestDataTooBig() | TooManyFilesSent():
            return Problem(413, _("This is too much for one request"))
        case UnreadablePostError() | SuspiciousOperation():
            return Problem(400, _("The request broke off or cannot be read"))
        case NotYet():
            return Problem(503, _("The answer is still being worked out"), retry_s=2)
        case EmptyHome():
            return Problem(409, str(error))
        case UnknownVersion():
            return Problem(410, _("What this cursor points into was swept away; begin again without it"))
        case TiesaError():
            return Problem(422, str(error))
        case OperationalError():
            log.warning("the database did not answer a program")
            return Problem(503, _("The database does not answer just now"), retry_s=5)
    log.error("a program's request failed", exc_info=error)
    return Problem(500, _("Something went wrong that should not have; the server's log says where."))


def tell_problems(api: NinjaAPI) -> None:
    """Make an API answer every error so."""

    def handle(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
        del request
        return told(problem_of(error if isinstance(error, Exception) else error()))

    for kind in (Exception, AuthenticationError, ValidationError, HttpError, Http404):
        api.add_exception_handler(kind, handle)
