"""The tests' small corpus (``tests/corpus.py``) with the truth about it, in the shape of Larkspur.

Another trade, another number of top accounts and other ids, so that nothing of Larkspur's can be
built into the evaluation.
"""

from __future__ import annotations

import json
from pathlib import Path

from tests import corpus

TOP = 3


def span(call_id: str, *utterances: int) -> dict[str, object]:
    return {"call_id": call_id, "utterances": list(utterances)}


def _theme(
    name: str, kind: str, label: str, accounts: list[str], evidence: list[object], **more: object
) -> dict[str, object]:
    return {
        "id": name,
        "kind": kind,
        "status": "customer_voiced",
        "label": label,
        "statement": f"{label}, as customers say.",
        "evidence": evidence,
        "acceptable_evidence": [],
        "contradicting": [],
        "accounts": [{"account_id": a} for a in accounts],
        **more,
    }


TRUTH: dict[str, object] = {
    "date_range": ["2026-05-04", "2026-06-02"],
    "top3": [
        {"account_id": "FRZ-1", "name": "Marlowe Biobank", "interviewed": True},
        {"account_id": "FRZ-2", "name": "Pinecrest Clinics", "interviewed": True},
        {"account_id": "FRZ-5", "name": "Sable Genomics", "interviewed": False},
    ],
    "themes": [
        _theme(
            "A",
            "pain",
            "Alarms do not say which freezer",
            ["FRZ-1", "FRZ-2"],
            [span("FC-1", 1, 3), span("FC-2", 1, 3)],
            acceptable_evidence=[span("FC-1", 6)],
            contradicting=[span("FC-4", 1)],
        ),
        _theme("B", "request", "A signed record", ["FRZ-3"], [span("FC-3", 1, 4)]),
        _theme("P", "praise", "The drawers", ["FRZ-4"], [span("FC-4", 3)]),
        _theme(
            "X",
            "request",
            "A hologram on the lid",
            [],
            [],
            status="internal_trap",
        ),
    ],
    "rankings": {
        "note": "needs only",
        "by_top3_arr": ["A", "B", "X"],
        "by_accounts_all": ["A", "B", "X"],
    },
    "internal_traps": [{"id": "T", "theme": "X", "pushed_by_staff": [span("FC-1", 4)]}],
    "third_hand_claims": [{"id": "H", "evidence": [span("FC-2", 6)]}],
    "prompt_injections": [{"call_id": "FC-3", "utterance": 3}],
    "pii": [],
}


def _question(
    name: str, kind: str, text: str, gold: list[object], **more: object
) -> dict[str, object]:
    return {
        "id": name,
        "question": text,
        "kind": kind,
        "answerable": True,
        "expected_behaviour": "answer",
        "filters": {"accounts": None, "tier": None, "top3": None},
        "gold_evidence": gold,
        "related_evidence": [],
        "gold_points": ["as said"],
        "must_not": ["anything else"],
        **more,
    }


QUESTIONS = [
    _question(
        "q1",
        "lookup",
        "How many samples did Marlowe lose?",
        [span("FC-1", 3)],
        filters={"accounts": ["FRZ-1"]},
    ),
    _question(
        "q2",
        "aggregate",
        "What do our top customers need?",
        [span("FC-1", 1, 3), span("FC-2", 1, 3)],
        filters={"top3": True},
        must_not=["anything attributed to Sable", "the drawers of Quay"],
    ),
    _question(
        "q3",
        "aggregate",
        "Which top customers have we not spoken to?",
        [],
        expected_behaviour="answer_from_account_data",
        filters={"top3": True},
        gold_points=["Sable Genomics"],
    ),
    _question(
        "q4",
        "unanswerable",
        "What does Sable Genomics need from us?",
        [],
        answerable=False,
        expected_behaviour="abstain",
        filters={"accounts": ["FRZ-5"]},
    ),
]

MEMO: dict[str, object] = {
    "as_of": "2026-06-03",
    "coverage": {
        "calls": 4,
        "accounts_total": 5,
        "accounts_interviewed": 4,
        "top3_interviewed": 2,
        "top3_total": 3,
        "arr_total_usd": 890000,
        "arr_interviewed_usd": 770000,
    },
    "top_needs": [{"theme": "A"}],
    "protect": [{"theme": "P"}],
    "at_risk": [{"account_id": "FRZ-2"}],
    "watch": [],
    "health_corrections": [],
    "do_not": [{"what": "fund the hologram", "theme": "X"}, {"what": "headline", "theme": "B"}],
}


def write(folder: Path) -> Path:
    """Write the whole corpus; the folder."""
    corpus.write(folder)
    for name, held in (("truth", TRUTH), ("questions", QUESTIONS), ("memo_truth", MEMO)):
        (folder / f"{name}.json").write_text(json.dumps(held), "utf-8")
    return folder
