"""How the programs start and end, and how they print.

They end with a sentence and an exit code, never with a traceback. Text from outside, such as the
name of a file, never reaches a terminal raw. This module also holds the argument types that the
training and evaluation programs share.
"""

import argparse
import atexit
import io
import json
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from sentiment_repl import runtime, stdio
from sentiment_repl.errors import Exit, Failure, lack_of_memory
from sentiment_repl.render import escape

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

_PACKAGE = Path(__file__).parent
_LONGEST_MESSAGE = 300  # characters of an error that nobody expected


def run_program(main: Callable[[], int], extra: str | None = None) -> NoReturn:
    """Run ``main`` as a process of its own, and exit with its exit code.

    :param extra: the extra of this package that has the libraries ``main`` imports, if any.
    """
    runtime.end_on_signals()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    code: int = Exit.INTERRUPTED
    with suppress(KeyboardInterrupt), runtime.interruptible():
        code = run_safely(main, program_name(), extra)
    sys.exit(code)


def run_safely(main: Callable[[], int], name: str, extra: str | None = None) -> int:
    """Return the exit code of ``main``. Whatever stops it is said in one sentence.

    :param name: of the program, for that sentence.
    :param extra: the extra of this package that has the libraries ``main`` imports, if any.
    """
    if sys.stderr is None:  # closed: messages must not end up between the results
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115
    try:
        code = main()
        if sys.stdout is not None:
            sys.stdout.flush()
    except KeyboardInterrupt:
        code = Exit.INTERRUPTED
    except BrokenPipeError:  # the reader, such as head, has gone
        code = Exit.DONE
    except Failure as error:
        code = report(str(error), error.exit_code, name)
    except Exception as error:
        if sys.flags.dev_mode:  # python -X dev shows where a fault is
            raise
        code = report(describe(error, extra), name=name)
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError:
        stdio.silence(sys.stdout)
    return code


def describe(error: Exception, extra: str | None = None) -> str:
    """Return a sentence about an error that is no ``Failure``."""
    if isinstance(error, ModuleNotFoundError):
        remedy = f"; run: {install_command(extra)}" if extra else ""
        return f"{error.name} is not installed{remedy}"
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror or error}"
    if lack := lack_of_memory(error):
        return lack
    if isinstance(error, ImportError):  # installed, but the system can't load it
        cause = error.__cause__ if isinstance(error.__cause__, ImportError) else error
        return f"{cause.name or 'a library'} can't be loaded: {cause}".splitlines()[0]
    return unexpected(error)


def unexpected(error: Exception) -> str:
    """Return a sentence about an error that only a fault of this program can cause."""
    import traceback  # takes milliseconds, and is seldom needed

    where = ""
    for frame, line in traceback.walk_tb(error.__traceback__):
        where = f" in {Path(frame.f_code.co_filename).name}, line {line}"
    return f"unexpected {type(error).__name__}{where}: {error!s:.{_LONGEST_MESSAGE}}"


def program_name() -> str:
    """Return what the user typed: ``train.py`` or ``python -m sentiment_repl.training``."""
    spec = getattr(sys.modules["__main__"], "__spec__", None)
    if spec is not None and spec.name:
        return f"python -m {spec.name.removesuffix('.__main__')}"
    return escape(Path(sys.argv[0]).name)


def install_command(extra: str) -> str:
    """Return the command that installs an extra of this package."""
    checkout = (_PACKAGE.parent / "setup.cfg").exists()
    return f"{sys.executable} -m pip install '{'.' if checkout else 'sentiment-repl'}[{extra}]'"


def report(sentence: str, code: int = Exit.FAILED, name: str | None = None) -> int:
    """Print to standard error what stopped the program; return the exit code.

    :param name: of the program; by default what the user typed.
    """
    stdio.write_stderr(f"{name or program_name()}: {escape(sentence)}\n")
    return code


def escape_lines(text: str) -> str:
    """Escape what could drive a terminal, but keep the ends of lines."""
    return "\n".join(map(escape, text.split("\n")))


def say(text: str) -> None:
    """Print lines to standard output, escaped."""
    print(escape_lines(text), flush=True)


def say_json(value: Any, indent: int | None = None) -> None:
    """Print JSON to standard output."""
    print(json.dumps(value, indent=indent).replace("\x7f", "\\u007f"), flush=True)


