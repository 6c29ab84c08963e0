"""Taking in one file that somebody sent: its call is made, and the work on it queued."""

from __future__ import annotations

from functools import partial
from pathlib import Path, PurePath
from typing import cast, get_args

from ingest.consent import Consent
from ingest.errors import BadInput
from ingest.library import Library
from ingest.models import Frozen
from ingest.pipeline import TITLE_LIMIT, About, receive
from ingest.transcripts import parse_date
from ingest.transcripts.clean import clean_text
from service.jobs import enqueue, last_job
from service.looking import look

NAME_BYTES = 200  # of a file's name; what it is kept under beside its content may be longer


class TakenIn(Frozen):
    """``job_id`` is the last job of the call when these very bytes are a ready call already."""

    job_id: str | None
    call_id: str


def about(
    account_id: str | None, date: str | None, title: str | None, consent: str | None = None
) -> About:
    """What was said of a file, from text as it was sent. Raises ``BadInput``."""
    if title is not None and len(title) > TITLE_LIMIT:
        raise BadInput(f"The title is over {TITLE_LIMIT} characters; give a shorter one.")
    return About(
        account_id=clean_text(account_id)[:200] or None if account_id else None,
        date=parse_date(date[:100]) if date else None,
        title=clean_text(title) or None if title else None,
        consent=_consent(consent) if consent else None,
    )


def _consent(sent: str) -> Consent:
    for answer in get_args(Consent):
        if sent == answer:
            return cast(Consent, answer)
    raise BadInput("The consent of a call is given or refused; leave it out where nobody asked.")


def file_name(sent: str) -> str:
    """A name that a file can have here, for one that somebody sent.

    It is kept for its ending and as a title; of a path only the last part is left.
    """
    shown = clean_text(sent.replace("\\", "/").rpartition("/")[2]).replace("/", "").strip()
    name = " ".join(shown.split())
    if name in ("", ".", ".."):
        return "upload"
    ending = PurePath(name).suffix
    if len(ending) > 10:
        ending = ""
    stem = name.removesuffix(ending).encode()[: NAME_BYTES - len(ending.encode())]
    return stem.decode(errors="ignore") + ending


def take_in(
    library: Library,
    path: Path,
    said: About,
    *,
    sha256: str | None = None,
    call_id: str | None = None,
) -> TakenIn:
    """Make the call of the file at ``path`` and queue its work; the file is given away.

    With ``call_id`` it is the second file of that call: its recording, or the transcript of it.

    Asked again with the same bytes it finds what is there. Raises what ``receive`` raises.
    """
    # One folder for all that is sent, so that one process looks at file after file.
    here = partial(look, within=library.home / "uploads")
    received = receive(library, path, said, given=True, sha256=sha256, look=here, join=call_id)
    with library.change() as connection:
        if not received.fresh:
            job_id = last_job(connection, received.call_id)
        else:
            request: dict[str, object] = {"called": path.name}
            job_id = enqueue(connection, "ingest", call_id=received.call_id, request=request)
    return TakenIn(job_id=job_id, call_id=received.call_id)
