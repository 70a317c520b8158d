"""What the scripts here share: how they end, with a sentence and never a traceback; numbers."""

import argparse
import atexit
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

_MEMORY = "the memory does not suffice"


def run(main: Callable[[], int], extra: str = "bench") -> None:
    """Run a script's ``main`` and exit with what it returns, or with what stopped it.

    :param extra: of the package, which has what the script imports.
    """
    try:
        code = main()
        sys.stdout.flush()
    except KeyboardInterrupt:
        code = 130
    except ModuleNotFoundError as error:
        code = say(
            f"{error.name} is not installed; run: {sys.executable} -m pip install '.[{extra}]'"
        )
    except BrokenPipeError:  # the reader, such as head, has had enough
        code = 0
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        code = say(f"{where}{error.strerror or error}")
    except ImportError as error:  # there, but the system can't load it
        code = say(f"{error.name or 'a library'} can't be loaded: {error}".splitlines()[0])
    except MemoryError:
        code = say(_MEMORY)
    except Exception as error:
        # sentiment_repl.errors.Failure, which may not be there to be imported.
        if hasattr(error, "exit_code"):
            code = say(str(error), error.exit_code)
        elif type(error).__name__ == "ResourceExhaustedError":  # TensorFlow's MemoryError
            code = say(_MEMORY)
        else:
            raise
    try:
        sys.stdout.flush()
    except OSError:
        # The interpreter's last flush would complain once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


def say_if_killed(sentence: Callable[[], str]) -> Callable[[], None]:
    """Have another process say a sentence should this one be killed or crash.

    The system kills a process when memory runs out, and libraries crash on it: neither
    leaves time to say so. Only where a process can fork itself, and has room for it.

    :return: to be called when it is no longer true; at the end of the program it is.
    """
    try:
        import fcntl

        ends = os.pipe()
        # Above the three standard streams, of which some may be closed.
        end, alive = (fcntl.fcntl(one, fcntl.F_DUPFD_CLOEXEC, 3) for one in ends)
        for one in ends:
            os.close(one)
        child = os.fork()
    except (ImportError, OSError):
        return lambda: None
    if child:
        os.close(end)

        def goodbye() -> None:
            with suppress(OSError):  # nobody listens any more
                os.write(alive, b".")

        atexit.register(goodbye)
        return goodbye
    try:
        os.close(alive)
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, 0)
        os.dup2(nothing, 1)  # or who reads it would wait for this process, too
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
        if not os.read(end, 1):
            say(sentence())
    finally:
        os._exit(0)


def say(sentence: str, code: int = 1) -> int:
    """Tell what stopped the script; returns the exit code."""
    print(f"{Path(sys.argv[0]).name}: {sentence}", file=sys.stderr)
    return code


def add_files(parser: argparse.ArgumentParser, option: str, help: str) -> None:
    """An option of one file or more, which may be given again; none of them by default."""
    parser.add_argument(
        option, metavar="FILE", type=Path, nargs="+", action="extend", default=[], help=help
    )


def positive(text: str) -> int:
    """A whole number above 0, for argparse."""
    return _whole_number(text, at_least=1)


def at_least_two(text: str) -> int:
    """A whole number above 1, likewise."""
    return _whole_number(text, at_least=2)


def seed(text: str) -> int:
    """What NumPy and Keras take to begin random numbers with, likewise."""
    return _whole_number(text, at_least=0, at_most=2**32 - 1)


def _whole_number(text: str, at_least: int, at_most: int = sys.maxsize) -> int:
    if not text.isdecimal() or not at_least <= int(text) <= at_most:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a whole number from {at_least} to {at_most}"
        )
    return int(text)
