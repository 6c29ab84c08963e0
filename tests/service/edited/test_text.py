from __future__ import annotations

import random

import pytest

from service.edited.drafted import escaped
from service.edited.text import LONGEST_TEXT, citation, place_of, read


def test_blocks_sentences_and_citations() -> None:
    text = (
        "# Title\n\n## What they need\n\n"
        "Alarms ring for nothing.[^FC-1:3] We act on *Friday* [^FC-2:1].\n"
        "- **Bet:** one box\n- [ ] to do\n\n"
        "> “The door alarm.\n> It rings.”\n> — Noor [^FC-1:1]\n\n"
        "| a | b\\|c |\n| --- | ---: |\n| 1 | 2 [^FC-1:1] |\n\n![x](chart:2)\n\n---\n"
    )
    pieces = read(text)
    kinds = "title section para bullet task said cell cell cell cell chart"
    assert [p.kind for p in pieces] == kinds.split()
    alarms, friday = pieces[2].sentences
    assert (alarms.words, alarms.places) == ("Alarms ring for nothing.", (("FC-1", 3),))
    assert text[alarms.start : alarms.end] == "Alarms ring for nothing.[^FC-1:3]"
    assert (friday.words, friday.places) == ("We act on Friday.", (("FC-2", 1),))
    assert [(r.text, r.italic) for r in friday.runs if r.italic] == [("Friday", True)]
    (said,) = pieces[5].sentences
    assert said.words == "“The door alarm. It rings.”"
    assert (pieces[5].by, said.places) == ("Noor", (("FC-1", 1),))
    cells = pieces[6:10]
    assert [c.sentences[0].words for c in cells] == ["a", "b|c", "1", "2"]
    assert [(c.row, c.column, c.right) for c in cells][1:3] == [(0, 1, True), (1, 0, False)]
    assert pieces[10].chart == 2


def test_a_citation_with_no_word_before_it_belongs_to_the_first_sentence() -> None:
    (one,) = read("[^FC-1:3] Alarms ring.")[0].sentences
    assert (one.start, one.places) == (0, (("FC-1", 3),))


@pytest.mark.parametrize("call", ["LC-001", 'C"1/../x', "a]b[^c:2]", "ü ñ:7", "%41", "a\nb"])
def test_any_call_can_be_cited(call: str) -> None:
    written = citation((call, 14))
    (one,) = read(f"They said so. {written}")[0].sentences
    assert one.places == ((call, 14),)


@pytest.mark.parametrize("told", ["nope", "x:", ":4", "x:-1", "x:1e3", "14", "x:99999999"])
def test_what_names_no_place_is_astray(told: str) -> None:
    assert place_of(told) is None
    (one,) = read(f"They said so. [^{told}]")[0].sentences
    assert (one.places, one.astray) == ((), (told,))


@pytest.mark.parametrize(
    "line",
    [
        "# no heading", "- no item", "1. no item", "> no quote", "| no | table |", "*not* **bold**",
        "[^LC-001:14] no citation", "![no](chart:1)", "a \\ b \\* c", "<script>alert(1)</script>",
        "$120,000 & more_", "2) no", "+ no", "\\", "**", "— dash",
    ],
)  # fmt: skip
def test_what_is_escaped_is_read_as_exactly_that(line: str) -> None:
    (piece,) = read(escaped(line))
    assert piece.kind == "para"
    assert " ".join(one.words for one in piece.sentences) == line
    assert all(not one.places and not one.astray for one in piece.sentences)


def test_spans_hold_for_anything() -> None:
    chance = random.Random(6)
    alphabet = [
        "a",
        " ",
        "\n",
        "*",
        "**",
        "[^",
        "]",
        ":1",
        "\\",
        "|",
        "> ",
        "- ",
        "# ",
        ".",
        "👩‍🚒",
        "“",
        "”",
    ]
    for _ in range(400):
        text = "".join(chance.choices(alphabet, k=chance.randrange(60)))
        for piece in read(text):
            for one in piece.sentences:
                assert 0 <= one.start < one.end <= len(text)
                assert text.count("\n", 0, one.start) >= one.line - 1


@pytest.mark.parametrize(
    "part", ["[^a:1]", "**a", "*a ", "| ", "> ", "\\", "a. ", "[^", "![", "- "]
)
def test_the_longest_hostile_text_is_read(part: str) -> None:
    """It ends: time grows with the length, where its square would be hours."""
    text = (part * LONGEST_TEXT)[:LONGEST_TEXT]
    ends = [one.end for piece in read(text) for one in piece.sentences]
    assert all(end <= LONGEST_TEXT for end in ends)
