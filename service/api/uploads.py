"""Uploads that survive a broken connection: the tus protocol, and the same in JSON to look at.

What has come whole is taken in as ``POST /api/calls`` does; the answer to its last byte names the
call and the job, and so does whoever asks later, until it expires.
"""

from __future__ import annotations

import asyncio
import logging

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from service.api import tus
from service.api.bodies import put_into
from service.api.deps import LibraryDep, UploadsDep
from service.api.needs import needs
from service.api.problems import problem
from service.arriving import CHECKSUMS
from service.upload_folder import Upload
from service.uploads import Uploads

router = APIRouter(prefix="/api/uploads", tags=["uploads"], route_class=tus.TusRoute)

SWEEP_S = 3600.0
_PIECE = "application/offset+octet-stream"
_PATCH = {
    **tus.reads("Upload-Offset", optional=("Upload-Checksum",)),
    "requestBody": {
        "required": True,
        "content": {_PIECE: {"schema": {"type": "string", "format": "binary"}}},
    },
}
log = logging.getLogger(__name__)


async def sweeping(uploads: Uploads) -> None:
    """Forget what has expired, now and every hour."""
    while True:
        try:
            await run_in_threadpool(uploads.sweep)
        except (OSError, SQLAlchemyError):
            log.exception("uploads were not swept")
        await asyncio.sleep(SWEEP_S)


@router.options("", status_code=204)
@needs("editor")
def able(library: LibraryDep) -> Response:
    """What of the protocol is spoken here."""
    return Response(
        status_code=204,
        headers={
            "Tus-Version": tus.VERSION,
            "Tus-Extension": tus.EXTENSIONS,
            "Tus-Max-Size": str(library.options.max_file_bytes),
            "Tus-Checksum-Algorithm": ",".join(CHECKSUMS),
        },
    )


@router.post(
    "",
    status_code=201,
    response_model=Upload,
    openapi_extra=tus.reads("Upload-Length", optional=("Upload-Metadata",)),
)
@needs("editor", "add", costly="upload")
def create(uploads: UploadsDep, request: Request) -> Response:
    """Announce a file by ``Upload-Length`` and ``Upload-Metadata``: ``filename``, ``account_id``,
    ``date``, ``title``, ``consent``, ``call_id`` (of the call whose second file it is) and
    ``sha256``, of which none is required. ``Location`` is
    where it goes.
    """
    upload = uploads.create(tus.announced(request))
    headers = {**tus.headers(upload), "Location": f"/api/uploads/{upload.upload_id}"}
    return JSONResponse(upload.model_dump(mode="json"), 201, headers)


@router.head("/{upload_id}", response_class=Response, openapi_extra=tus.reads())
@needs("editor")
def stands(uploads: UploadsDep, upload_id: str) -> Response:
    """How far the upload is."""
    return Response(headers=tus.headers(uploads.get(upload_id)))


@router.get("/{upload_id}")
@needs("editor")
def one(uploads: UploadsDep, upload_id: str) -> Upload:
    """The upload as it stands; when it came to nothing, why."""
    return uploads.get(upload_id)


@router.patch("/{upload_id}", status_code=204, openapi_extra=_PATCH)
@needs("editor", "add")
async def patch(uploads: UploadsDep, request: Request, upload_id: str) -> Response:
    """Bytes from ``Upload-Offset`` on. What arrives of a request that breaks off is kept."""
    if request.headers.get("content-type") != _PIECE:
        return problem(415, f"The bytes of an upload come as {_PIECE}.")
    arriving = await run_in_threadpool(
        uploads.arriving,
        upload_id,
        tus.number(request, "Upload-Offset"),
        checksum=tus.checksum(request),
    )
    try:
        if not await put_into(request, arriving.write):
            return problem(408, "The bytes stopped coming; go on from the offset.")
        await run_in_threadpool(arriving.end)
    finally:
        await run_in_threadpool(arriving.close)
    upload = await run_in_threadpool(uploads.get, upload_id)
    return Response(status_code=204, headers=tus.headers(upload))


@router.delete("/{upload_id}", status_code=204, openapi_extra=tus.reads())
@needs("editor", "delete")
def terminate(uploads: UploadsDep, upload_id: str) -> Response:
    """Forget the upload; the call of one that was taken in stays."""
    uploads.terminate(upload_id)
    return Response(status_code=204)


@router.post("/{upload_id}", status_code=204, include_in_schema=False)
@needs("editor", "change")
async def override(uploads: UploadsDep, request: Request, upload_id: str) -> Response:
    """For clients that cannot send the methods themselves; the protocol asks for it."""
    method = request.headers.get("x-http-method-override")
    if method == "PATCH":
        return await patch(uploads, request, upload_id)
    if method == "DELETE":
        return await run_in_threadpool(terminate, uploads, upload_id)
    return problem(405, "POST goes to /api/uploads; see X-HTTP-Method-Override.")
