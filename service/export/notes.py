"""Numbers the quotes of a memo in the order of first use: one quote is one note."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import quote as escape_url

from service.export.blocks import Mark, Note, Para, Said, Tone
from service.export.words import clean, clock
from service.ledger import shortened
from service.shapes import Memo, Quote, Statement

_DOUBTFUL = 0.1
MARKS = 4  # behind a sentence that a model wrote: all the quotes it rests on
SHOWN = 120  # characters of a quote in running text; the whole of it is in the note


@dataclass(slots=True)
class Notes:
    """Hands out marks; ``notes`` are those handed out so far.

    It also knows which quotes stand in the running text already, so that none is printed twice.
    """

    memo: Memo
    numbers: dict[tuple[str, int, str], int] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    quotes: list[Quote] = field(default_factory=list)  # of each note its quote
    _printed: list[Quote] = field(default_factory=list)

    def marks(self, quotes: Iterable[Quote], beside: str = "") -> tuple[Mark, ...]:
        """A mark for each different quote; ``beside`` is the text they stand at the end of."""
        return tuple(self.mark(q, beside) for q in dict.fromkeys(quotes))

    def mark(self, quote: Quote, beside: str = "") -> Mark:
        key = (quote.call_id, quote.utterance, quote.text)
        first = key not in self.numbers
        if first:
            self.numbers[key] = len(self.numbers) + 1
            self.notes.append(self._note(self.numbers[key], quote))
            self.quotes.append(quote)
        return Mark(self.numbers[key], first, first and clean(quote.text) in beside)

    def said(self, quote: Quote) -> Said:
        """A quote set apart, shortened where it is long."""
        text = clean(shortened(quote.text, SHOWN))
        self._printed.append(quote)
        return Said(text, clean(self.who(quote)), self.mark(quote, text))

    def statement(self, said: Statement, tone: Tone = "bullet", lead: str = "") -> Para:
        """A statement with the first quote under it; the others stand where they are told.

        What a model wrote has the marks of all its quotes, and prints none of them.
        """
        text = clean(said.text)
        if said.by == "model":
            return Para(text, self.marks(said.quotes[:MARKS], text), tone, lead)
        self._printed.extend(said.quotes[:1])
        return Para(text, self.marks(said.quotes[:1], text), tone, lead)

    def who(self, quote: Quote) -> str:
        if quote.role == "internal":
            return f"{quote.speaker}, one of our own people"
        return f"{quote.speaker}, {self.account(quote)}"

    def account(self, quote: Quote) -> str:
        account = self.memo.names.get(quote.account_id or "", quote.account_id or "no account")
        return clean(account)

    def told(self, quote: Quote, lead: str = "") -> Para:
        """A quote in a list, with who said it."""
        text = f"{clean(quote.speaker)}: “{clean(shortened(quote.text, SHOWN))}”"
        self._printed.append(quote)
        return Para(text, (self.mark(quote, text),), "bullet", lead)

    def has(self, quote: Quote) -> bool:
        """Whether words of that utterance have been marked already."""
        return any((call, i) == (quote.call_id, quote.utterance) for call, i, _ in self.numbers)

    def printed(self, quote: Quote) -> bool:
        """Whether these words, or most of them, stand in the text already."""
        place = (quote.call_id, quote.utterance)
        same = [q.text for q in self._printed if (q.call_id, q.utterance) == place]
        return any(quote.text in text or text in quote.text for text in same)

    def _note(self, number: int, quote: Quote) -> Note:
        call = self.memo.calls.get(quote.call_id)
        places = [call or "call", quote.call_id, f"turn {quote.utterance}"]
        link = f"/calls/{escape_url(quote.call_id, safe='')}"
        if quote.start_s is not None:
            places.append(clock(quote.start_s))
            link += f"?t={int(quote.start_s)}"
        uncertain = quote.role_doubt >= _DOUBTFUL
        doubts = [f"role uncertain ({quote.role_doubt:.0%})"] if uncertain else []
        if quote.hand == "third":
            doubts.append("reports others")
        return Note(
            number,
            clean(quote.text),
            clean(self.who(quote)),
            clean(" · ".join(places)),
            link,
            quote.start_s is not None,
            "; ".join(doubts),
        )
