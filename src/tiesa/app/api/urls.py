from django.urls import include, path

from tiesa.app.api import docs_view, v1

app_name = "api"
urlpatterns = [
    path("docs", docs_view.docs, name="docs"),
    path("v1/", include(v1.urlpatterns)),
]
