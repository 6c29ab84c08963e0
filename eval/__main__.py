"""``python -m eval``: measure what the README states.

bench        what the product costs and how right it is on sound
corpus DIR   how right it is on a corpus whose truth is known
exchange DIR     be the language model: requests and answers are files
load         what a team at work waits for, and what that takes of memory
reference    write the documents' pages on commands and API from the code
retrieval FILE   how well it finds what was said, on a file in QMSum's format
scale        what it costs when there are many calls
tokens       what a question takes of a language model, with few calls and with very many
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eval.bench import Figure
    from eval.model_run import ModelRun

BASELINE = Path(__file__).with_name("baseline.json")


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m eval",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    suites = parser.add_subparsers(dest="suite", required=True)
    _bench(suites.add_parser("bench"))
    _corpus(suites.add_parser("corpus"))
    _exchange(suites.add_parser("exchange"))
    _load(suites.add_parser("load"))
    _reference(suites.add_parser("reference"))
    _retrieval(suites.add_parser("retrieval"))
    _scale(suites.add_parser("scale"))
    _tokens(suites.add_parser("tokens"))
    given = parser.parse_args()
    given.run(given)


def _bench(parser: argparse.ArgumentParser) -> None:
    from eval import bench

    root = Path(__file__).parent.parent
    parser.add_argument(
        "--shared",
        type=Path,
        default=Path(os.environ.get("FIRSTHAND_SHARED", root.parent / "shared")),
        help="folder with audio/ and qmsum/; what needs it is left out when it is not there",
    )
    parser.add_argument("--only", nargs="*", choices=sorted(bench.PARTS), help="only these parts")
    parser.add_argument("--save", action="store_true", help="make these figures the baseline")

    def run(given: argparse.Namespace) -> None:
        figures = bench.run(given.shared, given.only or sorted(bench.PARTS))
        _told(figures, save=given.save)

    parser.set_defaults(run=run)


def _corpus(parser: argparse.ArgumentParser) -> None:
    from eval import corpus

    parser.add_argument("folder", type=Path, help="accounts.csv, calls/, truth.json, …")
    parser.add_argument("--codebook", choices=["truth", "none"], default="truth")
    parser.add_argument(
        "--examples", type=int, default=0, metavar="N", help="confirm N utterances of each theme"
    )
    parser.add_argument("--only", nargs="*", choices=list(corpus.SUITES), default=[])
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--home", type=Path, help="keep the filled home here for the next run")
    where.add_argument("--database", metavar="URL", help="of an empty PostgreSQL to use")
    parser.add_argument("--json", type=Path, help="write all figures and cases to this file")
    parser.add_argument("--no-baselines", action="store_true", help="leave the baselines out")
    parser.add_argument("--save", action="store_true", help="make these figures the saved ones")
    parser.add_argument("--verbose", action="store_true", help="print every failing case")
    _model(parser)

    def run(given: argparse.Namespace) -> None:
        how = corpus.Run(
            codebook=given.codebook,
            examples=given.examples,
            home=given.home,
            only=tuple(given.only),
            baselines=not given.no_baselines,
            model=_model_run(given),
            database=given.database,
        )
        report = corpus.run(given.folder, how)
        for text in corpus.show(report, verbose=given.verbose):
            print(text)
        if given.json is not None:
            told = json.dumps(corpus.as_json(report), indent=1, ensure_ascii=False)
            given.json.write_text(told + "\n", "utf-8")
        if given.save:
            corpus.save(report)

    parser.set_defaults(run=run)


def _model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", metavar="PROVIDER:NAME", help="the language model that reads")
    parser.add_argument("--base-url", metavar="URL", help="of the model's server")
    parser.add_argument("--model-timeout", type=float, default=120.0, metavar="S")
    parser.add_argument(
        "--concurrency", type=int, default=4, metavar="N", help="requests at a time"
    )
    kept = parser.add_mutually_exclusive_group()
    kept.add_argument(
        "--record",
        type=Path,
        metavar="FOLDER",
        help="keep what is asked of --model and answered, and answer from there what was asked",
    )
    kept.add_argument(
        "--exchange", type=Path, metavar="FOLDER", help="files are the model: see exchange"
    )


def _model_run(given: argparse.Namespace) -> ModelRun | None:
    from eval.model_run import BY_HAND, ModelRun

    if given.exchange is not None and given.model not in (None, BY_HAND):
        sys.exit("--exchange is the model; to keep what another one answers, use --record.")
    if given.record is not None and given.model is None:
        sys.exit("--record needs a --model, whose answers it keeps.")
    if given.model is None and given.exchange is None:
        return None
    return ModelRun(
        name=given.model or BY_HAND,
        folder=given.exchange or given.record,
        base_url=given.base_url,
        timeout_s=given.model_timeout,
        concurrency=given.concurrency,
        api_key=os.environ.get("OPENAI_API_KEY"),
    )


def _exchange(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="where N.request.json and N.response.json are")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="a free one unless told")
    parser.add_argument("--timeout", type=float, metavar="S", help="wait for an answer so long")

    def run(given: argparse.Namespace) -> None:
        from eval import exchange

        exchange.run(given.folder, given.host, given.port, given.timeout)

    parser.set_defaults(run=run)


def _load(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--save", action="store_true", help="make these figures the baseline")

    def run(given: argparse.Namespace) -> None:
        from eval import load

        _told(load.run(given.minutes), save=given.save)

    parser.set_defaults(run=run)


def _reference(parser: argparse.ArgumentParser) -> None:
    def run(_given: argparse.Namespace) -> None:
        from eval.reference import write

        write()

    parser.set_defaults(run=run)


def _retrieval(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="JSON Lines as QMSum has them, or a corpus folder")
    parser.add_argument("--home", type=Path, help="keep the filled home here for the next run")

    def run(given: argparse.Namespace) -> None:
        from eval import retrieval

        print(retrieval.table(retrieval.run(given.file, given.home)))

    parser.set_defaults(run=run)


def _scale(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--home", type=Path, help="keep the large homes here for the next run")
    parser.add_argument("--calls", type=int, nargs="+", help="1000 3000 10000 unless given")
    parser.add_argument("--save", action="store_true", help="write docs/scale.md and its drawing")

    def run(given: argparse.Namespace) -> None:
        from eval import growth, growth_page

        found = []
        for costs in growth.run(given.home, given.calls or growth.SIZES):
            found.append(costs)
            print(growth_page.table(found), flush=True)
            if given.save:
                growth_page.save(found)

    parser.set_defaults(run=run)


def _tokens(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--home", type=Path, help="keep the homes here for the next run")
    parser.add_argument("--save", action="store_true", help="make these figures the baseline")

    def run(given: argparse.Namespace) -> None:
        from eval import tokens

        _told(tokens.run(given.home), save=given.save)

    parser.set_defaults(run=run)


def _told(figures: Sequence[Figure], *, save: bool = False) -> None:
    """Print the figures beside their baseline, and make them the baseline when told to."""
    from eval.bench import table

    before: dict[str, float] = json.loads(BASELINE.read_text()) if BASELINE.exists() else {}
    print(table(figures, before))
    if save:
        kept = before | {figure.name: round(figure.value, 4) for figure in figures}
        BASELINE.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
