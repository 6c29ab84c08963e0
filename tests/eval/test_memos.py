from __future__ import annotations

from pathlib import Path

import pytest

from eval.bootstrap import Draws
from eval.cases import Corpus, read_corpus
from eval.filling import filled
from eval.memos import corrected, run
from eval.observed import observe
from tests.eval import freezers

STALE = {"crm_health": "red", "call_reading": "healthy; the flag is stale"}


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    return read_corpus(freezers.write(tmp_path / "freezers"))


@pytest.mark.parametrize(
    ("memo", "right"),
    [
        ({"health": [{"account_id": "FRZ-4", "reading": "content"}]}, True),
        ({"health": [{"account_id": "FRZ-4", "reading": "threatened"}]}, False),
        ({"at_risk": [{"account_id": "FRZ-4", "reading": "content"}]}, False),
        ({"summary": [{"text": "Quay Fisheries Lab is Red in the CRM, and content."}]}, True),
        ({"summary": [{"text": "Quay Fisheries Lab is content."}]}, False),
        # A quote that happens to say so corrects nothing.
        ({"summary": [{"quotes": [{"text": "Quay Fisheries Lab has red lids"}]}]}, False),
    ],
)
def test_a_correction_of_health(memo: dict[str, object], right: bool) -> None:
    assert corrected(memo, "FRZ-4", "Quay Fisheries Lab", STALE) is right


def test_the_checklist_of_a_real_memo(corpus: Corpus) -> None:
    draws = Draws([*corpus.account_of, "q3", "q4"])
    with filled(corpus, None) as library:
        scored = run(corpus, observe(library, corpus, "none"), draws)
    (case,) = scored.cases
    items = case.facts["items"]
    assert isinstance(items, dict)
    for name in (
        "coverage: accounts in scope",
        "coverage: accounts heard",
        "coverage: accounts silent",
        "coverage: ARR heard",
        "coverage of all accounts (asked without filters)",
        "silent top accounts are to be called",
        "no hearsay and no injection is acted upon",
        "open questions name the silent accounts",
    ):
        assert items[name], name
    # B is warned of in the truth and is none of the top needs; P is to be protected.
    assert {
        "not now: loud but small, A signed record",
        "not now or internal: the idea T",
        "at risk: Pinecrest Clinics",
        "protect: the accounts of The drawers",
    } <= items.keys()
    told = {f.name: f.estimate.value for f in scored.figures}
    assert told["memo checklist"] == pytest.approx(sum(items.values()) / len(items))


def test_a_corpus_without_memo_truth_has_no_checklist(corpus: Corpus, tmp_path: Path) -> None:
    (tmp_path / "freezers" / "memo_truth.json").unlink()
    bare = read_corpus(tmp_path / "freezers")
    draws = Draws([*corpus.account_of, "q3", "q4"])
    with filled(bare, None) as library:
        assert run(bare, observe(library, bare, "none"), draws).figures == ()
