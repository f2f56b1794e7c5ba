"""What makes data come in by itself: saved mappings and scheduled folders."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from tiesa.app.intake import folders, saved
from tiesa.app.intake.models import Folder, MappingEdit
from tiesa.app.people.gate import needs
from tiesa.app.people.roles import Right
from tiesa.core.errors import InvalidMapping, TiesaError
from tiesa.core.locale import _


@needs(Right.IMPORT)
@require_safe
def mapping(request: HttpRequest, name: str) -> HttpResponse:
    """A saved mapping as its file says it, and what became of it."""
    try:
        text = saved.must_exist(name)
    except InvalidMapping as error:
        raise Http404 from error
    edits = MappingEdit.objects.filter(name=name).select_related("by")[:20]
    return render(request, "intake/saved.html", {"name": name, "text": text, "edits": edits})


@needs(Right.IMPORT)
@require_POST
def remove_mapping(request: HttpRequest, name: str) -> HttpResponse:
    """Take a saved mapping away."""
    try:
        saved.remove(name, by=request.user)
    except InvalidMapping as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("{name} was removed. You can put it back below.").format(name=name))
    return redirect("intake:data")


@needs(Right.IMPORT)
@require_POST
def put_back(request: HttpRequest, edit_id: int) -> HttpResponse:
    """Undo a change of a saved mapping."""
    edit = get_object_or_404(MappingEdit, pk=edit_id)
    try:
        saved.put_back(edit, by=request.user)
    except InvalidMapping as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("{name} stands as it stood before.").format(name=edit.name))
    return redirect("intake:data")


@needs(Right.IMPORT, Right.MANAGE_INSTALLATION)
@require_POST
def set_folder(request: HttpRequest) -> HttpResponse:
    """Look into a folder by the clock. Who may name one may have any file read that this server can: administrators."""
    minutes = request.POST.get("minutes", "")
    try:
        folders.set_folder(
            request.POST.get("path", ""),
            minutes=int(minutes) if minutes.isdigit() else 0,
            is_on=request.POST.get("is_on") == "yes",
            by=request.user,
        )
    except TiesaError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The folder is set."))
    return redirect("intake:data")


@needs(Right.IMPORT, Right.MANAGE_INSTALLATION)
@require_POST
def forget_folder(request: HttpRequest, folder_id: int) -> HttpResponse:
    """Look into it no more."""
    folders.forget_folder(get_object_or_404(Folder, pk=folder_id), by=request.user)
    messages.success(request, _("The folder is no longer looked into; what came from it stays."))
    return redirect("intake:data")


@needs(Right.IMPORT)
@require_POST
def look_now(request: HttpRequest, folder_id: int) -> HttpResponse:
    """Look into it now, whatever the clock says."""
    folder = get_object_or_404(Folder, pk=folder_id, is_on=True)
    folders.look_now(folder, by=request.user)
    return redirect("intake:data")
