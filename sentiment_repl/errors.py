"""How a program of this project ends, and what can go wrong that a user can mend."""

from enum import IntEnum


class Exit(IntEnum):
    """The exit codes, which scripts rely on."""

    DONE = 0
    FAILED = 1
    USAGE = 2  # or a model folder that can't be used
    INTERRUPTED = 130


class Failure(Exception):
    """The work failed.

    The message is a whole sentence: it names the file, says what is wrong with it
    and, where there is one, the way out. A program prints it, without a traceback,
    and ends with the exit code.
    """

    exit_code = Exit.FAILED


class ModelError(Failure):
    """A model folder that can't be used."""

    exit_code = Exit.USAGE


class StreamError(Failure):
    """The standard input can't be read, or the standard output can't be written."""


class UsageError(Failure):
    """What is asked for does not go together with the files that are named."""

    exit_code = Exit.USAGE


class FileError(Failure):
    """An input file can't be read, or an output file can't be written."""


class DataError(Failure):
    """Training data that can't be used."""
