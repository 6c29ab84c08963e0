from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from ingest.corrections import SpeakerFix, UtteranceFix, correct
from ingest.keywords import stems
from ingest.library import Library
from ingest.pipeline import About, describe
from ingest.tables import passages
from service.erase import erase
from service.said import Place, Said, read_said, voice_of
from tests.service.spoken import hold, place


def read(library: Library) -> Said:
    with library.read() as connection:
        return read_said(library, connection)


@st.composite
def saids(draw: st.DrawFn) -> Said:
    """Calls of any number of passages, some of one account, some without a passage at all."""
    sizes = draw(st.lists(st.integers(0, 4), max_size=6))
    owners = [draw(st.sampled_from("ABC")) for _ in sizes]
    call = np.repeat(np.arange(len(sizes), dtype=np.int64), sizes)
    widths = [draw(st.integers(1, 3)) for _ in call]
    first: list[int] = []
    last: list[int] = []
    for n, width in enumerate(widths):
        start = last[-1] + 1 if n and call[n] == call[n - 1] else 0
        first.append(start)
        last.append(start + width - 1)
    voices = tuple(dict.fromkeys(o for o, n in zip(owners, sizes, strict=True) if n))
    count = len(call)
    return Said(
        call_ids=tuple(f"C{n}" for n in range(len(sizes))),
        call=call,
        first=np.array(first, np.int64),
        last=np.array(last, np.int64),
        voice=np.array([voices.index(owners[n]) for n in call], np.int64),
        voices=voices,
        vectors=np.eye(count),
        terms=csr_matrix(np.eye(max(1, count))[:count]),
        words=np.arange(count, dtype=np.float64),
        vocabulary={f"w{n}": n for n in range(count)},
    )


@given(saids(), st.data())
def test_a_part_is_the_same_passages(said: Said, data: st.DataObject) -> None:
    ids = data.draw(st.sets(st.sampled_from([*said.call_ids, "C99"])))
    rows = said.rows_in(ids)
    assert [said.call_ids[said.call[n]] in ids for n in range(len(said))] == [
        n in set(rows.tolist()) for n in range(len(said))
    ]
    part = said.within(ids)
    assert len(part) == len(rows)
    assert [place(part, n) for n in range(len(part))] == [place(said, n) for n in rows]
    assert [part.voices[v] for v in part.voice] == [said.voices[v] for v in said.voice[rows]]
    assert set(part.voice.tolist()) == set(range(len(part.voices))) or part is said
    for mine, all_of_it in ((part.vectors, said.vectors), (part.words, said.words)):
        assert np.array_equal(mine, all_of_it[rows])
    assert np.array_equal(part.terms.toarray(), said.terms.toarray()[rows])
    again = part.within(ids)
    assert [place(again, n) for n in range(len(again))] == [place(said, n) for n in rows]


@given(saids(), st.data())
def test_an_utterance_lies_where_its_passage_runs(said: Said, data: st.DataObject) -> None:
    asked = data.draw(
        st.sets(st.tuples(st.sampled_from([*said.call_ids, "C99"]), st.integers(-1, 14)))
    )
    held: set[Place] = set()
    for n in said.rows_of(asked):
        held |= {(said.call_ids[said.call[n]], i) for i in range(said.first[n], said.last[n] + 1)}
    every = {
        (said.call_ids[c], i)
        for c, a, b in zip(said.call, said.first, said.last, strict=True)
        for i in range(a, b + 1)
    }
    assert asked & every <= held
    for n in said.rows_of(asked):
        assert any(
            c == said.call_ids[said.call[n]] and said.first[n] <= i <= said.last[n]
            for c, i in asked
        )
    rows = set(said.rows_of(asked).tolist())
    one_by_one = [set(said.rows_of([p]).tolist()) for p in asked]
    assert rows == set().union(*one_by_one)
    ids = data.draw(st.sets(st.sampled_from([*said.call_ids, "C99"])))
    part = said.within(ids)
    inside = {place(part, n) for n in part.rows_of(asked)}
    assert inside == {place(said, n) for n in said.rows_of([p for p in asked if p[0] in ids])}


