from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "tiesa.app.people"
    label = "people"

    def ready(self) -> None:
        from tiesa.app.people import signals  # noqa: F401 (registers)
