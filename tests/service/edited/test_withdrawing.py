"""Nothing of an erased call stays in what people made of memos."""

from __future__ import annotations

from pathlib import Path

from ingest.library import Library
from ingest.runs import runs
from ingest.store import update_call
from ingest.tables import accounts
from service.edited import versions
from service.edited.withdrawing import without
from service.erase import erase
from service.gone import Gone

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
    assert without(text, Gone("FC-2")) == (
        "Noor said “eleven” [^FC-1:3]. They said “[…]” [^withdrawn][^FC-1:3].\n"
    )


def test_words_wrapped_over_lines_are_found() -> None:
    said = "one two three four five six"
    text = "They said one two three\nfour five six.\n\nThey said “so\nit is” [^FC-2:5].\n"
    made = without(text, Gone("FC-2", said=frozenset(runs(said))))
    assert made == "They said […].\n\nThey said “[…]” [^withdrawn].\n"


def test_a_call_s_title_that_is_an_account_s_name_stays(filled: Library, memo_id: str) -> None:
    with filled.change() as connection:
        put = accounts.update().where(accounts.c.account_id == "FRZ-1")
        connection.execute(put.values(name="Cold Harbor Foods"))
        update_call(connection, "FC-2", title="Cold harbor foods")
    versions.save(filled, memo_id, "# T\n\nCold Harbor Foods and Cold harbor foods wait.\n", 0)
    erase(filled, "FC-2")
    with filled.read() as connection:
        kept = versions.version(filled, connection, memo_id, 1)
    assert kept.text == "# T\n\nCold Harbor Foods and Cold harbor foods wait.\n"
