from django.urls import path

from tiesa.app.api import mailbox_views

app_name = "mailboxes"
urlpatterns = [
    path("", mailbox_views.boxes, name="list"),
    path("add", mailbox_views.add, name="add"),
    path("<int:box_id>/open", mailbox_views.set_open, {"word": "open"}, name="open"),
    path("<int:box_id>/close", mailbox_views.set_open, {"word": "close"}, name="close"),
    path("<int:box_id>/read", mailbox_views.read_now, name="read"),
    path("<int:box_id>/password", mailbox_views.new_password, name="password"),
]
