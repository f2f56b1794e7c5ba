from django.urls import path

from tiesa.app.people import audit_views, join_views, key_views, me_views, unit_views, views

app_name = "people"
urlpatterns = [
    path("demo/<slug:role>", join_views.demo_sign_in, name="demo_sign_in"),
    path("join/<str:token>", join_views.join, name="join"),
    path("me/", me_views.me, name="me"),
    path("me/save", me_views.save, name="save_me"),
    path("me/sessions/<int:session_id>/end", me_views.end_session, name="end_session"),
    path("", views.people, name="list"),
    path("invite", views.invite, name="invite"),
    path("invitations/<int:invitation_id>/withdraw", views.withdraw, name="withdraw"),
    path("<int:person_id>/", views.person, name="person"),
    path("<int:person_id>/change", views.change, name="change"),
    path("<int:person_id>/give", views.give, name="give"),
    path("<int:person_id>/switch", views.switch, name="switch"),
    path("<int:person_id>/unlock", views.unlock, name="unlock"),
    path("roles/<int:membership_id>/take", views.take, name="take"),
    path("units/", unit_views.units, name="units"),
    path("units/add", unit_views.add, name="unit_add"),
    path("units/<int:unit_id>/move", unit_views.move, name="unit_move"),
    path("units/<int:unit_id>/remove", unit_views.remove, name="unit_remove"),
    path("keys/", key_views.keys, name="keys"),
    path("keys/make", key_views.make, name="key_make"),
    path("keys/<int:key_id>/withdraw", key_views.withdraw, name="key_withdraw"),
    path("audit/", audit_views.audit, name="audit"),
    path("audit/audit.csv", audit_views.audit_csv, name="audit_csv"),
    path("audit/check", audit_views.audit_check, name="audit_check"),
]
