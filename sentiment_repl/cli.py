"""The command line: what is asked for, which way of running answers, how it ends.

Imports nothing heavy: each way of running is imported when it is taken, so that
``--help`` waits for nothing and a pipe never loads the terminal library.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NoReturn

import sentiment_repl
from sentiment_repl.modes import stream
from sentiment_repl import runtime, render
from sentiment_repl.errors import Exit, Failure, StreamError

if TYPE_CHECKING:
    from sentiment_repl.classifier import Classifier

_DESCRIPTION = "Say whether sentences read as positive or negative, and how surely."
_EPILOG = """\
On a terminal, without TEXT, a prompt opens. From a pipe or a file each line is
answered by one line. Answers go to the standard output, all else to the standard
error.

  sentiment-repl                                  the prompt
  sentiment-repl "what a lovely day"              one sentence
  sentiment-repl --format jsonl < reviews.txt     one object a line

--input answers a whole file: .csv, .tsv (with a header), .jsonl, .ndjson or .txt, each
also with .gz. The output has every column and after them label, confidence (0.5-1) and
uncertain, and with --explain word_effects; where the input has such a column, the new one
is label_2, confidence_2 and so on. It appears when it is complete, not before. A row that
can't be read is named on the standard error, with its line, and left out.

  sentiment-repl --input reviews.csv --column text --output answered.csv

The output may be of another kind: of .csv and .tsv also .tsv, .csv or .jsonl; of .txt
any. As .txt it has lines as of --format tsv.

Exit status: 0 done, 1 the work failed or a row of --input could not be read, 2 wrong
usage or an unusable model folder, 130 interrupted."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        message = render.escape(message)
        if "unrecognized arguments" in message or "expected" in message:
            message += "\n(options stand before the TEXTs; after -- a TEXT may start with -)"
        super().error(message)

    def _print_message(self, message: str, file: Any = None) -> None:
        # argparse itself leaves a full disk to the interpreter's last flush, and its traceback.
        if file is not None and file is sys.stdout:
            stream.put(file.buffer, message.encode())
        else:
            super()._print_message(message, file)


def build_parser() -> argparse.ArgumentParser:
    """The parser of the command line."""
    parser = _Parser(
        prog="sentiment-repl",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "texts", nargs="*", metavar="TEXT", help="a sentence to answer; - alone is standard input"
    )
    parser.add_argument(
        "--format",
        choices=list(render.FORMATS),
        help="text (default): a sentence; tsv: label, confidence, text; jsonl: an object a line",
    )
    parser.add_argument(
        "--explain",
        action="store_true",
        help="name the words that move each answer most, and by how much (log-odds)",
    )
    whole = parser.add_argument_group("whole files")
    whole.add_argument("--input", metavar="FILE", help="answer every row of this file")
    whole.add_argument(
        "--column",
        metavar="NAME",
        help="its column (JSON: key) that holds the text; needless if one alone is called "
        "text, sentence, review, tweet or comment",
    )
    whole.add_argument(
        "--output",
        metavar="FILE",
        help="where the answered rows go; - is the standard output, in the kind of the input",
    )
    chosen = parser.add_mutually_exclusive_group()
    chosen.add_argument("--model", metavar="NAME", help="a model that ships with the program")
    chosen.add_argument(
        "--artifacts",
        metavar="DIR",
        help="any other model folder (or set SENTIMENT_REPL_ARTIFACTS)",
    )
    parser.add_argument(
        "-q",
        "--quiet",
        action="store_true",
        help="no warnings about unknown words in --format text; with --input no progress bar, "
        "and nothing at all if every row was answered",
    )
    parser.add_argument(
        "--no-history",
        action="store_true",
        help="do not keep what is typed at the prompt beyond this run",
    )
    parser.add_argument(
        "--version", action="version", version=f"sentiment-repl {sentiment_repl.__version__}"
    )
    return parser


def command() -> int:
    """Run the program as a process of its own; the return value is its exit code."""
    code = main()
    if code == Exit.INTERRUPTED:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # a second Ctrl-C ends the ending, too
    return code


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program.

    :param argv: the arguments without the program's name; ``sys.argv`` if None.
    :return: the exit code.
    """
    if sys.stderr is None:  # closed; what is said goes nowhere, and not among the answers
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115
    try:
        return _run(_arguments(argv))
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except BrokenPipeError:  # the reader, such as head, has had enough
        return Exit.DONE
    except Failure as error:
        _say(str(error))
        return error.exit_code
    except OSError as error:  # the terminal has gone
        if sys.stdout is not None:
            stream.discard(sys.stdout)
        _say(error.strerror or str(error))
        return Exit.FAILED


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = build_parser()
    args = parser.parse_args(argv)
    if "-" in args.texts and len(args.texts) > 1:
        parser.error("- (standard input) stands alone")
    _check_whole(parser, args)
    return args


def _check_whole(parser: argparse.ArgumentParser, args: argparse.Namespace) -> None:
    """Refuse options that do not go with ``--input``, or not without it."""
    if args.input is None:
        if args.column is not None or args.output is not None:
            parser.error("--column and --output go with --input")
    elif args.texts:
        parser.error("--input and TEXT do not go together")
    elif args.format is not None:
        parser.error("--format does not go with --input: the name of --output says it")
    elif args.input == "-":
        parser.error("--input takes a file; the standard input is read without it")
    elif args.output is None:
        parser.error("--input needs --output FILE, or --output - for the standard output")


def _run(args: argparse.Namespace) -> int:
    from sentiment_repl import model_folder

    files = model_folder.read(model_folder.locate(args.model, args.artifacts))

    def load() -> Classifier:
        # The network shares its sentences out among threads; a second team of them in
        # each product would only stand in their way. To be set before NumPy comes.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        with runtime.postponed():  # NumPy takes an interruption for a broken installation
            from sentiment_repl.classifier import from_files

        return from_files(files)

    if args.input is not None:
        from sentiment_repl.modes import file

        runtime.keep_freed(stream.KEPT)
        return file.run(
            load, args.input, args.column, args.output, quiet=args.quiet, explain=args.explain
        )

    # The other formats carry the unknown words, or have no room for them.
    format = args.format or "text"
    warn = format == "text" and not args.quiet
    if not args.texts and _is_terminal(sys.stdin) and _is_terminal(sys.stdout):
        from sentiment_repl.modes.prompt import session

        return session.run(
            load, session.Options(format, warn, args.explain, keep_history=not args.no_history)
        )

    classifier = load()
    if sys.stdout is None:
        raise StreamError("standard output: it is closed")
    err = sys.stderr.buffer if warn else None
    writer = stream.Writer(sys.stdout.buffer, err, format, explain=args.explain)
    if args.texts and args.texts != ["-"]:
        writer.write(classifier, map(_without_surrogates, args.texts))
        return Exit.DONE
    if sys.stdin is None:
        raise StreamError("standard input: it is closed")
    runtime.keep_freed(stream.KEPT)
    decode = stream.Decoder()
    for lines in stream.read_batches(sys.stdin.buffer):
        writer.write(classifier, decode(lines))
    if complaint := decode.complaint():
        _say(complaint)
    return Exit.DONE


def _without_surrogates(argument: str) -> str:
    """Bytes that are no text in the user's locale reach ``argv`` as lone surrogates."""
    return argument.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _is_terminal(stream: object) -> bool:
    return stream is not None and stream.isatty()  # type: ignore[attr-defined]


def _say(sentence: str) -> None:
    try:
        print(f"sentiment-repl: {render.escape(sentence)}", file=sys.stderr)
    except OSError:
        stream.discard(sys.stderr)  # nobody listens
