"""Addresses of the page for whoever is elsewhere: in what is sent, drafted, or told to programs.

Who belongs to several workspaces is in one of them at a time, so where a home has several a link
names its own; the page does the rest (``service/static/workspace.js``).
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote as percent
from urllib.parse import urlencode

import sqlalchemy as sa

from ingest.library import Library
from ingest.tables import workspaces
from service.settings import MAIN


@dataclass(frozen=True, slots=True)
class Links:
    """``address`` is that of the page, without a slash at its end; ``workspace`` as
    ``workspace_named`` has it.
    """

    address: str
    workspace: str | None = None

    def front(self) -> str:
        return self._to()

    def one(self, room: str, subject: str) -> str:
        """The page of one call, account, answer or memo."""
        return self._to(room, subject)

    def moment(self, call_id: str, utterance: int, start_s: float | None = None) -> str:
        """Opens the call there and, where there is sound, has it ready to play."""
        at = {} if start_s is None else {"t": f"{start_s:.10g}"}
        return f"{self._to('calls', call_id, **at)}#u{utterance}"

    def themes(self, theme_id: str | None = None) -> str:
        """All of them, or with one that is open."""
        return self._to("themes", **({} if theme_id is None else {"theme": theme_id}))

    def _to(self, *path: str, **asked: str) -> str:
        if self.workspace is not None:
            asked["workspace"] = self.workspace
        query = f"?{urlencode(asked, quote_via=percent, safe='')}" if asked else ""
        return f"{self.address}/{'/'.join(percent(part, safe='') for part in path)}{query}"


def links(library: Library, connection: sa.Connection) -> Links:
    """Those into this workspace."""
    return Links(library.options.url, workspace_named(library, connection))


def workspace_named(library: Library, connection: sa.Connection) -> str | None:
    """The workspace as links name it; ``None`` where a home has no other than the main one."""
    if library.options.workspace is not None:
        return library.options.workspace
    w = workspaces.c
    others = sa.select(w.name).where(w.name != MAIN).limit(1)
    return None if connection.scalar(others) is None else MAIN
