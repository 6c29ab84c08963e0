from __future__ import annotations

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.errors import BadInput, Conflict, NotFound
from ingest.library import Library
from ingest.pipeline import process
from ingest.tables import codebook_history, codes, evidence, facts, judgements
from service import codebook
from service.codebook import Judgement, NewCode
from service.codebook_undo import KEPT
from service.erase import erase
from service.shapes import Code, Filters
from service.themes import themes

ALARM = "The alarm rings and does not say which freezer"


def put(library: Library, *labels: str) -> list[Code]:
    return codebook.put_codes(library, [NewCode(label=label) for label in labels])


def listed(library: Library, *, dismissed: bool = True) -> list[Code]:
    with library.read() as connection:
        return codebook.list_codes(connection, dismissed=dismissed)


def judged(library: Library) -> list[Judgement]:
    with library.read() as connection:
        return codebook.judgements_of(connection)


def state(library: Library) -> object:
    """All that the codebook is, to the row."""
    with library.read() as connection:
        merged = connection.scalar(sa.select(facts.c.value).where(facts.c.name == "merged_codes"))
        return (
            sorted(map(tuple, connection.execute(sa.select(codes)))),
            sorted(map(tuple, connection.execute(sa.select(judgements))), key=str),
            merged or {},
        )


# --- putting -----------------------------------------------------------------------------------


def test_a_known_label_is_the_same_code_whatever_its_case_and_spacing(library: Library) -> None:
    first = codebook.put_codes(
        library,
        [NewCode(label="False alarms", definition="Alarms at night", examples=("It rings",))],
    )
    again = codebook.put_codes(library, [NewCode(label="  false   ALARMS ", kind="risk")])
    assert again[0].id == first[0].id
    assert again[0].label == "false ALARMS"
    assert again[0].kind == "risk"
    # What the second one leaves out stays.
    assert again[0].definition == "Alarms at night"
    assert again[0].examples == ("It rings",)
    emptied = codebook.put_codes(library, [NewCode(label="false alarms", examples=())])
    assert emptied[0].examples == ()
    assert len(listed(library)) == 1


@pytest.mark.parametrize(
    ("given_codes", "says"),
    [
        ([NewCode(label="A"), NewCode(label="B"), NewCode(label=" a")], "entry 3 .* entry 1 has"),
        ([NewCode(label="A"), NewCode(label=" \u200b\n")], "entry 2: the label is empty"),
        ([NewCode(label="x" * 201)], "entry 1, label: .* over 200 characters"),
        ([NewCode(label="A", definition="x" * 100_000)], "definition: it has 100,000 .* 5,000"),
        ([NewCode(label="A", examples=("ok", "x" * 2001))], "examples, number 2: .* 2,000"),
        ([NewCode(label="A", examples=tuple(map(str, range(501))))], "examples: there are 501"),
        ([NewCode(label=f"A{n}") for n in range(2001)], "would have 2,001 codes"),
    ],
)
def test_what_is_no_code_is_refused_and_nothing_is_written(
    library: Library, given_codes: list[NewCode], says: str
) -> None:
    before = state(library)
    with pytest.raises(BadInput, match=says):
        codebook.put_codes(library, given_codes)
    assert state(library) == before
    with library.read() as connection:
        assert codebook.history(connection) == []


def test_hostile_labels_are_kept_as_they_are_but_for_what_cannot_be_seen(library: Library) -> None:
    label = "<script>alert('x')</script>\x1b[31m\u202e"
    assert put(library, label)[0].label == "<script>alert('x')</script> [31m"


def test_a_label_that_is_taken_is_refused(library: Library) -> None:
    one, two = put(library, "One", "Two")
    codebook.dismiss(library, two.id)
    with pytest.raises(Conflict, match="“Two” already \\(dismissed\\)"):
        codebook.add(library, NewCode(label=" two"))
    with pytest.raises(Conflict, match="“Two” already"):
        codebook.rename(library, one.id, "TWO")
    assert codebook.rename(library, one.id, "ONE").label == "ONE"


