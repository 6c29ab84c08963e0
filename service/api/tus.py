"""The tus protocol, version 1.0.0: its headers, read and written. See https://tus.io."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Coroutine, Mapping
from email.utils import format_datetime
from typing import Any

from fastapi import Request, Response

from ingest.errors import BadInput, FirsthandError
from ingest.transcripts.clean import clean_text
from service import taking_in
from service.api.bodies import drain
from service.api.needs import GuardedRoute
from service.api.problems import problem, told
from service.arriving import CHECKSUMS
from service.upload_folder import Announced, Upload

VERSION = "1.0.0"
EXTENSIONS = "creation,termination,checksum,expiration"
_METADATA_LIMIT = 8192
_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
_NUMBER = re.compile(r"[0-9]{1,18}")


_READ: Mapping[str, dict[str, Any]] = {
    "Tus-Resumable": {"type": "string", "enum": [VERSION]},
    "Upload-Length": {"type": "integer", "minimum": 0},
    "Upload-Offset": {"type": "integer", "minimum": 0},
    "Upload-Metadata": {"type": "string", "description": "keys, each with its value in base64"},
    "Upload-Checksum": {"type": "string", "description": "its kind and, in base64, the digest"},
}


def reads(*required: str, optional: tuple[str, ...] = ()) -> dict[str, Any]:
    """What the description of a route says of the headers that it reads."""
    told = {
        "Tus-Resumable": True,
        **dict.fromkeys(required, True),
        **dict.fromkeys(optional, False),
    }
    return {
        "parameters": [
            {"name": name, "in": "header", "required": needed, "schema": _READ[name]}
            for name, needed in told.items()
        ]
    }


class TusRoute(GuardedRoute):
    """Every answer names the version; a refusal comes after what the client still sends."""

    body_limit = None  # of the bytes of a file, which go to disk as they come

    def answering(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = super().answering()

        async def handle(request: Request) -> Response:
            spoken = request.headers.get("tus-resumable")
            try:
                # Any client may ask how an upload stands, in JSON.
                if spoken != VERSION and request.method not in ("OPTIONS", "GET"):
                    await drain(request)
                    response: Response = problem(
                        412,
                        f"The header Tus-Resumable: {VERSION} is missing.",
                        {"Tus-Version": VERSION},
                    )
                else:
                    response = await answer(request)
            except FirsthandError as error:
                await drain(request)
                response = told(error)
            response.headers["Tus-Resumable"] = VERSION
            return response

        return handle


def number(request: Request, name: str) -> int:
    """A header that counts bytes. Raises ``BadInput``."""
    text = request.headers.get(name, "")
    if not _NUMBER.fullmatch(text):
        raise BadInput(f"The header {name} is missing, or is no number of bytes.")
    return int(text)


def announced(request: Request) -> Announced:
    """What ``Upload-Length`` and ``Upload-Metadata`` say of a file. Raises ``BadInput``."""
    metadata = request.headers.get("upload-metadata", "")
    said = _metadata(metadata)
    sha256 = said.get("sha256") or None
    if sha256 is not None and not _SHA256.fullmatch(sha256):
        raise BadInput("The sha256 in Upload-Metadata is not 64 hexadecimal digits.")
    about = taking_in.about(*map(said.get, ("account_id", "date", "title", "consent")))
    return Announced(
        filename=taking_in.file_name(said.get("filename", "")),
        length=number(request, "Upload-Length"),
        account_id=about.account_id,
        date=about.date,
        title=about.title,
        consent=about.consent,
        call_id=clean_text(said.get("call_id", ""))[:64] or None,
        sha256=sha256.lower() if sha256 else None,
        metadata=metadata,
    )


def _metadata(header: str) -> dict[str, str]:
    if len(header) > _METADATA_LIMIT:
        raise BadInput(f"Upload-Metadata is over {_METADATA_LIMIT} bytes.")
    found: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in header.split(","))):
        key, _, value = pair.partition(" ")
        if key in found:
            raise BadInput(f"Upload-Metadata has {key[:40]!r} twice.")
        try:
            found[key] = base64.b64decode(value.strip(), validate=True).decode()
        except ValueError:
            raise BadInput(f"{key[:40]!r} in Upload-Metadata is not base64 of UTF-8.") from None
    return found


def checksum(request: Request) -> tuple[str, bytes] | None:
    """The kind and digest in ``Upload-Checksum``. Raises ``BadInput``."""
    header = request.headers.get("upload-checksum")
    if header is None:
        return None
    kind, _, value = header.partition(" ")
    try:
        digest = base64.b64decode(value.strip(), validate=True)
    except binascii.Error:
        digest = b""
    if kind not in CHECKSUMS or not digest:
        raise BadInput(f"Upload-Checksum is none of {', '.join(CHECKSUMS)} with its base64.")
    return kind, digest


def headers(upload: Upload) -> dict[str, str]:
    """How an upload stands."""
    told = {
        "Upload-Offset": str(upload.offset),
        "Upload-Length": str(upload.length),
        "Upload-Expires": format_datetime(upload.expires_at, usegmt=True),
        "Cache-Control": "no-store",
    }
    if upload.metadata:
        told["Upload-Metadata"] = upload.metadata
    if upload.call_id is not None:
        told["Upload-Call"] = upload.call_id
    if upload.job_id is not None:
        told["Upload-Job"] = upload.job_id
    return told
