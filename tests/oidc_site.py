"""The sign-in provider that tests run: Django's own accounts behind django-oauth-toolkit.

``python tests/oidc_site.py`` with what it needs as JSON on its standard input serves until it is
ended. Sign-in form, consent form, tokens and keys are the packages'; here are only their settings,
two people and two clients. It runs in a process of its own: Django knows one configuration each.
"""

from __future__ import annotations

import json
import sys
from typing import Any
from wsgiref.simple_server import make_server

import django
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.urls import include, path

_APPS = {
    "admin": "django.contrib.admin",
    "auth": "django.contrib.auth",
    "contenttypes": "django.contrib.contenttypes",
    "messages": "django.contrib.messages",
    "sessions": "django.contrib.sessions",
    "staticfiles": "django.contrib.staticfiles",
    "oauth2_provider": "oauth2_provider",
}


def configure(given: dict[str, Any]) -> None:
    settings.configure(
        SECRET_KEY="the provider's own",
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF=__name__,
        INSTALLED_APPS=list(_APPS.values()),
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
        ],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {
                    "context_processors": [
                        "django.template.context_processors.request",
                        "django.contrib.auth.context_processors.auth",
                        "django.contrib.messages.context_processors.messages",
                    ]
                },
            }
        ],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": given["database"]}},
        MIGRATION_MODULES=dict.fromkeys(_APPS),  # the tables at once, not their history
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],  # quick; test people
        LOGIN_URL="/admin/login/",
        STATIC_URL="/static/",
        USE_TZ=True,
        OAUTH2_PROVIDER={
            "OIDC_ENABLED": True,
            "OIDC_RSA_PRIVATE_KEY": given["key"],
            "OAUTH2_VALIDATOR_CLASS": "oidc_claims.Claims",
            "SCOPES": {"openid": "who you are", "email": "your e-mail", "profile": "your name"},
            "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
            "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
        },
    )
    django.setup()


def fill(given: dict[str, Any]) -> None:
    """Two people, the first with a confirmed address, and a client for each kind of signature."""
    from django.contrib.auth.models import User
    from oauth2_provider.models import Application

    call_command("migrate", verbosity=0, run_syncdb=True)
    if User.objects.exists():
        return
    for name, email, password in given["people"]:
        # "staff" may use the sign-in form of Django's admin, which is the one there is.
        User.objects.create_user(name, email, password, is_staff=True, first_name=name.title())
    for algorithm, client_id in given["clients"].items():
        Application.objects.create(
            client_id=client_id,
            client_secret=given["secret"],
            name="Firsthand",
            client_type=Application.CLIENT_CONFIDENTIAL,
            authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
            redirect_uris=given["redirect_uri"],
            algorithm=algorithm,
            # HS256 signs with the secret itself, which is not there once it is hashed.
            hash_client_secret=algorithm != "HS256",
        )


def urls() -> list[Any]:
    from django.contrib import admin

    return [path("admin/", admin.site.urls), path("o/", include("oauth2_provider.urls"))]


if __name__ == "__main__":
    given = json.load(sys.stdin)
    configure(given)
    fill(given)
    urlpatterns = urls()
    make_server("127.0.0.1", given["port"], get_wsgi_application()).serve_forever()
