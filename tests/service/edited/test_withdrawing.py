"""Nothing of an erased call stays in what people made of memos."""

from __future__ import annotations

from pathlib import Path

from ingest.library import Library
from service.edited import versions
from service.edited.withdrawing import without
from service.erase import erase

PASTED = "my night staff have started to switch it off"  # as in FC-2 (tests/corpus.py)
MINE = (
    "# Ours\n\n## View\n\n"
    f"I wrote down: {PASTED}, and so on.\n\n"
    "> “Every week has a false alarm in it.”\n> — Greta Lind, Pinecrest [^FC-2:1]\n\n"
    "Greta Lind said “I will be frank” and they may leave [^FC-2:5].\n"
    "Noor had eleven false alarms in March alone. [^FC-1:3]\n"
)


def holding(home: Path, *words: str) -> list[tuple[Path, str]]:
    files = [(p, p.read_bytes().lower()) for p in home.rglob("*") if p.is_file()]
    return [(p, word) for p, body in files for word in words if word.lower().encode() in body]


def test_every_version_forgets_the_call(filled: Library, filled_home: Path, memo_id: str) -> None:
    versions.save(filled, memo_id, MINE, 0, f"with {PASTED}")
    versions.save(filled, memo_id, MINE + "\nWe go on.\n", 1)
    versions.shown(filled, memo_id)
    told = ("staff have started to switch", "greta lind", "week has a false alarm", "will be frank")
    assert holding(filled_home, *told)

    erase(filled, "FC-2")

    with filled.read() as connection:
        first = versions.version(filled, connection, memo_id, 1)
    assert first.text == (
        "# Ours\n\n## View\n\n"
        "I wrote down: […], and so on.\n\n"
        "> […] [^withdrawn]\n\n"
        "[…] said “[…]” and they may leave [^withdrawn].\n"
        "Noor had eleven false alarms in March alone. [^FC-1:3]\n"
    )
    assert first.note == "with […]"
    found = versions.checked(filled, memo_id, first.text)
    assert [one.status for one in found if one.failing].count("withdrawn") == 2
    assert next(o for o in found if o.sentence.places).status == "cited"
    filled.close()
    assert holding(filled_home, *told) == []


def test_other_calls_keep_their_words() -> None:
    text = "Noor said “eleven” [^FC-1:3]. They said “so” [^FC-2:5][^FC-1:3].\n"
    assert without(text, "FC-2", lambda line: line) == (
        "Noor said “eleven” [^FC-1:3]. They said “[…]” [^withdrawn][^FC-1:3].\n"
    )
