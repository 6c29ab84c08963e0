"""A real OpenID Connect provider on loopback, and a person's browser that signs in there."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx2
from joserfc.jwk import RSAKey

from service.settings import Settings

URL = "https://firsthand.example.com"
SECRET = "a secret of the client's: 40 or so letters"
PASSWORD = "correct horse battery staple"
CLIENTS = {"RS256": "firsthand", "HS256": "signed-with-the-secret"}
PEOPLE = (("dana", "Dana.Ruiz@acme.example"), ("unconfirmed", "someone@acme.example"))
_START_S = 60.0


@dataclass
class Provider:
    """Keeps its people between ``stop`` and ``start``; each ``start`` is with a new key."""

    folder: Path
    port: int
    _process: subprocess.Popen[bytes] | None = None

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}/o"

    def settings(self, algorithm: str = "RS256") -> Settings:
        return Settings(
            url=URL,
            oidc_issuer=self.issuer,
            oidc_client_id=CLIENTS[algorithm],
            oidc_client_secret=SECRET,
            oidc_name="Acme",
        )

    def start(self) -> None:
        """Returns once it answers."""
        given = {
            "port": self.port,
            "database": str(self.folder / "provider.db"),
            "key": RSAKey.generate_key(2048).as_pem(private=True).decode(),
            "people": [(name, email, PASSWORD) for name, email in PEOPLE],
            "clients": CLIENTS,
            "secret": SECRET,
            "redirect_uri": f"{URL}/sso/callback",
        }
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, Path(__file__).parent / "oidc_site.py"],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        assert self._process.stdin is not None
        with self._process.stdin as told:
            told.write(json.dumps(given).encode())
        self._wait()

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
            self._process = None

    def _wait(self) -> None:
        end = time.monotonic() + _START_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except ConnectionRefusedError:
                assert self._process is not None
                if self._process.poll() is not None or time.monotonic() > end:
                    log = (self.folder / "log").read_text()
                    raise RuntimeError(f"the provider did not start:\n{log}") from None
                time.sleep(0.05)


@contextmanager
def own_provider(folder: Path) -> Iterator[Provider]:
    """One that its user may stop and start again."""
    with socket.create_server(("127.0.0.1", 0)) as one:
        port: int = one.getsockname()[1]
    provider = Provider(folder, port)
    try:
        provider.start()
        yield provider
    finally:
        provider.stop()


def sign_in(url: str, name: str, *, agree: bool = True) -> dict[str, str]:
    """Go to ``url`` as a new browser, fill in the provider's forms as ``name``, and give back the
    query that it sends the browser home with."""
    with httpx2.Client(follow_redirects=False) as browser:
        page = _follow(browser, browser.get(url))
        for filled in ({"username": name, "password": PASSWORD}, {"allow": "Authorize"}):
            if "allow" in filled and not agree:
                filled = {}
            page = _follow(browser, _submit(browser, page, filled))
        home = urlsplit(page.headers["location"])
        assert f"{home.scheme}://{home.netloc}{home.path}" == f"{URL}/sso/callback"
        return dict(parse_qsl(home.query))


def _follow(browser: httpx2.Client, answer: httpx2.Response) -> httpx2.Response:
    """To the next page, or to the redirect that leaves the provider."""
    while answer.is_redirect:
        there = urljoin(str(answer.url), answer.headers["location"])
        if there.startswith(URL):
            break
        answer = browser.get(there)
    else:
        assert answer.status_code == 200, answer.text
    return answer


def _submit(
    browser: httpx2.Client, page: httpx2.Response, filled: dict[str, str]
) -> httpx2.Response:
    form = _Form()
    form.feed(page.text)
    there = urljoin(str(page.url), form.action)
    return browser.post(there, data={**form.hidden, **filled}, headers={"Referer": str(page.url)})


@dataclass
class _Form(HTMLParser):
    """The page's form: where it goes, and what it holds unseen."""

    action: str = ""
    hidden: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.action = given.get("action") or ""
        elif tag == "input" and given.get("type") == "hidden":
            self.hidden[given.get("name") or ""] = given.get("value") or ""
