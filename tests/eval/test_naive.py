"""The naive baseline is LangChain's own, and what it finds is counted by words."""

from eval.naive import Naive, script
from ingest.embed import open_embedder
from ingest.models import Speaker, Utterance

ANA = Speaker(label="S1", name="Ana Ruiz", role="customer", basis="file")
ABOUT = ["parking at the depot", "invoices that are late", "the weather in Lisbon"]


def call() -> list[Utterance]:
    texts = [" ".join([f"This is about {about}."] * 60) for about in ABOUT]
    return [
        Utterance(i=i, speaker="S1", start_s=None, end_s=None, text=text)
        for i, text in enumerate(texts)
    ]


def test_a_script_knows_where_every_word_starts() -> None:
    told = script(call()[:2], [ANA])
    assert told.text.startswith("Ana Ruiz: This is about parking")
    words = [told.text[start:].split()[0] for start in told.starts]
    assert words == [word for u in call()[:2] for word in u.text.split()]
    assert told.owner == [u.i for u in call()[:2] for _ in u.text.split()]


def test_the_nearest_chunks_are_read_up_to_the_number_of_words() -> None:
    naive = Naive(script(call(), [ANA]), open_embedder())
    found = naive.find("late invoices", 150)
    everything = naive.find("late invoices", 100_000)
    naive.close()
    assert sum(found.values()) == 150
    assert max(found, key=found.__getitem__) == 1
    # Words that overlapping chunks repeat count once.
    assert everything == {u.i: len(u.text.split()) for u in call()}
