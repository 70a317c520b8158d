"""Model folders: find one, read and check it, replace one whole.

A folder holds ``model.json`` and ``model.weights.h5``, which Keras loads,
``dictionary.json``, ``metrics.json``, ``model_card.md``, which tells a person of them,
and ``manifest.json``: the size and SHA-256 of each file, and for each weight the bytes
of the HDF5 file that hold it. Keras stores weights contiguous and uncompressed, so
NumPy reads them in place and the prompt needs no HDF5 library. Everything in a folder
is data; nothing in it runs.

NumPy stays out of this module: the prompt checks its model before it imports it.
"""

import hashlib
import json
import os
import reprlib
import shutil
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from sentiment_repl.errors import ModelError

DEFAULT = "default"
"""The shipped model that answers where no other is named."""

VARIABLE = "SENTIMENT_REPL_ARTIFACTS"
"""The environment variable that names another model folder."""

MODEL, WEIGHTS, DICTIONARY, METRICS, CARD, MANIFEST = (
    "model.json",
    "model.weights.h5",
    "dictionary.json",
    "metrics.json",
    "model_card.md",
    "manifest.json",
)
_FORMAT = 1
_PREVIOUS = ".previous"
# Bytes; a larger file is refused before memory is taken for it. JSON is kept shorter, as
# it can take ten times as much when it is parsed.
LARGEST = {MANIFEST: 2**20, MODEL: 2**20, DICTIONARY: 2**23, WEIGHTS: 2**26}


class Files(NamedTuple):
    """The contents of a model folder, each file as its manifest describes it."""

    folder: Path
    model: bytes
    dictionary: bytes
    weights: bytes
    tensors: Any
    """What the manifest says of the weights, unchecked; ``network.tensors`` reads it."""
    uncertain_below: Any
    """The confidence below which an answer is too close to call, unchecked."""


def shipped() -> dict[str, Path]:
    """The models that came with the package: name and folder, in order of name."""
    package = Path(__file__).parent
    installed, checkout = package / "models", package.parent / "artifacts"
    home = installed if installed.is_dir() else checkout
    names = {_unhidden(path.parent.name) for path in home.glob(f"*/{MANIFEST}")}
    return {name: home / name for name in sorted(filter(None, names))}


def _unhidden(name: str) -> str | None:
    """The model that a folder is of; None for one that is still being written."""
    if not name.startswith("."):
        return name
    return name[1:].removesuffix(_PREVIOUS) if name.endswith(_PREVIOUS) else None


def locate(model: str | None = None, folder: str | os.PathLike[str] | None = None) -> Path:
    """The folder of the model that is asked for.

    :param model: the name of a shipped model.
    :param folder: any folder; goes before ``model``. With neither, ``VARIABLE`` of the
        environment, or else ``DEFAULT``.
    :raises ModelError: no shipped model has that name.
    """
    if folder is None and model is None:
        folder = os.environ.get(VARIABLE) or None
    if folder is not None:
        return Path(folder)
    models = shipped()
    name = DEFAULT if model is None else model
    if name not in models:
        known = ", ".join(models) or "none at all"
        raise ModelError(f"no model {name!r} ships with this program; there is: {known}")
    return models[name]


def checkpoint(folder: Path) -> Path:
    """The file with the last finished epoch, while a model folder is being trained."""
    return folder.with_name(f".{folder.name}.checkpoint.npz")


def read(folder: Path) -> Files:
    """Read what the prompt needs of a model folder, and check it.

    :raises ModelError: a file is missing, damaged, too large or not as the
        manifest describes it.
    """
    folder = _whole(folder)
    manifest = read_manifest(folder)
    try:
        contents = {
            name: _read_file(folder, name, manifest) for name in (MODEL, DICTIONARY, WEIGHTS)
        }
        tensors = manifest["tensors"]
        uncertain_below = manifest.get("uncertain_below", 0.5)  # 0.5: none is
    except (KeyError, TypeError) as error:
        raise ModelError(
            f"{folder / MANIFEST}: it is not a manifest of this program: {error!s:.200}"
        ) from error
    return Files(
        folder, contents[MODEL], contents[DICTIONARY], contents[WEIGHTS], tensors, uncertain_below
    )