class Parser(argparse.ArgumentParser):
    """An argument parser that escapes what it repeats, and whose output may be full or closed."""

    def error(self, message: str) -> NoReturn:
        """Print what is wrong with the arguments, and exit."""
        super().error(escape(message))

    def _print_message(self, message: str, file: "SupportsWrite[str] | None" = None) -> None:
        # argparse leaves a full disk to the interpreter's last flush, which prints a traceback.
        if sys.stdout is not None and file == sys.stdout:
            stdio.write_stdout(sys.stdout.buffer, message.encode())
        else:
            stdio.write_stderr(message)


def run_training(train: Callable[[], None], output: Path, resumable: Callable[[], object]) -> int:
    """Run a training and return the exit code.

    If the training is interrupted, killed or crashes, a sentence says what it has left.

    :param output: the model folder, which the training replaces at its end.
    :param resumable: returns a true value if ``--resume`` can continue something.
    """

    def state() -> str:
        resume = "; continue with --resume" if resumable() else ""
        return f"{output} was not changed{resume}"

    cancel_report = report_if_killed(
        lambda: f"killed, or crashed, perhaps because memory ran out (--rows needs less); {state()}"
    )
    try:
        train()
    except KeyboardInterrupt:
        cancel_report()
        print()  # ends the line of the progress bar
        return report(f"interrupted; {state()}", Exit.INTERRUPTED)
    cancel_report()
    return Exit.DONE


def report_if_killed(sentence: Callable[[], str]) -> Callable[[], None]:
    """Let another process print a sentence if this one is killed or crashes.

    The system kills a process when memory runs out, and libraries crash. Neither leaves time
    for a message. Works only where a process can fork.

    :return: a function that cancels the report. The end of the program also does.
    """
    try:
        import fcntl

        ends = os.pipe()
        # Above the three standard streams, some of which may be closed.
        end, alive = (fcntl.fcntl(one, fcntl.F_DUPFD_CLOEXEC, 3) for one in ends)
        for one in ends:
            os.close(one)
        child = os.fork()
    except (ImportError, OSError):
        return lambda: None
    if child:
        os.close(end)

        def cancel() -> None:
            with suppress(OSError):  # the other process has gone
                os.write(alive, b".")

        atexit.register(cancel)
        return cancel
    try:
        os.close(alive)
        null = os.open(os.devnull, os.O_RDWR)
        os.dup2(null, 0)
        os.dup2(null, 1)  # or a reader of our output would wait for this process
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
        if not os.read(end, 1):
            report(sentence())
    finally:
        os._exit(0)


def add_file_list(parser: argparse._ActionsContainer, option: str, help: str) -> None:
    """Add an option that takes one or more files and may be repeated."""
    parser.add_argument(
        option, metavar="FILE", type=Path, nargs="+", action="extend", default=[], help=help
    )


def add_label_options(parser: argparse._ActionsContainer) -> None:
    """Add the options that say how labelled texts are read."""
    for column in ("label", "text"):
        parser.add_argument(
            f"--{column}-column", metavar="NAME", help=f"{column} column, if its name is unusual"
        )
    parser.add_argument(
        "--labels",
        metavar="VALUE=LABEL",
        action="append",
        default=[],
        help="what each label of your files means: neg, neutral, pos, or skip to leave its rows "
        "out; for example 1=neg,2=neg,3=neutral,4=pos,5=pos. Without it, the words negative, "
        "neutral and positive are read, and the numbers 0/1, -1/0/1, 0/1/2, 0/2/4, 0 to 4 and "
        "1 to 5 stars. Before a minus sign write =, as in --labels=-1=neg,1=pos",
    )


def positive_int(text: str) -> int:
    """Parse a whole number from 1."""
    return parse_int(text, at_least=1)


def int_from_two(text: str) -> int:
    """Parse a whole number from 2."""
    return parse_int(text, at_least=2)


def seed_int(text: str) -> int:
    """Parse a seed as NumPy and Keras accept it: 0 to 2**32 - 1."""
    return parse_int(text, at_least=0, at_most=2**32 - 1)


def parse_int(text: str, at_least: int, at_most: int = sys.maxsize) -> int:
    """Parse a whole number within bounds."""
    if not text.isdecimal() or not at_least <= int(text) <= at_most:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a whole number from {at_least} to {at_most}"
        )
    return int(text)
