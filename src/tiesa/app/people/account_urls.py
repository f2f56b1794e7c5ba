"""The pages of the sign-in package that exist here: signing in and out, passwords, second factors, sessions.

There is no signing up by oneself: people come by an invitation.
"""

from __future__ import annotations

from allauth.account import views as account
from allauth.usersessions import views as sessions
from django.urls import include, path, re_path

from tiesa.app.people.join_views import SignIn

urlpatterns = [
    path("sign-in/", SignIn.as_view(), name="account_login"),
    path("sign-out/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("confirm/", account.reauthenticate, name="account_reauthenticate"),
    path("password/", account.password_change, name="account_change_password"),
    path("password/first/", account.password_set, name="account_set_password"),
    path("password/forgotten/", account.password_reset, name="account_reset_password"),
    path("password/forgotten/sent/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/forgotten/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("password/forgotten/done/", account.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    path("second/", include("allauth.mfa.urls")),
    path("sessions/", sessions.list_usersessions, name="usersessions_list"),
    path("company/", include("allauth.socialaccount.providers.openid_connect.urls")),
    path("company/", include("allauth.socialaccount.urls")),
]
