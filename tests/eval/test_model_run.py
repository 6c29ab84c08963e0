"""The whole evaluation with a language model, played by a program, and replayed from its files."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
from pydantic import JsonValue

from eval import corpus
from eval.exchange import MODEL
from eval.model_run import ModelRun
from eval.recording import played
from tests.eval import freezers

Json = dict[str, JsonValue]


def play(request: dict[str, JsonValue]) -> JsonValue:
    """Reads every turn of a customer as a matter, and answers with the first place it is shown."""
    data = cast(dict[str, list[Json]], request["data"])
    match request["prompt"]:
        case "read_call":
            said = cast(list[tuple[int, str, str, str]], data["utterances"])
            turns = [(i, text) for i, side, _, text in said if side == "customer"]
            return {"matters": [_matter(i, text) for i, text in turns], "names": []}
        case "group_matters":
            ids: list[JsonValue] = [matter["id"] for matter in data["matters"]]
            return {"groups": [_group(ids)]}
        case "answer_question":
            places = data.get("moments", [])[:1]
            return {"sentences": [_sentence(place) for place in places]}
    return least(cast(Json, request["schema"]))


def _matter(i: int, text: str) -> Json:
    return {
        "kind": "pain",
        "stance": "has_it",
        "need": "",
        "problem": "",
        "intensity": 2,
        "hand": "first",
        "said": [{"utterance": i, "words": text}, {"utterance": i, "words": "nobody said so"}],
    }


def _group(ids: list[JsonValue]) -> Json:
    return {
        "theme": "",
        "label": "Alarms that say which freezer",
        "statement": "They need alarms that say which freezer it is.",
        "kind": "pain",
        "matters": ids,
        "against": [],
    }


def _sentence(place: Json) -> Json:
    return {"text": place["text"], "rests_on": [place["key"]], "against": False}


def least(schema: Json, whole: Json | None = None) -> JsonValue:
    """The shortest answer of a schema."""
    whole = whole or schema
    if "$ref" in schema:
        definitions = cast(dict[str, Json], whole["$defs"])
        return least(definitions[str(schema["$ref"]).rsplit("/", 1)[1]], whole)
    if "enum" in schema:
        return cast(list[JsonValue], schema["enum"])[0]
    if "anyOf" in schema:
        return least(cast(list[Json], schema["anyOf"])[0], whole)
    properties = cast(dict[str, Json], schema.get("properties", {}))
    made: dict[str, JsonValue] = {
        "object": {name: least(part, whole) for name, part in properties.items()},
        "array": [],
        "string": "",
        "integer": 0,
        "boolean": False,
    }
    return made.get(str(schema.get("type")))


def test_a_run_with_a_model_is_measured_recorded_and_replayed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, files = freezers.write(tmp_path / "freezers"), tmp_path / "files"
    how = corpus.Run(
        home=tmp_path / "kept", baselines=False, model=ModelRun(folder=files, concurrency=3)
    )
    with played(files, play, at_once=3):
        first = corpus.run(folder, how)
    asked = sorted(path.name for path in files.glob("*.request.json"))
    assert "0001 read_call" in capsys.readouterr().err

    told = {f.name: f for f in first.figures}
    assert told["requests per call, mean"].estimate.value == 1
    assert told["requests per question, most"].estimate.value == 2
    assert told["input tokens for one question, most"].met
    assert told["answers made without the model"].estimate.value == 0
    assert any("dropped in readings, quote" in name for name in told)
    assert told["abstention F1"].target == 0.92
    assert told["candidate@10 need recall"].target == 0.95
    assert told["figures that differ from SQL"].estimate.value == 0
    assert told["quotes exact"].estimate.value == 1

    again = corpus.run(folder, how)
    assert sorted(path.name for path in files.glob("*.request.json")) == asked
    assert corpus.as_json(again) == corpus.as_json(first)
    anew = corpus.run(folder, corpus.Run(baselines=False, model=how.model))
    assert sorted(path.name for path in files.glob("*.request.json")) == asked
    assert corpus.as_json(anew) == corpus.as_json(first)

    saved = tmp_path / "saved.json"
    corpus.save(first, saved)
    assert f'"freezers, codebook truth, model openai:{MODEL}"' in saved.read_text()


def test_homes_that_different_models_read_are_kept_apart(tmp_path: Path) -> None:
    folder = freezers.write(tmp_path / "freezers")
    kept = tmp_path / "kept"
    for files in (None, tmp_path / "one", tmp_path / "two"):
        model = None if files is None else ModelRun(folder=files)
        how = corpus.Run(home=kept, only=("model",), baselines=False, model=model)
        with played(files or tmp_path, play):
            report = corpus.run(folder, how)
        assert bool(report.figures) is (files is not None)
    assert len(list(kept.iterdir())) == 3
