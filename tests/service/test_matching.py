from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.library import Library, Options
from service.laid import unit
from service.matching import Match, match
from service.offtopic import embedded, offtopic
from service.said import Said
from service.topic import Topic
from tests.service.spoken import held, lit, place

TOLD = {
    "A": [
        "The door alarm goes off at three in the morning like a porcupine in the corridor, and "
        "nobody knows which freezer it is.",
        "Every false alarm costs us a drive across town to look at a freezer door that was shut.",
        "We pay the invoices by bank transfer, and that is that as far as money goes.",
    ],
    "B": [
        "The alarm rings all night and never says which freezer has the trouble.",
        "The drawers slide beautifully and my people love them.",
    ],
    "C": [
        "Our auditors want a signed record of the temperatures and I retype it every quarter.",
        "The export of temperatures to the auditor should be signed without any retyping.",
    ],
    "D": [
        "I copy the temperature records into a spreadsheet for the auditor, four hundred rows.",
        "A false alarm woke my night staff twice this week and they switched it off.",
    ],
    "E": [
        "Ice grows on the back wall and we chip it off by hand every Friday.",
        "Drawers freeze fast to the wall because of all that ice, it is a pain to defrost.",
    ],
    "F": ["The porcupine in the corridor came on a Tuesday and the man was polite."],
}
ALARM = Topic("Alarms that do not say which freezer. A false alarm wakes people at night.")
EXPORT = Topic("Signed temperature records for auditors. Records are retyped by hand.")
ICE = Topic("Ice on the walls. Freezers must be defrosted by hand.")
ABSENT = Topic("Recipes for sourdough bread. How long the dough must rest.")
DRAWERS = Topic("Drawers that slide well", sort="praise")
UNSHARED = Topic("Xyzzyx qwrty plugh")
FOREIGN = Topic("Weißwurst, Brezeln und Händlmaier Senf")
NAMED = Topic("Boreas", sort="competitor", named=frozenset())
BUT = Topic("Doors that do not shut", excluded="An alarm that says the door is open")
EVERY = (ALARM, BUT, EXPORT, ICE, ABSENT, DRAWERS, UNSHARED, FOREIGN, NAMED)

quick = settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("matching")
    library = Library(folder / "home", Options(models=folder / "models"))
    held(library, TOLD)
    yield library
    library.close()


@pytest.fixture(scope="module")
def said(home: Library) -> Said:
    found = home.memory["said"]
    assert isinstance(found, tuple)
    assert isinstance(found[1], Said)
    return found[1]


def who(said: Said, found: Match, k: int) -> set[str]:
    return {said.voices[v] for v in np.flatnonzero(found.voices[:, k])}


def sound(said: Said, topics: Sequence[Topic], found: Match) -> None:
    """What holds of every match."""
    assert found.scores.shape == (len(said), len(topics))
    assert found.voices.shape == (len(said.voices), len(topics))
    assert np.isfinite(found.scores).all()
    assert not (found.voices.any(axis=0) & ~found.present).any()
    for sort in {t.sort for t in topics}:
        # Twins share what either of them has.
        columns = {t: k for k, t in enumerate(topics) if t.sort == sort}
        assert (found.scores[:, sorted(columns.values())] > 0).sum(axis=1).max(initial=0) <= 1
    for k, topic in enumerate(topics):
        rows = found.rows(said, k)
        assert (np.diff(found.scores[rows, k]) <= 0).all()
        assert (found.scores[rows, k] > 0).all()
        assert {said.voices[said.voice[n]] for n in rows} <= who(said, found, k)
        assert set(rows.tolist()) <= set(found.near(k).tolist())
        counted = {place(said, n) for n in rows}
        assert topic.confirmed & {place(said, n) for n in range(len(said))} <= counted
        assert not (topic.rejected - topic.confirmed) & counted
        if topic.named is not None:
            assert counted <= topic.named | topic.confirmed


def test_each_topic_finds_who_spoke_of_it_and_an_absent_one_nobody(
    home: Library, said: Said
) -> None:
    topics = (ALARM, EXPORT, ICE, ABSENT)
    found = match(home, said, topics, lit(said))
    sound(said, topics, found)
    assert [who(said, found, k) for k in range(4)] == [{"A", "B"}, {"C", "D"}, {"E"}, set()]
    assert found.present.tolist() == [True, True, True, False]
    assert len(found.rows(said, 3)) == 0
    best = [place(said, found.rows(said, k)[0])[0] for k in range(3)]
    assert best[1] in ("C-C", "C-D")
    assert best[2] == "C-E"


