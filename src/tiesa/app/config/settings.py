"""Django's settings, all of them derived from the installation."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from csp.constants import NONE, SELF

from tiesa.app.config.installation import installation
from tiesa.core.locale import DIRECTORY

_here = installation()

SECRET_KEY = _here.key()
DEBUG = False
ALLOWED_HOSTS = _here.hosts
ROOT_URLCONF = "tiesa.app.config.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": _here.database()}

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "axes",
    "csp",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "simple_history",
    "tiesa.app.people",
    "tiesa.app.jobs",
    "tiesa.app.privacy",
    "tiesa.app.intake",
    "tiesa.app.insight",
    "tiesa.app.moments",
    "tiesa.app.api",
]
MIDDLEWARE = [
    "tiesa.app.config.middleware.observed",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "tiesa.app.config.middleware.speaking",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "tiesa.app.people.gate.gated",
    "axes.middleware.AxesMiddleware",
]
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "NAME": "pages",
        "DIRS": [DIRECTORY.parent / "app" / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "environment": "tiesa.app.config.templates.environment",
            "context_processors": ["tiesa.app.config.templates.page_context"],
        },
    },
    {
        # What the packages below bring of their own (none of it is a page of ours).
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    },
]
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"

# Words: one gettext domain of ours (tiesa.core.locale); Django's own domain says what its packages say.
LANGUAGES = [
    ("en", "English"), ("sr", "Српски"), ("sr-latn", "Srpski"), ("lt", "Lietuvių"), ("ru", "Русский"),
    ("sl", "Slovenščina"), ("ro", "Română"),
]  # fmt: skip
LANGUAGE_CODE = _here.language.replace("_", "-").lower()
LOCALE_PATHS = [DIRECTORY]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# Who people are.
AUTH_USER_MODEL = "people.Person"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "tiesa.app.people.passwords.NotLikeThePerson"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "tiesa.app.people.adapters.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "tiesa.app.people.adapters.SocialAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # an address was proven by the invitation that was sent to it
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
PASSWORD_RESET_TIMEOUT = 24 * 3600
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
MFA_ADAPTER = "tiesa.app.people.adapters.MfaAdapter"
MFA_ALLOW_UNVERIFIED_EMAIL = True  # the invitation stands for the proof
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not _here.is_secure
MFA_TOTP_ISSUER = "Tiesa"
USERSESSIONS_TRACK_ACTIVITY = True
SOCIALACCOUNT_ONLY = False
SOCIALACCOUNT_LOGIN_ON_GET = True  # a form that leads to another site would break form-action
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "EMAIL_AUTHENTICATION": True,
        "APPS": [
            {
                "provider_id": "company",
                "name": _here.oidc_name or "OpenID Connect",
                "client_id": _here.oidc_client,
                "secret": _here.oidc_secret,
                "settings": {"server_url": _here.oidc_issuer},
            }
        ]
        if _here.oidc_issuer
        else [],
    }
}
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_CALLABLE = "tiesa.app.people.adapters.address_of"
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ACCESS_FAILURE_LOG = False
AXES_LOCKOUT_CALLABLE = "tiesa.app.people.adapters.locked_out"
AXES_IPWARE_PROXY_COUNT = 1 if _here.behind_proxy else 0

# Sessions and cookies.
SESSION_COOKIE_NAME = "tiesa"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_SAVE_EVERY_REQUEST = False
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = _here.is_secure
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_USE_SESSIONS = True
CSRF_FAILURE_VIEW = "tiesa.app.people.refusing.without_token"
LANGUAGE_COOKIE_NAME = "tiesa_language"
CSRF_TRUSTED_ORIGINS = [_here.base_url] if _here.is_secure else []

# What a browser may do with our pages.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "manifest-src": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_HSTS_SECONDS = 31_536_000 if _here.is_secure else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = False
SECURE_SSL_REDIRECT = _here.is_secure
SECURE_REDIRECT_EXEMPT = [r"^health$"]
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
if _here.behind_proxy:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# Files.
STATIC_URL = "/static/"
STATICFILES_DIRS = [DIRECTORY.parent / "app" / "static"]
STATIC_ROOT = None  # served from where they lie, with a fingerprint of the version in their address
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 3600
WHITENOISE_KEEP_ONLY_HASHED_FILES = False
FILE_UPLOAD_HANDLERS = ["tiesa.app.intake.uploading.ToFolder"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024**2
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

if _here.mail_host:
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST, EMAIL_PORT = _here.mail_host, _here.mail_port
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _here.mail_user, _here.mail_password
    EMAIL_USE_TLS, EMAIL_TIMEOUT = _here.mail_tls, 20
else:
    EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
DEFAULT_FROM_EMAIL = SERVER_EMAIL = _here.mail_from

# One line of JSON per event, without addresses, names or what people wrote.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "tiesa.app.config.logs.JsonLines"}},
    "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["out"], "level": "WARNING"},
    "loggers": {
        "tiesa": {"level": "INFO"},
        "django.request": {"level": "ERROR"},
        "django_tasks": {"level": "WARNING"},
        "django_tasks_db": {"level": "WARNING"},
        "axes": {"level": "ERROR"},
    },
}
