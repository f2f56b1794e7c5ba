from django.urls import path

from tiesa.app.jobs import views

app_name = "jobs"
urlpatterns = [
    path("<uuid:job_id>/", views.progress, name="progress"),
    path("<uuid:job_id>/stop", views.stop, name="stop"),
]
