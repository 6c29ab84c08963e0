"""The loop as a table that somebody takes along: CSV, its private details masked."""

from __future__ import annotations

import csv
import io

from ingest.redaction import Redaction
from service.cells import harmless
from service.loop import Entry, Need, Queue

_COLUMNS = (
    *("entry", "need", "status", "why", "since", "account_id", "account", "owner", "arr_usd"),
    *("words", "speaker", "call_id", "note", "state", "by", "at"),
)


def as_csv(queue: Queue, redaction: Redaction) -> bytes:
    """UTF-8 with a byte order mark, without which Excel takes it for another encoding."""
    sink = io.StringIO(newline="")
    writer = csv.writer(sink, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    for need in queue.needs:
        for entry in need.entries:
            writer.writerow([harmless(redaction.text(cell)) for cell in _row(need, entry)])
    return sink.getvalue().encode("utf-8-sig")


def _row(need: Need, entry: Entry) -> list[str]:
    quote = entry.quotes[0]
    at = "" if entry.at is None else entry.at.isoformat(timespec="seconds")
    return [
        *(entry.id, need.label, need.status, entry.why, entry.since.date().isoformat()),
        *(entry.account_id, entry.account, entry.owner or ""),
        "" if entry.arr_usd is None else f"{entry.arr_usd:.0f}",
        *(quote.text, quote.speaker, quote.call_id, entry.note, entry.state, entry.by or "", at),
    ]