def test_only_customers_words_are_in_it(filled: Library) -> None:
    said = read(filled)
    assert said.call_ids == ("FC-1", "FC-2", "FC-3", "FC-4")
    assert said.voices == ("FRZ-1", "FRZ-2", "FRZ-3", "FRZ-4")
    with filled.read() as connection:
        select = sa.select(passages.c.call_id, passages.c.first).where(
            passages.c.role == "customer"
        )
        kept = {tuple(row) for row in connection.execute(select)}
    assert {place(said, n) for n in range(len(said))} == kept
    # The vendor's question at 0 and its idea at 4 are in no passage's span.
    assert not len(said.rows_of([("FC-1", 0), ("FC-1", 4), ("FC-4", 2)]))
    assert np.allclose(np.linalg.norm(said.vectors, axis=1), 1.0, atol=1e-5)
    assert said.terms.shape == (len(said), len(said.vocabulary))


def test_its_words_are_stems_that_tell_something(filled: Library) -> None:
    said = read(filled)
    alarm, drawer, hundred = (s[0] for s in stems(["alarms", "drawers", "hundred"]))
    assert {alarm, drawer, hundred} <= set(said.vocabulary)
    assert not {"the", "which", "thing", "know", "2026", "it"} & set(said.vocabulary)
    column = said.terms[:, said.vocabulary[drawer]].toarray().ravel()
    assert {place(said, int(n)) for n in np.flatnonzero(column)} == {("FC-4", 3)}
    assert column.max() == 2  # "Do not change the drawers. The drawers are …"


def test_one_account_has_one_voice_and_a_call_without_account_its_own(filled: Library) -> None:
    hold(filled, "N-1", "FRZ-1", [("c", "The lid of the freezer came off again last week.")])
    hold(filled, "N-2", None, [("c", "The hinge of the freezer is worn out, it squeaks.")])
    hold(filled, "N-3", None, [("c", "The hinge of the freezer is worn out, it squeaks.")])
    said = read(filled)
    spoken = {said.call_ids[said.call[n]]: said.voices[said.voice[n]] for n in range(len(said))}
    assert spoken["FC-1"] == spoken["N-1"] == "FRZ-1"
    assert (spoken["N-2"], spoken["N-3"]) == ("call N-2", "call N-3")
    assert len(said.voices) == len(set(said.voices)) == 6


@pytest.mark.parametrize(
    ("call_id", "account_id", "voice"), [("C1", "A1", "A1"), ("C1", None, "call C1")]
)
def test_who_a_call_counts_for(call_id: str, account_id: str | None, voice: str) -> None:
    assert voice_of(call_id, account_id) == voice


def test_an_empty_home_said_nothing(library: Library) -> None:
    said = read(library)
    assert (len(said), said.voices, said.call_ids) == (0, (), ())
    assert said.vectors.shape == (0, library.embedder.dim)
    assert len(said.within({"C"})) == len(said.rows_of([("C", 1)])) == 0


CHANGES: dict[str, tuple[Callable[[Library], object], Callable[[Said], bool]]] = {
    "a call comes": (
        lambda lib: hold(lib, "N-1", "FRZ-5", [("c", "The hinge is worn out and squeaks.")]),
        lambda said: "FRZ-5" in said.voices and "hing" in said.vocabulary,
    ),
    "a call goes": (
        lambda lib: erase(lib, "FC-4"),
        lambda said: "FRZ-4" not in said.voices and "drawer" not in said.vocabulary,
    ),
    "a speaker is ours": (
        lambda lib: correct(lib, "FC-4", speakers={"Wren Abara": SpeakerFix(role="internal")}),
        lambda said: "FRZ-4" not in said.voices and "drawer" not in said.vocabulary,
    ),
    "a speaker is theirs": (
        lambda lib: correct(lib, "FC-1", speakers={"Ida Kern": SpeakerFix(role="customer")}),
        lambda said: len(said.rows_of([("FC-1", 4)])) == 1 and "hologram" in said.vocabulary,
    ),
    "words are put right": (
        lambda lib: correct(lib, "FC-4", utterances={3: UtteranceFix(text="The hinges squeak.")}),
        lambda said: "hing" in said.vocabulary and "drawer" not in said.vocabulary,
    ),
    "a call is another account's": (
        lambda lib: describe(lib, "FC-4", About(account_id="FRZ-5")),
        lambda said: "FRZ-5" in said.voices and "FRZ-4" not in said.voices,
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_it_is_kept_until_a_call_changes(filled: Library, change: str) -> None:
    before = read(filled)
    assert read(filled) is before
    act, seen = CHANGES[change]
    assert not seen(before)
    act(filled)
    assert seen(read(filled))
    assert read(filled) is read(filled)
