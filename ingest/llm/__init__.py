"""The one port to language models: what is asked, of whom, for how much, and what comes back.

Everything goes through ``Llm.ask``, ``Llm.ask_all`` and ``Llm.stream``. What a model answers is
only ever *data* of a pydantic model; nothing it writes becomes a quote.
"""

from __future__ import annotations

from ingest.llm.options import ModelOptions
from ingest.llm.port import Llm, open_llm
from ingest.llm.request import Purpose, Request
from ingest.llm.streamed import Streamed

__all__ = ("Llm", "ModelOptions", "Purpose", "Request", "Streamed", "open_llm")
