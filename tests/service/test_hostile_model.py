"""A hostile model, 500 exchanges: no invalid quote, no invention and no obeyed order is shown.

An honest model for the small corpus is bent, seeded, in everything that it answers: invented and
altered quotes, a "not" dropped or added, six for sixteen, other accounts, other calls' and unknown
ids, ids twice, counts, ranks, hedges dropped, orders obeyed that stand in what was said, in names
and in titles, markup, huge texts, sentences twice. Readings, groups and answers are checked where
they are (``checked``, theming's check, the writer of answers); a part goes through the real HTTP
client, memos too.

Each invention has something that can be seen: a number, a name, a negation, a quantity, a rank, an
order, or a clause that shares no word with its quotes. What is invented in ordinary words within a
clause that is borne otherwise ("the alarm is made of tin") is out of reach of the gate, and of this
test. What was dropped is listed as dropped and is no statement.
"""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from ingest.accounts import read_accounts
from ingest.library import Library, Options
from ingest.llm import open_llm
from ingest.pipeline import About
from ingest.readings import Reading, all_readings
from ingest.store import get_call, list_utterances, put_accounts
from ingest.tables import calls, found_themes
from service.adding import Adding
from service.ask import _known, ask
from service.borne import known_in, nearness
from service.call_reader import CallRead, Text, checked
from service.drafting import draft_and_save
from service.evidence_entries import Offered
from service.grouping import Check, GroupRead
from service.hands import dismiss
from service.known import known_here
from service.model_ask import SentenceRead, _Writer
from service.model_reading import see_to
from service.offered import offered
from service.planning import Plan
from service.question import understand
from service.scope import resolve
from service.shapes import Answer, Filters, Quote
from service.themes import themes
from tests import corpus, reader
from tests.injections import INJECTIONS
from tests.llm_server import LlmServer
from tests.once import once
from tests.service import memo_model

READINGS, GROUPS, ANSWERS, WIRE = 170, 90, 180, 60
QUESTIONS = (
    "What do customers need?",
    "How often do false alarms go off at Marlowe?",
    "Who may leave?",
    "How many accounts say that the alarm does not tell which freezer it is?",
    "What does Osprey want of the export?",
    "What do customers love?",
)


# --- what a hostile model makes of an honest sentence --------------------------------------------


@dataclass(frozen=True, slots=True)
class Lie:
    """``text`` must not be shown, nor ``marker`` in any words but those of customers."""

    text: str
    marker: str


# Said in the corpus, honestly told, and told with a turn: what was said, honest, false.
# fmt: off
_TURNED = (
    ("does not say which freezer", "The alarm does not say which freezer.",
     "says which freezer it is"),
    ("nobody can tell which", "Nobody can tell which freezer it is.",
     "can tell which freezer it is"),
    ("forty minutes", "Piet drives forty minutes.", "Piet drives fourteen minutes"),
    ("Eleven false alarms", "There were eleven false alarms in March.", "no false alarms in March"),
    ("Eleven false alarms", "There were eleven false alarms in March.",
     "eleven false alarms in May"),
    ("two thousand samples", "They lost two thousand samples.", "did not lose any samples"),
    ("two thousand samples", "They lost two thousand samples.", "lost twelve thousand samples"),
    ("sixty hours", "It costs about sixty hours a month.", "sixteen hours a month"),
    ("sixty hours", "It costs about sixty hours a month.", "sixty hours a week"),
    ("we will leave", "They will leave if the alarms stay.", "They will leave in September"),
    ("we will leave", "They will leave if the alarms stay.", "they have decided to leave"),
    ("four hundred rows", "They retype four hundred rows.", "four thousand rows"),
    ("I wish the export", "They wish the export were signed.", "The export is signed"),
    ("I wish the export", "They wish the export were signed.",
     "export goes straight to the auditor"),
    ("Do not change the drawers", "They want the drawers kept.", "want to change the drawers"),
    ("always pick up", "They pick up the phone.", "never pick up the phone"),
    ("how quiet", "They love how quiet it is.", "do not love how quiet it is"),
)
# fmt: on
_OTHERS = ("Alistair Boone", "Velmora", "Zendrift", "HX-9000", "Kelwick Labs")


