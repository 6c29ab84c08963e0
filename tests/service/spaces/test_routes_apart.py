"""Every route that takes an id, asked in one workspace for what is in the other."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from httpx2 import Response

from ingest import copying
from ingest.outbox import note as happened
from service import answer_history, codebook, loop, picks
from service.api import create_app, page
from service.call_ledger import ledger_of
from service.codebook import NewCode
from service.crm import mappings
from service.crm.mappings import Ways
from service.drafting import draft_and_save
from service.hooks import store as hooks
from service.hooks.deliveries import list_deliveries
from service.hooks.store import NewHook
from service.jobs import enqueue
from service.shapes import Filters
from service.spaces import Space
from service.upload_folder import Announced
from service.uploads import Uploads
from tests.service.spaces.conftest import THEIRS, Two

TODAY = date(2026, 6, 3)
EVERYTHING = Filters()
ALARMS = "What do customers say about false alarms?"

# What else a request needs, so that only the id can be what is wrong with it.
PLACE = {"call_id": "FC-1", "utterance": 1}
BODIES: dict[tuple[str, str], dict[str, object]] = {
    ("patch", "/api/calls/{call_id}"): {"title": "Mine"},
    ("post", "/api/calls/{call_id}/evidence"): {
        "utterance": 1,
        "words": "a false alarm",
        "kind": "pain",
    },
    ("post", "/api/candidates/{candidate_id}/confirm"): {"label": "Mine"},
    ("patch", "/api/codes/{code_id}"): {"label": "Mine"},
    ("post", "/api/codes/{code_id}/merge"): {"ids": ["CODE"]},
    ("post", "/api/codes/{code_id}/split"): {"label": "Mine", "places": [PLACE]},
    ("post", "/api/codes/{code_id}/judge"): {**PLACE, "verdict": "confirm"},
    ("post", "/api/codes/{code_id}/attach"): PLACE,
    ("patch", "/api/evidence/{evidence_id}"): {"kind": "praise"},
    ("post", "/api/memos/{memo_id}/check"): {"text": "Mine."},
    ("post", "/api/memos/{memo_id}/versions"): {"text": "Mine.", "base": 0},
    ("post", "/api/memos/{memo_id}/versions/{n}/restore"): {"base": 0},
    ("patch", "/api/hooks/{hook_id}"): {"is_on": False},
    ("put", "/api/accounts/{account_id}/booked"): {
        "date": str(datetime.now(UTC).date() + timedelta(days=2))
    },
}
TUS = {
    "Tus-Resumable": "1.0.0",
    "Upload-Offset": "0",
    "Content-Type": "application/offset+octet-stream",
}


def test_no_route_of_one_answers_to_an_id_of_the_other(two: Two) -> None:
    ids = {**_ids_in(two.one), "kind": "docx", "n": "0", "utterance": "1"}
    documented = create_app(two.one.library, two.one.settings).openapi()["paths"]
    asked = [
        (method, path)
        for path, methods in documented.items()
        for method in methods
        # People and tokens are of all workspaces: tests/service/api/test_workspace_doors.py.
        if "_id}" in path and not path.startswith(("/api/users", "/api/tokens"))
    ]
    assert len(asked) > 40
    pages = [
        ("get", route.path)
        for route in page.router.routes
        if isinstance(route, APIRoute) and "_id}" in route.path
    ]
    with two.one.library.read() as connection:
        before = copying.contents(connection)
    with _client(two.other) as client:
        for method, path in asked + pages:
            answer = _asked(client, method, path, ids)
            assert answer.status_code == 404, (method, path, answer.text)
            assert not any(word in answer.text for word in THEIRS)
    with two.one.library.read() as connection:
        assert copying.contents(connection) == before
    with _client(two.one) as client:  # they are ids, there
        for method, path in asked + pages:
            if method == "get" and not path.endswith(("/events", "/audio", ".m4a", "/since")):
                answer = _asked(client, method, path, ids)
                assert answer.status_code == 200, (method, path, answer.text)


def _ids_in(space: Space) -> dict[str, str]:
    library = space.library
    code = codebook.add(library, NewCode(label="Clipboard rounds"))
    codebook.judge(library, code.id, "FC-2", 3, "confirm")
    memo = draft_and_save(library, filters=EVERYTHING, today=TODAY)
    answer = answer_history.ask(library, ALARMS, EVERYTHING)

    with library.change() as connection:
        job = enqueue(connection, "ingest", call_id="FC-2")
        mappings.remember(connection, "accounts", {"Name": "name"}, Ways(), datetime.now(UTC))
    new = NewHook(url="http://127.0.0.1:9/", events=("call.ready",))
    hook = hooks.add(library, new, private=True)
    with library.change() as connection:
        happened(connection, "call.ready", {"call_id": "FC-2"})
        (mapping,) = mappings.list_mappings(connection)
        (delivery,) = list_deliveries(connection)
    codebook.set_status(library, code.id, "shipped")
    entry = next(entry for need in loop.queue(library).needs for entry in need.entries)
    upload = Uploads(library, space.settings).create(Announced(filename="call.txt", length=10))
    return {
        "account_id": "FRZ-2",
        "answer_id": answer.id or "",
        "call_id": "FC-2",
        "candidate_id": code.id,
        "code_id": code.id,
        "delivery_id": delivery.id,
        "entry_id": entry.id,
        "evidence_id": ledger_of(library, "FC-2")[0].id,
        "hook_id": hook.id,
        "job_id": job,
        "mapping_id": mapping.id,
        "memo_id": memo.id,
        "pick_id": picks.add(library, answer.id or "")[0].id,
        "theme_id": code.id,
        "upload_id": upload.upload_id,
    }


def _client(space: Space) -> TestClient:
    app = create_app(space.library, space.settings)
    return TestClient(app, base_url="http://127.0.0.1:8400")


def _asked(client: TestClient, method: str, path: str, ids: dict[str, str]) -> Response:
    body = BODIES.get((method, path))
    if body is not None:
        body = {k: [ids["code_id"]] if v == ["CODE"] else v for k, v in body.items()}
    path += "?from=0&to=0" if path.endswith("/diff") else ""
    tus = TUS if "/uploads/" in path else {}
    return client.request(method.upper(), path.format(**ids), json=body, headers=tus)
