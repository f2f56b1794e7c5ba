from django.urls import path

from tiesa.app.api import hook_views

app_name = "hooks"
urlpatterns = [
    path("", hook_views.hooks, name="list"),
    path("in/make", hook_views.make_inlet, name="make_inlet"),
    path("out/make", hook_views.make_hook, name="make_hook"),
    path("in/<uuid:inlet_id>/open", hook_views.set_inlet, {"word": "open"}, name="inlet_open"),
    path("in/<uuid:inlet_id>/close", hook_views.set_inlet, {"word": "close"}, name="inlet_close"),
    path("out/<int:hook_id>/open", hook_views.set_hook, {"word": "open"}, name="hook_open"),
    path("out/<int:hook_id>/close", hook_views.set_hook, {"word": "close"}, name="hook_close"),
    path("out/<int:hook_id>/", hook_views.calls, name="calls"),
    path("batches/<int:batch_id>/again", hook_views.batch_again, name="batch_again"),
    path("calls/<uuid:delivery_id>/again", hook_views.send_again, name="again"),
]
