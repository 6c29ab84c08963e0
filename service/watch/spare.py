"""Files of a meeting that are left out because another of its files has all that they have."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ingest.meeting_files import spare
from service.watch.remembered import State
from service.watch.sources import Entry, is_passed_over

StateOf = Callable[[Entry], State | None]


class Spare:
    """Of the files of a place, as they are at one look; a folder is looked at when it is asked of.

    ``may_be_call`` tells by a file's name, ``state_of`` what became of it before.
    """

    def __init__(
        self, there: Mapping[str, Entry], may_be_call: Callable[[str], bool], state_of: StateOf
    ) -> None:
        self._there, self._may_be_call, self._state_of = there, may_be_call, state_of
        self._folders: dict[str, list[Entry]] = {}
        self._found: dict[str, dict[str, str]] = {}  # by folder, as of ``spare``

    def instead_of(self, entry: Entry) -> str | None:
        """The name of the file that is taken in place of one that has not come in yet."""
        if self._state_of(entry) == "taken":
            return None
        folder = _folder(entry)
        if folder not in self._found:
            self._found[folder] = self._look(folder)
        return self._found[folder].get(entry.name)

    def _look(self, folder: str) -> dict[str, str]:
        if not self._folders:
            for entry in self._there.values():
                if self._may_be_call(entry.name) and not is_passed_over(entry.path):
                    self._folders.setdefault(_folder(entry), []).append(entry)
        states = {entry.name: self._state_of(entry) for entry in self._folders.get(folder, ())}
        here = [name for name, state in states.items() if state == "taken"]
        return spare([name for name, state in states.items() if state != "failed"], here)


def _folder(entry: Entry) -> str:
    return entry.path.rpartition("/")[0]