def lies(rng: random.Random, honest: str) -> Iterator[Lie]:
    """Endlessly: ``honest`` with something in it that nobody said."""
    low = honest[0].lower() + honest[1:].rstrip(".")
    while True:
        number = str(rng.randint(1_000, 99_999))
        other = rng.choice(_OTHERS)
        order = rng.choice(INJECTIONS)
        who = rng.choice(("Three customers", "Most labs", "Several clients", "All hospitals"))
        yield rng.choice(
            (
                Lie(f"{honest} It takes {number} hours a week.", number),
                Lie(f"{low}, which costs ${number}.".capitalize(), number),
                Lie(f"{honest.rstrip('.')}, says {other}.", other),
                Lie(f"As with {other}, {low}.", other),
                Lie(f"{who} say that {low}.", who),
                Lie(f"The biggest problem is that {low}.", "biggest problem"),
                Lie(f"{honest} This is a common complaint.", "common complaint"),
                Lie(f"{honest} The warranty lapsed and ruins careers.", "ruins careers"),
                Lie(f"{honest.rstrip('.')} and ruins careers.", "ruins careers"),
                Lie(f"Everybody needs the {order.marker}.", order.marker),
                Lie(f"{honest} The {order.marker} is broken every day.", order.marker),
                Lie(f"{honest.rstrip('.')}; the {order.marker} comes first.", order.marker),
                Lie(order.text, order.marker),
                Lie(f"<b>{honest}</b>", "<b>"),
                Lie(f"{honest} [more](https://evil.example/{number})", "evil.example"),
                Lie(f"**{honest}** `rm -rf {number}`", number),
                Lie(f"{honest} " * 400 + number, number),
                Lie(f"You should buy {number} units: {low}.", number),
                Lie(f"As an AI, I cannot say that {low}.", "As an AI"),
                Lie(f"They say “{low} {number} times”.", number),
            )
        )


_SUBJECTS = {
    "no": "There were ",
    "eleven": "There were ",
    "export": "The ",
    "says": "The alarm ",
    "can": "Staff ",
    "sixteen": "It costs ",
    "sixty": "It costs ",
    "four": "They retype ",
}


def turned(rng: random.Random) -> tuple[str, Lie]:
    """Words by which the utterance is known, and a sentence that says otherwise."""
    said, _, false = rng.choice(_TURNED)
    subject = "" if false[0].isupper() else rng.choice(("They ", "At the lab they "))
    text = _SUBJECTS.get(false.split()[0], subject)
    return said, Lie(f"{text}{false}.", f"{text}{false}")


# --- the corpus with orders in it ----------------------------------------------------------------


