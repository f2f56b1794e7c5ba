from django.urls import path

from tiesa.app.privacy import views

app_name = "privacy"
urlpatterns = [
    path("", views.start, name="start"),
    path("rules/", views.rules, name="rules"),
    path("old/", views.old, name="old"),
    path("old/delete", views.delete, name="delete"),
    path("requests/<uuid:job_id>/", views.one_request, name="request"),
    path("requests/<uuid:job_id>/download", views.download, name="download"),
    path("<int:number>/", views.person, name="person"),
    path("<int:number>/export", views.export, name="export"),
    path("<int:number>/erase", views.erase, name="erase"),
    path("<int:number>/consent", views.consent, name="consent"),
    path("<int:number>/consent/back", views.take_back, name="take_back"),
]
