"""How many bytes a person may send on one day, kept in the home: a restart gives no more."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import Field, ValidationError

from ingest.errors import TooOften
from ingest.models import Frozen
from service.upload_folder import write


class _Day(Frozen):
    day: str = ""
    sent: Mapping[str, int] = Field(default={}, description="bytes, by person")


class Allowance:
    """Bytes of each person on the present day (UTC). Whoever uses it holds the uploads' lock."""

    def __init__(self, folder: Path, limit: int | None) -> None:
        self._file = folder / "uploads.day"
        self._limit = limit

    def take(self, owner: str | None, length: int) -> None:
        """Raises ``TooOften`` when that is more than the person may send today."""
        if self._limit is None:
            return
        day = self._read()
        sent = day.sent.get(_name(owner), 0)
        if sent + length > self._limit:
            raise TooOften(
                f"With this file you would have sent {(sent + length) / 1e6:,.0f} MB today, and "
                f"the limit is {self._limit / 1e6:,.0f} MB a day and person; go on tomorrow (UTC), "
                "or raise FIRSTHAND_MAX_UPLOAD_MB_PER_DAY.",
                _until_midnight(),
            )
        self._put(day, owner, sent + length)

    def give_back(self, owner: str | None, length: int) -> None:
        """These bytes did not come after all."""
        if self._limit is None or length <= 0:
            return
        day = self._read()
        self._put(day, owner, max(0, day.sent.get(_name(owner), 0) - length))

    def _read(self) -> _Day:
        today = datetime.now(UTC).date().isoformat()
        try:
            held = _Day.model_validate_json(self._file.read_bytes())
        except (FileNotFoundError, ValidationError):  # or what a loss of power left of it
            held = _Day()
        return held if held.day == today else _Day(day=today)

    def _put(self, day: _Day, owner: str | None, sent: int) -> None:
        beside = self._file.with_suffix(".new")
        write(beside, json.dumps({"day": day.day, "sent": {**day.sent, _name(owner): sent}}))
        beside.replace(self._file)


def _name(owner: str | None) -> str:
    return owner or ""  # at the machine itself


def _until_midnight() -> float:
    now = datetime.now(UTC)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return (midnight - now).total_seconds()