# --- changing ----------------------------------------------------------------------------------


def test_a_code_is_described_pinned_dismissed_restored_and_removed(library: Library) -> None:
    one, two = put(library, "One", "Two")
    changed = codebook.describe(library, two.id, definition=" what it is ", kind="praise")
    assert (changed.definition, changed.kind) == ("what it is", "praise")
    assert codebook.pin(library, two.id).pinned
    assert [c.label for c in listed(library)] == ["Two", "One"]
    assert not codebook.unpin(library, two.id).pinned
    assert codebook.dismiss(library, one.id).state == "dismissed"
    assert [c.label for c in listed(library, dismissed=False)] == ["Two"]
    assert codebook.restore(library, one.id).state == "active"
    codebook.remove(library, one.id)
    with pytest.raises(NotFound, match="There is no code"):
        codebook.pin(library, one.id)
    with library.read() as connection:
        told = [change.what for change in codebook.history(connection)]
    assert told[0] == "removed “One”"
    assert told[-1] == "imported 2 codes"


def test_judging_is_about_a_place_and_the_last_verdict_holds(filled: Library) -> None:
    (code,) = put(filled, "Alarms")
    assert codebook.judge(filled, code.id, "FC-2", 1, "confirm").examples
    codebook.judge(filled, code.id, "FC-2", 1, "reject")
    (one,) = judged(filled)
    assert (one.call_id, one.utterance, one.verdict) == ("FC-2", 1, "rejected")
    assert ALARM in one.words
    assert codebook.judge(filled, code.id, "FC-2", 1, "clear").counterexamples == ()
    with pytest.raises(BadInput, match="no utterance 99; it has 7"):
        codebook.judge(filled, code.id, "FC-2", 99, "confirm")
    with pytest.raises(NotFound, match="There is no call"):
        codebook.judge(filled, code.id, "nope", 0, "confirm")
    with pytest.raises(NotFound, match="There is no code"):
        codebook.judge(filled, "code-0", "FC-2", 1, "confirm")


def test_merging_moves_what_was_judged_and_the_old_id_still_answers(filled: Library) -> None:
    one, two, three = put(filled, "One", "Two", "Three")
    codebook.judge(filled, one.id, "FC-1", 1, "confirm")
    codebook.judge(filled, one.id, "FC-2", 1, "reject")
    codebook.judge(filled, two.id, "FC-2", 1, "confirm")
    codebook.pin(filled, one.id)
    merged = codebook.merge(filled, [one.id, two.id], two.id)
    assert (merged.id, merged.pinned) == (two.id, True)
    # Rejected for the one and confirmed for the other is confirmed for both together.
    assert {(j.call_id, j.verdict) for j in judged(filled)} == {
        ("FC-1", "confirmed"),
        ("FC-2", "confirmed"),
    }
    codebook.merge(filled, [two.id], three.id)
    with filled.read() as connection:
        assert codebook.get_code(connection, one.id).id == three.id
    with pytest.raises(BadInput, match="other than “Three”"):
        codebook.merge(filled, [one.id], three.id)
    codebook.dismiss(filled, three.id)
    with pytest.raises(BadInput, match="dismissed; restore it"):
        codebook.merge(filled, [put(filled, "Four")[0].id], three.id)


