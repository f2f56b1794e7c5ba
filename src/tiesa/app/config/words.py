"""Small phrases that several pages say in the same way."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tiesa.core import formats
from tiesa.core.locale import _


def wait(step: Any) -> str:
    """Whose wait the time before a contact was."""
    owners = {
        "us": _("waited for us"),
        "customer": _("the customer took their time"),
        "third_party": _("waited for somebody else"),
        "nobody": _("nothing was outstanding"),
    }
    return owners.get(step.facts["wait_owner"], _("between the two, whose wait is not known"))


def direction(step: Any) -> str:
    """Who turned to whom."""
    ways = {
        "inbound": _("they to us"),
        "outbound": _("we to them"),
        "self_service": _("by themselves"),
        "indirect": _("without us"),
        "internal": _("among us"),
    }
    return ways.get(step.facts["direction"], _("direction not known"))


def waited(journey: Mapping[str, Any], now: datetime) -> str:
    """How long a journey has waited for us."""
    return formats.length((now - journey["waiting_since"]).total_seconds())
