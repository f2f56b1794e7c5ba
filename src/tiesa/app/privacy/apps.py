from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "tiesa.app.privacy"
    label = "privacy"

    def ready(self) -> None:
        from tiesa.app.privacy import jobs  # noqa: F401 (registers)
