"""The files that a training reads, from the names and paths of ``--data``."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from sentiment_repl.data import download
from sentiment_repl.data.label_sets import Meanings
from sentiment_repl.data.public_sets import PUBLIC_SETS, prepared_path
from sentiment_repl.data.sources import DataFile

SENTIMENT140, HUMAN = Path("sentiment140"), Path("human")
"""The names of public data: tweets labelled by emoticon, and texts labelled by people."""

DEFAULT_DATA = {"default": (SENTIMENT140, HUMAN), "article": (SENTIMENT140,)}
"""What each architecture is trained on unless told otherwise."""

_SENTIMENT140_LICENCE = "none stated; the terms of Twitter apply"


def data_files(
    names: Iterable[Path], sets: Path | None = None, meanings: Meanings | None = None
) -> list[DataFile]:
    """Return the files that names and paths stand for. Public data is downloaded.

    :param sets: the folder of the public texts that people labelled.
    :param meanings: what the label values of the user's own files mean.
    :raises DataError: a download failed.
    """
    return [file for name in dict.fromkeys(names) for file in _files(name, sets, meanings)]


def _files(name: Path, sets: Path | None, meanings: Meanings | None) -> Iterator[DataFile]:
    if name == SENTIMENT140:
        path = download.cached(download.SENTIMENT140)
        yield DataFile(path, str(name), licence=_SENTIMENT140_LICENCE)
    elif name == HUMAN:
        yield from _human_files(sets)
    else:
        yield DataFile(name, name.name, meanings=meanings)


def _human_files(sets: Path | None) -> Iterator[DataFile]:
    for one in PUBLIC_SETS.values():
        path = prepared_path(one.name, sets)
        if path is None:
            print(
                f"{one.name}: left out, because it has no public address; put "
                f"train_{one.name}.tsv.gz into {sets or download.cache_folder()}",
                file=sys.stderr,
            )
        else:
            yield DataFile(path, one.name, one.weight, one.limit, one.licence, one.labels)
