"""Exit codes, and the errors that a user can fix."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum


class Exit(IntEnum):
    """The exit codes. Scripts rely on them."""

    DONE = 0
    FAILED = 1
    USAGE = 2  # wrong usage, or a model folder that can't be used
    INTERRUPTED = 130


class Failure(Exception):
    """The work failed.

    The message is one sentence: it names the file and the line, says what is wrong and what
    to do. A program prints it without a traceback and ends with ``exit_code``.
    """

    exit_code = Exit.FAILED


class ModelError(Failure):
    """A model folder can't be used."""

    exit_code = Exit.USAGE


class StreamError(Failure):
    """Standard input can't be read, or standard output can't be written."""


class UsageError(Failure):
    """The options do not fit the files."""

    exit_code = Exit.USAGE


class FileError(Failure):
    """An input file can't be read, or an output file can't be written."""


class DataError(Failure):
    """The training data can't be used."""


@contextmanager
def memory_errors_as_failures(work: str) -> Iterator[None]:
    """Turn a ``MemoryError`` into a ``Failure``.

    :param work: what the block does, such as ``"loading the model"``.
    :raises Failure: memory ran out, or was too little to start a thread.
    """
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if (lack := lack_of_memory(error)) is None:
            raise
        raise Failure(f"{lack} while {work}") from error


def lack_of_memory(error: Exception) -> str | None:
    """Return what a machine lacks if that is the cause of an error, or None."""
    if type(error).__name__ == "ResourceExhaustedError" or isinstance(error, MemoryError):
        return "out of memory"  # the first is TensorFlow's
    if "can't start new thread" in str(error):
        return "out of memory or threads"
    return None
