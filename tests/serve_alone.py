"""``python -m tests.serve_alone HOME PORT``: the API over a home, without a worker.

So that what a test measures or kills is the taking in of files, and not the hearing of them.
"""

from __future__ import annotations

import sys
from pathlib import Path

import uvicorn

from service.api import create_app
from service.settings import MAIN, Settings
from service.spaces import Spaces

if __name__ == "__main__":
    settings = Settings(home=Path(sys.argv[1]), models=Path(sys.argv[1]), min_free_mb=0)
    with Spaces(settings) as spaces:
        app = create_app(spaces.get(MAIN).library, settings, spaces)
        uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="warning")
