"""A provider on loopback that says what a test makes it say: for what no real one would."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from joserfc import jwt
from joserfc.jwk import Key, RSAKey

from service.settings import Settings

CLIENT = "firsthand"
SECRET = "a secret of the client's"
ACCESS_TOKEN = "an-access-token"
Answer = tuple[int, bytes]


@dataclass
class Liar:
    """``answers`` by path; each is asked for anew, so a test may change it between two steps.
    ``asked`` has the path, the headers and the body of every request."""

    issuer: str
    key: Key
    answers: dict[str, Callable[[], Answer]] = field(default_factory=dict)
    asked: list[tuple[str, Mapping[str, str], str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.describe()
        self.say("/jwks", {"keys": [self.key.as_dict(private=False)]})
        self.say("/userinfo", {"sub": "dana-1"})

    def settings(self, **others: Any) -> Settings:
        given = {
            "url": "https://firsthand.example.com",
            "oidc_issuer": self.issuer,
            "oidc_client_id": CLIENT,
            "oidc_client_secret": SECRET,
            "oidc_name": "Acme",
            **others,
        }
        return Settings(**given)

    def say(self, path: str, what: object, status: int = 200) -> None:
        body = what if isinstance(what, bytes) else json.dumps(what).encode()
        self.answers[path] = lambda: (status, body)

    def describe(self, **changed: object) -> None:
        """What it says of itself; ``None`` leaves a field out."""
        fields = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            **changed,
        }
        told = {name: value for name, value in fields.items() if value is not None}
        self.say("/.well-known/openid-configuration", told)

    def give(self, id_token: object) -> None:
        """The token endpoint's answer."""
        self.say(
            "/token",
            {"access_token": ACCESS_TOKEN, "token_type": "Bearer", "id_token": id_token},
        )

    def claims(self, nonce: str, now: float, /, **changed: object) -> dict[str, object]:
        """All that a good token says; ``None`` leaves a claim out."""
        fields = {
            "iss": self.issuer,
            "sub": "dana-1",
            "aud": CLIENT,
            "exp": int(now) + 300,
            "iat": int(now),
            "nonce": nonce,
            "at_hash": _half_hash(ACCESS_TOKEN),
            "email": "dana@acme.example",
            "email_verified": True,
            **changed,
        }
        return {name: value for name, value in fields.items() if value is not None}

    def sign(self, claims: dict[str, object], key: Key | None = None, **header: str) -> str:
        key = key or self.key
        return jwt.encode({"alg": "RS256", "kid": str(key.kid), **header}, claims, key)


def unsigned(claims: object, header: object, signature: str = "") -> str:
    """A token that no library would make."""
    return ".".join([*(_part(json.dumps(part).encode()) for part in (header, claims)), signature])


def _half_hash(token: str) -> str:
    """``at_hash`` (OpenID Connect Core 1.0, 3.1.3.6)."""
    return _part(hashlib.sha256(token.encode()).digest()[:16])


def _part(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


@contextmanager
def own_liar() -> Iterator[Liar]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    key = RSAKey.generate_key(2048, auto_kid=True)
    liar = Liar(f"http://127.0.0.1:{server.server_port}", key)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            path = self.path.partition("?")[0]
            liar.asked.append((path, dict(self.headers), self.rfile.read(length).decode()))
            status, body = liar.answers[path]()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: the tests look at ``asked``."""

    server.RequestHandlerClass = Handler
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield liar
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