def read_manifest(folder: Path) -> dict[str, Any]:
    """The parsed ``manifest.json`` of a folder, its format version checked."""
    path = folder / MANIFEST
    try:
        manifest = json.loads(_read_bounded(path))
        version = manifest["format"]
    except (FileNotFoundError, NotADirectoryError) as error:
        exists = os.path.isdir(folder)
        what = "it is not a model folder" if exists else "there is no such model folder"
        raise ModelError(f"{folder}: {what} (no {MANIFEST}); scripts/train.py makes one") from error
    except OSError as error:
        raise ModelError(f"{path}: it can't be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ModelError(f"{path}: it is not a manifest of this program: {error!s:.200}") from error
    if version != _FORMAT:
        raise ModelError(
            f"{path}: format {reprlib.repr(version)}, where this program reads {_FORMAT}; "
            "train the model again or install the version that wrote it"
        )
    return manifest


def _read_bounded(path: Path) -> bytes:
    largest = LARGEST[path.name]
    with open(path, "rb", opener=_open_at_once) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise ModelError(f"{path}: it is no file")
        content = file.read(largest + 1)
    if len(content) > largest:
        raise ModelError(f"{path}: larger than {largest} bytes, which none of this program's is")
    return content


def _open_at_once(path: str, flags: int) -> int:
    # A pipe in place of the file would keep us until somebody writes to it.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _read_file(folder: Path, name: str, manifest: Mapping[str, Any]) -> bytes:
    path = folder / name
    size, sha256 = manifest["files"][name]["bytes"], manifest["files"][name]["sha256"]
    try:
        content = _read_bounded(path)
    except OSError as error:
        raise ModelError(f"{path}: it can't be read: {error.strerror}") from error
    if len(content) != size or hashlib.sha256(content).hexdigest() != sha256:
        raise ModelError(
            f"{path}: damaged: it is not the file that {MANIFEST} describes; "
            "install or train the model again"
        )
    return content


class Trained(NamedTuple):
    """How the model of a folder was trained; None where its ``metrics.json`` does not tell."""

    architecture: Any = None
    seed: Any = None
    """Of the split, too."""
    fingerprint: Any = None
    """Of the corpus."""

    @property
    def split(self) -> int:
        """The seed that decides what was held back; 1, as by default, where it is not told."""
        return self.seed if type(self.seed) is int else 1


def trained(folder: Path) -> Trained:
    """What a model folder tells of its training, unchecked."""
    try:
        metrics = json.loads((_whole(folder) / METRICS).read_bytes())
    except (OSError, ValueError, RecursionError):
        metrics = None

    def told(*keys: str) -> Any:
        value = metrics
        for key in keys:
            value = value.get(key) if isinstance(value, dict) else None
        return value

    return Trained(told("architecture"), told("options", "seed"), told("data", "fingerprint"))


@contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """Write a model folder so that a reader finds the old one or the new, whole.

    Yields an empty folder beside ``folder`` to write ``model.json``, the weights
    and the rest to; when the block ends well, it takes the place of the old one.
    If the block raises, or the process dies in it, the old one stays as it was.

    :raises FileExistsError: ``folder`` holds something that is not of a model.
    """
    new, previous = folder.with_name(f".{folder.name}.new"), _previous(folder)
    if previous.is_dir() and not folder.exists():
        previous.rename(folder)
    check_replaceable(folder)
    shutil.rmtree(previous, ignore_errors=True)
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    try:
        yield new
        for path in new.iterdir():
            with open(path, "rb+") as file:
                os.fsync(file.fileno())
        # No system renames one folder over another: between these two lines only
        # ``previous`` exists, and read() takes it.
        if folder.exists():
            folder.rename(previous)
        try:
            new.rename(folder)
        except OSError:
            if previous.is_dir():
                previous.rename(folder)
            raise
        shutil.rmtree(previous, ignore_errors=True)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def check_replaceable(folder: Path) -> None:
    """See to it that a folder can be replaced, and that it costs nothing but an old model.

    :raises FileExistsError: it is a folder with something else in it.
    :raises NotADirectoryError: it is a file, or in one.
    :raises PermissionError: nothing can be written beside it.
    """
    above = next((path for path in folder.absolute().parents if path.exists()), folder)
    if not above.is_dir():
        raise NotADirectoryError(f"{above} is a file; name another folder than {folder}")
    if not os.access(above, os.W_OK | os.X_OK):
        raise PermissionError(f"{above} can't be written to; name another folder than {folder}")
    if not folder.exists():
        return
    strangers = {path.name for path in folder.iterdir()} - {
        MODEL, WEIGHTS, DICTIONARY, METRICS, CARD, MANIFEST,
    }  # fmt: skip
    if strangers:
        raise FileExistsError(
            f"{folder} would be replaced whole, and holds more than a model ({min(strangers)}); "
            "name another folder"
        )


def _whole(folder: Path) -> Path:
    """The folder, or the older one that a replacement left that died between its two renames."""
    gone = not os.path.isdir(folder)  # what is there may have no name, as . has none
    return _previous(folder) if gone and os.path.isdir(_previous(folder)) else folder


def _previous(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}{_PREVIOUS}")


def write_manifest(
    folder: Path,
    tensors: Mapping[str, Mapping[str, Any]],
    *,
    uncertain_below: float | None = None,
) -> None:
    """Describe a finished folder in its ``manifest.json``.

    :param tensors: for each weight its ``offset`` in ``model.weights.h5``, in bytes, its
        ``shape`` and its ``dtype``; its values are contiguous and little-endian.
    :param uncertain_below: the confidence below which an answer is too close to call;
        None: no answer is.
    """
    files = {}
    for path in sorted(folder.iterdir()):
        content = path.read_bytes()
        files[path.name] = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    manifest = {"format": _FORMAT, "files": files, "tensors": tensors}
    if uncertain_below is not None:
        manifest["uncertain_below"] = uncertain_below
    text = json.dumps(manifest, indent=2) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8", newline="\n")
