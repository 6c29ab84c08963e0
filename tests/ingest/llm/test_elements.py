from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.llm.elements import Elements

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)


def fed(text: str, size: int, name: str = "items") -> list[object]:
    elements = Elements(name)
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    return [element for piece in pieces for element in elements.feed(piece)]


@given(
    st.dictionaries(st.text(), JSON, max_size=3),
    st.lists(JSON, max_size=5),
    st.integers(1, 30),
    st.sampled_from([None, 2]),
)
def test_any_list_is_found_however_it_is_cut(
    others: dict[str, object], items: list[object], size: int, indent: int | None
) -> None:
    document = {**others, "items": items, "after": {"items": [1]}}
    text = json.dumps(document, indent=indent)
    assert fed(f"{text}\n", size) == items


def test_an_element_is_out_with_its_last_character() -> None:
    text = '{"items": [{"a": "}]"}, {"b": [1, {}]}, "c\\"", 12, true]}'
    elements = Elements("items")
    out = {at: found for at, char in enumerate(text) if (found := list(elements.feed(char)))}
    assert list(out.values()) == [[{"a": "}]"}], [{"b": [1, {}]}], ['c"'], [12], [True]]
    ends = [text.index("}]") + 3, text.index("{}]}") + 3, text.index('\\""') + 2]
    # Where a number or a word ends is told by what follows.
    assert list(out) == [*ends, text.index("12") + 2, text.index("true") + 4]


@pytest.mark.parametrize(
    "text",
    [
        '<think>{"items": [0]} hm</think>{"items": [1, 2]}',
        '```json\n{"items": [1, 2]}\n```',
        'Here: {"x": "{\\"items\\": [0]}", "items": [1, 2]} {"items": [3]}',
        '{"other": {"items": [0]}, "items": [1, 2], "items": [3]}',
    ],
)
@pytest.mark.parametrize("size", [1, 5, 1000])
def test_only_the_outermost_list_of_the_name_counts(text: str, size: int) -> None:
    assert fed(text, size) == [1, 2]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "prose",
        "{",
        '{"items"',
        '{"items": {"a": 1}}',
        '{"items": [nonsense',
        "[" * 9999,
        "<thi",
    ],
)
def test_what_is_no_such_document_has_none(text: str) -> None:
    assert fed(text, 3) == []
    assert fed('{"items": ' + "[" * 99_999, 99_999) == []
