"""Changing rules, for pages and commands: checked, written whole, kept with what they replaced, audited."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from tiesa.app.insight.models import RuleChange
from tiesa.app.people.audit import record
from tiesa.core.home import Home
from tiesa.upkeep.rule_files import rule_file, write_rules


def change_rules(home: Home, name: str, text: str, *, by: Any) -> RuleChange:
    """Make a text the rules of that name.

    Raises: InvalidRules, and nothing changes then. The file is written last: where that fails, nothing is noted.
    """
    text = text.replace("\r\n", "\n")
    with transaction.atomic():
        made = RuleChange(name=name, after=text, by=by if getattr(by, "pk", None) else None)
        record(by, "rules.change", about=name)
        made.before = write_rules(home, name, text)
        made.save()
    if rule_file(name).needs_build and made.before != text:
        from tiesa.app.jobs.work import ask_once

        ask_once("build", {}, by=by)
    return made
