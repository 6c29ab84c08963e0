"""Whether a file has come to rest, by our own clock: that of a file server may say anything."""

from __future__ import annotations

from collections.abc import Collection

from service.watch.sources import Entry, is_unfinished


class Settling:
    """Files are settled that looked the same for ``settle_s`` seconds."""

    def __init__(self, settle_s: float) -> None:
        self._settle_s = settle_s
        self._since: dict[str, tuple[str, float]] = {}

    def left(self, key: str, settles: str, now: float) -> float:
        """Seconds until the file is settled if it stays as it is; not more than 0 once it is."""
        looked, since = self._since.get(key, ("", now))
        if looked != settles:
            since = now
            self._since[key] = settles, now
        return since + self._settle_s - now

    def forget_all_but(self, keys: Collection[str]) -> None:
        """Files that are gone begin anew when they come back."""
        for key in self._since.keys() - set(keys):
            del self._since[key]


class Renames:
    """Tells a file that was finished elsewhere in the folder: it had a name like ``call.vtt.part``
    when it was last looked at, and now has its own.
    """

    def __init__(self) -> None:
        self._unfinished: dict[str, Entry] = {}  # by identity

    def is_finished(self, entry: Entry, there: Collection[str]) -> bool:
        """``there`` are the paths of all files now: the unfinished name has to be gone."""
        before = self._unfinished.get(entry.identity or "")
        return (
            before is not None
            and before.path not in there
            and entry.name in before.name  # identities are given again, to files of other names
            and entry.size >= before.size
        )

    def note(self, entries: Collection[Entry]) -> None:
        """These are all files of this look."""
        self._unfinished = {
            entry.identity: entry
            for entry in entries
            if entry.identity is not None and is_unfinished(entry.name)
        }
