"""What people see is masked, as long as before, and can be put back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import BadInput
from ingest.private import may_be_private, private_details
from ingest.redaction import MARK, Redaction, redact, restored
from tests.conftest import ROOT
from tests.ingest.test_masking import ORDINARY, PRIVATE, TEXTS

CORPORA = sorted((ROOT / "eval" / "corpora").iterdir())
BANKS = """
Bank account number |12345678|, sort code |12-34-56|.
The sort code is |40-00-01| and the account is |7012 3456|, same bank.
Routing number |021000021|, account |000123456789|, it's a checking account.
Our bank account is |one two three four five six seven eight|, got it?
"""
NO_BANKS = """
Our account number is 10024567 with you.
Account 4471228 churned in March.
The routing of 250 trucks changed 1200 orders.
Sort by code 12-34-56 of the part.
"""


@pytest.mark.parametrize("folder", CORPORA, ids=lambda folder: folder.name)
def test_the_private_details_of_a_corpus_and_nothing_else(folder: Path) -> None:
    truth = json.loads((folder / "truth.json").read_text("utf-8"))["pii"]
    assert truth
    private = {(one["call_id"], one["utterance"]): one["value"] for one in truth}
    for path in sorted((folder / "calls").iterdir()):
        call = json.loads(path.read_text("utf-8"))
        for n, said in enumerate(call["utterances"]):
            value = private.pop((call["call_id"], n), "")
            assert redact(said["text"]) == said["text"].replace(value or "\0", MARK * len(value))
    assert not private


@pytest.mark.parametrize("marked", [line for line in [*PRIVATE, *BANKS.split("\n")] if line])
def test_every_character_of_a_detail(marked: str) -> None:
    parts = marked.split("|")
    details = [p.rstrip(".") for p in parts]
    shown = "".join(
        MARK * len(d) + p[len(d) :] if n % 2 else p
        for n, (p, d) in enumerate(zip(parts, details, strict=True))
    )
    assert redact("".join(parts)) == shown


@pytest.mark.parametrize("text", [t for t in [*ORDINARY.split("\n"), *NO_BANKS.split("\n")] if t])
def test_what_answers_are_made_of_stays(text: str) -> None:
    assert redact(text) == text


@given(TEXTS)
def test_a_masked_text_is_as_long_and_has_nothing_left(text: str) -> None:
    shown = redact(text)
    assert len(shown) == len(text)
    assert all(b in (a, MARK) for a, b in zip(text, shown, strict=True))
    assert redact(shown) == shown
    assert restored(shown, [text], Redaction()) == text
    assert may_be_private(text) or not private_details(text)


def test_names_are_whole_words_in_any_spelling() -> None:
    names = ["Dana Ruiz", "Åsa", "Lee"]
    told = "DANA  RUIZ's, dana.ruiz2, danaruiz, Danae Ruiz, åsas, Åsa, A\u030asa, Lee's, sleepless."
    assert redact(told, names) == (
        "••••••••••'s, •••••••••2, ••••••••, Danae Ruiz, åsas, •••, ••••, •••'s, sleepless."
    )
    assert redact("Dana", names) == "Dana"


def test_what_was_found_in_one_place_is_masked_in_all() -> None:
    told = "My cell is 4155550."
    assert redact(told) == "My cell is •••••••."
    assert redact("4155550, after six.") == "4155550, after six."
    known = Redaction(known=["4155550", "maureen@b.example"])
    assert known.text("4155550, after six.") == "•••••••, after six."


def test_ids_and_words_of_ours_stay() -> None:
    ours = {"id": "01632 960417", "account_id": "01632 960417", "kind": "pain", "text": "Pain!"}
    redaction = Redaction(["Pain"], ids=["0163296041"])
    assert redaction.json({**ours, "accounts": ["0163296041", "0163296042"]}) == {
        **ours,
        "text": "••••!",
        "accounts": ["0163296041", "••••••••••"],
    }
    same = {"a": ["nothing", 7, None]}
    assert redaction.json(same) is same  # type: ignore[arg-type]  # lists are invariant


SAID = "Call 919-555-0142 or 614-555-0178. • ok"


@pytest.mark.parametrize(
    ("change", "to"),
    [
        (("Call", "Ring"), ("Call", "Ring")),
        ((" or ", " and then "), (" or ", " and then ")),
        (("Call •••••••••••• or ", ""), ("Call 919-555-0142 or ", "")),
        ((". • ok", "."), (". • ok", ".")),
    ],
)
def test_what_is_masked_stays_what_it_was(change: tuple[str, str], to: tuple[str, str]) -> None:
    written = redact(SAID).replace(*change)
    assert restored(written, [SAID], Redaction()) == SAID.replace(*to)


@pytest.mark.parametrize(
    "written",
    [
        "Ring ••••••••••••!",
        "Call ••••••••••••. • ok",
        "•••••••••••• perhaps",
        "Call ••••••••••• or",
        "Call ••• or ••••••••••••.",
    ],
)
def test_what_cannot_be_told_is_refused(written: str) -> None:
    with pytest.raises(BadInput, match="cannot be told which one"):
        restored(written, [SAID], Redaction())


@given(st.text(max_size=40), st.text("• a", max_size=20))
def test_what_nobody_masked_is_never_changed(original: str, written: str) -> None:
    if MARK not in written:
        assert restored(written, [original], Redaction()) == written


@pytest.mark.parametrize("piece", ["•", "• ", "•• ", "a•", "919-555-0142 ", "•a• •"])
def test_hostile_text_is_put_back_in_linear_time(piece: str) -> None:
    text = piece * (60_000 // len(piece))
    assert restored(redact(text), [text], Redaction()) == text
