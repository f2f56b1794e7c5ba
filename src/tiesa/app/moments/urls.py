from django.urls import path, re_path

from tiesa.app.moments import register_views, sheet_views, warning_views

app_name = "moments"
urlpatterns = [
    path("", register_views.register, name="register"),
    path("find", register_views.find, name="find"),
    path("searched/", register_views.searched, name="searched"),
    path("register.svg", register_views.picture, name="picture"),
    re_path(r"^register\.(?P<kind>csv|xlsx)$", register_views.table, name="table"),
    path("early-warning/", warning_views.warning, name="warning"),
    path("early-warning.svg", warning_views.warning_picture, name="warning_picture"),
    path("early-warning/keep", warning_views.warning_keep, name="warning_keep"),
    path("early-warning/<int:customer_key>", warning_views.warning_contacted, name="warning_contacted"),
    path("verdicts/<int:verdict_id>/undo", sheet_views.judge_undo, name="judge_undo"),
    path("<slug:moment_id>/", sheet_views.sheet, name="sheet"),
    path("<slug:moment_id>/judge", sheet_views.judge, name="judge"),
    path("<slug:moment_id>/sheet.html", sheet_views.file, {"kind": "html"}, name="html"),
    path("<slug:moment_id>/sheet.pdf", sheet_views.file, {"kind": "pdf"}, name="pdf"),
    re_path(r"^(?P<moment_id>[\w-]+)/contacts\.(?P<kind>csv|xlsx)$", sheet_views.contacts, name="contacts"),
    path("<slug:moment_id>/<slug:name>.svg", sheet_views.part_drawing, name="part"),
]
