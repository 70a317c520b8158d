"""The public training data: downloaded once, checked, and kept in the user's cache.

A file is used only if its size and its SHA-256 are the expected ones.
"""

import hashlib
import http.client
import urllib.error
import urllib.request
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from platformdirs import user_cache_path
from tqdm import tqdm

from sentiment_repl.errors import DataError

_CHUNK = 1 << 16  # bytes
_TIMEOUT = 30  # seconds without a byte


class Remote(NamedTuple):
    """A file on the network, known in advance."""

    url: str
    size: int
    """Bytes."""
    sha256: str


SENTIMENT140 = Remote(
    "http://cs.stanford.edu/people/alecmgo/trainingandtestdata.zip",
    81_363_704,
    "004a3772c8a7ff9bbfeb875880f47f0679d93fc63e5cf9cff72d54a8a6162e57",
)
"""1.6 million tweets labelled by their emoticons (Go, Bhayani and Huang 2009)."""

PUBLIC = Path("sentiment140")
"""The name that stands for the public data in a list of files."""


def resolve(paths: Iterable[Path]) -> list[Path]:
    """Replace ``PUBLIC`` in a list of files with the downloaded copy.

    :raises DataError: see ``cached``.
    """
    return [cached(SENTIMENT140) if path == PUBLIC else path for path in paths]


def cached(remote: Remote, folder: Path | None = None) -> Path:
    """Return the path of the local copy of a file. Download the file if there is none.

    An interrupted download continues where it stopped if the server supports ranges.

    :param folder: where copies are kept; by default the user's cache folder.
    :raises DataError: the download failed, or the file is not the expected one.
    """
    folder = folder or _cache_folder()
    path = folder / remote.url.rpartition("/")[2]
    part = path.with_name(f"{path.name}.part")
    if path.exists() and _is_expected(path, remote):
        return path
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not part.exists() or part.stat().st_size != remote.size:
            _download(remote, part)
    # A malformed redirect raises a ValueError.
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
        reason = " ".join(str(reason).split())  # some reasons have several lines
        raise DataError(
            f"{remote.url}: the download failed ({reason}); try again, or name a file with --data"
        ) from error
    if not _is_expected(part, remote):
        part.unlink()
        raise DataError(
            f"{remote.url}: the server sent another file (its SHA-256 differs), which was deleted; "
            "try again, or name a file with --data"
        )
    part.replace(path)
    return path


def _cache_folder() -> Path:
    try:
        folder = user_cache_path("sentiment-repl", appauthor=False)
    except RuntimeError:
        folder = Path("~")
    if folder.parts[:1] == ("~",):  # what older releases of platformdirs return
        raise DataError(
            "there is no home folder for the download; set HOME, or name a file with --data"
        )
    return folder


def _is_expected(path: Path, remote: Remote) -> bool:
    if path.stat().st_size != remote.size:
        return False
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest() == remote.sha256


def _download(remote: Remote, part: Path) -> None:
    """Download a file to ``part``, which may hold its first bytes."""
    done = part.stat().st_size if part.exists() else 0
    if done > remote.size:  # two processes wrote to it at once
        part.unlink()
        done = 0
    request = urllib.request.Request(remote.url)
    if done:
        request.add_header("Range", f"bytes={done}-")
    with urllib.request.urlopen(request, timeout=_TIMEOUT) as response:
        if response.status != 206:  # the server sends the whole file
            done = 0
        if response.length not in (None, remote.size - done):  # such as an error page
            raise ConnectionError(f"{response.length:,} bytes instead of {remote.size - done:,}")
        with (
            open(part, "ab" if done else "wb") as file,
            tqdm(
                total=remote.size,
                initial=done,
                unit="B",
                unit_scale=True,
                desc=part.stem,
                disable=None,  # if standard error is not a terminal
            ) as bar,
        ):
            # One byte too many proves another file. Each chunk is written as soon as it comes
            # (read1), so that a server that stalls costs nothing.
            while done <= remote.size and (chunk := response.read1(_CHUNK)):
                file.write(chunk)
                done += len(chunk)
                bar.update(len(chunk))
    if done < remote.size:
        raise ConnectionError(f"it ended after {done:,} of {remote.size:,} bytes")
