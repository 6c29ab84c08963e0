"""Addresses of the page: where people see, and hear, what an assistant tells them of."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import JsonValue

from ingest.models import Frozen
from service.account_page import AccountPage
from service.assistants.tools import MemoPart
from service.links import Links
from service.moment import Moment
from service.reading import CallText
from service.shapes import Answer, Quote


@dataclass(frozen=True, slots=True)
class ToolLinks(Links):
    """Of what tools give."""

    def quote(self, quote: Quote) -> str:
        return self.moment(quote.call_id, quote.utterance, quote.start_s)

    def page(self, told: Frozen) -> str | None:
        """Where people see all of it; ``None`` where it has no page of its own."""
        match told:
            case Moment():
                return self.quote(told.quote)
            case Answer(id=str(answer_id)):
                return self.one("ask", answer_id)
            case AccountPage():
                return self.one("accounts", told.account_id)
            case CallText():
                return self.one("calls", told.call_id)
            case MemoPart():
                return self.one("memos", told.memo_id)
            case _:
                return None

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
