"""A visitor: a page of Chromium that takes down everything a page of ours must not do."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, FilePayload, Locator, Page, Request

SERIOUS = {"serious", "critical"}
PATIENCE_MS = 60_000  # for what has to come about: machines are busy
# What plays passes by itself: every second at which something was heard, and the line marked then.
LISTEN = """addEventListener("DOMContentLoaded", () => {
  const sound = document.getElementById("sound");
  window.heard = [];
  for (const happening of ["playing", "timeupdate"]) sound?.addEventListener(happening, () => {
    const at = sound.currentTime;
    if (!sound.paused) setTimeout(() => heard.push([at, document.querySelector(".spoken")?.id]));
  });
});"""


class Visit:
    """``page`` is Playwright's. ``wrong`` is what went wrong so far; a test fails on it."""

    def __init__(self, browser: Browser, address: str, *, width: int, dark: bool) -> None:
        self.address = address
        self.wrong: list[str] = []
        self.away = False  # set while the server is meant not to answer
        self._context = browser.new_context(
            base_url=address,
            viewport={"width": width, "height": 844 if width < 500 else 900},
            color_scheme="dark" if dark else "light",
            has_touch=width < 500,
            accept_downloads=True,
        )
        self._context.set_default_timeout(PATIENCE_MS)
        self._context.add_init_script(LISTEN)
        self.page = self.tab()

    def tab(self) -> Page:
        """One more tab of the same visitor."""
        page = self._context.new_page()
        page.on("pageerror", lambda error: self.wrong.append(f"script: {error}"))
        page.on("console", self._said)
        page.on("request", self._asked)
        return page

    def go(self, path: str) -> None:
        self.page.goto(path)

    def close(self) -> None:
        self._context.close()

    def shot(self, folder: Path, name: str) -> None:
        self.page.screenshot(path=folder / f"{name}.png", full_page=False)

    def barriers(self) -> list[str]:
        """What axe-core finds that keeps people out, serious or worse; and any trouble told."""
        told = self.page.locator("#trouble")
        trouble = [f"trouble: {told.inner_text()}"] if told.is_visible() else []
        found = Axe().run(self.page, options={"resultTypes": ["violations"]}).response
        return trouble + [
            f"{one['id']}: {one['help']}: {[node['target'] for node in one['nodes'][:4]]}"
            for one in found["violations"]
            if one["impact"] in SERIOUS
        ]

    def sideways(self) -> int:
        """By how many pixels the page is wider than the window; what sticks out does it."""
        width: int = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        return width

    def heard_at(self, line: str | None = None) -> float:
        """The second at which the player was first heard on this page, once it was.

        With the id of a ``line``, while that was marked as the one being spoken.
        """
        # Not ``wait_for_function``, whose way to look needs what the page's policy forbids.
        for _ in range(PATIENCE_MS // 100):
            for at, spoken in self.page.evaluate("heard"):
                if line in (None, spoken):
                    return float(at)
            self.page.wait_for_timeout(100)
        raise AssertionError(f"nothing plays: {self.page.evaluate('heard')}")

    def hears(self, where: Locator, words: str) -> Callable[[], None]:
        """Note from here on what is said there; call what is given to wait until ``words`` were.

        For what the page takes away again by itself: on a busy machine a test looks too late.
        """
        # The element itself: a button that says something else is not found by its name any more.
        node = where.element_handle()
        node.evaluate(
            """node => {
              node.heard = [];
              new MutationObserver(() => node.heard.push(node.textContent))
                .observe(node, { childList: true, characterData: true, subtree: true });
            }"""
        )

        def wait() -> None:
            for _ in range(PATIENCE_MS // 100):
                heard: list[str] = node.evaluate("node => node.heard")
                if words in heard:
                    return
                self.page.wait_for_timeout(100)
            raise AssertionError(f"“{words}” was not said; said was {heard}")

        return wait

    def api(self, path: str, method: str = "GET", data: object = None) -> Any:
        """A request of the same origin; its JSON."""
        answer = self._context.request.fetch(
            path,
            method=method,
            data=None if data is None else json.dumps(data),
            headers={"Content-Type": "application/json", "Origin": self.address},
        )
        assert answer.ok, f"{method} {path}: {answer.status} {answer.text()}"
        return answer.json() if answer.text() else None

    def upload(self, name: str, media_type: str, body: bytes) -> None:
        """Add a file as a call, without the page."""
        file: FilePayload = {"name": name, "mimeType": media_type, "buffer": body}
        answer = self._context.request.post(
            "/api/calls", multipart={"file": file}, headers={"Origin": self.address}
        )
        assert answer.status == 202, answer.text()

    # --- watching ------------------------------------------------------------------------------

    def _said(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        # What the server refuses or does not answer is shown to people by the page; tests see that.
        if message.text.startswith("Failed to load resource"):
            return
        if not self.away:
            self.wrong.append(f"console: {message.text}")

    def _asked(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("data", "blob", "about"):
            return
        if parts.netloc != urlsplit(self.address).netloc:
            self.wrong.append(f"left loopback: {request.url}")
