"""The exchange with the real OpenAI and LangChain clients, over real sockets and files."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import openai
import pytest
from langchain_core.messages import HumanMessage, SystemMessage
from langchain_openai import ChatOpenAI
from pydantic import BaseModel, JsonValue, SecretStr

import prompts
from eval import exchange as held
from eval.completions import prompt_of
from eval.exchange import Counts, Exchange, serving
from tests.eval.by_hand import answering, ask, by_data, client, streamed, until, user


class Colour(BaseModel):
    """The colour that was named."""

    name: str
    light: bool


BLUE: JsonValue = {"name": "blue — “navy”", "light": False}


# LangChain streams a parsed answer into a field that the client's types have as null.
@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings:UserWarning")
@pytest.mark.parametrize("method", ["json_schema", "function_calling"])
@pytest.mark.parametrize("streaming", [False, True])
def test_langchain_gets_the_object_that_the_file_holds(
    tmp_path: Path, method: str, streaming: bool
) -> None:
    with serving(Exchange(tmp_path)) as url, answering(tmp_path, lambda _: BLUE) as seen:
        model = ChatOpenAI(
            model="exchange",
            base_url=url,
            api_key=SecretStr("any"),
            max_retries=0,
            streaming=streaming,
            stream_usage=True,
        )
        asks = model.with_structured_output(Colour, method=method, include_raw=True)  # type: ignore[arg-type]  # a literal
        system = prompts.render("transcribe", names="Ana, Ben")
        said = [SystemMessage(f"{system}\n\nMore."), HumanMessage('{"words": "sea"}')]
        told = asks.invoke(said)
    assert isinstance(told, dict)
    assert told["parsed"] == Colour.model_validate(BLUE)
    usage = told["raw"].usage_metadata
    assert usage["input_tokens"] > 30
    assert usage["output_tokens"] == pytest.approx(len(json.dumps(BLUE)) / 3.6, rel=0.3)

    (request,) = seen
    assert request["id"] == 1
    assert request["prompt"] == "transcribe"
    assert request["system"] == f"{system}\n\nMore."
    assert request["data"] == {"words": "sea"}
    assert request["model"] == "exchange"
    assert request["stream"] is streaming
    schema = request["schema"]
    assert isinstance(schema, dict)
    assert set(schema["properties"]) == {"name", "light"}  # type: ignore[arg-type]  # JSON
    assert sorted(p.name for p in tmp_path.iterdir()) == ["0001.request.json", "0001.response.json"]


def test_an_answered_request_is_replayed_also_by_the_next_server(tmp_path: Path) -> None:
    with serving(Exchange(tmp_path)) as url, answering(tmp_path, by_data) as seen:
        first = [ask(url, text) for text in ("one", "two", "one")]
        assert len(seen) == 2
    assert first[0] == first[2] != first[1]
    again = Exchange(tmp_path)
    with serving(again) as url:
        assert [ask(url, text) for text in ("two", "one")] == [first[1], first[0]]
        assert streamed(url, "one") == first[0]
        with answering(tmp_path, by_data) as seen:
            assert json.loads(ask(url, "three"))["name"] == "three"
    assert [request["id"] for request in seen] == [3]
    assert again.counts() == Counts(answered=3, unanswered=0)


def test_a_half_written_response_is_waited_for_and_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held, "_PATIENCE_S", 0.1)
    response, error = tmp_path / "0001.response.json", tmp_path / "0001.error.txt"
    with serving(Exchange(tmp_path)) as url, ThreadPoolExecutor(1) as pool:
        told = pool.submit(ask, url)
        until((tmp_path / "0001.request.json").exists)
        response.write_text('{"name": "bl')
        until(error.exists)
        assert "0001.response.json" in error.read_text()
        assert not told.done()
        response.write_text('{"name": "blue"}')
        assert json.loads(told.result(120)) == {"name": "blue"}
    assert not error.exists()


def test_an_error_is_told_once_and_then_asked_anew(tmp_path: Path) -> None:
    answers: list[JsonValue] = [{"error": {"status": 429, "message": "slowly"}}, "now"]
    with serving(Exchange(tmp_path)) as url, answering(tmp_path, lambda _: answers.pop(0)) as seen:
        with pytest.raises(openai.RateLimitError, match="slowly"):
            ask(url)
        assert ask(url) == "now"
    assert [request["id"] for request in seen] == [1, 2]
    with serving(Exchange(tmp_path)) as url:
        assert ask(url) == "now"


def test_a_refusal_and_what_is_no_request(tmp_path: Path) -> None:
    with (
        serving(Exchange(tmp_path)) as url,
        answering(tmp_path, lambda _: {"refusal": "No."}),
        client(url) as opened,
    ):
        assert [model.id for model in opened.models.list()] == ["exchange"]
        told = opened.chat.completions.create(model="m", messages=user("?"))
        assert told.choices[0].message.refusal == "No."
        assert told.choices[0].message.content is None
        with pytest.raises(openai.BadRequestError, match="messages"):
            opened.chat.completions.create(model="m", messages=[])
        with pytest.raises(openai.NotFoundError):
            opened.embeddings.create(model="m", input="x")
    assert len(list(tmp_path.glob("*.request.json"))) == 1


def test_requests_in_flight_have_numbers_of_their_own(tmp_path: Path) -> None:
    texts = [f"word {n}" for n in range(12)]
    with serving(Exchange(tmp_path)) as url, ThreadPoolExecutor(24) as pool:
        told = [pool.submit(ask, url, text) for text in texts * 2]
        until(lambda: len(list(tmp_path.glob("*.request.json"))) == 12)
        assert not any(one.done() for one in told)
        with answering(tmp_path, by_data):
            names = [json.loads(one.result(120))["name"] for one in told]
    assert names == texts * 2
    assert len(list(tmp_path.glob("*.request.json"))) == 12


def test_who_gave_up_gets_the_late_answer(tmp_path: Path) -> None:
    exchange = Exchange(tmp_path)
    before = threading.active_count()
    with serving(exchange) as url:
        with client(url) as opened:
            hasty = opened.with_options(timeout=0.2).chat.completions
            with pytest.raises(openai.APITimeoutError):
                hasty.create(model="exchange", messages=user("sky"))
        until(lambda: exchange.counts() == Counts(answered=0, unanswered=1))
        until(lambda: threading.active_count() == before + 1)  # nobody waits any longer
        held.write(tmp_path / "0001.response.json", '"late"')
        assert ask(url) == "late"


def test_a_timeout_and_the_end_are_errors(tmp_path: Path) -> None:
    with (
        serving(Exchange(tmp_path, timeout_s=0.1)) as url,
        pytest.raises(openai.InternalServerError, match="0001"),
    ):
        ask(url)
    with ThreadPoolExecutor(1) as pool:
        with serving(Exchange(tmp_path)) as url:
            told = pool.submit(ask, url, "other")
            until((tmp_path / "0002.request.json").exists)
        with pytest.raises(openai.InternalServerError, match="ended"):
            told.result(120)


def test_the_command_says_where_it_is_and_ends_cleanly(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "eval", "exchange", str(tmp_path / "deep" / "folder")]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        with answering(tmp_path / "deep" / "folder", by_data):
            assert json.loads(ask(url))["name"] == "sky"
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=120)
    assert process.returncode == 0
    assert out == ""
    assert "FIRSTHAND_MODEL_TIMEOUT_S" in err
    assert "1 answered, 0 unanswered" in err
    assert (tmp_path / "deep" / "folder").stat().st_mode & 0o077 == 0


def test_a_prompt_is_known_by_its_words() -> None:
    assert prompt_of("Be brief.") is None
    assert prompt_of(prompts.render("transcribe", names="$names {x} (or\nnot)")) == "transcribe"
