"""A real model's answers become a recording, whoever serves it: here another exchange."""

from __future__ import annotations

import json
from pathlib import Path

import openai
import pytest
from pydantic import JsonValue

from eval.exchange import Exchange, serving
from eval.model_run import BY_HAND, ModelRun, opened
from tests.eval.by_hand import answering, ask, by_data, client, user

SHAPE: dict[str, object] = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "light": {"type": "boolean"}},
    "required": ["name", "light"],
    "additionalProperties": False,
}


def ask_for_object(url: str, text: str) -> JsonValue:
    with client(url) as opened_client:
        told = opened_client.chat.completions.create(
            model="m",
            messages=user(text),
            response_format={
                "type": "json_schema",
                "json_schema": {"name": "colour", "schema": SHAPE, "strict": True},
            },
        )
        answer: JsonValue = json.loads(told.choices[0].message.content or "")
        return answer


def test_what_a_model_answers_is_kept_and_told_again(tmp_path: Path) -> None:
    model, kept = tmp_path / "model", tmp_path / "kept"
    with serving(Exchange(model)) as url, answering(model, by_data) as seen:
        run = ModelRun("openai:big", kept, base_url=url, timeout_s=120)
        with opened(run) as reader:
            assert reader.options is not None
            assert reader.options.name == BY_HAND
            own = str(reader.options.base_url)
            assert ask_for_object(own, "sea") == {"name": "sea", "light": True}
            assert json.loads(ask(own, "sky"))["name"] == "sky"
    assert [(r["model"], r["data"]) for r in seen] == [("big", "sea"), ("big", "sky")]
    assert isinstance(seen[0]["schema"], dict)

    with opened(ModelRun(folder=kept)) as again:
        assert again.options is not None
        assert again.key != reader.key
        assert ask_for_object(str(again.options.base_url), "sea") == {"name": "sea", "light": True}


def test_what_a_model_fails_on_is_an_error_and_asked_anew(tmp_path: Path) -> None:
    answers: list[JsonValue] = [{"error": {"status": 429, "message": "slowly"}}, "now"]
    model, kept = tmp_path / "model", tmp_path / "kept"
    with serving(Exchange(model)) as url, answering(model, lambda _: answers.pop(0)):
        run = ModelRun("openai:big", kept, base_url=url, timeout_s=120)
        with opened(run) as reader:
            own = str(reader.options and reader.options.base_url)
            with pytest.raises(openai.RateLimitError, match="slowly"):
                ask(own)
            assert ask(own) == "now"


def test_a_model_without_a_folder_is_asked_itself() -> None:
    with opened(ModelRun("openai:big", base_url="http://127.0.0.1:9", api_key="k")) as reader:
        assert reader.options is not None
        assert (reader.options.name, reader.options.api_key) == ("openai:big", "k")
    with opened(None) as nobody:
        assert nobody.options is None
        assert nobody.key == nobody.stamp == ""
