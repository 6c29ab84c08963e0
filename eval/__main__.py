"""``python -m eval``: measure what the README states.

python -m eval bench [--shared DIR] [--save] [--only NAME …]
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

from eval import bench

BASELINE = Path(__file__).with_name("baseline.json")


def main() -> None:
    root = Path(__file__).parent.parent
    parser = argparse.ArgumentParser(prog="python -m eval", description=__doc__)
    parser.add_argument("suite", choices=["bench"])
    parser.add_argument(
        "--shared",
        type=Path,
        default=Path(os.environ.get("FIRSTHAND_SHARED", root.parent / "shared")),
        help="folder with audio/ and qmsum/; what needs it is left out when it is not there",
    )
    parser.add_argument("--only", nargs="*", choices=sorted(bench.PARTS), help="only these parts")
    parser.add_argument("--save", action="store_true", help="make these figures the baseline")
    given = parser.parse_args()

    before: dict[str, float] = json.loads(BASELINE.read_text()) if BASELINE.exists() else {}
    figures = bench.run(given.shared, given.only or sorted(bench.PARTS))
    print(bench.table(figures, before))
    if given.save:
        kept = before | {figure.name: round(figure.value, 4) for figure in figures}
        BASELINE.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
