"""Django's settings, computed from the installation that `SAFEHOLD_HOME` names and the role `SAFEHOLD_ROLE` plays.

Nothing secret is written here: secrets are files of the installation, read by the process that needs them.
"""

from __future__ import annotations

import os
from pathlib import Path

from safehold.foundation.identity.settings import *  # noqa: F403 - allauth's constants, kept beside the code they steer
from safehold.operations.installation import load
from safehold.operations.logs.writing import configuration
from safehold.project.database import connection_settings

SAFEHOLD = load(Path(os.environ.get("SAFEHOLD_HOME", ".safehold")))
ROLE = os.environ.get("SAFEHOLD_ROLE", "app")

SECRET_KEY = SAFEHOLD.secret("django.key").hex()
PASSWORD_HASHERS = password_hashers(SAFEHOLD.password_hash)  # noqa: F405 - identity's, imported above
DEBUG = False
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", SAFEHOLD.host]

INSTALLED_APPS = [
    "safehold.foundation.identity",  # before allauth: its templates stand in front of allauth's own
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "lucide",
    "procrastinate.contrib.django",
    "safehold.ui",
    "safehold.foundation.scope",
    "safehold.foundation.access",
    "safehold.foundation.keys",
    "safehold.foundation.audit",
    "safehold.foundation.tenancy",
    "safehold.foundation.objects",
    "safehold.foundation.egress",
    "safehold.foundation.staff",
    "safehold.foundation.streams",
    "safehold.foundation.jobs",
    "safehold.foundation.anchors",
    "safehold.foundation.usage",
    "safehold.workspace",
    "safehold.workspace.records",
    "safehold.workspace.demo",
    "safehold.privacy",
    "safehold.operations",
    "safehold.assurance",
]

# The scope's transaction is opened outside of all that touches rows, so that the session, the account, the view and its
# template are read and written inside it.
MIDDLEWARE = [
    "safehold.project.failures.References",
    "safehold.project.headers.SecurityHeaders",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "safehold.project.errors.ErrorPages",
    "safehold.foundation.usage.middleware.UsageMiddleware",
    "safehold.api.receipts.ReceiptMiddleware",  # outside of the transaction: what it waits for comes after the commit
    "safehold.foundation.scope.middleware.ScopeMiddleware",
    "safehold.foundation.identity.session_middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "safehold.foundation.staff.middleware.StaffMiddleware",
    "safehold.foundation.identity.middleware.MembershipMiddleware",
]

ROOT_URLCONF = "safehold.project.urls"
WSGI_APPLICATION = "safehold.project.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "safehold.foundation.tenancy.context.workspace",
            ],
        },
    }
]

# The rooms call their background work jobs; without this the worker would look for modules called tasks.
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
# A worker that starts makes up for the last quarter of an hour: a new installation's first proof comes at once.
PROCRASTINATE_PERIODIC_DEFAULTS = {"max_delay": 15 * 60}

DATABASES = {"default": connection_settings(SAFEHOLD, ROLE)}
if ROLE == "app":  # staff who look into a tenant do it by another login (foundation/scope/transaction.py)
    DATABASES["staff"] = connection_settings(SAFEHOLD, "staff")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", "English")]
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = SAFEHOLD.home / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "safehold.project.static.Storage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

SECURE_SSL_REDIRECT = True
SECURE_HSTS_SECONDS = 63_072_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = False
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"

SESSION_COOKIE_SECURE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "__Host-csrf"
# Until a registered sender is set up, mail is kept as files that only whoever runs the installation can read.
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = SAFEHOLD.home / "mail"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

DATA_UPLOAD_MAX_MEMORY_SIZE = 32 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 32 * 1024 * 1024
"""Uploads stay in memory until they are sealed: a spooled file would lie on disk in clear."""
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]

LOG_FILE = os.environ.get("SAFEHOLD_LOG", "")
"""Where a command logs, whose standard error is for people; a process logs to its standard error, which is a file."""
LOGGING = configuration(LOG_FILE)
