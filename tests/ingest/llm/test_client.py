from __future__ import annotations

import subprocess
import sys

import pytest
from langchain_core.language_models import GenericFakeChatModel

from ingest.errors import BadInput, MissingPart
from ingest.library import Library, Options
from ingest.llm import Llm, ModelOptions, open_llm
from ingest.llm.client import open_chat
from ingest.llm.modes import ladder
from tests.conftest import ROOT
from tests.ingest.llm.asked import Word, a_word
from tests.llm_server import LlmServer


def test_a_local_server_needs_no_key_and_gets_none(
    library: Library, llm_server: LlmServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Not the one that lies in the environment for OpenAI either: only the settings give keys.
    monkeypatch.setenv("OPENAI_API_KEY", "sk-other")
    llm_server.model = lambda *_: {"word": "yes"}
    llm = open_llm(llm_server.options(api_key=None), library.engine)
    assert llm.ask(a_word()) == Word(word="yes")
    assert llm_server.history[0].headers["authorization"] == "Bearer none"


def test_openai_itself_needs_one(library: Library) -> None:
    with pytest.raises(BadInput, match=r"needs a key: set OPENAI_API_KEY"):
        open_llm(ModelOptions("openai:gpt-5-mini"), library.engine).ask(a_word())


def test_no_other_variable_leads_anywhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_BASE", "OPENAI_BASE_URL", "LANGSMITH_GATEWAY_URL"):
        monkeypatch.setenv(name, "https://elsewhere.example/v1")
    monkeypatch.setenv("LANGSMITH_GATEWAY", "true")
    chat = open_chat(ModelOptions("openai:gpt-5-mini", api_key="sk-secret"))
    assert str(chat.root_client.base_url) == "https://api.openai.com/v1/"  # type: ignore[attr-defined]  # ChatOpenAI's
    assert "sk-secret" not in repr(chat)


def test_a_package_that_is_not_there_is_named() -> None:
    with pytest.raises(MissingPart, match="needs the package langchain-cohere: install"):
        open_chat(ModelOptions("cohere:command"))


def test_settings_can_be_tried_without_sending_anything(
    library: Library, llm: Llm, llm_server: LlmServer
) -> None:
    llm.warm()
    assert llm_server.history == []
    with pytest.raises(MissingPart):
        open_llm(ModelOptions("cohere:command"), library.engine).warm()


@pytest.mark.parametrize("name", ["nobody:model", "openai-gpt"])
def test_a_provider_that_nobody_knows(name: str) -> None:
    with pytest.raises(BadInput, match=r"check FIRSTHAND_MODEL \(provider:model\)"):
        open_chat(ModelOptions(name))


def test_of_other_providers_only_what_all_have_in_common_is_asked() -> None:
    chat = GenericFakeChatModel(messages=iter([]))
    assert ladder(chat) == ("tools", "plain")


def test_the_library_has_one_model_or_none(library: Library, llm_server: LlmServer) -> None:
    assert library.llm is None
    options = Options(models=library.options.models, model=llm_server.options())
    with_model = Library(library.home, options)
    assert isinstance(with_model.llm, Llm)
    assert with_model.llm is with_model.llm
    with_model.close()


def test_nothing_slow_is_imported_before_the_first_request() -> None:
    program = (
        "import sys, sqlalchemy; from ingest.llm import *\n"
        "open_llm(ModelOptions('openai:x'), sqlalchemy.create_engine('sqlite://'))\n"
        "print([m for m in sys.modules if m.split('.')[0] in {'langchain', 'langchain_core',"
        " 'langsmith', 'openai', 'tenacity', 'stdnum'}])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
