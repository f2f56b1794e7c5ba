from django.apps import AppConfig


class MomentsConfig(AppConfig):
    name = "tiesa.app.moments"
    label = "moments"

    def ready(self) -> None:
        from tiesa.app.moments import jobs  # noqa: F401 (names the kinds of jobs)
