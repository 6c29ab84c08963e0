"""A home of a whole customer base, made up fast: thousands of calls, written by bulk SQL.

Calls follow the course of real ones: a stretch of the shipped corpora, turn by turn, a third of the
turns as they were said and the others with most content words replaced by words drawn by Zipf's
law (``eval.crowd``), with as many short turns ("Right, okay.") between. Accounts have revenue with
a long tail, and large ones have more calls. Passages are cut and keyed by the product's own code.
Only the sentence model is not asked: the vector of a passage or an item is that of the real passage
at that turn with noise as long as itself, so that neighbourhoods are as in real calls. The ledger's
items are drawn, ``ITEMS`` a call. All of it follows from the numbers of the calls; a home can be
grown, and is the same as one made at once.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from eval.crowd import LARKSPUR, WORD, zipf
from eval.retrieval import read_lookups
from ingest import keywords
from ingest.embed import DIM, Vectors
from ingest.keywords import STOP
from ingest.library import Library
from ingest.models import Account, Role, Speaker, Utterance
from ingest.passages import Passage, passages
from ingest.store import put_accounts
from ingest.tables import calls, evidence, facts, speakers, utterances
from ingest.tables import codes as coded
from ingest.tables import judgements as judged
from ingest.tables import passages as stored

ACCOUNTS = 400
UTTERANCES = 200  # of a call
ITEMS = 40  # of a call
_TAKEN_FROM = (LARKSPUR, LARKSPUR.with_name("tallowmere"))
_VARIANTS = 6  # of a real turn, of which two are as it was said
_AS_SAID = 2
_REPLACED = 0.7  # of the content words
_SHORT = (
    "Yeah.", "Right.", "Okay.", "Mm-hm.", "Right, okay.", "Sure.", "Got it.", "Yeah, exactly.",
    "Okay, go on.", "No, that's fair.", "Uh-huh.", "I see.", "Right, right.", "Sure, yeah.",
)  # fmt: skip
_AT_ONCE = 100  # calls in a transaction
_EPOCH = date(2024, 11, 1)
_DAYS = 720
_KINDS = {"pain": 48, "request": 26, "praise": 16, "risk": 6, "competitor": 4}
_FIRST = (
    "Alden Berro Calder Dunmor Elvar Farrow Garnet Hollin Ister Jarrow Keld Lorrin Marden Norrel "
    "Oswin Pellar Quill Rothen Selwick Tarrow Umber Velden Wexley Yarrow Zellin"
).split()
_SECOND = (
    "crest field mere ton gate stone brook haven ridge fort ley moor wick dale port well".split()
)
_TRADES = "Freight Elevators Foods Health Energy Rentals Marine Labs Systems Builders".split()
_GIVEN = (
    "Ana Ben Clara Dov Elin Farid Greta Hugo Ines Jonas Katya Liam Mina Noor Otto Petra Quentin "
    "Rosa Sven Tessa Umar Vera Wanda Xenia Yusuf Zora"
).split()
_FAMILY = (
    "Arden Boone Castell Drummond Ekberg Foss Galloway Hartmann Ibsen Jansen Kowal Lindgren "
    "Moreau Novak Osei Pruitt Quaid Rinaldi Santoro Thorne Ueda Varga Whitlock Ximenes Yates Zeller"
).split()
# Needs in the words of whoever keeps such a codebook; the corpora's customers have most of them.
CODES = (
    ("Work recorded without signal is lost",
     "Checklists, readings and photos vanish or arrive half empty when the device was offline.",
     "pain"),
    ("Jobs do not reach the accounts",
     "Finished work has to be typed again into invoicing or the ledger.", "pain"),
    ("Schedules change too late", "Crews learn of a change after they have set out.", "pain"),
    ("Records for auditors", "Signed, unalterable records of who did what and when.", "request"),
    ("Card payment on site", "Taking a payment at the customer's door.", "request"),
    ("Alarms that nobody can tell apart",
     "Too many alerts; the one that matters is missed.", "pain"),
    ("Reports take days to make",
     "Somebody spends days every month on numbers for the board.", "pain"),
    ("Support answers and calls back", "People at support are reachable and help.", "praise"),
    ("Easy for new people to learn", "New crew members work with it on the first day.", "praise"),
    ("Price rises at renewal", "The price went up and they look at other offers.", "risk"),
)  # fmt: skip


class Population:
    """Fills a library; whatever is there already is left alone."""

    def __init__(self, library: Library, seeds: Path | None = None) -> None:
        """``seeds`` is a file in which the real passages' vectors are kept between runs."""
        self._library = library
        self._kept_at = seeds

    def grow(self, calls_n: int) -> None:
        """Add calls until there are ``calls_n``."""
        with self._library.change() as connection:
            made = connection.scalar(sa.select(sa.func.count()).select_from(calls)) or 0
            if not made:
                put_accounts(connection, self.accounts)
                name = self._library.embedder.name
                connection.execute(facts.insert().values(name="embedder", value=name))
        for start in range(made, calls_n, _AT_ONCE):
            with self._library.change() as connection:
                self._add(connection, range(start, min(start + _AT_ONCE, calls_n)))
        if not made:
            self._judge()

    @cached_property
    def accounts(self) -> list[Account]:
        """The largest first."""
        rng = random.Random("accounts")
        pairs = [f"{a}{b}" for a in _FIRST for b in _SECOND]
        rng.shuffle(pairs)
        return [
            Account(
                account_id=f"ACC-{n:04}",
                name=f"{pairs[n]} {rng.choice(_TRADES)}",
                arr_usd=None if n % 40 == 39 else round(900_000 / (n + 1) ** 0.7, -2),
                tier="enterprise" if n < 60 else "mid-market" if n < 180 else "SMB",
                segment=rng.choice(("fleet", "sites", "plants", "public")),
                region=rng.choice(("EMEA", "AMER", "APAC")),
                renewal_date=date(2026, 12, 1) + timedelta(days=rng.randrange(500)),
                health=rng.choice(("green", "green", "green", "yellow", "red")),
            )
            for n in range(ACCOUNTS)
        ]

    # --- calls ---------------------------------------------------------------------------------

    def _add(self, connection: sa.Connection, numbers: Sequence[int]) -> None:
        rows: dict[sa.Table, list[dict[str, object]]] = {
            table: [] for table in (calls, speakers, utterances, stored, evidence)
        }
        cut: dict[str, list[Passage]] = {}
        for number in numbers:
            call_id = name(number)
            spoken, voices, turns = self.call(number)
            cut[call_id] = passages(call_id, spoken, voices)
            rng = np.random.default_rng(number)
            rows[calls].append(self._row(number))
            rows[speakers] += [{"call_id": call_id, **v.model_dump()} for v in voices]
            rows[utterances] += [{"call_id": call_id, **u.model_dump()} for u in spoken]
            rows[stored] += _stored(cut[call_id], self._vectors(turns, cut[call_id], rng))
            rows[evidence] += self._items(number, spoken, voices, turns, rng)
        for table, given in rows.items():
            connection.execute(table.insert(), given)
        for call_id, own in cut.items():
            keywords.put(connection, call_id, own)

    def call(self, number: int) -> tuple[list[Utterance], tuple[Speaker, ...], list[int]]:
        """The turns of a call, who speaks, and for each turn which real one it goes back to."""
        rng = random.Random(number)
        account = random.Random(f"people {self.owner(number)}")
        people = [f"{account.choice(_GIVEN)} {account.choice(_FAMILY)}" for _ in range(4)]
        ana, bob = rng.sample(people, 2)
        voices = (
            Speaker(label="S1", name=ana, role="customer", basis="file"),
            Speaker(label="S2", name=bob, role="customer", basis="file"),
            Speaker(label="S3", name=f"{rng.choice(_GIVEN)} Vale", role="internal", basis="file"),
        )
        at = rng.randrange(len(self._real))
        spoken: list[Utterance] = []
        turns: list[int] = []
        clock = 4.0
        while len(spoken) < UTTERANCES:
            role, _ = self._real[at]
            short = rng.random() < 0.5
            text = rng.choice(_SHORT) if short else rng.choice(self._texts[at])
            if short:  # the other side listens
                role = "internal" if role == "customer" else "customer"
            label = "S3" if role == "internal" else "S1" if rng.random() < 0.7 else "S2"
            end = clock + 0.4 * len(text.split())
            spoken.append(
                Utterance(i=len(spoken), speaker=label, start_s=clock, end_s=end, text=text)
            )
            turns.append(at)
            clock = end + 0.3
            at = at if short else (at + 1) % len(self._real)
        return spoken, voices, turns

    def owner(self, number: int) -> str:
        """The account of a call: large ones are spoken with more often."""
        weights = [1 / (n + 12) ** 0.8 for n in range(ACCOUNTS)]
        rng = random.Random(f"owner {number}")
        return rng.choices(self.accounts, weights)[0].account_id

    def _row(self, number: int) -> dict[str, object]:
        rng = random.Random(f"row {number}")
        return {
            "call_id": name(number),
            "title": f"Check-in {number}",
            "account_id": None if number % 97 == 96 else self.owner(number),
            "date": _EPOCH + timedelta(days=rng.randrange(_DAYS)),
            "source": "evaluation",
            "state": "ready",
            "media": "",
            "media_type": "",
            "is_recording": False,
            "content_sha256": name(number),
            "warnings": [],
            "created_at": datetime(2026, 11, 1, tzinfo=UTC),
        }

    def _items(
        self,
        number: int,
        spoken: Sequence[Utterance],
        voices: Sequence[Speaker],
        turns: Sequence[int],
        rng: np.random.Generator,
    ) -> Iterator[dict[str, object]]:
        """The ledger of a call: ``ITEMS`` of its longer turns, a tenth of them the vendor's."""
        roles: Mapping[str, Role] = {v.label: v.role for v in voices}
        said = {
            role: [u for u in spoken if roles[u.speaker] == role and len(u.text.split()) > 5]
            for role in ("customer", "internal")
        }
        picked = random.Random(f"items {number}")
        ours = picked.sample(said["internal"], min(ITEMS // 10, len(said["internal"])))
        theirs = picked.sample(said["customer"], min(ITEMS - len(ours), len(said["customer"])))
        chosen = sorted((*ours, *theirs), key=lambda u: u.i)
        vectors = self._noisy([self._seed_of[turns[u.i]] for u in chosen], rng)
        for u, vector in zip(chosen, vectors, strict=True):
            role = roles[u.speaker]
            kind = picked.choices(list(_KINDS), list(_KINDS.values()))[0]
            yield {
                "evidence_id": f"{name(number)}:{u.i}:0-{len(u.text)}",
                "call_id": name(number),
                "utterance": u.i,
                "first_char": 0,
                "end_char": len(u.text),
                "kind": "request" if role == "internal" else kind,
                "strength": picked.choices((1, 2, 3), (50, 35, 15))[0],
                "hand": "third" if picked.random() < 0.04 else "first",
                "role": role,
                "content": role == "customer" and kind == "pain" and picked.random() < 0.08,
                "by_person": False,
                "missed": False,
                "vector": vector.tobytes(),
            }

    # --- the codebook --------------------------------------------------------------------------

    def _judge(self) -> None:
        """Write the codes and judge examples of each: the items nearest in meaning to it."""
        told = self._library.embedder.embed([f"{label}. {meant}" for label, meant, _ in CODES])
        columns = (evidence.c.call_id, evidence.c.utterance, evidence.c.vector, utterances.c.text)
        select = (
            sa.select(*columns)
            .join(
                utterances,
                sa.and_(
                    utterances.c.call_id == evidence.c.call_id,
                    utterances.c.i == evidence.c.utterance,
                ),
            )
            .where(evidence.c.role == "customer", evidence.c.kind.in_(("pain", "request")))
            .order_by(evidence.c.evidence_id)
            .limit(3_000)
        )
        now = datetime(2026, 11, 1, tzinfo=UTC)
        with self._library.change() as connection:
            rows = connection.execute(select).all()
            near = np.stack([np.frombuffer(r.vector, "<f4") for r in rows]) @ told.T
            for k, (label, meant, kind) in enumerate(CODES):
                code = {
                    "code_id": f"code-{k:02}", "label": label, "definition": meant, "kind": kind,
                    "include": "", "exclude": "", "state": "active", "pinned": False,
                    "created_at": now + timedelta(seconds=k),
                }  # fmt: skip
                connection.execute(coded.insert().values(code))
                best = np.argsort(-near[:, k], kind="stable")[:12]
                for n, row in enumerate(rows[b] for b in best):
                    example = {
                        "judgement_id": f"j-{k:02}-{n:02}", "code_id": f"code-{k:02}",
                        "call_id": row.call_id, "utterance": row.utterance, "words": row.text,
                        "verdict": "confirmed" if n < 8 else "rejected", "created_at": now,
                    }  # fmt: skip
                    connection.execute(judged.insert().values(example))

    # --- what calls are made of ----------------------------------------------------------------

    @cached_property
    def _real(self) -> list[tuple[Role, str]]:
        """Turns of the shipped corpora, call after call."""
        told: list[tuple[Role, str]] = []
        for folder in _TAKEN_FROM:
            for _, spoken, voices in read_lookups(folder).calls:
                roles: dict[str, Role] = {voice.label: voice.role for voice in voices}
                told += [(roles[u.speaker], u.text) for u in spoken]
        return told

    @cached_property
    def _texts(self) -> list[list[str]]:
        """Of every real turn its variants."""
        words = zipf(random.Random("words"))
        rng = random.Random("kept")

        def other(match: re.Match[str]) -> str:
            keeps = match[0].lower() in STOP or rng.random() > _REPLACED
            return match[0] if keeps else next(words)

        return [
            [text] * _AS_SAID + [WORD.sub(other, text) for _ in range(_VARIANTS - _AS_SAID)]
            for _, text in self._real
        ]

    @cached_property
    def _cut(self) -> list[Passage]:
        voices = [Speaker(label=r, name=r, role=r, basis="file") for r in ("customer", "internal")]
        spoken = [
            Utterance(i=i, speaker=role, start_s=None, end_s=None, text=text)
            for i, (role, text) in enumerate(self._real)
        ]
        return passages("seed", spoken, voices)

    @cached_property
    def _seeds(self) -> Vectors:
        if self._kept_at is not None and self._kept_at.exists():
            return np.asarray(np.load(self._kept_at), np.float32)
        vectors = self._library.embedder.embed([p.text for p in self._cut])
        if self._kept_at is not None:
            np.save(self._kept_at, vectors)
        return vectors

    @cached_property
    def _seed_of(self) -> NDArray[np.int64]:
        """For every real turn a real passage that holds it."""
        found = np.zeros(len(self._real), np.int64)
        for n, passage in enumerate(self._cut):
            found[passage.first : passage.last + 1] = n
        return found

    def _vectors(
        self, turns: Sequence[int], cut: Sequence[Passage], rng: np.random.Generator
    ) -> Vectors:
        return self._noisy([self._seed_of[turns[p.last]] for p in cut], rng)

    def _noisy(self, seeds: Sequence[int], rng: np.random.Generator) -> Vectors:
        noise = rng.standard_normal((len(seeds), DIM), np.float32) / np.float32(np.sqrt(DIM))
        vectors = self._seeds[list(seeds)] + noise
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), "<f4")


def name(number: int) -> str:
    """The id of a call."""
    return f"large-{number:06}"


def _stored(cut: Sequence[Passage], vectors: Vectors) -> Iterator[dict[str, object]]:
    for passage, vector in zip(cut, vectors, strict=True):
        yield {
            "passage_id": passage.passage_id,
            "call_id": passage.call_id,
            "size": passage.size,
            "first": passage.first,
            "last": passage.last,
            "role": passage.role,
            "text": passage.text,
            "vector": vector.tobytes(),
        }
