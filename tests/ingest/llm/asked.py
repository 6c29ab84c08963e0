"""What the tests of the port ask: a word, and a list of words."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, JsonValue

from ingest.llm import Purpose, Request

PURPOSE = Purpose("call", "c-1")


class Word(BaseModel):
    model_config = ConfigDict(frozen=True)

    word: str


class Words(BaseModel):
    model_config = ConfigDict(frozen=True)

    note: str = ""
    words: list[Word]


def a_word(data: JsonValue = None, *, calls: tuple[str, ...] = ()) -> Request[Word]:
    return Request("probe", {"word": "yes"} if data is None else data, Word, PURPOSE, calls)


def some_words(data: JsonValue = None) -> Request[Words]:
    return Request("probe", {"word": "yes"} if data is None else data, Words, PURPOSE)
