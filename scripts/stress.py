#!/usr/bin/env python3
"""Try to break the program, and count what became of it.

  models    damaged model folders: each is refused with a sentence, or harmless
  text      any text: tweets mutated, all of Unicode, broken UTF-8, with atheris
            (`pip install atheris`) where it is there guided by coverage
  tables    malformed tables, JSON lines and archives: no row is lost in silence
  training  trainings that are killed or find no room
  streams   signals, closed and full streams, terminals that break
  soak      many lines through one pipe, and an hour of typing

Prints the counts as JSON; the exit status is 1 if anything failed, each failure with the
command that repeats it. Needs a system with fork, for streams and soak pseudo-terminals, and
for soak Linux.
"""

import argparse
import importlib
import json
from collections.abc import Callable
from typing import Any

import _console

# Where each part is, and how many cases its long form has.
_PARTS = {
    "models": ("_stress_models", "models", 4000),
    "text": ("_stress_text", "texts", 1_000_000),
    "tables": ("_stress_tables", "tables", 4000),
    "training": ("_stress_training", "training", 50),
    "streams": ("_stress_streams", "streams", 200),
    "soak": ("_stress_soak", "soak", 0),
}


def main() -> int:
    """Run the program; the return value is its exit code."""
    args = _parser().parse_args()
    module, function, count = _PARTS[args.part]
    work: Callable[..., dict[str, Any]] = getattr(importlib.import_module(module), function)
    if args.part == "soak":
        figures = work(args.lines, args.minutes)
    else:
        figures = work(args.count if args.count is not None else count, args.seed, args.start)
    print(json.dumps(figures, indent=1))
    return 1 if figures["failures"] else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("part", choices=list(_PARTS))
    parser.add_argument("--count", type=int, metavar="N", help="cases (text: inputs)")
    parser.add_argument("--seed", type=int, default=1, metavar="S")
    parser.add_argument(
        "--start", type=int, default=0, metavar="N", help="number of the first case"
    )
    parser.add_argument("--lines", type=int, default=10_000_000, metavar="N", help="of the soak")
    parser.add_argument(
        "--minutes", type=float, default=60, metavar="M", help="of typing, in the soak"
    )
    return parser


if __name__ == "__main__":
    _console.run(main)
