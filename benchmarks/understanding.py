"""Understanding on any Rasa NLU file: config.yml's pipeline beside Rasa's default, in one run.

    uv run python benchmarks/understanding.py NLU.yml TEST.tsv [--out-of-scope NAME] [--json FILE]

TEST.tsv has the columns expected, also_ok, text, and some messages out of scope. Accuracy is read
at the threshold that turns away 80 (and 90) % of those. Rasa's default takes a minute or two for
260 short examples and hours for 11,000 longer ones (two cores); --epochs 10 gives a first idea.
"""

from __future__ import annotations

import argparse
import os
import sys
import warnings
from pathlib import Path

from mesoguide.cli import QUIET
from mesoguide.core.scoring import OUT


def main(arguments: list[str] | None = None) -> int:
    """Train both, print both. Returns the exit status: 0 done, 1 a wrong file, 2 wrong use."""
    options = _parser().parse_args(arguments)
    if options.json and not options.json.resolve().parent.is_dir():
        print(f"{options.json} cannot be written: its folder is missing.", file=sys.stderr)
        return 1
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    warnings.simplefilter("ignore")
    from mesoguide.side_by_side import compare_with_default

    return compare_with_default(
        options.nlu, options.test, options.out_of_scope, options.json, options.epochs
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("nlu", type=Path, metavar="NLU.yml", help="Rasa NLU file to train on")
    parser.add_argument(
        "test", type=Path, metavar="TEST.tsv", help="messages: columns expected, also_ok, text"
    )
    parser.add_argument(
        "--out-of-scope",
        default=OUT,
        metavar="NAME",
        help="what TEST.tsv calls messages that no intent is meant for (default: %(default)s)",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")
    parser.add_argument(
        "--epochs", type=int, default=100, help="of Rasa's default (%(default)s, as Rasa has it)"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
