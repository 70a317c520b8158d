#!/usr/bin/env python3
"""Tell what a model has learned that it should not have.

The part bias puts words that only name who somebody is into sentences, and tells how far
each moves the answer, in log-odds of positive; it needs no data and takes a minute. With
--before it tells the same of another model beside it, of the words that both know.
"""

import argparse
import json
import os
from typing import Any

# As the program does, and before NumPy comes.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import _console  # noqa: E402


def main() -> int:
    """Run the program; the return value is its exit code."""
    args = _parser().parse_args()
    from sentiment_repl import load
    from sentiment_repl.audit import bias, tables

    models = {"model": bias.measure(load(args.model, folder=args.artifacts))}
    if args.before is not None:
        before, after = bias.shared(bias.measure(load(folder=args.before)), models["model"])
        models = {"before": before, "after": after}
    figures: dict[str, Any] = {name: bias.summary(one) for name, one in models.items()}
    print(json.dumps(figures, indent=1) if args.json else tables.bias(figures))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    chosen = parser.add_mutually_exclusive_group()
    chosen.add_argument("--model", metavar="NAME", help="a model that ships with the program")
    chosen.add_argument("--artifacts", metavar="DIR", help="any other model folder")
    parser.add_argument("--before", metavar="DIR", help="an older model folder, to compare with")
    parser.add_argument("--only", choices=["bias"], help="this part alone")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of tables")
    return parser


if __name__ == "__main__":
    _console.run(main)