def test_splitting_and_attaching_move_places(filled: Library) -> None:
    (old,) = codebook.put_codes(filled, [NewCode(label="Old", kind="request")])
    codebook.judge(filled, old.id, "FC-1", 1, "confirm")
    codebook.judge(filled, old.id, "FC-2", 1, "confirm")
    new = codebook.split(filled, old.id, "New", [("FC-2", 1), ("FC-2", 1)])
    assert new.kind == "request"
    assert len(new.examples) == 1

    def said(verdict: str) -> set[tuple[str, str | None]]:
        return {(j.code_id, j.call_id) for j in judged(filled) if j.verdict == verdict}

    assert said("confirmed") == {(old.id, "FC-1"), (new.id, "FC-2")}
    assert said("rejected") == {(old.id, "FC-2")}
    codebook.attach(filled, "FC-1", 1, new.id, old.id)
    assert said("confirmed") == {(new.id, "FC-1"), (new.id, "FC-2")}
    codebook.attach(filled, "FC-3", 1, new.id)
    assert (new.id, "FC-3") in said("confirmed")
    with pytest.raises(BadInput, match="name at least one place"):
        codebook.split(filled, old.id, "Newer", [])
    with pytest.raises(BadInput, match="it is to leave"):
        codebook.attach(filled, "FC-1", 1, new.id, new.id)


def test_a_candidate_becomes_a_code_or_is_put_aside(filled: Library) -> None:
    # Only what was said in earnest is grouped.
    with filled.change() as connection:
        connection.execute(sa.update(evidence).values(strength=2))
    first = next(t for t in themes(filled, Filters()) if t.status == "candidate")
    places = {(q.call_id, q.utterance) for q in first.evidence}
    code = codebook.confirm_candidate(filled, first, "False alarms", definition="Rings for nothing")
    assert (code.kind, code.state) == (first.kind, "active")
    assert set(code.examples) <= {q.text for q in first.evidence}
    assert {(j.call_id, j.utterance) for j in judged(filled)} == places
    codebook.undo(filled)
    aside = codebook.dismiss_candidate(filled, first)
    assert aside.state == "dismissed"
    assert first.evidence[0].text[:20] not in aside.label
    assert {(j.call_id, j.utterance) for j in judged(filled)} == places
    with pytest.raises(BadInput, match="is a code already"):
        codebook.confirm_candidate(
            filled, first.model_copy(update={"status": "confirmed"}), "Another"
        )


# --- undoing -----------------------------------------------------------------------------------


def test_nothing_to_undo(library: Library) -> None:
    with pytest.raises(BadInput, match="nothing to undo"):
        codebook.undo(library)


def test_undo_says_what_it_took_back(library: Library) -> None:
    (one,) = put(library, "One")
    codebook.rename(library, one.id, "Uno")
    assert codebook.undo(library) == "renamed “One” to “Uno”"
    assert listed(library)[0].label == "One"


def test_the_history_keeps_the_latest_changes(library: Library) -> None:
    (one,) = put(library, "One")
    for n in range(KEPT + 5):
        codebook.rename(library, one.id, f"One {n}")
    with library.read() as connection:
        assert len(codebook.history(connection)) == KEPT


PLACES = st.sampled_from([("FC-1", 1), ("FC-1", 3), ("FC-2", 1), ("FC-2", 3), ("FC-3", 1)])
LABELS = st.sampled_from(["One", "Two", "Three", "four", "FOUR", "Five <b>"])
WHICH = st.integers(0, 5)
VERBS = st.one_of(
    st.tuples(st.just("put"), LABELS, LABELS),
    st.tuples(st.just("rename"), WHICH, LABELS),
    st.tuples(st.just("describe"), WHICH, st.text(max_size=20)),
    st.tuples(st.just("pin"), WHICH),
    st.tuples(st.just("unpin"), WHICH),
    st.tuples(st.just("dismiss"), WHICH),
    st.tuples(st.just("restore"), WHICH),
    st.tuples(st.just("remove"), WHICH),
    st.tuples(st.just("merge"), WHICH, WHICH),
    st.tuples(st.just("split"), WHICH, LABELS, PLACES),
    st.tuples(st.just("judge"), WHICH, PLACES, st.sampled_from(["confirm", "reject", "clear"])),
    st.tuples(st.just("attach"), WHICH, WHICH, PLACES),
)


