"""The public training data, fetched once and checked.

A file that is not the one expected, byte for byte, is never used.
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

_CHUNK = 1 << 16
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
"""A name that stands for the public data among files."""


def files(paths: Iterable[Path]) -> list[Path]:
    """Files of data, with the downloaded copy for ``PUBLIC``.

    :raises DataError: see ``cached``.
    """
    return [cached(SENTIMENT140) if path == PUBLIC else path for path in paths]


def cached(remote: Remote, folder: Path | None = None) -> Path:
    """The path of a downloaded copy, downloaded now if there is none.

    An interrupted download goes on where it stopped, if the server can do that.

    :param folder: where copies are kept; by default the user's cache directory.
    :raises DataError: no connection, or what came is not the file that is expected.
    """
    try:
        folder = folder or user_cache_path("sentiment-repl", appauthor=False)
    except RuntimeError:
        folder = Path("~")
    if folder.parts[:1] == ("~",):  # what older releases of platformdirs return
        raise DataError(
            "there is no home directory to keep the download in; set HOME, or name a file with "
            "--data"
        )
    path = folder / remote.url.rpartition("/")[2]
    part = path.with_name(f"{path.name}.part")
    if path.exists() and path.stat().st_size == remote.size and _sha256(path) == remote.sha256:
        return path
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not part.exists() or part.stat().st_size != remote.size:
            _download(remote, part)
    except (OSError, http.client.HTTPException, ValueError) as error:  # ValueError: redirected
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
        reason = " ".join(str(reason).split())  # some have several lines
        raise DataError(
            f"{remote.url}: the download failed ({reason}); try again, or name a file with --data"
        ) from error
    if part.stat().st_size != remote.size or _sha256(part) != remote.sha256:
        part.unlink()
        raise DataError(
            f"{remote.url}: what came is not the expected file (its SHA-256 differs) and was "
            "thrown away; try again, or name a file with --data"
        )
    part.replace(path)
    return path


def _download(remote: Remote, part: Path) -> None:
    have = part.stat().st_size if part.exists() else 0
    if have > remote.size:  # two wrote to it at once
        part.unlink()
        have = 0
    request = urllib.request.Request(remote.url)
    if have:
        request.add_header("Range", f"bytes={have}-")
    with urllib.request.urlopen(request, timeout=_TIMEOUT) as response:
        if response.status != 206:  # the server sends the whole
            have = 0
        if response.length not in (None, remote.size - have):  # a page of excuses, say
            raise ConnectionError(f"{response.length:,} bytes instead of {remote.size - have:,}")
        with (
            open(part, "ab" if have else "wb") as file,
            tqdm(
                total=remote.size,
                initial=have,
                unit="B",
                unit_scale=True,
                desc=part.stem,
                disable=None,  # in a log
            ) as bar,
        ):
            # A byte more than expected proves another file; no need to read on. What has come
            # is written at once (read1), to be there after a server that stalls.
            while have <= remote.size and (chunk := response.read1(_CHUNK)):
                file.write(chunk)
                have += len(chunk)
                bar.update(len(chunk))
    if have < remote.size:
        raise ConnectionError(f"it ended after {have:,} of {remote.size:,} bytes")


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()
