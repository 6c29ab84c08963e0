"""Nothing of a deleted call stays in the codebook: not its examples, not its names, no history."""

from __future__ import annotations

from pathlib import Path

from ingest.library import Library
from service import codebook
from service.codebook import NewCode
from service.erase import erase
from service.shapes import Filters
from service.themes import themes

# As they stand in FC-2 (tests/corpus.py).
SAID = "my night staff have started to switch it off"


def holding(home: Path) -> list[Path]:
    files = [p for p in home.rglob("*") if p.is_file()]
    return [p for p in files if b"staff have started to switch" in p.read_bytes().lower()]


def test_words_are_gone_from_codes_judgements_and_history(
    filled: Library, filled_home: Path
) -> None:
    code, other = codebook.put_codes(
        filled,
        [
            NewCode(label="Alarms", definition=f"When {SAID} without a word"),
            NewCode(label=f"{SAID}…", include=SAID, examples=(SAID.upper(), "Our own example")),
        ],
    )
    codebook.describe(filled, code.id, definition="When people switch alarms off")
    codebook.judge(filled, code.id, "FC-2", 1, "confirm")
    codebook.judge(filled, other.id, "FC-2", 1, "reject")
    codebook.rename(filled, code.id, SAID)
    codebook.rename(filled, code.id, "Alarms again")
    codebook.attach(filled, "FC-2", 1, other.id, code.id)
    offered = [t for t in themes(filled, Filters()) if t.status == "candidate"]
    for theme in offered[:3]:
        codebook.dismiss_candidate(filled, theme)
    gone = codebook.put_codes(filled, [NewCode(label="Gone", counterexamples=(SAID,))])[0]
    codebook.remove(filled, gone.id)
    assert holding(filled_home)

    erase(filled, "FC-2")

    filled.close()
    assert holding(filled_home) == []


def test_what_is_a_persons_own_stays(filled: Library) -> None:
    code, named = codebook.put_codes(
        filled,
        [
            NewCode(label="Alarms", definition="They ring for nothing", examples=("Bells at 3",)),
            NewCode(label=f"Never {SAID}"),
        ],
    )
    codebook.judge(filled, code.id, "FC-2", 1, "confirm")
    codebook.judge(filled, code.id, "FC-1", 1, "confirm")
    erase(filled, "FC-2")
    with filled.read() as connection:
        kept = codebook.get_code(connection, code.id)
        assert kept.definition == "They ring for nothing"
        assert kept.examples[0] == "Bells at 3"
        assert [j.call_id for j in codebook.judgements_of(connection)] == [None, "FC-1"]
        assert codebook.get_code(connection, named.id).label == f"Never […] {named.id}"
    while True:
        with filled.read() as connection:
            if not codebook.history(connection):
                break
        codebook.undo(filled)
    with filled.read() as connection:
        assert codebook.list_codes(connection, dismissed=True) == []
