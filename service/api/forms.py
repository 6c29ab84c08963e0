"""A form with one file, read as it comes: the file goes straight to where it is wanted.

Starlette reads forms into temporary files of its own choosing; here its parser is given ours.
"""

from __future__ import annotations

from collections.abc import Callable
from io import RawIOBase
from typing import BinaryIO, cast

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect

from ingest.errors import BadInput
from service.api.bodies import blocks

FIELD_LIMIT = 4096  # bytes of a field that is no file


class _Form(MultiPartParser):
    def __init__(self, request: Request, open_file: Callable[[str], RawIOBase]) -> None:
        super().__init__(
            request.headers,
            blocks(request),
            max_files=1,
            max_fields=20,
            max_part_size=FIELD_LIMIT,
        )
        self._open_file = open_file

    def on_headers_finished(self) -> None:
        super().on_headers_finished()
        part = self._current_part.file
        if part is not None:
            part.file.close()
            part.file = cast(BinaryIO, self._open_file(part.filename or ""))

    def on_part_end(self) -> None:
        super().on_part_end()
        self._file_parts_to_finish.clear()  # nobody reads it here, so none is rewound


async def read_form(
    request: Request, open_file: Callable[[str], RawIOBase]
) -> tuple[dict[str, str], bool]:
    """The fields of the form, and whether there was a file ``file``, which went into what
    ``open_file`` made for its name. Raises ``BadInput`` for a body that is no such form.
    """
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise BadInput("The file comes as multipart/form-data, in the field `file`.")
    try:
        form = await _Form(request, open_file).parse()
    except MultiPartException as error:
        raise BadInput(f"The form cannot be read: {error.message}") from error
    except (ClientDisconnect, TimeoutError) as error:
        raise BadInput("The form broke off before its end; send it again.") from error
    fields = {name: value for name, value in form.multi_items() if isinstance(value, str)}
    return fields, isinstance(form.get("file"), UploadFile)
