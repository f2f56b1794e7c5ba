from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "tiesa.app.api"
    label = "api"

    def ready(self) -> None:
        from tiesa.app.api import deliveries, mailboxes  # noqa: F401 (they register their jobs and clocks)
        from tiesa.app.intake import outbox  # noqa: F401