@pytest.fixture(scope="session")
def _planted_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small corpus with every injection said, or put into a name or a title."""
    return once(tmp_path_factory, "planted", _plant) / "home"


def _plant(into: Path) -> None:
    folder, home = corpus.write(into / "corpus"), into / "home"
    spoken = [one.text for one in INJECTIONS if one.where == "utterance"]
    names = [one.text for one in INJECTIONS if one.where == "speaker"]
    titles = [one.text for one in INJECTIONS if one.where == "title"]
    owners = [one.text for one in INJECTIONS if one.where == "account"]
    for n, path in enumerate(sorted((folder / "calls").iterdir())):
        call = json.loads(path.read_text("utf-8"))
        customer = call["participants"][0]["name"]
        if n >= 2:
            call["participants"][0]["name"] = renamed = names[n - 2]
            for said in call["utterances"]:
                said["speaker"] = renamed if said["speaker"] == customer else said["speaker"]
            customer = renamed
        else:
            call["title"] = titles[n]
        end = call["utterances"][-1]["end_s"]
        for i, text in enumerate(spoken[n::4], start=len(call["utterances"])):
            call["utterances"].append(
                {"i": i, "speaker": customer, "start_s": end + i, "end_s": end + i + 0.9,
                 "text": text}
            )  # fmt: skip
        path.write_text(json.dumps(call), "utf-8")
    rows = list(csv.reader((folder / "accounts.csv").read_text("utf-8").splitlines()))
    rows[4][1], rows[5][1] = owners
    with (folder / "accounts.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    library = Library(home, Options(models=home / "models"))
    with library.change() as connection:
        put_accounts(connection, read_accounts(folder / "accounts.csv"))
    adding = Adding(library, transcriber=None, report=lambda _job: None)
    for path in sorted((folder / "calls").iterdir()):
        adding.receive(path, About())
    adding.finish()
    assert adding.outcome().errors == ()
    library.close()
    dismiss()


@pytest.fixture
def planted(_planted_once: Path, tmp_path: Path, llm_server: LlmServer) -> Iterator[Library]:
    """That home, of the test's own, with a model."""
    import shutil

    home = shutil.copytree(_planted_once, tmp_path / "planted")
    options = llm_server.options(concurrency=1)
    library = Library(home, Options(models=home / "models", model=options))
    vars(library)["_llm"] = open_llm(options, library.engine, sleep=llm_server.sleep)
    llm_server.model = reader.honest
    yield library
    library.close()


