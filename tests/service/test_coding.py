"""Which evidence belongs to which code, over the small corpus of tests/corpus.py and more calls."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from ingest.corrections import SpeakerFix, UtteranceFix, correct
from ingest.facts import add_internal_domains
from ingest.library import Library
from ingest.models import Account
from ingest.pipeline import About, describe, process
from ingest.store import put_accounts
from service import codebook, editing
from service.ask import ask
from service.call_ledger import ledger_of
from service.codebook import NewCode, judge, put_codes
from service.coding import Coded, code_ledger
from service.erase import erase
from service.said import Place
from service.shapes import EvidenceKind, Filters, Theme
from service.themes import themes
from tests.service.spoken import Lines, accounts, confirmed, hold, places

ALARMS = NewCode(
    label="Alarms that do not say which freezer",
    definition="A false alarm wakes people at night and does not tell which freezer it is.",
)
EXPORT = NewCode(
    label="Signed temperature records for auditors",
    definition="Temperature data must reach the auditor signed, without retyping.",
    kind="request",
)
QUIET = NewCode(label="The quiet new model", kind="praise")
BOREAL = NewCode(label="Losing to Boreal", kind="competitor")
ABSENT = NewCode(label="Parking for delivery vans", definition="Nowhere to park at the bay.")

# A fifth account that has the trouble, in plain words.
SABLE: Lines = [
    ("v", "What is the hardest part of your week?"),
    ("c", "A false alarm at night. The alarm does not say which freezer it is, it is exhausting."),
    ("v", "And how often?"),
    ("c", "Every week the alarm rings and nobody can tell which freezer it is. It is awful."),
]


def coded(library: Library, label: str = ALARMS.label) -> Coded:
    with library.read() as connection:
        return next(c for c in code_ledger(library, connection).coded if c.code.label == label)


def member_places(one: Coded) -> set[Place]:
    return {(e.spoken.call_id, e.spoken.i) for e in one.members}


def counter_places(one: Coded) -> set[Place]:
    return {(e.spoken.call_id, e.spoken.i) for e in one.counter}


def evidence_id(library: Library, call_id: str, utterance: int) -> str:
    return next(i.id for i in ledger_of(library, call_id) if i.utterance == utterance)


# --- what belongs -----------------------------------------------------------------------------


def test_evidence_belongs_to_its_code_and_to_no_other_of_its_sort(filled: Library) -> None:
    put_codes(filled, [ALARMS, EXPORT, QUIET, BOREAL, ABSENT])
    with filled.read() as connection:
        coding = code_ledger(filled, connection)
    of = {c.code.label: member_places(c) for c in coding.coded}
    assert ("FC-1", 1) in of[ALARMS.label]
    assert ("FC-2", 1) in of[ALARMS.label]
    assert {("FC-3", 1)} <= of[EXPORT.label] <= {("FC-3", 1), ("FC-3", 4)}
    assert {("FC-4", 1)} <= of[QUIET.label] <= {("FC-4", 1), ("FC-4", 3)}
    assert of[BOREAL.label] == {("FC-2", 5)}
    assert of[ABSENT.label] == set()
    assert not of[ALARMS.label] & of[EXPORT.label]
    taken = {e.evidence_id for c in coding.coded for e in (*c.members, *c.counter)}
    assert not taken & {e.evidence_id for e in coding.left}
    for one in coding.coded:
        ids = [e.evidence_id for e in one.members]
        assert len(ids) == len(set(ids))
        assert {(e.spoken.role, e.hand) for e in (*one.members, *one.counter)} <= {
            ("customer", "first")
        }


def test_without_a_code_or_a_call_nothing_is_coded(library: Library, filled: Library) -> None:
    put_codes(library, [ALARMS, BOREAL])
    with library.read() as connection:
        coding = code_ledger(library, connection)
    assert [(c.members, c.counter) for c in coding.coded] == [((), ()), ((), ())]
    with filled.read() as connection:
        coding = code_ledger(filled, connection)
    assert coding.coded == ()
    assert len(coding.left) > 5


def test_a_code_that_nobody_spoke_of_is_no_theme(filled: Library) -> None:
    absent = [ABSENT, *(NewCode(label=text) for text in ("Recipes for bread", "Football results"))]
    put_codes(filled, [ALARMS, *absent])
    assert set(confirmed(filled)) == {ALARMS.label}
    put_codes(filled, [NewCode(label="xyzzyx"), NewCode(label="🔥🔥")])
    assert set(confirmed(filled)) == {ALARMS.label}


@pytest.mark.parametrize(
    ("label", "kind", "where"),
    [
        ("Losing to Boreal", "competitor", {("FC-2", 5)}),
        ("Losing to Boreal", "risk", {("FC-2", 5)}),
        ("Offers from Kelvinator", "competitor", {("N-1", 1)}),
        # Only the vendor's people said the name.
        ("Losing to Frostline", "competitor", set()),
        ("The Zephyrus rollout", "pain", set()),
        # A question back is about nobody.
        ("Losing to Iceworks", "competitor", set()),
    ],
)
def test_a_name_counts_only_where_a_customer_said_it(
    filled: Library, label: str, kind: EvidenceKind, where: set[Place]
) -> None:
    hold(
        filled,
        "N-1",
        "FRZ-5",
        [
            ("v", "Is it Frostline, or the Zephyrus rollout, that you look at?"),
            ("c", "We had a demo from Kelvin Ator, half the price, so we may switch to them."),
            ("v", "And Iceworks?"),
            ("c", "Is Iceworks really a company?"),
        ],
    )
    put_codes(filled, [NewCode(label=label, kind=kind), ALARMS])
    found = member_places(coded(filled, label))
    assert found == where if kind == "competitor" else found <= where


def test_the_vendors_own_name_is_no_name(filled: Library) -> None:
    label = "Wanting {} alarms to say which freezer it is"
    put_codes(filled, [NewCode(label=label.format("Coldhaven"))])
    assert ("FC-1", 1) in member_places(coded(filled, label.format("Coldhaven")))
    put_codes(filled, [NewCode(label=label.format("Boreas"))])
    assert coded(filled, label.format("Boreas")).members == ()
    codebook.remove(filled, code_id(filled, label.format("Coldhaven")))
    with filled.change() as connection:
        add_internal_domains(connection, ["boreas.example"])
    assert ("FC-1", 1) in member_places(coded(filled, label.format("Boreas")))


@pytest.mark.parametrize(
    ("words", "against"),
    [
        ("No, the alarm is not a problem. Our alarm always says which freezer it is.", True),
        ("We have no complaints about the alarm at night, it says which freezer it is.", True),
        ("Please do not change the alarm. It works perfectly, it says which freezer.", False),
    ],
)
def test_who_is_content_is_not_counted(filled: Library, words: str, against: bool) -> None:
    put_codes(filled, [ALARMS, EXPORT])
    hold(filled, "N-1", "FRZ-5", [("v", "Is the false alarm hard on you?"), ("c", words)])
    assert ("N-1", 1) not in member_places(coded(filled))
    theme = confirmed(filled)[ALARMS.label]
    assert "FRZ-5" not in accounts(theme)
    if against:
        assert ("N-1", 1) in counter_places(coded(filled))
        assert "FRZ-5" in {q.account_id for q in theme.counter}


def test_who_is_rather_content_does_not_mean_it(filled: Library) -> None:
    code = put_codes(filled, [ALARMS, EXPORT])[0]
    calm = "No, the alarm is not a problem. Our alarm always says which freezer it is."
    asked = ("v", "Are the false alarms at night hard on you?")
    hold(filled, "N-1", "FRZ-1", [asked, ("c", calm)] * 3)
    editing.reject(filled, evidence_id(filled, "FC-1", 6))
    assert counter_places(coded(filled)) == {("N-1", 1), ("N-1", 3), ("N-1", 5)}
    assert "FRZ-1" in accounts(confirmed(filled)[ALARMS.label])
    # Two weak complaints now stand against three words that there is no trouble.
    for i in (1, 3):
        editing.rekind(filled, evidence_id(filled, "FC-1", i), "pain", strength=1)
    assert ("FC-1", 1) not in member_places(coded(filled))
    judge(filled, code.id, "FC-1", 1, "confirm")
    assert ("FC-1", 1) in member_places(coded(filled))


def test_the_vendors_people_and_hearsay_reach_no_theme(filled: Library) -> None:
    hold(
        filled,
        "N-1",
        "FRZ-5",
        [
            (
                "v",
                "The false alarm at night does not say which freezer it is, it is awful, we know.",
            ),
            ("c", "Yes."),
            ("v", "Our own people hate that the alarm does not say which freezer it is."),
            (
                "c",
                "Other labs I talk to all say that the alarm does not say which freezer it is, "
                "it wakes them every night and they hate it.",
            ),
        ],
    )
    put_codes(filled, [ALARMS, EXPORT])
    found = themes(filled, Filters())
    assert {q.call_id for t in found for q in (*t.evidence, *t.counter)} <= {
        "FC-1",
        "FC-2",
        "FC-3",
        "FC-4",
    }
    assert {q.role for t in found for q in t.evidence} == {"customer"}


def test_two_calls_of_one_account_are_one_account(filled: Library) -> None:
    put_codes(filled, [ALARMS, EXPORT])
    before = confirmed(filled)[ALARMS.label]
    hold(filled, "N-1", "FRZ-1", SABLE)
    hold(filled, "N-2", "FRZ-1", [*SABLE, ("c", "The same false alarm, again and again.")])
    after = confirmed(filled)[ALARMS.label]
    assert {c for c, _ in member_places(coded(filled))} >= {"FC-1", "N-1", "N-2"}
    assert accounts(after).count("FRZ-1") == 1
    assert after.accounts_n == len(set(accounts(after)))
    assert after.arr_usd == sum(a.arr_usd or 0 for a in after.accounts)
    assert after.mentions_n > before.mentions_n


def test_an_account_without_revenue_counts_and_adds_nothing(filled: Library) -> None:
    with filled.change() as connection:
        put_accounts(connection, [Account(account_id="FRZ-1", name="Marlowe Biobank")])
    put_codes(filled, [ALARMS, EXPORT])
    theme = confirmed(filled)[ALARMS.label]
    assert (accounts(theme), theme.arr_usd) == (["FRZ-2", "FRZ-1"], 250_000)
    assert theme.accounts[1].arr_usd is None
    assert theme.top_accounts_n == 1


def test_accounts_of_one_name_are_two(filled: Library) -> None:
    with filled.change() as connection:
        put_accounts(
            connection, [Account(account_id="FRZ-5", name="Marlowe Biobank", arr_usd=1000)]
        )
    hold(filled, "N-1", "FRZ-5", SABLE)
    put_codes(filled, [ALARMS, EXPORT])
    assert {"FRZ-1", "FRZ-5"} <= set(accounts(confirmed(filled)[ALARMS.label]))


def test_a_call_without_account_is_heard_and_counts_for_no_account(filled: Library) -> None:
    hold(filled, "N-1", None, SABLE)
    put_codes(filled, [ALARMS, EXPORT])
    theme = confirmed(filled)[ALARMS.label]
    assert "N-1" in {c for c, _ in member_places(coded(filled))}
    assert None in {q.account_id for q in theme.evidence}
    assert theme.accounts_n == len(theme.accounts) == len(set(accounts(theme)))
    assert theme.arr_usd == sum(a.arr_usd or 0 for a in theme.accounts)


# --- what people decide -----------------------------------------------------------------------


def rederived(library: Library, call_id: str) -> None:
    process(library, call_id)


def respeakered(library: Library, call_id: str) -> None:
    correct(library, call_id, speakers={"Ida Kern": SpeakerFix(name="Ida K.")})


def reworded(library: Library, call_id: str) -> None:
    correct(library, call_id, utterances={0: UtteranceFix(text="Hello again, and thank you.")})


@pytest.mark.parametrize("after", [rederived, respeakered, reworded])
def test_a_persons_word_holds_whatever_is_computed_anew(
    filled: Library, after: Callable[[Library, str], None]
) -> None:
    code = put_codes(filled, [ALARMS, EXPORT])[0]
    assert ("FC-2", 1) in member_places(coded(filled))
    judge(filled, code.id, "FC-2", 1, "reject")
    judge(filled, code.id, "FC-4", 1, "confirm")
    for call_id in ("FC-2", "FC-4"):
        found = member_places(coded(filled))
        assert ("FC-2", 1) not in found
        assert ("FC-4", 1) in found
        after(filled, call_id)
    found = member_places(coded(filled))
    assert ("FC-2", 1) not in found
    assert ("FC-4", 1) in found
    assert "FRZ-4" in accounts(confirmed(filled)[ALARMS.label])
    judge(filled, code.id, "FC-2", 1, "clear")
    judge(filled, code.id, "FC-4", 1, "clear")
    found = member_places(coded(filled))
    assert ("FC-2", 1) in found
    assert ("FC-4", 1) not in found


def test_what_is_confirmed_counts_also_where_the_reader_kept_nothing(filled: Library) -> None:
    code = put_codes(filled, [ABSENT, ALARMS])[0]
    judge(filled, code.id, "FC-1", 5, "confirm")  # "Sure, sounds neat, send me something."
    theme = confirmed(filled)[ABSENT.label]
    assert ("FC-1", 5) in places(theme)
    assert accounts(theme) == ["FRZ-1"]
    # Of our own people's words not even a person makes customers'.
    judge(filled, code.id, "FC-1", 4, "confirm")
    assert ("FC-1", 4) not in places(confirmed(filled)[ABSENT.label])
    judge(filled, code.id, "FC-1", 5, "reject")
    judge(filled, code.id, "FC-1", 4, "clear")
    assert ABSENT.label not in confirmed(filled)


def test_what_is_confirmed_goes_with_a_speaker_who_is_ours(filled: Library) -> None:
    code = put_codes(filled, [ABSENT, ALARMS])[0]
    judge(filled, code.id, "FC-4", 1, "confirm")
    correct(filled, "FC-4", speakers={"Wren Abara": SpeakerFix(role="internal")})
    assert ABSENT.label not in confirmed(filled)
    correct(filled, "FC-4", speakers={"Wren Abara": SpeakerFix(role="customer")})
    assert accounts(confirmed(filled)[ABSENT.label]) == ["FRZ-4"]


def test_what_is_rejected_leaves_what_was_said_beside_it(filled: Library) -> None:
    code = put_codes(filled, [EXPORT, ALARMS])[0]
    editing.rekind(filled, evidence_id(filled, "FC-3", 4), "request", strength=3)
    assert member_places(coded(filled, EXPORT.label)) == {("FC-3", 1), ("FC-3", 4)}
    judge(filled, code.id, "FC-3", 1, "reject")  # of one passage with 4
    assert member_places(coded(filled, EXPORT.label)) == {("FC-3", 4)}


def test_a_rejected_name_is_rejected(filled: Library) -> None:
    code = put_codes(filled, [BOREAL])[0]
    assert accounts(confirmed(filled)[BOREAL.label]) == ["FRZ-2"]
    judge(filled, code.id, "FC-2", 5, "reject")
    assert confirmed(filled) == {}


def test_evidence_that_a_person_takes_out_leaves_the_theme(filled: Library) -> None:
    put_codes(filled, [ALARMS, EXPORT])
    at = evidence_id(filled, "FC-1", 1)
    assert ("FC-1", 1) in member_places(coded(filled))
    editing.reject(filled, at)
    assert ("FC-1", 1) not in member_places(coded(filled)) | counter_places(coded(filled))
    editing.restore(filled, at)
    assert ("FC-1", 1) in member_places(coded(filled))
    editing.rekind(filled, at, "praise")
    assert ("FC-1", 1) not in member_places(coded(filled))


def test_one_weak_remark_is_no_need(filled: Library) -> None:
    put_codes(filled, [ALARMS, EXPORT])
    hearty, weak = (evidence_id(filled, "FC-3", i) for i in (1, 4))
    assert accounts(confirmed(filled)[EXPORT.label]) == ["FRZ-3"]
    editing.rekind(filled, weak, "request", strength=1)
    editing.reject(filled, hearty)
    assert EXPORT.label not in confirmed(filled)
    editing.rekind(filled, weak, "request", strength=2)
    assert accounts(confirmed(filled)[EXPORT.label]) == ["FRZ-3"]


# --- kept in memory, never stale --------------------------------------------------------------


def state(library: Library) -> tuple[object, ...]:
    """Everything that questions and themes say."""
    asked = [
        ask(library, "What do our top customers need?"),
        ask(library, "How many accounts have false alarms that do not say which freezer it is?"),
        ask(library, "Who walks the rooms by hand?"),
    ]
    return themes(library, Filters()), asked


def has(theme: Theme | None, account_id: str) -> bool:
    return theme is not None and account_id in accounts(theme)


Seen = Callable[[dict[str, Theme]], bool]
CHANGES: Sequence[tuple[str, Callable[[Library], object], Seen]] = [
    (
        "a call comes",
        lambda lib: hold(lib, "N-1", "FRZ-5", SABLE),
        lambda t: has(t[ALARMS.label], "FRZ-5"),
    ),
    (
        "a call goes",
        lambda lib: erase(lib, "FC-1"),
        lambda t: not has(t.get(ALARMS.label), "FRZ-1"),
    ),
    (
        "a speaker is ours",
        lambda lib: correct(lib, "FC-1", speakers={"Noor Haddad": SpeakerFix(role="internal")}),
        lambda t: not has(t.get(ALARMS.label), "FRZ-1"),
    ),
    (
        "a speaker is renamed",
        lambda lib: correct(lib, "FC-1", speakers={"Noor Haddad": SpeakerFix(name="Nora H.")}),
        lambda t: "Nora H." in {q.speaker for q in t[ALARMS.label].evidence},
    ),
    (
        "words are put right",
        lambda lib: correct(lib, "FC-3", utterances={1: UtteranceFix(text="Lovely weather.")}),
        lambda t: EXPORT.label not in t,
    ),
    (
        "a call is another account's",
        lambda lib: describe(lib, "FC-1", About(account_id="FRZ-5")),
        lambda t: has(t[ALARMS.label], "FRZ-5") and not has(t[ALARMS.label], "FRZ-1"),
    ),
    (
        "revenue changes",
        lambda lib: put_marlowe(lib, 7.0),
        lambda t: {a.account_id: a.arr_usd for a in t[ALARMS.label].accounts}["FRZ-1"] == 7,
    ),
    (
        "a code is renamed",
        lambda lib: codebook.rename(lib, code_id(lib, ALARMS.label), "Night alarms of freezers"),
        lambda t: ALARMS.label not in t and has(t["Night alarms of freezers"], "FRZ-1"),
    ),
    (
        "a code means something else",
        lambda lib: codebook.revise(
            lib,
            code_id(lib, EXPORT.label),
            codebook.Revision(label="Parking for vans", definition="Nowhere to park at the bay."),
        ),
        lambda t: "Parking for vans" not in t and EXPORT.label not in t,
    ),
    (
        "a code is dismissed",
        lambda lib: codebook.dismiss(lib, code_id(lib, ALARMS.label)),
        lambda t: ALARMS.label not in t,
    ),
    (
        "evidence is of another kind",
        lambda lib: editing.rekind(lib, evidence_id(lib, "FC-1", 1), "praise"),
        lambda t: ("FC-1", 1) not in places(t[ALARMS.label]),
    ),
    (
        "evidence is rejected",
        lambda lib: editing.reject(lib, evidence_id(lib, "FC-1", 1)),
        lambda t: ("FC-1", 1) not in places(t[ALARMS.label]),
    ),
    (
        "words are judged to belong",
        lambda lib: judge(lib, code_id(lib, ALARMS.label), "FC-4", 1, "confirm"),
        lambda t: has(t[ALARMS.label], "FRZ-4"),
    ),
    (
        "words are judged not to",
        lambda lib: judge(lib, code_id(lib, ALARMS.label), "FC-1", 1, "reject"),
        lambda t: ("FC-1", 1) not in places(t[ALARMS.label]),
    ),
    (
        "a judgement is undone",
        lambda lib: (
            (judge(lib, code_id(lib, EXPORT.label), "FC-3", 1, "reject"), state(lib))
            and codebook.undo(lib)
        ),
        lambda t: has(t[EXPORT.label], "FRZ-3"),
    ),
]


def put_marlowe(library: Library, arr_usd: float | None) -> None:
    with library.change() as connection:
        account = Account(account_id="FRZ-1", name="Marlowe Biobank", arr_usd=arr_usd)
        put_accounts(connection, [account])


def code_id(library: Library, label: str) -> str:
    with library.read() as connection:
        return next(c.id for c in codebook.list_codes(connection) if c.label == label)


@pytest.mark.parametrize(
    ("change", "seen"), [pytest.param(act, seen, id=name) for name, act, seen in CHANGES]
)
def test_nothing_stale_is_served(
    filled: Library, change: Callable[[Library], object], seen: Seen
) -> None:
    put_codes(filled, [ALARMS, EXPORT])
    state(filled)  # warms what is kept
    assert filled.memory
    change(filled)
    assert seen(confirmed(filled))
    warm = state(filled)
    filled.memory.clear()
    assert warm == state(filled)


def test_a_call_that_goes_takes_its_words_out_of_everything(filled: Library) -> None:
    put_codes(filled, [ALARMS, EXPORT, QUIET, BOREAL])
    state(filled)
    for call_id in ("FC-2", "FC-1", "FC-4", "FC-3"):
        erase(filled, call_id)
        found = themes(filled, Filters())
        assert call_id not in {q.call_id for t in found for q in (*t.evidence, *t.counter)}
        answer = ask(filled, "What do our top customers need?")
        told = (*answer.statements, *answer.counter, *answer.internal, *answer.nearest)
        assert call_id not in {q.call_id for s in told for q in s.quotes}
    assert themes(filled, Filters()) == []
    assert ask(filled, "What do our top customers need?").abstained
