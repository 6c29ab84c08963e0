"""``python -m tests.serve_alone HOME PORT``: the API over a home, without a worker.

So that what a test measures or kills is the taking in of files, and not the hearing of them.
"""

from __future__ import annotations

import sys
from pathlib import Path

import uvicorn

from ingest.library import Library
from service.api import create_app
from service.settings import Settings

if __name__ == "__main__":
    settings = Settings(home=Path(sys.argv[1]), models=Path(sys.argv[1]), min_free_mb=0)
    opened = Library(settings.home, settings.options())
    app = create_app(opened, settings)
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="warning")
