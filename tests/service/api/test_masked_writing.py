"""What somebody writes who sees "•" keeps what is under it."""

from __future__ import annotations

from ingest.library import Library
from ingest.redaction import MARK
from tests.service.api.masked import VALUES, client, done, private_in


def test_correcting_a_masked_line_keeps_what_is_masked(private: Library) -> None:
    editor, admin = client(private, "editor"), client(private, "admin")
    call = "/api/calls/LC-014"
    shown = done(editor.get(call))["utterances"][55]["text"]
    done(editor.patch(call, json={"utterances": {55: {"text": shown.replace("Yes", "Oh yes")}}}))
    true = done(admin.get(call, params={"originals": "1"}))["utterances"][55]["text"]
    assert true.count("614-555-0178") == 2
    assert "Oh yes, 614-555-0178." in true
    gone = editor.patch(call, json={"utterances": {55: {"text": "Lonnie: ••••••••"}}})
    assert (gone.status_code, "cannot be told which one" in gone.text) == (422, True)
    # "Ticket" before a number says that it is none: nobody gets to see one by writing that.
    opened = shown.replace("Yes, ", "Ticket ")
    refused = editor.patch(call, json={"utterances": {55: {"text": opened}}})
    assert (refused.status_code, "everybody would see it" in refused.text) == (422, True)


def test_masked_names_titles_and_evidence_are_put_back(private: Library) -> None:
    editor, admin = client(private, "editor"), client(private, "admin")
    call, true = "/api/calls/LC-007", {"originals": "1"}
    before = done(admin.get(call, params=true))
    shown = done(editor.get(call))
    label = shown["utterances"][44]["speaker"]
    name = next(s["name"] for s in shown["speakers"] if s["label"] == label)
    done(editor.patch(call, json={"title": f"{shown['title']}!"}))
    done(editor.patch(call, json={"speakers": {label: {"name": name.replace("Pat", "Patrick")}}}))
    after = done(admin.get(call, params=true))
    assert after["title"] == f"{before['title']}!"
    assert f"Patrick ({VALUES[2]})" in {s["name"] for s in after["speakers"]}
    words = {"utterance": 44, "kind": "praise", "words": shown["utterances"][44]["text"]}
    item = done(editor.post(f"{call}/evidence", json=words))
    assert MARK in item["quote"]
    items = done(admin.get(f"{call}/evidence", params=true))
    assert VALUES[2] in next(one["quote"] for one in items if one["id"] == item["id"])


def test_a_masked_memo_is_saved_as_it_was(private: Library, private_memo: str) -> None:
    editor, admin = client(private, "editor"), client(private, "admin")
    memo, true = f"/api/memos/{private_memo}", {"originals": "1"}
    original = done(admin.get(f"{memo}/versions/1", params=true))["text"]
    text = done(editor.get(f"{memo}/versions/1"))["text"]
    assert private_in(text) == []
    assert private_in(original) == list(VALUES)
    found = done(editor.post(f"{memo}/check", json={"text": text}))
    assert [one["failing"] for one in found["sentences"]] == [
        one["failing"]
        for one in done(admin.post(f"{memo}/check", json={"text": original}))["sentences"]
    ]
    assert done(editor.post(f"{memo}/versions", json={"text": text, "base": 1}))["n"] == 1
    mine = text.replace("They can be reached", "Their people can be reached")
    cited = "\n\n“I don't read email past about two o'clock. It's ••••••••••••.” [^LC-001:48]\n"
    made = done(editor.post(f"{memo}/versions", json={"text": mine + cited, "base": 1}))
    kept = done(admin.get(f"{memo}/versions/{made['n']}", params=true))["text"]
    mine = original.replace("They can be reached", "Their people can be reached")
    assert kept == mine + cited.replace("•" * 12, "919-555-0142")


def test_a_masked_codebook_is_loaded_as_it_was(private: Library) -> None:
    editor, admin = client(private, "editor"), client(private, "admin")
    before = done(admin.get("/api/codes", params={"originals": "1"}))
    for form, kind in (("csv", "text/csv"), ("yaml", "application/yaml")):
        body = editor.get(f"/api/codebook.{form}").content
        assert MARK in body.decode()
        done(editor.put("/api/codebook", content=body, headers={"Content-Type": kind}))
        assert done(admin.get("/api/codes", params={"originals": "1"})) == before
