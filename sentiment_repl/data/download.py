"""The public training data: downloaded once, checked, and kept in the user's cache."""

import logging
from pathlib import Path
from typing import NamedTuple

import pooch
import requests
from platformdirs import user_cache_path

from sentiment_repl.errors import DataError
from sentiment_repl.files.private_folder import create_private


class Remote(NamedTuple):
    """A file on the network, known in advance."""

    url: str
    sha256: str
    bytes: int


SENTIMENT140 = Remote(
    "http://cs.stanford.edu/people/alecmgo/trainingandtestdata.zip",
    "004a3772c8a7ff9bbfeb875880f47f0679d93fc63e5cf9cff72d54a8a6162e57",
    81_363_704,
)
"""1.6 million tweets labelled by their emoticons (Go, Bhayani and Huang 2009)."""


def cache_folder() -> Path:
    """Return the folder of the user that keeps downloaded files."""
    return user_cache_path("sentiment-repl", appauthor=False)


def cached(
    remote: Remote, folder: Path | None = None, otherwise: str = "name a file with --data"
) -> Path:
    """Return the local copy of a file. Download it if there is none, or a damaged one.

    :param folder: where copies are kept; by default ``cache_folder()``.
    :param otherwise: what a user can do without the download, for the message.
    :raises DataError: the download failed, or the file has another SHA-256.
    """
    pooch.get_logger().setLevel(logging.ERROR)
    folder = folder or cache_folder()
    try:
        create_private(folder)
        path = pooch.retrieve(
            remote.url,
            f"sha256:{remote.sha256}",
            fname=remote.url.rpartition("/")[2],
            path=folder,
            progressbar=True,
        )
    except (OSError, ValueError, RuntimeError, requests.RequestException) as error:
        reason = " ".join(str(error).split())[:300]
        raise DataError(
            f"{remote.url}: the download failed ({reason}); try again, or {otherwise}"
        ) from error
    return Path(path)
