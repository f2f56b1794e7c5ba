from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "tiesa.app.intake"
    label = "intake"

    def ready(self) -> None:
        from tiesa.app.intake import jobs  # noqa: F401 (names the kinds of jobs)
