"""Speech to text: engines are plain callables, chosen by name and opened here.

Every engine takes pieces of sound and gives their words back, lazily and in order, so that progress
can be shown and work stopped between batches. Nothing is ever downloaded by opening an engine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, get_args

from ingest.errors import BadInput, MissingPart
from ingest.models import Piece, Word

if TYPE_CHECKING:
    from ingest.library import Options

EngineName = Literal["auto", "moonshine", "whisper", "openai"]


@dataclass(frozen=True, slots=True)
class VoicedWord(Word):
    """A word of an engine that tells voices apart.

    ``speaker`` is a name of the engine's own, the same for one voice throughout a recording.
    """

    speaker: str


class Transcriber(Protocol):
    """Hears pieces in order. ``vocabulary``: names that may be said; not every engine takes it.

    An engine that tells voices apart gives ``VoicedWord``s, segment by segment: words of one
    speaker that follow each other were said in one go.
    """

    def __call__(
        self, pieces: Iterable[Piece], *, vocabulary: Sequence[str] = ()
    ) -> Iterator[tuple[Piece, list[Word]]]: ...


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine ready to hear, under the names that a call remembers."""

    name: str
    model: str
    hear: Transcriber


def open_transcriber(options: Options, name: str | None = None) -> Engine:
    """The engine of that name, by default the one the options name.

    ``auto`` is Whisper where its extra is installed and a model is on disk, else Moonshine. Raises
    ``BadInput`` for an unknown name and ``MissingPart`` for what is not installed.
    """
    name = name or options.transcriber
    if name == "auto":
        name = "whisper" if _whisper_is_ready(options) else "moonshine"
    if name == "moonshine":
        return _moonshine()
    if name == "whisper":
        return _whisper(options.whisper_model, options.models)
    if name == "openai":
        return _openai(options)
    raise BadInput(
        f"There is no transcriber {name!r}: choose one of {', '.join(get_args(EngineName))}."
    )


def _moonshine() -> Engine:
    from ingest.transcribe import moonshine, moonshine_weights

    if moonshine_weights.folder() is None:
        raise MissingPart("The moonshine-voice wheel is missing: install firsthand again.")
    return Engine("moonshine", moonshine_weights.MODEL, moonshine.hear)


def _whisper_is_ready(options: Options) -> bool:
    from ingest.transcribe.whisper_models import locate

    found = locate(options.whisper_model, options.models)
    return find_spec("faster_whisper") is not None and found is not None


def _whisper(model: str | None, models_dir: Path) -> Engine:
    if find_spec("faster_whisper") is None:
        raise MissingPart("Whisper is not installed: pip install 'firsthand[whisper]'.")
    from ingest.transcribe.whisper import open_whisper
    from ingest.transcribe.whisper_models import locate

    folder = locate(model, models_dir)
    if folder is None:
        wanted = (model or "small").removeprefix("whisper-")
        raise MissingPart(
            f"No Whisper model {wanted!r} in {models_dir}: fetch it with"
            f" firsthand models get whisper-{wanted}."
        )
    return Engine("whisper", folder.name, open_whisper(folder))


def _openai(options: Options) -> Engine:
    if find_spec("openai") is None:
        raise MissingPart("Hosted transcription is not installed: pip install 'firsthand[openai]'.")
    from ingest.transcribe.hosted import open_hosted

    return Engine("openai", options.openai_model, open_hosted(options))
