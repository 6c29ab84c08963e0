"""What the scripted model says, and when a sentence's last brace is told to be written."""

from __future__ import annotations

from dataclasses import replace

from eval.streaming import put_readings, serving
from ingest.library import Library
from ingest.llm import ModelOptions
from service.ask import asking
from service.scope import resolve
from service.shapes import Filters
from service.themes import named_themes


def test_a_sentence_is_given_out_before_the_next_one_is_written(filled: Library) -> None:
    put_readings(filled)
    with serving() as server:
        server.pause_s = 0.3
        model = ModelOptions(name="openai:scripted", base_url=server.url, api_key="any")
        library = Library(filled.home, replace(filled.options, model=model))
        coming = asking(library, "What did they say about the alarm when night came up?")
        first = next(coming)
        assert [*server.written] == [first.text]
        assert {quote.role for quote in first.quotes} == {"customer"}
        assert len([*coming]) + 1 <= len(server.written)
        library.close()


def test_what_is_put_in_counts_as_read_and_sorted(filled: Library) -> None:
    put_readings(filled)
    with filled.read() as connection:
        found = named_themes(filled, connection, resolve(connection, Filters()))
    assert found
    assert {theme.by for theme in found} == {"model"}
