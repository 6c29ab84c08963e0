"""Every operation of the API's own description, asked for by nobody and by each role with what
fits the description and what does not. FIRSTHAND_BIG=1 sends over twenty thousand requests.

Nothing of it may be an error of the server's, be answered otherwise than described, or be done for
somebody whose role it is not for.
"""

from __future__ import annotations

from base64 import b64encode
from collections import Counter
from datetime import UTC, date, datetime
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case

from ingest.library import Library
from service.access import tokens, users
from service.access.users import MAIN
from service.drafting import draft_and_save
from service.shapes import Filters
from tests.conftest import BIG
from tests.security.fuzzing import Fuzzer, Known, Operation, cases, described, fuzzing, varies
from tests.service.api.doors import PASSWORD, bearer, make_team

EXAMPLES = 70 if BIG else 3  # of each operation, sent by four
AT_LEAST = 20_000 if BIG else 1_000
# They go on until somebody leaves; tests/service/api/test_jobs_events.py has them.
ENDLESS = {"/api/jobs/events", "/api/jobs/{job_id}/events"}

CRM_FILES = (
    "Company,ARR,Website\nMarlowe Biobank,5,marlowe.example\n",
    "Company,ARR,Renewal\nMarlowe,1.234,03/04/2027\nNinth Lab,€7,\n",
    "Deal Name,Deal Stage,Amount,Company\na,Won,7,Ninth Lab\nb,Lost,x,\n",
)


def test_nothing_breaks_lies_or_is_done_for_the_wrong_role(filled: Library) -> None:
    team = make_team(filled)
    with fuzzing(filled, team) as fuzzer:
        known = _furnished(filled, fuzzer)
        for operation in described(fuzzer.app.app):
            if operation.path not in ENDLESS:
                fuzzer.sign_in()
                _explore(fuzzer, operation, known)
    told = "\n".join(f"{op}: {fault}\n    {how}" for (op, fault), how in fuzzer.faults.items())
    asked = sum(fuzzer.answers.values())
    print(f"\n{asked} requests: {_table(fuzzer.answers)}\n{told}")
    assert asked >= AT_LEAST
    assert not fuzzer.faults, told


def _explore(fuzzer: Fuzzer, operation: Operation, known: Known) -> None:
    # What is found is gathered and not raised: the home is another one after each request, so
    # there would be nothing to narrow down.
    @settings(
        max_examples=EXAMPLES if varies(operation) else 2,
        phases=[Phase.generate],
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases(operation, known), by_session=st.booleans())
    def send(case: Case[Any], by_session: bool) -> None:
        fuzzer.send(case, by_session=by_session)

    send()


def _furnished(library: Library, fuzzer: Fuzzer) -> Known:
    """Something of every kind, and what it is called."""
    admin = {"headers": bearer(fuzzer.team.tokens["admin"])}

    def done(method: str, path: str, body: object = None) -> Any:
        response = fuzzer.client.request(method, path, json=body, **admin)
        assert response.status_code < 300, response.text
        return response.json()

    calls = [one["call_id"] for one in done("GET", "/api/calls")]
    for n, label in enumerate(("Ice by hand", "Lost mornings", "Late boxes")):
        done("POST", "/api/codes", {"label": label, "kind": "pain", "definition": f"No {n}."})
    done("POST", f"/api/calls/{calls[0]}/evidence", {"utterance": 1, "kind": "pain"})
    answers = [done("POST", "/api/ask", {"question": q})["id"] for q in ("Why ice?", "Who?")]
    done("POST", "/api/memos", {})
    upload = fuzzer.client.post(
        "/api/uploads", headers={**admin["headers"], "Tus-Resumable": "1.0.0", "Upload-Length": "9"}
    )
    memo = draft_and_save(library, filters=Filters(top=5), today=date(2026, 6, 1))
    now = datetime.now(UTC)
    with library.change() as connection:
        guests = [
            users.add_user(connection, name, password=PASSWORD, role="viewer", now=now).id
            for name in ("guest-1", "guest-2")
        ]
        spare = [
            tokens.make(connection, guest, "spare", workspace=MAIN, role="viewer", now=now).id
            for guest in guests
        ]
    loaded = {"file": b64encode(CRM_FILES[0].encode()).decode()}
    done("POST", "/api/crm/apply", {**loaded, "choices": {"mapping_is_right": True}})
    mappings = [one["id"] for one in done("GET", "/api/crm/mappings")]
    return {
        "call_id": calls,
        "account_id": [one["account_id"] for one in done("GET", "/api/accounts")],
        "answer_id": answers,
        "code_id": [one["id"] for one in done("GET", "/api/codes")],
        "theme_id": [one["id"] for one in done("GET", "/api/themes")],
        "evidence_id": [one["id"] for one in done("GET", f"/api/calls/{calls[0]}/evidence")],
        "job_id": [one["job_id"] for one in done("GET", "/api/jobs")],
        "memo_id": [memo.id],
        "upload_id": [upload.json()["upload_id"]],
        "user_id": guests,
        "token_id": spare,
        "kind": ["md", "html", "docx", "pdf"],
        "form": ["csv", "yaml"],
        "n": ["0", "1"],
        "file": [b64encode(csv.encode()).decode() for csv in CRM_FILES],
        "mapping_id": mappings,
    }


def _table(answers: Counter[tuple[str, int]]) -> dict[str, dict[int, int]]:
    found: dict[str, dict[int, int]] = {}
    for (who, status), n in sorted(answers.items()):
        found.setdefault(who, {})[status] = n
    return found
