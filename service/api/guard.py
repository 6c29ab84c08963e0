"""What every request passes first: our own host names only, no cross-site changes, safe headers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from fastapi import FastAPI, Request, Response

from service.api.problems import problem
from service.settings import LOOPBACK, Settings

# Nothing is fetched from elsewhere and nothing inline runs, so a name that carries a script stays
# text even if a template once forgot to escape it.
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "media-src 'self' blob:; connect-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    # Whatever says nothing else: what was shown to one person is not to be kept for the next.
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def install(app: FastAPI, settings: Settings) -> None:
    """Refuse foreign Host and Origin headers (DNS rebinding, cross-site requests)."""
    allowed = LOOPBACK | {settings.host}
    ours: set[str] = set()
    headers = dict(HEADERS)
    if settings.url is not None:
        public = urlsplit(settings.url)
        allowed |= {public.hostname or ""}
        ours = {settings.url}
    if settings.secure:
        headers["Strict-Transport-Security"] = "max-age=31536000"

    @app.middleware("http")
    async def check(
        request: Request, call_next: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        host = _host(f"//{request.headers.get('host', '')}")
        origin = request.headers.get("origin")
        if host not in allowed:
            response: Response = problem(421, "This server answers only to its own host name.")
        elif (
            request.method not in ("GET", "HEAD", "OPTIONS")
            and origin is not None
            and origin not in ours
            and origin.partition("//")[2] != request.headers.get("host")
        ):
            response = problem(403, "Changes are taken only from this server's own page.")
        else:
            response = await call_next(request)
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        return response


def _host(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:  # half of an address of IPv6
        return None
