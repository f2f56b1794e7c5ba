"""Every address of the application."""

from __future__ import annotations

from django.urls import include, path

from tiesa.app.config import house

urlpatterns = [
    path("", include("tiesa.app.insight.urls")),
    path("moments/", include("tiesa.app.moments.urls")),
    path("data/hooks/", include("tiesa.app.api.hook_urls")),
    path("data/mailboxes/", include("tiesa.app.api.mailbox_urls")),
    path("data/", include("tiesa.app.intake.urls")),
    path("jobs/", include("tiesa.app.jobs.urls")),
    path("people/", include("tiesa.app.people.urls")),
    path("privacy/", include("tiesa.app.privacy.urls")),
    path("api/", include("tiesa.app.api.urls")),
    path("account/", include("tiesa.app.people.account_urls")),
    path("health", house.health, name="health"),
    path("metrics", house.metrics, name="metrics"),
    path("tokens.css", house.tokens, name="tokens"),
    path("language", house.language, name="language"),
    path("theme", house.theme, name="theme"),
]
handler403 = "tiesa.app.config.house.forbidden"
handler404 = "tiesa.app.config.house.not_found"
handler500 = "tiesa.app.config.house.broken"
handler400 = "tiesa.app.config.house.bad_request"