def act(library: Library, step: tuple[object, ...]) -> None:
    """One verb upon whatever codes there are; what cannot be done is not done."""
    there = [code.id for code in listed(library)] or ["code-none"]

    def code(n: object) -> str:
        assert isinstance(n, int)
        return there[n % len(there)]

    try:
        match step:
            case ("put", str(one), str(two)):
                codebook.put_codes(
                    library,
                    [NewCode(label=one, examples=(two, one)), NewCode(label=f"{two} too")],
                )
            case ("rename", n, str(label)):
                codebook.rename(library, code(n), label)
            case ("describe", n, str(text)):
                codebook.describe(library, code(n), definition=text, kind="praise")
            case (("pin" | "unpin" | "dismiss" | "restore" | "remove") as verb, n):
                getattr(codebook, str(verb))(library, code(n))
            case ("merge", n, m):
                codebook.merge(library, [code(n)], code(m))
            case ("split", n, str(label), (str(call), int(i))):
                codebook.split(library, code(n), label, [(call, i)])
            case ("judge", n, (str(call), int(i)), ("confirm" | "reject" | "clear") as verdict):
                codebook.judge(library, code(n), call, i, verdict)
            case ("attach", n, m, (str(call), int(i))):
                codebook.attach(library, call, i, code(n), code(m))
            case _:
                raise AssertionError(step)
    except (BadInput, NotFound, Conflict):
        pass


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(VERBS, max_size=12))
def test_as_many_undos_give_the_first_state(
    filled: Library, steps: list[tuple[object, ...]]
) -> None:
    with filled.change() as connection:
        for table in (codebook_history, judgements, codes):
            connection.execute(table.delete())
    states = [state(filled)]
    for step in steps:
        with filled.read() as connection:
            changes = len(codebook.history(connection))
        act(filled, step)
        with filled.read() as connection:
            done = len(codebook.history(connection)) - changes
        assert done in (0, 1)
        if done:
            states.append(state(filled))
        else:
            assert state(filled) == states[-1], f"{step} failed half way"
    while len(states) > 1:
        assert state(filled) == states.pop()
        codebook.undo(filled)
    assert state(filled) == states[0]


def test_undo_brings_back_no_word_of_a_deleted_call(filled: Library) -> None:
    (code,) = put(filled, "Alarms")
    codebook.judge(filled, code.id, "FC-1", 1, "confirm")
    codebook.judge(filled, code.id, "FC-2", 1, "confirm")
    codebook.remove(filled, code.id)
    erase(filled, "FC-2")
    codebook.undo(filled)
    assert [j.call_id for j in judged(filled)] == ["FC-1"]


def test_undo_puts_judgements_where_their_words_are_now(filled: Library) -> None:
    from ingest.tables import utterances

    (code,) = put(filled, "Alarms")
    codebook.judge(filled, code.id, "FC-2", 1, "confirm")
    codebook.remove(filled, code.id)
    with filled.change() as connection:  # heard anew, everything came ten numbers later
        connection.execute(utterances.update().values(i=utterances.c.i + 1000))
        connection.execute(utterances.update().values(i=utterances.c.i - 990))
    codebook.undo(filled)
    assert [j.utterance for j in judged(filled)] == [11]


def test_judgements_follow_their_words(filled: Library) -> None:
    from ingest.corrections import UtteranceFix, correct

    (code,) = put(filled, "Alarms")
    codebook.judge(filled, code.id, "FC-2", 1, "confirm")
    correct(filled, "FC-2", utterances={1: UtteranceFix(text="Klaxons, weekly, all false ones.")})
    assert [(j.utterance, j.words) for j in judged(filled)] == [
        (1, "Klaxons, weekly, all false ones.")
    ]
    process(filled, "FC-2")  # keeps people's corrections
    assert [(j.utterance, j.words) for j in judged(filled)] == [
        (1, "Klaxons, weekly, all false ones.")
    ]
