"""Cookies: of the session, of a browser that is known, of a sign-in that is under way.

No script reads them and no other site's page sends them along with a change. Where people come by
https they never travel otherwise, and no other host can have set them.
"""

from __future__ import annotations

from fastapi import Request, Response

from service.settings import Settings


class Cookie:
    """One of them, by name."""

    def __init__(self, settings: Settings, name: str, max_age_s: int | None = None) -> None:
        """Without ``max_age_s`` the browser keeps it until it is closed."""
        self._secure = settings.secure
        self._name = f"__Host-{name}" if self._secure else name
        self._max_age_s = max_age_s

    def read(self, request: Request) -> str | None:
        return request.cookies.get(self._name)

    def put(self, response: Response, value: str) -> None:
        response.set_cookie(
            self._name,
            value,
            max_age=self._max_age_s,
            path="/",
            secure=self._secure,
            httponly=True,
            samesite="lax",
        )

    def drop(self, response: Response) -> None:
        response.delete_cookie(
            self._name, path="/", secure=self._secure, httponly=True, samesite="lax"
        )


def of_session(settings: Settings) -> Cookie:
    return Cookie(settings, "firsthand")


def of_device(settings: Settings) -> Cookie:
    return Cookie(settings, "firsthand-device", 180 * 24 * 3600)


def of_sign_in(settings: Settings) -> Cookie:
    return Cookie(settings, "firsthand-sso", 600)