@dataclass(slots=True)
class Watch:
    """Holds what the product shows against what was said."""

    library: Library
    quotes: int = 0
    texts: int = 0
    said: dict[tuple[str, int], tuple[str, str, str, str | None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        with self.library.read() as connection:
            for call_id in connection.scalars(sa.select(calls.c.call_id)):
                call = get_call(connection, call_id)
                people = {s.label: s for s in call.speakers}
                for u in list_utterances(connection, call_id):
                    who = people[u.speaker]
                    self.said[call_id, u.i] = (u.text, who.name, who.role, call.account_id)

    def quote(self, one: Quote, role: str = "customer") -> None:
        text, name, side, account = self.said[one.call_id, one.utterance]
        assert one.text in text
        assert (one.speaker, one.account_id) == (name, account)
        assert one.role == side == role
        self.quotes += 1

    def text(self, shown: str, lied: list[Lie]) -> None:
        self.texts += 1
        for lie in lied:
            assert lie.text not in shown
            assert lie.marker.lower() not in shown.lower(), (lie, shown)
        for order in INJECTIONS:
            if order.where != "account":  # an account is called what it is called
                assert order.marker not in shown

    def answer(self, told: Answer, lied: list[Lie]) -> None:
        for one in (*told.statements, *told.counter, *told.nearest, *told.internal):
            for quote in one.quotes:
                self.quote(quote, "internal" if one in told.internal else "customer")
        for one in (*told.statements, *told.counter):
            words = one.text
            for quote in one.quotes:
                words = words.replace(quote.text, "")
            self.text(words, lied)
        self.text(told.reason or "", lied)


# --- readings ------------------------------------------------------------------------------------


def _hostile_reading(
    rng: random.Random, data: dict[str, Any], said: dict[int, str]
) -> tuple[CallRead, list[Lie]]:
    """The honest reading of a call, bent in several places."""
    given = reader.read(data)
    lied: list[Lie] = []
    for matter in given["matters"]:
        lie = next(lies(rng, rng.choice((matter["need"], matter["problem"] or matter["need"]))))
        lied.append(lie)
        matter[rng.choice(("need", "problem"))] = lie.text
        for one in matter["said"]:
            how = rng.randrange(9)
            words = one["words"]
            if how == 0:
                one["words"] = words.replace("not ", "") if "not " in words else f"{words} never"
            elif how == 1:
                one["utterance"] = rng.choice([*said, -1, 10**9])
            elif how == 2:
                one["words"] = words + " " + str(rng.randint(1_000, 9_999))
            elif how == 3:
                one["words"] = rng.choice([*said.values(), *(i.text for i in INJECTIONS), ""])
            elif how == 4:
                one["words"] = words.replace("forty", "fourteen").replace("sixty", "sixteen")
            elif how == 5:
                one["words"] = f"<b>{words}</b>" * rng.choice((1, 300))
        matter["said"] += rng.sample(matter["said"], 1)
        matter["kind"] = rng.choice(("pain", "request", "praise", "risk", "competitor"))
        matter["stance"] = rng.choice(("has_it", "no_trouble"))
        matter["intensity"] = rng.choice((1, 2, 3))
        matter["hand"] = rng.choice(("first", "first", "third"))
    known, false = turned(rng)
    where = [i for i, text in said.items() if known in text]
    lied += [false] if where else []
    order = rng.choice(INJECTIONS)
    lied.append(Lie(f"The {order.marker} is wanted.", order.marker))
    for text, places in ((false.text, where), (lied[-1].text, list(said))):
        if places:
            i = rng.choice(places)
            given["matters"].append(
                {"kind": "pain", "stance": "has_it", "need": "", "problem": text, "intensity": 3,
                 "hand": "first", "said": [{"utterance": i, "words": said[i]}]}
            )  # fmt: skip
    given["matters"] *= rng.choice((1, 1, 2))
    label, name = rng.choice(("Speaker 1", "Ida Kern", "S9")), rng.choice(_OTHERS)
    given["names"] = [{"label": label, "name": name, "utterance": 0, "words": name}]
    return CallRead.model_validate(given), lied


def _held(watch: Watch, call_id: str, reading: Reading, lied: list[Lie]) -> None:
    for matter in reading.matters:
        for words in matter.said:
            text, _, role, _ = watch.said[call_id, words.utterance]
            assert words.words in text
            assert role == "customer"
            watch.quotes += 1
        for shown in (matter.need, matter.problem):
            watch.text(shown, lied)
    for name in reading.names:
        assert name.name in watch.said[call_id, name.utterance][0]


def test_of_hostile_readings_only_what_was_said_is_kept(planted: Library) -> None:
    rng = random.Random(20)
    watch = Watch(planted)
    with planted.read() as connection:
        known = known_in(connection)
        texts = [
            Text(get_call(connection, c), list_utterances(connection, c), known, nearness(planted))
            for c in ("FC-1", "FC-2", "FC-3", "FC-4")
        ]
    for n in range(READINGS):
        text = texts[n % 4]
        sides = {s.label: (s.role, s.name) for s in text.voices}
        data = {"utterances": [[u.i, *sides[u.speaker], u.text] for u in text.words]}
        said = {u.i: u.text for u in text.words if sides[u.speaker][0] == "customer"}
        answer, lied = _hostile_reading(rng, data, said)
        _held(watch, text.call.call_id, checked(text, [answer], "m"), lied)
    print(f"\nreadings: {READINGS}, {watch.quotes} quotes and {watch.texts} texts held")
    assert watch.quotes > READINGS


# --- groups --------------------------------------------------------------------------------------


def test_of_hostile_groups_only_what_is_there_is_kept(planted: Library) -> None:
    see_to(planted)
    rng = random.Random(30)
    watch = Watch(planted)
    with planted.read() as connection:
        batch = {
            (call_id, n): matter
            for call_id, reading in all_readings(connection).items()
            for n, matter in enumerate(reading.matters)
        }
    ids = [f"{call}/{n}" for call, n in batch]
    for _ in range(GROUPS):
        lied: list[Lie] = []
        given = []
        for _ in range(rng.randint(1, 4)):
            needs = [m.need for m in batch.values() if m.need]
            lie, label = (next(lies(rng, rng.choice(needs))) for _ in range(2))
            lied += [lie, label]
            pool = [*ids, *ids, "FC-9/0", "FC-1/77", "", "../../etc/passwd", "FC-1"]
            given.append(
                GroupRead(
                    theme=rng.choice(("", "", "T99", "<script>", "null")),
                    label=label.text,
                    statement=lie.text,
                    kind=rng.choice(("pain", "praise", "risk", "")),
                    matters=rng.choices(pool, k=rng.randint(0, 9)),
                    against=rng.choices(pool, k=rng.randint(0, 3)),
                )
            )
        found = list(Check(planted, batch, {}, invent=True).groups(given))
        used = [key for group in found for key in (*group.matters, *group.against)]
        assert len(used) == len(set(used))
        assert set(used) <= set(batch)
        for group in found:
            assert group.new is not None
            own = [w.words for m in group.matters for w in batch[m].said]
            for shown in (str(group.new["label"]), str(group.new["statement"])):
                if not any(shown.rstrip("…")[:60] in words for words in own):
                    watch.text(shown, lied)
    print(f"\ngroups: {GROUPS}, {watch.texts} texts held")


# --- answers -------------------------------------------------------------------------------------


def _evidence(library: Library, question: str) -> tuple[_Writer, Offered]:
    with library.read() as connection:
        asked = understand(question, _known(library, connection, date(2026, 6, 9)), Filters())
        scope = resolve(connection, asked.filters)
        plan = Plan(asked, (question,), (), ())
        evidence = offered(library, connection, plan, scope)
        named = known_here(library, connection)
    return _Writer(library, asked, scope, evidence, named, frozenset(), "m"), evidence


def _hostile_sentences(
    rng: random.Random, evidence: Offered
) -> tuple[list[SentenceRead], list[Lie]]:
    keys = sorted(evidence.entries)
    lied: list[Lie] = []
    given = []
    for _ in range(rng.randint(2, 6)):
        known, lie = turned(rng)
        on = [k for k in keys if (m := evidence.entries[k].moment) and known in m.text]
        if rng.random() < 0.5 or not on:
            lie = next(lies(rng, rng.choice([honest for _, honest, _ in _TURNED])))
            on = rng.sample(keys, min(len(keys), rng.randint(1, 3)))
        if rng.random() < 0.15:
            other = rng.choice(("Boreal Systems", "Sable Genomics"))
            elsewhere = [
                k for k in keys if (m := evidence.entries[k].moment) and other not in m.text
            ]
            on = rng.sample(elsewhere, 1) if elsewhere else []
            lie = Lie(f"{other} hears the alarm ring at night.", other)
        lied.append(lie)
        junk = rng.choice(([], ["E999"], ["../etc"], on, ["", " "]))
        given.append(SentenceRead(text=lie.text, rests_on=[*on, *junk], against=rng.random() < 0.3))
    given += rng.sample(given, 1)
    told, honest, _ = rng.choice(_TURNED)
    on = [k for k in keys if (m := evidence.entries[k].moment) and told in m.text]
    given.append(SentenceRead(text=honest, rests_on=on, against=False))
    return given, lied


def test_of_hostile_answers_only_what_the_quotes_bear_is_said(planted: Library) -> None:
    see_to(planted)
    rng = random.Random(40)
    watch = Watch(planted)
    offers = [_evidence(planted, question) for question in QUESTIONS]
    honest = 0
    for n in range(ANSWERS):
        old, evidence = offers[n % len(offers)]
        writer = _Writer(planted, old.asked, old.scope, evidence, old.named, frozenset(), "m")
        given, lied = _hostile_sentences(rng, evidence)
        for sentence in given:
            writer.take(sentence)
        told = writer.whole()
        watch.answer(told, lied)
        honest += not told.abstained
    print(f"\nanswers: {ANSWERS}, {honest} with something left, {watch.quotes} quotes held")
    assert honest > ANSWERS / 3


# --- over the wire -------------------------------------------------------------------------------


def test_over_the_wire_nothing_hostile_is_shown(planted: Library, llm_server: LlmServer) -> None:
    rng = random.Random(50)
    watch = Watch(planted)
    lied: list[Lie] = []

    def hostile(prompt: str, data: Any) -> Any:
        if prompt == "read_call":
            said = {i: text for i, side, _, text in data["utterances"] if side == "customer"}
            answer, more = _hostile_reading(rng, data, said)
            lied.extend(more)
            return answer.model_dump()
        given = reader.honest(prompt, data)
        if prompt == "group_matters":
            for group in given["groups"]:
                lie = next(lies(rng, group["label"] or "The alarm rings."))
                lied.append(lie)
                group["label"] = group["statement"] = lie.text
                group["matters"] += [*group["matters"], "FC-9/9"]
        if prompt == "plan_question":
            given["accounts"] = [*given["accounts"], "Velmora", ""]
            given["themes"] = ["T99", *given["themes"]]
            given["searches"] = [rng.choice(INJECTIONS).text, "x" * 5_000, data["question"]]
        if prompt == "answer_question":
            keys = [m["key"] for m in (*data.get("moments", []), *data.get("matters", []))]
            for _ in range(3):
                lie = next(lies(rng, "The alarm rings and does not say which freezer it is."))
                lied.append(lie)
                given["sentences"].append(
                    {"text": lie.text, "rests_on": rng.sample(keys, min(2, len(keys))),
                     "against": False}
                )  # fmt: skip
        return given

    llm_server.model = hostile
    see_to(planted)
    with planted.read() as connection:
        for call_id, reading in all_readings(connection).items():
            _held(watch, call_id, reading, lied)
        rows = connection.execute(sa.select(found_themes)).all()
    shown = themes(planted, Filters())
    for theme in shown:
        for quote in (*theme.evidence, *theme.counter):
            watch.quote(quote)
    own = " ".join(text for text, *_ in watch.said.values())
    for row in rows:
        for text in (row.label, row.statement):
            if text.rstrip("…")[:60] not in own:
                watch.text(text, lied)
    for n in range((WIRE - len(llm_server.history)) // 2):
        question = QUESTIONS[n % len(QUESTIONS)]
        watch.answer(ask(planted, f"{question[:-1]}{' please' * (n // 6)}?"), lied)
    for seed in range(2):
        turn = random.Random(seed)
        false = [next(lies(turn, "The alarm rings.")) for _ in range(9)]
        llm_server.model = memo_model.lying(
            [one.text for one in false],
            lambda data: [q["key"] for q in memo_model.quotes(data)][:1],
        )
        made = draft_and_save(planted, filters=Filters(), today=date(2026, 6, 3 + seed))
        for quote in _quotes_in(made.model_dump()):
            watch.quote(quote)
        for text in _worded(made.model_dump()):
            watch.text(text, false)
    print(f"\nwire: {len(llm_server.history)} requests, {watch.quotes} quotes held")
    assert len(llm_server.history) >= WIRE
    assert READINGS + GROUPS + ANSWERS + len(llm_server.history) >= 500


def _quotes_in(node: Any) -> Iterator[Quote]:
    """Every quote of a customer, wherever it stands."""
    if isinstance(node, dict):
        if {"call_id", "utterance", "start_s"} <= set(node):
            one = Quote.model_validate(node)
            if one.role == "customer":
                yield one
        else:
            for value in node.values():
                yield from _quotes_in(value)
    elif isinstance(node, (list, tuple)):
        for value in node:
            yield from _quotes_in(value)


def _worded(node: Any) -> Iterator[str]:
    """The texts of the statements that a model worded."""
    if isinstance(node, dict):
        if node.get("by") == "model" and "quotes" in node:
            yield node["text"]
        for value in node.values():
            yield from _worded(value)
    elif isinstance(node, (list, tuple)):
        for value in node:
            yield from _worded(value)
