"""The command line: arguments, exit codes, and which mode runs.

Imports nothing heavy. Each mode is imported when it runs, so that ``--help`` does not wait for
NumPy, and a pipe does not load the terminal library.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import IO, TYPE_CHECKING, NoReturn

import sentiment_repl
from sentiment_repl import model_folder, program, render, runtime
from sentiment_repl.errors import Exit, UsageError
from sentiment_repl.files.columns import TEXT_NAMES
from sentiment_repl.files.formats import (
    CONVERSIONS,
    DELIMITER_NAMES,
    ENDINGS,
    format_names,
    known_format,
    list_names,
)
from sentiment_repl.modes.prompt import settings
from sentiment_repl.prediction import LONGEST_TEXT

if TYPE_CHECKING:
    from sentiment_repl.classifier import Classifier

_NAME = "sentiment-repl"
_DESCRIPTION = "Say whether sentences are negative, neutral or positive, and how sure that is."
_EPILOG = """\
Without TEXT, a prompt opens on a terminal. A pipe or a redirected file gets one
line of output for each line. Results go to standard output, everything else to
standard error.

  sentiment-repl                                  open the prompt
  sentiment-repl "what a lovely day"              classify one sentence
  sentiment-repl --format jsonl < reviews.txt     one JSON object a line

F1 at the prompt shows its keys, and the place of its settings.ini.

--input classifies every row of a file. The ending of its name says the format;
.gz may follow it, and a .zip may hold the file. The output's format depends on
its own ending:

{formats}

.parquet needs pyarrow, .xlsx openpyxl. archive.zip:FILE and book.xlsx:SHEET
choose one of several. The output has all columns of the input, then label,
confidence and uncertain, and with --explain contributions. If the input has
such a column, the new one is label_2 and so on. It keeps the delimiter and the
encoding of the input, except that JSON is UTF-8. A row that can't be read is
reported with its line and gets no label; a line that is no row is left out.
A text of more than {longest:,} characters gets no label. The output appears
when it is complete.

  sentiment-repl --input reviews.csv --column text --output labelled.csv
  zcat x.gz | sentiment-repl --input - --input-format csv --output -

Exit status: {done} done; {failed} the work failed, or a row could not be read;
{usage} wrong usage, or a model folder that can't be used; {interrupted} interrupted."""

_KEPT_BLOCK = 1 << 24
"""Bytes up to which a freed block of memory is kept for the next batch."""