@pytest.mark.parametrize(
    "text",
    [
        "Price of electricity",
        "Taxes on imported wine",
        "Learning to play the violin",
        "Chess tournaments",
        "Insurance of lorries",
        "Video calls",
    ],
)
def test_a_topic_that_is_merely_nearest_is_not_there(home: Library, said: Said, text: str) -> None:
    found = match(home, said, [Topic(text), ALARM, EXPORT, ICE], lit(said))
    assert (found.scores[:, 0] > 0).any()  # some passage is nearer to it than to the others
    assert not found.present[0]
    assert (who(said, found, 0), found.rows(said, 0).size, found.near(0).size) == (set(), 0, 0)


def test_what_holds_no_evidence_does_not_count(home: Library, said: Said) -> None:
    dark = said.rows_in({"C-A", "C-B"}).tolist()
    found = match(home, said, [ALARM, EXPORT], lit(said, dark=dark))
    assert who(said, found, 0) <= {"D"}
    everything = match(home, said, [ALARM, EXPORT], lit(said, dark=range(len(said))))
    assert not everything.voices.any()
    assert not [n for k in (0, 1) for n in everything.rows(said, k)]


def test_praise_is_found_where_there_is_praise(home: Library, said: Said) -> None:
    liked = said.rows_of([("C-B", 3)])
    found = match(home, said, [DRAWERS, ALARM], lit(said, praising=liked.tolist()))
    assert "B" in who(said, found, 0)
    assert found.rows(said, 0)[0] == liked[0]
    # The same words as a complaint are hardly praise, and praise hardly a complaint.
    plain = match(home, said, [DRAWERS, ALARM], lit(said))
    assert plain.scores[liked[0], 0] < found.scores[liked[0], 0]
    alarm = said.rows_of([("C-B", 1)])
    kind = match(home, said, [DRAWERS, ALARM], lit(said, praising=alarm.tolist()))
    assert kind.scores[alarm[0], 1] < plain.scores[alarm[0], 1]


def test_a_name_counts_where_it_was_said_and_nowhere_else(home: Library, said: Said) -> None:
    at = frozenset({("C-F", 1)})
    for sort in ("need", "competitor"):
        topic = replace(ALARM, named=at, sort=sort)
        found = match(home, said, [topic, EXPORT], lit(said))
        assert {place(said, n) for n in found.rows(said, 0)} <= at
        assert not who(said, found, 0) - {"F"}
        assert not who(said, match(home, said, [replace(topic, named=frozenset())], lit(said)), 0)


def test_what_a_person_decided_holds_however_unlike_it_is(home: Library, said: Said) -> None:
    odd, plain = ("C-F", 1), place(said, int(said.rows_in({"C-A"})[0]))
    decided = replace(ALARM, confirmed=frozenset({odd}), rejected=frozenset({plain}))
    found = match(home, said, [decided, EXPORT], lit(said))
    sound(said, [decided, EXPORT], found)
    rows = {place(said, n) for n in found.rows(said, 0)}
    assert odd in rows
    assert plain not in rows
    assert "F" in who(said, found, 0)
    # Nobody else spoke of it: there because a person says so, dark as it is.
    alone = replace(ABSENT, confirmed=frozenset({odd}))
    lights = lit(said, dark=said.rows_of([odd]).tolist())
    assert who(said, match(home, said, [alone, EXPORT], lights), 0) == {"F"}
    # Who confirms what was rejected before, means it.
    both = replace(ALARM, confirmed=frozenset({plain}), rejected=frozenset({plain}))
    assert plain in {place(said, n) for n in match(home, said, [both], lit(said)).rows(said, 0)}


def test_examples_make_a_topic_of_words_that_tell_nothing(home: Library, said: Said) -> None:
    blank = Topic("Number seven")
    told = replace(blank, confirmed=frozenset({("C-E", 1)}))
    found = match(home, said, [told, EXPORT, ALARM], lit(said))
    assert who(said, found, 0) == {"E"}
    plain = match(home, said, [blank, EXPORT, ALARM], lit(said))
    assert "E" not in who(said, plain, 0)
    shown = replace(blank, like=("Ice grows on the wall and has to be chipped off by hand.",))
    row = int(said.rows_of([("C-E", 1)])[0])
    liked = match(home, said, [shown, EXPORT, ALARM], lit(said))
    assert liked.scores[row, 0] > plain.scores[row, 0]
    meant = replace(blank, like=("Frost builds up inside and somebody has to scrape it away.",))
    alike = match(home, said, [meant, EXPORT, ALARM], lit(said))
    assert alike.scores[row, 0] > plain.scores[row, 0]  # in other words than were said
    not_so = replace(ICE, unlike=("Ice grows on the wall and has to be chipped off by hand.",))
    without, against = (
        match(home, said, [topic, EXPORT, ALARM], lit(said)).scores[row, 0]
        for topic in (ICE, not_so)
    )
    assert against < without


