"""How the training and evaluation programs start and end.

They end with a sentence and an exit code, never with a traceback. This module also holds the
argument types that they share.
"""

import argparse
import atexit
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from sentiment_repl.errors import Exit, Failure
from sentiment_repl.render import escape

_PACKAGE = Path(__file__).parent
_OUT_OF_MEMORY = "out of memory"


def run_program(main: Callable[[], int], extra: str | None = None) -> None:
    """Run ``main`` and exit with its exit code, or with a sentence about what stopped it.

    :param extra: the extra of this package that has the libraries ``main`` imports, if any.
    """
    try:
        code = main()
        sys.stdout.flush()
    except KeyboardInterrupt:
        code = Exit.INTERRUPTED
    except ModuleNotFoundError as error:
        remedy = f"; run: {install_command(extra)}" if extra else ""
        code = report(f"{error.name} is not installed{remedy}")
    except BrokenPipeError:  # the reader, such as head, has gone
        code = Exit.DONE
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        code = report(f"{where}{error.strerror or error}")
    except ImportError as error:  # installed, but the system can't load it
        code = report(f"{error.name or 'a library'} can't be loaded: {error}".splitlines()[0])
    except MemoryError:
        code = report(_OUT_OF_MEMORY)
    except Failure as error:
        code = report(str(error), error.exit_code)
    except Exception as error:
        if type(error).__name__ != "ResourceExhaustedError":  # TensorFlow's MemoryError
            raise
        code = report(_OUT_OF_MEMORY)
    try:
        sys.stdout.flush()
    except OSError:
        # The interpreter flushes once more at exit, and would print a traceback.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


def program_name() -> str:
    """Return what the user typed: ``train.py`` or ``python -m sentiment_repl.training``."""
    spec = getattr(sys.modules["__main__"], "__spec__", None)
    if spec is not None and spec.name:
        return f"python -m {spec.name.removesuffix('.__main__')}"
    return Path(sys.argv[0]).name


def install_command(extra: str) -> str:
    """Return the command that installs an extra of this package."""
    checkout = (_PACKAGE.parent / "setup.cfg").exists()
    return f"{sys.executable} -m pip install '{'.' if checkout else 'sentiment-repl'}[{extra}]'"


def report(sentence: str, code: int = Exit.FAILED) -> int:
    """Print to standard error what stopped the program; return the exit code."""
    print(f"{program_name()}: {escape(sentence)}", file=sys.stderr)
    return code


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
    return _parse_int(text, at_least=1)


def int_from_two(text: str) -> int:
    """Parse a whole number from 2."""
    return _parse_int(text, at_least=2)


def seed_int(text: str) -> int:
    """Parse a seed as NumPy and Keras accept it: 0 to 2**32 - 1."""
    return _parse_int(text, at_least=0, at_most=2**32 - 1)


def _parse_int(text: str, at_least: int, at_most: int = sys.maxsize) -> int:
    if not text.isdecimal() or not at_least <= int(text) <= at_most:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a whole number from {at_least} to {at_most}"
        )
    return int(text)
