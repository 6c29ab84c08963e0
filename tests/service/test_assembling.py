"""What a reel shows: cards that hold all the words, whatever the words are."""

from __future__ import annotations

import pytest

from service.assembling import Caption, cards_of, pages_of

HOSTILE = '#let x = 1 "q" \\ `raw` $m$ <img src=x> *b* \x00\x07\u202egnp.\u2066 שלום 🎉 é ]]} //'
LONG = f"{HOSTILE} {'x' * 900} {'日本語のテキスト ' * 60} {'We wait every morning. ' * 40}"


def squeezed(text: str) -> str:
    return "".join(c for c in text if c.isprintable() and c not in " \u200b")


@pytest.mark.parametrize("words", ["", "Fine.", HOSTILE, LONG, "•••• ••• ••••"])
def test_pages_hold_all_the_words_in_order(words: str) -> None:
    pages = list(pages_of(words))
    assert squeezed("".join(pages)) == squeezed(words)
    assert all(len(page) < 300 for page in pages)
    assert not any("\u202e" in page or "\x00" in page for page in pages)


def test_every_page_is_one_card() -> None:
    caption = Caption("Dana " + "W" * 300, "Acme\n" + "日本" * 99, "2026-05-04", "", "")
    pages = list(pages_of(LONG))
    cards = cards_of(caption, pages, "1 of 50")
    assert len(cards) == len(pages) > 5
    assert all(card.startswith(b"\x89PNG") for card in cards)
    (one,) = cards_of(caption, ["W" * 290], "1 of 1")  # too wide for its card, and cut off
    assert one.startswith(b"\x89PNG")
    assert cards_of(caption, ["Fine."], "1 of 2") != cards_of(caption, ["Fine."], "2 of 2")


def test_what_is_said_is_shown_and_never_evaluated() -> None:
    caption = Caption("", "", "", "", "")
    (code,) = cards_of(caption, ["#(1 + 1)"], "1 of 1")
    (two,) = cards_of(caption, ["2"], "1 of 1")
    assert code != two
