"""Rules and standards on screen: read, changed, and taken back."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from tiesa.app.config.installation import installation
from tiesa.app.insight.models import RuleChange
from tiesa.app.insight.rules_work import change_rules
from tiesa.app.people.gate import needs
from tiesa.app.people.roles import Right
from tiesa.core.errors import TiesaError
from tiesa.core.locale import _
from tiesa.upkeep.rule_files import RULE_FILES, read_text


def _changes() -> QuerySet[RuleChange]:
    """The changes of what stands on these pages."""
    own = [one.name for one in RULE_FILES.values() if not one.has_own_page]
    return RuleChange.objects.filter(name__in=own).select_related("by")


@needs(Right.EDIT_RULES)
def rules(request: HttpRequest) -> HttpResponse:
    """Every file of rules, and what was changed last."""
    home = installation().place
    files = [(one, bool(read_text(home, one.name))) for one in RULE_FILES.values() if not one.has_own_page]
    changes = _changes()[:20]
    return render(request, "insight/rules.html", {"files": files, "changes": changes})


@needs(Right.EDIT_RULES)
def edit(request: HttpRequest, name: str) -> HttpResponse:
    """One file: its text, checked and kept on POST; a text that is refused stays in the form with the reason."""
    one = RULE_FILES.get(name)
    if one is None or one.has_own_page:
        raise Http404
    home, error = installation().place, ""
    text = read_text(home, name)
    if request.method == "POST":
        text = request.POST.get("text", "")[:200_000]
        try:
            change_rules(home, name, text, by=request.user)
        except TiesaError as refused:
            error = str(refused)
        else:
            messages.success(
                request, _("Kept. Journeys are made anew.") if one.needs_build else _("Kept; it holds at once.")
            )
            return redirect("insight:rules_edit", name=name)
    changes = RuleChange.objects.filter(name=name).select_related("by")[:20]
    return render(
        request,
        "insight/rules_edit.html",
        {"file": one, "text": text, "error": error, "changes": changes, "is_example": not text and not error},
        status=400 if error else 200,
    )


@needs(Right.EDIT_RULES)
@require_POST
def take_back(request: HttpRequest, change_id: int) -> HttpResponse:
    """Bring back what a change replaced."""
    change = get_object_or_404(_changes(), pk=change_id)
    try:
        change_rules(installation().place, change.name, change.before, by=request.user)
    except TiesaError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The text from before is back."))
    return redirect("insight:rules_edit", name=change.name)
