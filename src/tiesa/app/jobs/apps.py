from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "tiesa.app.jobs"
    label = "jobs"
