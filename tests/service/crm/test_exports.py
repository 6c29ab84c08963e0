"""Files as HubSpot, Salesforce and Excel write them, against what they are known to say.

Beside each export lies what is to be said of it and what it then comes to; companies are invented.
"""

from __future__ import annotations

import json

import pytest

from ingest.library import Library
from service.crm.applying import apply_crm, preview_crm
from service.crm.shapes import Choices, CrmPreview
from tests.service.crm.conftest import EXPORTS, NOW

NAMES = sorted(path.stem for path in EXPORTS.glob("*.csv"))


def told(found: CrmPreview) -> dict[str, object]:
    """What counts of a preview, as it is kept beside the export."""
    return {
        "kind": found.kind,
        "mapped": {c.column: c.field for c in found.columns if c.field},
        "questions": [question.text for question in found.questions],
        "notes": list(found.notes),
        "added": [a.model_dump(mode="json", exclude_none=True) for a in found.difference.added],
        "changed": {
            change.name: {f.field: [f.before, f.after] for f in change.fields}
            for change in found.difference.changed
        },
    }


def test_there_are_exports() -> None:
    assert len(NAMES) == 5


@pytest.mark.parametrize("name", NAMES)
def test_an_export_is_read_as_it_is_meant(home: Library, name: str) -> None:
    data = (EXPORTS / f"{name}.csv").read_bytes()
    golden = json.loads((EXPORTS / f"{name}.json").read_text("utf-8"))
    for before in golden.get("after_loading", ()):
        first = json.loads((EXPORTS / f"{before}.json").read_text("utf-8"))
        answers = Choices.model_validate(first["answers"])
        apply_crm(home, (EXPORTS / f"{before}.csv").read_bytes(), answers, NOW)

    asked = preview_crm(home, data, Choices())
    assert [question.text for question in asked.questions] == golden["asks"]
    answers = Choices.model_validate(golden["answers"])
    found = preview_crm(home, data, answers)
    assert told(found) == golden["then"]
    assert found.faults == ()

    apply_crm(home, data, answers, NOW, seen=found.seen)
    # The same file again: nothing to ask but rates, nothing to change.
    again = preview_crm(home, data, Choices(rates=answers.rates))
    assert again.questions == ()
    assert again.remembered
    assert (again.difference.added, again.difference.changed) == ((), ())
