from django.apps import AppConfig


class InsightConfig(AppConfig):
    name = "tiesa.app.insight"
    label = "insight"
