"""The options that the evaluation and the audit share."""

import argparse
from pathlib import Path
from typing import Any

from sentiment_repl.program import Parser, add_label_options, program_name


def new_parser(description: str | None) -> argparse.ArgumentParser:
    """Return a parser with the options for labelled texts and for a model."""
    parser = Parser(
        prog=program_name(),
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "data", metavar="FILE", type=Path, nargs="*", help="labelled texts, as for the training"
    )
    add_label_options(parser)
    model = parser.add_mutually_exclusive_group()
    model.add_argument("--model", metavar="NAME", help="a model that ships with the program")
    model.add_argument("--artifacts", metavar="DIR", help="any other model folder")
    parser.add_argument(
        "--no-neutral",
        action="store_true",
        help="let the model decide between negative and positive; a model without a neutral "
        "label ignores it",
    )
    return parser


def reading_options(args: argparse.Namespace) -> dict[str, Any]:
    """Return the keyword arguments of ``read_labelled`` that a user has chosen.

    :raises UsageError: ``--labels`` is not understood.
    """
    from sentiment_repl.data.label_sets import parse_meanings  # imports NumPy

    return {
        "label_column": args.label_column,
        "text_column": args.text_column,
        "meanings": parse_meanings(args.labels),
    }