class _Parser(program.Parser):
    def error(self, message: str) -> NoReturn:
        if "unrecognized arguments" in message or "expected" in message:
            super().error(f"{message} (options come before TEXT; after -- a TEXT may start with -)")
        super().error(message)


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = _Parser(
        prog=_NAME,
        description=_DESCRIPTION,
        epilog=_epilog(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "texts", nargs="*", metavar="TEXT", help="a sentence; - alone stands for standard input"
    )
    parser.add_argument(
        "--format",
        choices=list(render.FORMATS),
        help="text (default): a sentence; tsv: label, confidence and text; jsonl: a JSON object",
    )
    parser.add_argument(
        "--explain",
        action="store_true",
        help="name the words with the largest contributions to each result (log-odds)",
    )
    _add_file_options(parser)
    add_model_options(parser)
    parser.add_argument(
        "-q",
        "--quiet",
        action="store_true",
        help="no warnings about unknown words; with --input no progress bar, and no summary if "
        "every row was read",
    )
    _add_prompt_options(parser)
    parser.add_argument(
        "--version", action="version", version=f"sentiment-repl {sentiment_repl.__version__}"
    )
    return parser


def _add_prompt_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("the prompt")
    helps = {
        "keys": "the keys that edit a line",
        "preview": "whether it starts with the live preview, which redraws a line at each letter",
    }
    for name, values in settings.CHOICES.items():
        variable = settings.VARIABLES[name]
        group.add_argument(
            f"--{name}",
            choices=values,
            help=f"{helps[name]} (default: {values[0]}, or what {variable} or settings.ini says)",
        )
    group.add_argument("--no-history", action="store_true", help="do not save what is typed")


def _add_file_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("whole files")
    group.add_argument(
        "--input", metavar="FILE", help="classify every row of this file; - is standard input"
    )
    group.add_argument(
        "--input-format",
        choices=format_names(CONVERSIONS),
        help="the format of an input whose name does not say it",
    )
    group.add_argument(
        "--column",
        metavar="NAME",
        help="the column that holds the text, by name or number; in JSON the key, such as "
        f"data.text (default: the only one named {', '.join(TEXT_NAMES[:-1])} or {TEXT_NAMES[-1]})",
    )
    group.add_argument(
        "--delimiter",
        type=_delimiter,
        metavar="CHAR",
        help=f"what separates columns, such as ';' or {', '.join(list(DELIMITER_NAMES)[:3])} "
        "(default: the usual one that yields the column)",
    )
    group.add_argument(
        "--no-header", action="store_true", help="the first row of the table is data"
    )
    group.add_argument(
        "--encoding",
        type=_encoding,
        metavar="NAME",
        help="of --input or standard input (default: UTF-8, or UTF-16 if it begins so, or else "
        "Windows-1252)",
    )
    group.add_argument(
        "--output",
        metavar="FILE",
        help="where the rows go; - is standard output, in the format of the input",
    )
    group.add_argument(
        "--output-format",
        choices=format_names(one for targets in CONVERSIONS.values() for one in targets),
        help="the format of an output whose name does not say it",
    )


def _delimiter(text: str) -> str:
    delimiter = DELIMITER_NAMES.get(text.lower(), text)
    if len(delimiter) != 1 or delimiter in '"\r\n\0':
        raise argparse.ArgumentTypeError(f"{text!r} is not one character, or one of its names")
    return delimiter


def _encoding(name: str) -> str:
    from sentiment_repl.files.encodings import find_encoding

    try:
        find_encoding(name)
    except UsageError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return name


def add_model_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that name a model, and ``--no-neutral``."""
    model = parser.add_mutually_exclusive_group()
    model.add_argument(
        "--model",
        metavar="NAME",
        help=f"a shipped model: {' or '.join(model_folder.shipped_models())} "
        f"(default: {model_folder.DEFAULT_MODEL})",
    )
    model.add_argument(
        "--artifacts",
        metavar="DIR",
        help=f"any other model folder (or set {model_folder.ENVIRONMENT_VARIABLE})",
    )
    parser.add_argument(
        "--no-neutral",
        action="store_true",
        help="decide between negative and positive only, as the article does",
    )


def _epilog() -> str:
    rows = []
    for source, targets in CONVERSIONS.items():
        endings = ", ".join(ending for ending, format in ENDINGS.items() if format is source)
        rows.append(f"  {endings:<16} {source.value:<10} to {list_names(targets)}")
    exits = {code.name.lower(): code.value for code in Exit}
    return _EPILOG.format(formats="\n".join(rows), longest=LONGEST_TEXT, **exits)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program.

    :param argv: the arguments without the program's name; ``sys.argv`` if None.
    :return: the exit code.
    """
    return program.run_safely(lambda: _run_mode(_parse_arguments(argv)), _NAME)


def _parse_arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = build_parser()
    args = parser.parse_args(argv)
    if "-" in args.texts and len(args.texts) > 1:
        parser.error("- (standard input) must be the only TEXT")
    _check_file_options(parser, args)
    return args


def _check_file_options(parser: argparse.ArgumentParser, args: argparse.Namespace) -> None:
    """Refuse options that do not fit ``--input``, or that need it."""
    if args.input is None:
        for option in ("column", "output", "input_format", "output_format", "delimiter"):
            if getattr(args, option) is not None:
                parser.error(f"--{option.replace('_', '-')} requires --input")
        if args.no_header:
            parser.error("--no-header requires --input")
        if args.encoding is not None and args.texts not in ([], ["-"]):
            parser.error("--encoding is for --input and standard input, not for TEXT")
    elif args.texts:
        parser.error("--input and TEXT exclude each other")
    elif args.format is not None:
        parser.error(
            "--format does not apply to --input: the name of --output or --output-format says it"
        )
    elif args.output is None:
        parser.error("--input needs --output FILE, or --output - for standard output")


def _run_mode(args: argparse.Namespace) -> int:
    files = model_folder.read_model(model_folder.locate(args.model, args.artifacts))
    load = partial(load_classifier, files, neutral=not args.no_neutral)
    if args.input is not None:
        return _classify_file(args, load)
    # The other formats carry the unknown words, or have no room for them.
    format = args.format or "text"
    warn = format == "text" and not args.quiet
    if not args.texts and _is_terminal(sys.stdin) and _is_terminal(sys.stdout):
        from sentiment_repl.modes.prompt.session import PromptOptions, run_prompt

        chosen = {name: getattr(args, name) for name in settings.CHOICES}
        keep_history = not args.no_history
        return run_prompt(load, PromptOptions(format, warn, args.explain, keep_history, chosen))

    from sentiment_repl.files.decoding import replace_surrogates
    from sentiment_repl.modes.stream import LineWriter, classify_stdin

    writer = LineWriter(format, warn=warn, explain=args.explain)
    if args.texts and args.texts != ["-"]:
        # Lone surrogates stand in argv for bytes outside the locale.
        writer.write_predictions(load(), map(replace_surrogates, args.texts))
        if not args.quiet and (hint := _hint(args.texts)):
            program.report(hint, name=_NAME)
    else:
        runtime.keep_freed_memory(_KEPT_BLOCK)
        return classify_stdin(load(), writer, args.encoding)
    return Exit.DONE


def _classify_file(args: argparse.Namespace, load: Callable[[], Classifier]) -> Exit:
    from sentiment_repl.files.readers import ReadOptions
    from sentiment_repl.modes.file import FileOptions, classify_file

    runtime.keep_freed_memory(_KEPT_BLOCK)
    formats = format_names(CONVERSIONS)
    options = FileOptions(
        args.input,
        args.output,
        args.column,
        formats.get(args.input_format),
        formats.get(args.output_format),
        ReadOptions(args.encoding, args.delimiter, not args.no_header),
        args.quiet,
        args.explain,
    )
    return classify_file(load, options)


def _hint(texts: Sequence[str]) -> str | None:
    """Return a sentence about arguments that are probably not meant as texts; or None."""
    if len(texts) == 1 and os.path.isfile(texts[0]):
        import shlex  # takes a millisecond, and is seldom needed

        name = shlex.quote(texts[0])
        way = f"--input {name} --output -" if known_format(texts[0]) else f"< {name}"
        return f"{texts[0]} is a file, and only its name was read; its texts: {_NAME} {way}"
    words = all(text.split() == [text] for text in texts)
    if len(texts) > 1 and words and _is_terminal(sys.stderr):
        return f"{len(texts)} texts were read, one a word; quotes make them one text"
    return None


def load_classifier(files: model_folder.ModelFiles, *, neutral: bool) -> Classifier:
    """Import NumPy and build the classifier of a model folder."""
    runtime.limit_blas_threads()
    with runtime.deferred_interrupt():  # NumPy takes an interrupt for a broken installation
        from sentiment_repl.classifier import build_classifier

    return build_classifier(files, neutral=neutral)


def _is_terminal(stream: IO[str] | None) -> bool:
    return stream is not None and stream.isatty()
