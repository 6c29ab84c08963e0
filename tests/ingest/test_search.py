"""Search: the right utterance, of the right role, in the right calls, for any query at all."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest import keywords
from ingest.embed import MiniLM, Wrapped, open_embedder
from ingest.errors import Conflict
from ingest.feeding import feed
from ingest.index import EXACT
from ingest.models import Speaker
from ingest.search import search
from tests.ingest.stored import VOICES, Home

INVOICES = [
    ("V", "Thanks for joining. How was the trip?"),
    ("C", "Fine, thanks. The train was late again, but we have seen worse this winter."),
    ("V", "How long does it take until a finished job is billed?"),
    ("C", "Nineteen days. We measured it over two weeks, and that is far too long."),
    ("V", "I think our offline mode would help you there."),
    ("C", "Maybe. Our drivers lose the signal in the valley twice a day."),
]
PARKING = [
    ("V", "What else is new?"),
    ("C", "The parking garage downtown closed, so our vans stand in the street at night."),
]


TWO_VOICES = (
    Speaker(label="C", name="Ana Ruiz", role="customer", basis="file"),
    Speaker(label="D", name="Eve Lund", role="customer", basis="file"),
    Speaker(label="V", name="Ben Okoye", role="internal", basis="file"),
)
CLAIMS = [
    ("V", "What is hard about claims?"),
    ("C", "The insurers changed the claim form, and every claim is typed twice."),
    ("V", "And how long does that take you?"),
    ("C", "Two, three hours, most of it after closing time."),
    ("V", "Anything else?"),
    ("D", "Parking is hard to find, and claims go missing on their way to the insurers."),
    ("V", "Okay, and who looks after that?"),
    ("C", "Nobody does, really."),
]


@pytest.fixture(scope="module")
def embedder() -> MiniLM:
    return open_embedder()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, embedder: MiniLM) -> Iterator[Home]:
    opened = Home(tmp_path_factory.mktemp("home"), embedder)
    opened.add("a", INVOICES)
    opened.add("b", PARKING)
    opened.add("c", INVOICES, state="working")
    yield opened
    opened.close()


def test_finds_the_utterance_to_quote(home: Home) -> None:
    with home.engine.connect() as connection:
        hits = search(connection, home.index, home.embedder, "How many days until billing?")
    assert (hits[0].call_id, hits[0].utterance) == ("a", 3)
    assert hits[0].first <= 3 <= hits[0].last
    assert 0 < hits[0].keyword <= 1
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_meaning_counts_where_no_word_is_shared(home: Home) -> None:
    with home.engine.connect() as connection:
        hits = search(connection, home.index, home.embedder, "Where are vehicles left overnight?")
    assert (hits[0].call_id, hits[0].utterance) == ("b", 1)


@pytest.fixture(scope="module")
def claims(tmp_path_factory: pytest.TempPathFactory, embedder: MiniLM) -> Iterator[Home]:
    opened = Home(tmp_path_factory.mktemp("claims"), embedder)
    opened.add("a", CLAIMS, voices=TWO_VOICES)
    opened.add("b", PARKING)
    opened.add("c", INVOICES)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("question", "utterance"),
    [
        ("How long do they spend on the claim forms?", 3),  # the answer has none of these words
        ("What is hard about insurance claims?", 1),  # asks for no sort of answer
        ("What did Eve Lund say about insurance claims?", 5),
        ("What did Ana say about insurance claims?", 1),
    ],
)
def test_the_answer_is_quoted_and_not_its_surroundings(
    claims: Home, question: str, utterance: int
) -> None:
    with claims.engine.connect() as connection:
        hits = search(connection, claims.index, claims.embedder, question)
    assert (hits[0].call_id, hits[0].utterance) == ("a", utterance)


def test_a_speakers_name_is_no_keyword(claims: Home) -> None:
    with claims.engine.connect() as connection:
        named = search(connection, claims.index, claims.embedder, "What of claims, Eve Lund?")
        plain = search(connection, claims.index, claims.embedder, "What of claims?")
        only = search(connection, claims.index, claims.embedder, "Eve Lund")
    assert max(hit.keyword for hit in named) == max(hit.keyword for hit in plain) == 1.0
    assert only[0].utterance == 5


def test_customers_hits_quote_customers_only(home: Home) -> None:
    with home.engine.connect() as connection:
        customer = search(connection, home.index, home.embedder, "offline mode", limit=50)
        internal = search(
            connection, home.index, home.embedder, "offline mode", role="internal", limit=50
        )
    assert {INVOICES[h.utterance][0] for h in customer if h.call_id == "a"} == {"C"}
    assert (internal[0].call_id, internal[0].utterance) == ("a", 4)
    assert {INVOICES[h.utterance][0] for h in internal if h.call_id == "a"} == {"V"}


def test_scope_and_readiness_bound_it(home: Home) -> None:
    with home.engine.connect() as connection:
        everywhere = search(connection, home.index, home.embedder, "billing", limit=50)
        only_b = search(connection, home.index, home.embedder, "billing", call_ids=["b"])
        unready = search(connection, home.index, home.embedder, "billing", call_ids=["c"])
        none = search(connection, home.index, home.embedder, "billing", call_ids=[])
    assert {h.call_id for h in everywhere} == {"a", "b"}
    assert {h.call_id for h in only_b} == {"b"}
    assert unready == none == []


def test_what_nobody_spoke_of_shares_no_keyword(home: Home) -> None:
    with home.engine.connect() as connection:
        hits = search(connection, home.index, home.embedder, "Kubernetes encryption certificates")
    assert all(hit.keyword == 0 for hit in hits)
    assert all(hit.cosine < 0.4 for hit in hits)


@pytest.mark.parametrize(
    "query",
    [
        '"',
        "NEAR(a b)",
        "a AND",
        "* ^ : -",
        "\0",
        "\ud800 billing",
        "billing " * 20_000,
        "' OR 1=1 --",
    ],
)
def test_any_query_is_survived(home: Home, query: str) -> None:
    with home.engine.connect() as connection:
        hits = search(connection, home.index, home.embedder, query)
    assert len(hits) <= 10


def test_a_query_without_a_word_finds_nothing(home: Home) -> None:
    with home.engine.connect() as connection:
        assert search(connection, home.index, home.embedder, " ?! ") == []
        assert search(connection, home.index, home.embedder, "billing", limit=0) == []


def test_an_empty_home_finds_nothing(tmp_path: Path, embedder: MiniLM) -> None:
    empty = Home(tmp_path, embedder)
    with empty.engine.connect() as connection:
        assert search(connection, empty.index, embedder, "billing") == []
    empty.close()


def test_another_models_vectors_are_refused(home: Home) -> None:
    other = Wrapped("other", 2, lambda texts: [[1.0, 0.0] for _ in texts])
    with home.engine.connect() as connection, pytest.raises(Conflict, match="other"):
        search(connection, home.index, other, "billing")


@pytest.mark.parametrize("fed", [False, True])
def test_a_large_home_is_narrowed(home: Home, fed: bool) -> None:
    if fed:
        feed(home)
    question = "How many days until billing?"
    with home.engine.connect() as connection:
        exact = search(connection, home.index, home.embedder, question)
        home.index.exact = 0
        narrowed = search(connection, home.index, home.embedder, question)
        scoped = search(connection, home.index, home.embedder, question, call_ids=["b"])
        home.index.exact = EXACT
    assert narrowed == exact
    assert {h.call_id for h in scoped} == {"b"}


def test_a_corrected_role_takes_the_words_along(tmp_path: Path, embedder: MiniLM) -> None:
    home = Home(tmp_path, embedder)
    home.add("a", INVOICES)
    swapped = [
        voice.model_copy(update={"role": "internal" if voice.role == "customer" else "customer"})
        for voice in VOICES
    ]
    home.add("a", INVOICES, voices=swapped)
    with home.engine.connect() as connection:
        hits = search(connection, home.index, embedder, "nineteen days", limit=50)
    assert {INVOICES[h.utterance][0] for h in hits} == {"V"}
    home.close()


@pytest.mark.parametrize("count", [256, 257, 3_000])
def test_a_scope_of_many_calls_is_understood(home: Home, count: int) -> None:
    scope = ["a", *(f"unknown-{n}" for n in range(count - 1))]
    with home.engine.connect() as connection:
        hits = search(connection, home.index, home.embedder, "days until billing", call_ids=scope)
        scores = keywords.match(connection, "customer", ["days"] * 32, scope)
    assert {h.call_id for h in hits} == {"a"}
    assert any(passage_id.startswith("a:") for passage_id in scores)
