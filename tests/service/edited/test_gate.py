"""What the gate says of sentences that a person wrote into a memo."""

from __future__ import annotations

from ingest.library import Library
from service.edited import versions
from service.edited.gate import Checked

HOSTILE = "<script>alert(1)</script> ](javascript:alert(1)) {{7*7}} \u202eabc"


def check(library: Library, memo_id: str, line: str) -> list[Checked]:
    with library.read() as connection:
        draft = versions.version(library, connection, memo_id, 0).text
    found = versions.checked(library, memo_id, f"{draft}\n\n{line}\n")
    drafted = [one for one in found if one.sentence.start < len(draft)]
    assert {one.status for one in drafted} == {"drafted"}, "the draft itself is never in doubt"
    return found[len(drafted) :]


CASES = (
    ("Eleven alarms in March were false. [^FC-1:3]", "cited"),
    ("Noor Haddad had eleven false alarms in March alone [^FC-1:3].", "cited"),
    ("We build it in June.", "plain"),
    ("We build it in June, for that reason. [^FC-1:3]", "cited"),
    ("Customers are tired of false alarms.", "unevidenced"),
    ("Marlowe had twelve false alarms in March. [^FC-1:3]", "not borne"),
    ("Marlowe had no false alarms in March. [^FC-1:3]", "not borne"),
    ("Pinecrest had eleven false alarms in March. [^FC-1:3]", "not borne"),
    ("Marlowe wants cheaper shelves. [^FC-1:3]", "not borne"),
    ("Customers asked for a hologram display. [^FC-1:4]", "not borne"),
    ("Customers are tired of false alarms. [^FC-1:999]", "not found"),
    ("Customers are tired of false alarms. [^GONE:3]", "not found"),
    ("Customers are tired of false alarms. [^3]", "not found"),
    ("Customers are tired of it. [^withdrawn]", "withdrawn"),
    ("> “We are exhausted, honestly”\n> — Noor [^FC-1:3]", "cited"),
    ("> “We are delighted, honestly”\n> — Noor [^FC-1:3]", "not borne"),
    ("> We are exhausted, honestly", "unevidenced"),
    ("### Customers want a hologram", "unevidenced"),
    ("| Customers want | a hologram now |", "unevidenced"),
    ("- [ ] They want a hologram.", "unevidenced"),
    (f"They want {HOSTILE}", "unevidenced"),
)


def test_each_sentence_is_told_apart(filled: Library, memo_id: str) -> None:
    for line, status in CASES:
        found = check(filled, memo_id, line)
        told = [(one.status, one.why) for one in found]
        if status in ("plain", "cited"):
            assert told == [(status, None)], line
        else:
            assert status in [one.status for one in found], (line, told)


def test_only_our_own_people_said_it(filled: Library, memo_id: str) -> None:
    (one,) = check(filled, memo_id, "Customers would like a hologram display. [^FC-1:4]")
    assert (one.status, one.why) == ("not borne", "only your own people said it")


def test_a_drafted_sentence_that_somebody_changed_is_the_persons(
    filled: Library, memo_id: str
) -> None:
    with filled.read() as connection:
        draft = versions.version(filled, connection, memo_id, 0).text
    assert "1 account" in draft or "accounts" in draft
    changed = draft.replace("accounts of", "and ninety accounts of", 1)
    assert changed != draft
    assert any(one.failing for one in versions.checked(filled, memo_id, changed))


def test_a_quote_is_cut_from_the_call_and_never_from_the_text(
    filled: Library, memo_id: str
) -> None:
    (one,) = check(filled, memo_id, "We saw “eleven   FALSE alarms in march alone”. [^FC-1:3]")
    assert [quote.text for quote in one.quotes] == ["Eleven false alarms in March alone"]
