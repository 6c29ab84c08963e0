"""Addresses of the page: where people see, and hear, what an assistant tells them of."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote as percent

from pydantic import JsonValue

from ingest.models import Frozen
from service.account_page import AccountPage
from service.assistants.tools import MemoPart
from service.moment import Moment
from service.reading import CallText
from service.shapes import Answer, Quote


@dataclass(frozen=True, slots=True)
class Links:
    """``address`` is that of the page, without a slash at its end."""

    address: str

    def moment(self, call_id: str, utterance: int, start_s: float | None) -> str:
        """Opens the call there and, where there is sound, has it ready to play."""
        at = "" if start_s is None else f"?t={start_s:.10g}"
        return f"{self._to('calls', call_id)}{at}#u{utterance}"

    def quote(self, quote: Quote) -> str:
        return self.moment(quote.call_id, quote.utterance, quote.start_s)

    def page(self, told: Frozen) -> str | None:
        """Where people see all of it; ``None`` where it has no page of its own."""
        match told:
            case Moment():
                return self.quote(told.quote)
            case Answer(id=str(answer_id)):
                return self._to("ask", answer_id)
            case AccountPage():
                return self._to("accounts", told.account_id)
            case CallText():
                return self._to("calls", told.call_id)
            case MemoPart():
                return self._to("memos", told.memo_id)
            case _:
                return None

    def _to(self, room: str, name: str) -> str:
        return f"{self.address}/{room}/{percent(name, safe='')}"

    def beside_quotes(self, told: JsonValue) -> JsonValue:
        """``told`` as JSON, with a ``link`` in every quote."""
        if isinstance(told, list):
            return [self.beside_quotes(one) for one in told]
        if not isinstance(told, dict):
            return told
        found = {name: self.beside_quotes(value) for name, value in told.items()}
        call_id, utterance, start_s = map(told.get, ("call_id", "utterance", "start_s"))
        if "hand" in told and isinstance(call_id, str) and isinstance(utterance, int):
            found["link"] = self.moment(
                call_id, utterance, start_s if isinstance(start_s, float | int) else None
            )
        return found