def test_what_is_excluded_does_not_count(home: Library, said: Said) -> None:
    drive = ("C-A", 3)
    wide = replace(ALARM, text="False alarms, and what they cost.")
    narrow = replace(wide, excluded="A drive across town to look at a freezer door that was shut.")
    other = replace(wide, excluded="Recipes for sourdough bread")
    for topic, counts in ((wide, True), (narrow, False), (other, True)):
        rows = match(home, said, [topic, EXPORT, ICE], lit(said)).rows(said, 0)
        assert (drive in {place(said, n) for n in rows}) is counts
    # A person's word counts for more.
    sure = replace(narrow, confirmed=frozenset({drive}))
    assert drive in {
        place(said, n) for n in match(home, said, [sure, EXPORT, ICE], lit(said)).rows(said, 0)
    }


def test_nobody_corroborates_himself(home: Library, said: Said) -> None:
    """A speaks of alarms and of a porcupine; F of the porcupine. As one account they learn less."""
    topics = (ALARM, EXPORT, ICE)
    odd = int(said.rows_of([("C-F", 1)])[0])
    together = replace(said, voice=said.voice % 5, voices=said.voices[:5])
    two, one = (match(home, part, topics, lit(part)).scores[odd, 0] for part in (said, together))
    assert one < two


@quick
@given(data=st.data())
def test_any_topics_and_any_decisions_make_a_sound_match(
    home: Library, said: Said, data: st.DataObject
) -> None:
    part = said.within(data.draw(st.sets(st.sampled_from(said.call_ids)), label="calls"))
    there = [place(said, n) for n in range(len(said))]
    some = st.frozensets(st.sampled_from([*there, ("C-Z", 0)]), max_size=3)
    topics = [
        replace(topic, confirmed=data.draw(some), rejected=data.draw(some))
        for topic in data.draw(st.permutations(EVERY))[: data.draw(st.integers(0, len(EVERY)))]
    ]
    # Two may both be right about a place; one of each sort is what this test is about.
    taken: set[tuple[str, str, int]] = set()
    for k, topic in enumerate(topics):
        mine = frozenset(p for p in topic.confirmed if (topic.sort, *p) not in taken)
        taken |= {(topic.sort, *p) for p in mine}
        topics[k] = replace(topic, confirmed=mine)
    dark = data.draw(st.sets(st.sampled_from(range(len(part)))) if len(part) else st.just(set()))
    found = match(home, part, topics, lit(part, dark=dark))
    sound(part, topics, found)
    order = data.draw(st.permutations(range(len(topics))))
    shuffled = match(home, part, [topics[k] for k in order], lit(part, dark=dark))
    for n, k in enumerate(order):
        assert who(part, shuffled, n) == who(part, found, k)
        assert set(shuffled.rows(part, n)) == set(found.rows(part, k))


@pytest.mark.parametrize("topics", [(), (ALARM,), EVERY])
def test_nothing_is_found_where_nothing_was_said(
    library: Library, home: Library, said: Said, topics: tuple[Topic, ...]
) -> None:
    empty = said.within(())
    found = match(library, empty, topics, lit(empty))
    sound(empty, topics, found)
    assert found.scores.shape == (0, len(topics))
    assert not match(home, said, (), lit(said)).present.size


@pytest.mark.parametrize("calls", [{"C-F"}, {"C-A"}, {"C-E"}])
def test_one_account_alone_is_read_without_a_fault(
    home: Library, said: Said, calls: set[str]
) -> None:
    part = said.within(calls)
    found = match(home, part, EVERY, lit(part))
    sound(part, EVERY, found)
    first = place(part, 0)
    sure = replace(ABSENT, confirmed=frozenset({first}))
    assert first in {place(part, n) for n in match(home, part, [sure], lit(part)).rows(part, 0)}


def test_topics_of_one_text_find_the_same_people(home: Library, said: Said) -> None:
    found = match(home, said, [ALARM, ALARM, EXPORT], lit(said))
    assert who(said, found, 0) == who(said, found, 1) == {"A", "B"}
    assert np.isfinite(found.scores).all()


def test_a_passage_may_count_for_a_topic_of_each_sort(home: Library, said: Said) -> None:
    topics = [ALARM, replace(ALARM, sort="any"), EXPORT]
    found = match(home, said, topics, lit(said))
    assert set(found.rows(said, 0)) & set(found.rows(said, 1))


def test_texts_are_embedded_once_and_stay_what_they_are(home: Library) -> None:
    texts = ["one thing", "another thing", "one thing"]
    found = embedded(home, texts)
    assert np.array_equal(found, home.embedder.embed(texts).astype(np.float64))
    assert np.array_equal(embedded(home, texts[::-1]), found[::-1])
    bank, vectors = offtopic(home)
    assert len(bank) == len(vectors) == len(set(bank)) > 10
    assert all(bank)
    assert offtopic(home)[1] is vectors


def test_rows_of_length_one_and_empty_ones_stay_empty() -> None:
    rows = unit(np.array([[3.0, 4.0], [0.0, 0.0], [-2.0, 0.0]]))
    assert rows.tolist() == [[0.6, 0.8], [0.0, 0.0], [-1.0, 0.0]]
