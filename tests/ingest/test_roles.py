"""Who is the customer: by the file, the address, the company, earlier calls, and by speech."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from eval.roles import run
from ingest.manner import decide, exchanges, traits
from ingest.models import Participant, Role, RoleBasis, Utterance
from ingest.roles import settle
from tests.conftest import ROOT

# A hospital, so nothing of the trade that the sample is about.
WARD = """
S1: Thanks for making time between shifts. My colleague takes notes.
S2: Hello. Don't mind me.
S3: No problem, I've got my coffee.
S1: Could you start by describing the last time you handed over a patient?
S3: Last night, actually. We do it at the bedside now. I had six patients and a bad one, and the day
S1: What did you do?
S3: I rang her in the car. She'd given it and not charted it because the scanner was flat. They are
S2: Sorry, can I check, one charger for how many scanners?
S3: Eight. It was meant to be temporary. My manager has asked twice and nobody comes.
S1: And how often does something like that happen?
S3: Once a shift. You get used to it, which is the scary part. We write it on our hands. Honestly.
S1: If you could change one thing about the handover, what would it be?
S3: I'd want it to tell me what's different since I was last on. I read four pages to find one line.
S2: That's very clear, thank you.
S1: We'll send you what we write up.
"""
PAIR = """
S1: Have I caught you at a bad time?
S2: I'm in the barn, but I can talk.
S1: Lovely. So how has the season been?
S2: Busy. We had two hundred calves and lost nine. Last year he lost fourteen, my brother did.
S1: That's really good. And do you use the app for that as you go?
S2: My wife does. I shout the number across the yard and she taps it in, and one in ten is wrong.
S1: I'm so sorry. I'll send you the new buttons.
"""


def spoken(text: str) -> list[Utterance]:
    lines = [line.split(": ", 1) for line in text.strip().splitlines()]
    return [
        Utterance(i=i, speaker=speaker, start_s=None, end_s=None, text=said)
        for i, (speaker, said) in enumerate(lines)
    ]


def roles_of(utterances: list[Utterance]) -> dict[str, Role]:
    return {voice.label: voice.role for voice in settle(utterances)}


def test_by_speech_alone() -> None:
    voices = settle(spoken(WARD))
    assert [(v.label, v.role, v.basis, v.name) for v in voices] == [
        ("S1", "internal", "speech", "Speaker 1"),
        ("S2", "internal", "speech", "Speaker 2"),
        ("S3", "customer", "speech", "Speaker 3"),
    ]
    assert all(0.02 <= v.doubt < 0.3 for v in voices)


def test_a_guess_does_not_hang_on_labels_or_their_order() -> None:
    renamed = {"S1": "S3", "S2": "S1", "S3": "S2"}
    utterances = [u.model_copy(update={"speaker": renamed[u.speaker]}) for u in spoken(WARD)]
    assert roles_of(utterances) == {"S3": "internal", "S1": "internal", "S2": "customer"}


def test_little_said_is_much_doubted() -> None:
    said = spoken(WARD)
    whole = {v.label: v.doubt for v in settle(said)}
    start = {v.label: v.doubt for v in settle(said[:3])}
    assert all(start[label] > whole[label] for label in whole)
    assert min(start.values()) > 0.1


def test_one_voice_is_the_customers_with_doubt() -> None:
    (voice,) = settle(spoken("S1: So, it broke again."))
    assert (voice.role, voice.basis, voice.doubt) == ("customer", "speech", 0.3)


def test_channels_are_one_side_each() -> None:
    voices = settle(spoken(PAIR), channels_apart=True)
    assert [(v.role, v.basis) for v in voices] == [("internal", "channel"), ("customer", "channel")]
    assert voices[0].doubt == voices[1].doubt


Person = tuple[str, str | None, str | None, Role | None]  # name, e-mail, company, role


@pytest.mark.parametrize(
    ("people", "options", "expected"),
    [
        # the file's own word, against the way they speak
        (
            [("S1", None, None, "customer"), ("S2", None, None, "internal")],
            {},
            [("customer", "file"), ("internal", "file")],
        ),
        # the vendor's domain, also its subdomains, but not one that merely ends alike
        (
            [("S1", "a@notvendor.example", None, None), ("S2", "b@uk.vendor.example", None, None)],
            {"internal_domains": ["Vendor.example"]},
            [("customer", "domain"), ("internal", "domain")],
        ),
        # the company that the file gives, and what is left is the other side
        (
            [("S1", None, "Lind", None), ("S2", None, "Vendor", None)],
            {"account_name": "Lind Doors Ltd"},
            [("customer", "file"), ("internal", "file")],
        ),
        # the account's own domain
        (
            [("S1", "a@lind-doors.example", None, None), ("S2", "b@vendor.example", None, None)],
            {"account_name": "The Lind Doors Company"},
            [("customer", "domain"), ("internal", "file")],
        ),
        # free mail says nothing: they speak as vendor and customer
        (
            [("S1", "lind@gmail.com", None, None), ("S2", "vendor@gmail.com", None, None)],
            {"account_name": "Gmail Lind"},
            [("internal", "speech"), ("customer", "speech")],
        ),
        # an address known from another call
        (
            [("S1", "ana@vendor.example", None, None)],
            {"internal_people": {"ana@vendor.example": "customer"}},
            [("customer", "file"), ("internal", "file")],
        ),
    ],
)
def test_what_is_known_comes_first(
    people: list[Person],
    options: dict[str, object],
    expected: list[tuple[Role, RoleBasis]],
) -> None:
    participants = [Participant(name=n, email=e, company=c, role=r) for n, e, c, r in people]
    voices = settle(spoken(PAIR), participants, **options)  # type: ignore[arg-type]
    assert [(v.role, v.basis) for v in voices] == expected


def test_names_known_from_earlier_calls_but_not_given_names() -> None:
    text = PAIR.replace("S1:", "Ana Diaz:").replace("S2:", "Bo:")
    earlier: dict[str, Role] = {"ana diaz": "customer", "bo": "customer"}
    ana, bo = settle(spoken(text), internal_people=earlier)
    assert (ana.role, ana.basis) == ("customer", "file")
    assert (bo.role, bo.basis, bo.doubt) == ("internal", "file", 0.05)


def test_people_of_one_company_are_on_one_side() -> None:
    participants = [Participant(name=label, company="Lind") for label in ("S2", "S3")]
    voices = settle(spoken(WARD), participants)
    assert {v.role for v in voices if v.label in ("S2", "S3")} == {"customer"}


def test_given_names_join_participants_and_titles_follow() -> None:
    text = PAIR.replace("S1:", "Ana:").replace("S2:", "Bo Lind:")
    ana = Participant(name="Ana Diaz", role="internal", title="CSM", email="ana@vendor.example")
    voice = settle(spoken(text), [ana])[0]
    assert (voice.label, voice.name, voice.role) == ("Ana", "Ana", "internal")
    assert (voice.title, voice.email) == ("CSM", "ana@vendor.example")


def test_names_are_suggested_only_where_two_things_agree() -> None:
    greeted = (
        "S1: Hi Maureen, it's Ana.\nS2: Hello Ana. I had a day.\nS1: What happened, Maureen?\n"
    )
    assert [v.name for v in settle(spoken(greeted))] == ["Ana", "Maureen"]
    once = "S1: Hi Maureen.\nS2: Hello. See this? This is Denny. I said, Denny, come here.\n"
    assert [v.name for v in settle(spoken(once))] == ["Speaker 1", "Speaker 2"]


def test_nobody_speaks() -> None:
    assert settle([]) == ()


def test_decide_weighs_all_assignments() -> None:
    odds = math.log(3)
    two = decide({"a": odds, "b": -odds}, {})
    # weights: only a inside 3, only b 1/3, both or none 1 times 0.05
    assert (two["a"][0], two["b"][0]) == ("internal", "customer")
    assert two["a"][1] == pytest.approx((1 / 3 + 0.05) / (3 + 1 / 3 + 0.1), abs=1e-3)
    both = decide({"a": 5.0, "b": 0.5}, {})
    assert (both["a"][0], both["b"][0]) == ("internal", "customer")  # a call has two sides
    many = decide({f"v{n}": (-1) ** n * 2.0 for n in range(40)}, {})
    assert all(many[f"v{n}"][0] == ("internal", "customer")[n % 2] for n in range(40))


def test_exchanges_count_who_follows_whom() -> None:
    follows = exchanges(spoken("A: x\nB: x\nA: x\nA: x\nC: x\nA: x"))
    assert {pair: seen for pair, (seen, _) in follows.items()} == {
        ("A", "B"): 2,
        ("A", "C"): 2,
        ("B", "C"): 0,
    }
    assert sum(expected for _, expected in follows.values()) == pytest.approx(4)
    assert exchanges(spoken(PAIR)) == {}


def test_traits_compare_within_the_call() -> None:
    lowered = [u.model_copy(update={"text": u.text.lower()}) for u in spoken(PAIR)]
    here, there = traits(spoken(PAIR)), traits(lowered)
    assert here["S1"].quiet > 0 > here["S2"].quiet
    assert here["S1"].asks > 0 > here["S2"].asks
    assert here["S2"].answers > 0 > here["S1"].answers
    assert here == there


def test_larkspur_from_text_alone() -> None:
    folder = ROOT / "eval" / "corpora" / "larkspur"
    outcomes = run(folder)
    for way in ("as it is", "no punctuation", "a tenth misattributed"):
        outcome = outcomes[way]
        assert outcome.calls == 24
        assert outcome.share >= 0.9, way
        assert all(voice.doubt > 0.1 for voice in outcome.wrong), way
    # eight calls' worth of less text: worse, and said to be
    third = outcomes["first third"]
    assert third.share < 1
    assert all(voice.doubt > 0.1 for voice in third.wrong)


def test_roles_of_a_corpus_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "calls").mkdir()
    (tmp_path / "calls" / "X-1.json").write_text(
        '{"title": "t", "participants": [{"name": "A", "role": "customer"},'
        ' {"name": "B", "role": "internal"}], "utterances": ['
        '{"i": 0, "speaker": "A", "text": "What do you use? And how often?"},'
        '{"i": 1, "speaker": "B", "text": "My wife does it and I pay and she said we had to."}]}'
    )
    outcome = run(tmp_path)["as it is"]  # the truth is turned round
    assert (outcome.calls, outcome.right, len(outcome.wrong)) == (1, 0, 2)
