"""The client's part: find files, plan, submit, show progress, account for every row."""

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

from distributed import Client, as_completed
from fsspec import AbstractFileSystem
from fsspec.core import url_to_fs

from sentiment_repl.cluster.partitions import PARTS, Job, Partition, plan_file
from sentiment_repl.cluster.scoring import ModelPlugin, Score, score_partition
from sentiment_repl.errors import Exit, Failure, FileError, UsageError
from sentiment_repl.files.progress import Progress
from sentiment_repl.files.tally import Tally

_CONNECT_SECONDS = 30
_IGNORE_INTERRUPTS = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)"
"""What a worker of this machine runs first: a terminal sends Ctrl-C to it, too."""


def find_files(pattern: str) -> list[str]:
    """Return the addresses of the files that a pattern names.

    :raises UsageError: there is none, or no such file system.
    """
    fs, path = _open_address(pattern)
    paths = [path] if fs.isfile(path) else sorted(filter(fs.isfile, fs.glob(path)))
    if not paths:
        raise UsageError(f"{pattern}: there is no such file")
    return [fs.unstrip_protocol(one).removeprefix("file://") for one in paths]


def full_address(address: str) -> str:
    """Return the address of a folder in full: workers may have other current folders.

    :raises UsageError: there is no such file system.
    """
    fs, path = _open_address(address)
    return str(fs.unstrip_protocol(path)).removeprefix("file://").rstrip("/")


def _open_address(address: str) -> tuple[AbstractFileSystem, str]:
    try:
        fs, path = url_to_fs(address)
    except ValueError as error:  # an unknown protocol
        raise UsageError(f"{address}: {error}") from error
    return fs, path


def connect(scheduler: str | None, workers: int | None) -> Client:
    """Connect to a Dask scheduler, or start a cluster on this machine.

    :param scheduler: its address; None starts a cluster, which ends with the client.
    :param workers: processes of that cluster; None: one for each core.
    :raises Failure: no scheduler answers.
    """
    quiet = logging.CRITICAL  # Dask logs tracebacks at the lower levels
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(quiet)
    if scheduler is None:
        options = {"dashboard_address": None, "preload": _IGNORE_INTERRUPTS, "silence_logs": quiet}
        return Client(n_workers=workers, threads_per_worker=1, **options)
    try:
        return Client(scheduler, timeout=_CONNECT_SECONDS)
    except (OSError, ValueError) as error:
        raise Failure(f"{scheduler}: no Dask scheduler answers: {error}") from error


def score_files(client: Client, files: Sequence[str], job: Job, plugin: ModelPlugin) -> Exit:
    """Score all rows of some files and write them to the output folder.

    :return: ``FAILED`` if a row could not be read, or a partition could not be written.
    :raises Failure: a file can't be used. Nothing was scored then.
    """
    progress = Progress(bar=True, log=True)
    fs, folder = url_to_fs(job.output)
    fs.makedirs(f"{folder}/{PARTS}", exist_ok=True)
    client.register_plugin(plugin)
    try:
        partitions, unreadable = _plan(client, files, job, progress)
        _check_folder(job.output, partitions, fs.ls(folder, detail=False))
        summary = _Summary(partitions, unreadable)
        for one, score in _compute(client, score_partition, partitions, plugin_name=plugin.name):
            summary.add(one, score, progress)
    finally:
        progress.erase()
        with suppress(FileNotFoundError):
            fs.rm(f"{folder}/{PARTS}", recursive=True)  # also that of a run that was killed
        with suppress(OSError):  # the scheduler has gone
            client.unregister_worker_plugin(plugin.name)
    progress.print(f"{job.output}: {summary}")
    return Exit.FAILED if summary.failed or unreadable else Exit.DONE


def _plan(
    client: Client, files: Sequence[str], job: Job, progress: Progress
) -> tuple[list[Partition], int]:
    """Return the partitions of all files, and how many rows can't be read in full."""
    partitions: list[Partition] = []
    unreadable = 0
    for file, plan in _compute(client, plan_file, files, job=job):
        if isinstance(plan, Exception):
            raise _to_failure(file, plan)  # better now than after hours of work
        for note in plan.notes:
            progress.print(note)
        partitions += plan.partitions
        unreadable += plan.unreadable
        progress.show(f"{len(partitions):,} partitions")
    return sorted(partitions, key=lambda one: one.output), unreadable


def _check_folder(folder: str, partitions: Iterable[Partition], paths: Iterable[str]) -> None:
    """Check that a reader of the output folder will find nothing but these partitions."""
    planned = {one.output.rpartition("/")[2] for one in partitions}
    names = {path.rpartition("/")[2] for path in paths if path.endswith(".parquet")}
    if others := sorted(names - planned):
        raise UsageError(
            f"{folder}: {others[0]!r} is not from these files and would be read as a part of the "
            "output; delete such files, or name another --output"
        )


def _compute(
    client: Client, function: Callable[..., Any], items: Sequence[Any], **options: object
) -> Iterator[tuple[Any, Any]]:
    """Run a function on the workers. Yield each item with its result or exception, as they come."""
    item_of = dict(zip(client.map(function, items, pure=False, **options), items))
    for future in as_completed(item_of):
        try:
            result = future.result()
        except Exception as error:
            result = error
        yield item_of[future], result


class _Summary:
    """Accounts for every row.

    :param unreadable: how many rows could not be read in full.
    """

    def __init__(self, partitions: Sequence[Partition], unreadable: int) -> None:
        self.failed = 0
        """Partitions that are not written."""
        self._labels: Counter[str] = Counter()
        self._total = sum(len(one.rows) for one in partitions)
        self._unreadable, self._kept, self._missing = unreadable, 0, 0
        self._start = time.monotonic()

    def add(self, partition: Partition, score: Score | Exception, progress: Progress) -> None:
        """Count the rows of a partition, and show how far the work is."""
        if isinstance(score, Exception):
            self.failed += 1
            self._missing += len(partition.rows)
            if self.failed <= Tally.MOST_PRINTED:
                progress.print(str(_to_failure(partition.source, score)))
            return
        self._labels.update(score.labels)
        self._kept += len(partition.rows) if score.kept else 0
        done = self._labels.total()
        line = f"{done:,} of {self._total:,} rows"
        if done > self._kept:
            speed = (done - self._kept) / (time.monotonic() - self._start)
            left = timedelta(seconds=round((self._total - done) / speed))
            line += f", {speed:,.0f} a second, {left} left"
        progress.show(line)

    def __str__(self) -> str:
        labels = sorted(self._labels.items(), reverse=True)
        counts = [f"{count:,} {label or 'without a label'}" for label, count in labels]
        others = {
            "could not be read in full": self._unreadable,
            "were there already": self._kept,
            "are missing, and the same command tries them again": self._missing,
        }
        clauses = [", ".join(counts), *(f"{n:,} {what}" for what, n in others.items() if n)]
        return f"{self._total:,} rows: {'; '.join(filter(None, clauses))}"


def _to_failure(source: str, error: Exception) -> Failure:
    if isinstance(error, Failure):
        return error
    first_line = next(iter(str(error).splitlines()), type(error).__name__)
    return FileError(f"{source}: {first_line}")
