"""Whatever a program sends, the API answers as its description says, and never with 5xx."""

from __future__ import annotations

import copy
import json
import os
from urllib.parse import urlsplit

import pytest
import requests
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, Phase, settings
from schemathesis import checks
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.app.api.conftest import Program

from tiesa.app.api.keys import LIMIT
from tiesa.app.api.v1 import described
from tiesa.app.people.roles import KEY_RIGHTS

NDJSON = "application/x-ndjson"


@schemathesis.serializer(NDJSON)
def as_lines(context, value) -> bytes:
    """Rows as lines of JSON; other values as they are."""
    rows = value if isinstance(value, list) else [value]
    return b"\n".join(row if isinstance(row, bytes) else json.dumps(row).encode() for row in rows)


def small(schema):
    """The same with shorter texts and fewer optional fields, which is what making examples takes its time for."""
    if isinstance(schema, list):
        return [small(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: small(value) for key, value in schema.items() if key not in ("description", "examples", "anyOf")}
    if "maxLength" in made:
        made["maxLength"] = 20
    if isinstance(made.get("properties"), dict) and len(made["properties"]) > 12:
        kept = [*made["required"], "customer", "severity", "emotion", "promised_at", "attributes", "value", "since"]
        made["properties"] = {name: one for name, one in made["properties"].items() if name in kept}
    return made


def with_lines(said):
    """The description, in which the lines of a bulk request are rows like those sent one by one."""
    made = copy.deepcopy(said)
    for methods in made["paths"].values():
        for operation in methods.values():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                content["schema"] = small(content["schema"])
    for path, methods in made["paths"].items():
        if path.endswith("/bulk"):
            one = made["paths"][path.removesuffix("/bulk")]["post"]["requestBody"]["content"]["application/json"][
                "schema"
            ]
            methods["post"]["requestBody"]["content"][NDJSON]["schema"] = {"type": "array", "items": one, "maxItems": 2}
    return made


# Every case that the description itself can tell (values left out, too long, of another type, methods that there are
# not): some two hundred for what is asked, in seconds; thousands for what is sent, for long runs.
schema_of_asking = schemathesis.openapi.from_dict(described())
schema_of_asking.config.phases.coverage.enabled = True
schema = schemathesis.openapi.from_dict(with_lines(described()))
schema.config.phases.coverage.enabled = bool(os.environ.get("TIESA_LONG"))
HOST = "http://127.0.0.1"
BOUNDED = settings(
    max_examples=4,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def answered(client: Client, case: schemathesis.Case) -> Response:
    """The case sent through Django's own client, its answer in the form that can be checked."""
    asked = requests.Request(**case.as_transport_kwargs(base_url=HOST)).prepare()
    parts = urlsplit(asked.url)
    ours = ("content-length", "authorization", "accept-encoding")
    headers = {name: value for name, value in asked.headers.items() if name.lower() not in ours}
    kind = headers.pop("Content-Type", "application/json")
    body = asked.body.encode() if isinstance(asked.body, str) else asked.body or b""
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    found = client.generic(asked.method, path, body, content_type=kind, headers=headers)
    said = {name.lower(): [value] for name, value in found.headers.items()}
    return Response(found.status_code, said, found.content, asked, elapsed=0.0, verify=False)


def holds(case: schemathesis.Case, sender: Program) -> None:
    LIMIT.forget()
    wanted = [
        checks.not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance
    ]  # fmt: skip
    case.validate_response(answered(sender.client, case), checks=wanted)


@pytest.mark.django_db
@schema.include(method="POST").parametrize()
@BOUNDED
def test_whatever_is_sent_is_answered_as_the_description_says(case, home, program) -> None:
    holds(case, program(*KEY_RIGHTS))


@pytest.mark.django_db
@schema_of_asking.include(method="GET").parametrize()
@settings(BOUNDED, max_examples=2)
def test_whatever_is_asked_is_answered_as_the_description_says(case, home, program) -> None:
    holds(case, program(*KEY_RIGHTS))
