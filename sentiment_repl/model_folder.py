"""Model folders: find one, read and check it, replace one atomically.

A folder holds

- ``model.json`` and ``model.weights.h5``: the network. Keras also loads its own kinds;
- ``dictionary.json``, the vocabulary;
- ``metrics.json`` and ``model_card.md``, how good the model is;
- ``manifest.json``: the labels, the abstention thresholds, the size and SHA-256 of each file,
  and where in the HDF5 file each weight lies.

Keras stores weights contiguous and uncompressed, so NumPy reads them in place and the prompt
needs no HDF5 library. A folder is data: nothing in it is executed.

This module does not import NumPy: the prompt checks its model before NumPy is loaded.
"""

import hashlib
import json
import os
import re
import reprlib
import shutil
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from errno import EEXIST, ENOTEMPTY
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from sentiment_repl.errors import ModelError

DEFAULT_MODEL = "default"
"""The shipped model that answers if no other is named."""

ENVIRONMENT_VARIABLE = "SENTIMENT_REPL_ARTIFACTS"
"""The environment variable that names another model folder."""

MODEL, WEIGHTS, VOCABULARY, METRICS, CARD, MANIFEST = (
    "model.json",
    "model.weights.h5",
    "dictionary.json",
    "metrics.json",
    "model_card.md",
    "manifest.json",
)
THRESHOLD, THRESHOLD_WITHOUT_NEUTRAL = "uncertain_below", "uncertain_below_without_neutral"
"""Optional keys of the manifest: the abstention thresholds. Without its key there is none."""

_FORMAT = 2  # 1 had no labels, and the names of older layers
SIZE_LIMITS = {MANIFEST: 2**20, MODEL: 2**20, METRICS: 2**22, VOCABULARY: 2**23, WEIGHTS: 2**26}
"""The largest size of each file, in bytes. A larger file is refused before it is read.

Parsed JSON can take ten times its size, hence the lower limits.
"""
_REPLACEMENT = re.compile(r"\.(.+)\.sentiment-repl-[0-9a-f]{16}", re.DOTALL)
"""The name of a folder that holds the new and the old version of a model during a replacement."""
_NEW, _OLD = "new", "old"

_Read = TypeVar("_Read")


class ModelFiles(NamedTuple):
    """The content of a model folder. Each file matches its entry in the manifest."""

    folder: Path
    model: bytes
    vocabulary: bytes
    weights: bytes
    tensors: Any
    """The manifest's list of weights, unchecked; ``from_keras.read_tensors`` checks it."""
    labels: Any
    """The label of each output, unchecked; ``Classifier`` checks them."""
    uncertain_below: Any
    """The abstention threshold, unchecked; ``Classifier`` checks it. 0 means: never."""
    uncertain_below_without_neutral: Any
    """The same for a classifier without the neutral label."""


def shipped_models() -> dict[str, Path]:
    """Return the models of this package, name to folder, in order of name."""
    package = Path(__file__).parent
    installed, checkout = package / "models", package.parent / "artifacts"
    home = installed if installed.is_dir() else checkout
    names: set[str] = set()
    for _ in range(2):  # a model that is being replaced is at its place, or in the other folder
        names.update(path.parent.name for path in home.glob(f"[!.]*/{MANIFEST}"))
        replaced = (path.parts[-3] for path in home.glob(f".*/{_OLD}/{MANIFEST}"))
        names.update(match[1] for match in map(_REPLACEMENT.fullmatch, replaced) if match)
    return {name: home / name for name in sorted(names)}


def locate(model: str | None = None, folder: str | os.PathLike[str] | None = None) -> Path:
    """Return the folder of a model.

    :param model: the name of a shipped model.
    :param folder: any folder; takes precedence over ``model``. With neither, the folder in
        ``ENVIRONMENT_VARIABLE``, or else ``DEFAULT_MODEL``.
    :raises ModelError: no shipped model has that name.
    """
    if folder is None and model is None:
        folder = os.environ.get(ENVIRONMENT_VARIABLE) or None
    if folder is not None:
        return Path(folder)
    models = shipped_models()
    name = DEFAULT_MODEL if model is None else model
    if name not in models:
        known = ", ".join(models) or "none"
        raise ModelError(f"no model {name!r} ships with this program; choose from: {known}")
    return models[name]


def checkpoint_path(folder: Path) -> Path:
    """Return the file that keeps the last finished epoch of a training."""
    return folder.with_name(f".{folder.name}.checkpoint.npz")


def answers_path(folder: Path) -> Path:
    """Return the file that keeps the answers of the teachers during a training."""
    return folder.with_name(f".{folder.name}.answers.npz")


def resumable_files(folder: Path) -> list[Path]:
    """Return the files that an interrupted training has left for ``--resume``."""
    return [path for path in (checkpoint_path(folder), answers_path(folder)) if path.exists()]


def read_model(folder: Path) -> ModelFiles:
    """Read and check the files that a classifier needs.

    :raises ModelError: a file is missing, damaged or too large, or differs from the manifest.
    """
    return _read_one_version(folder, _read_model)


def _read_model(folder: Path) -> ModelFiles:
    manifest = read_manifest(folder)
    try:
        model, vocabulary, weights = (
            _read_file(folder, name, manifest) for name in (MODEL, VOCABULARY, WEIGHTS)
        )
        tensors, labels = manifest["tensors"], manifest["labels"]
        thresholds = manifest.get(THRESHOLD, 0), manifest.get(THRESHOLD_WITHOUT_NEUTRAL, 0)
    except (KeyError, TypeError) as error:
        raise _not_a_manifest(folder / MANIFEST, error) from error
    return ModelFiles(folder, model, vocabulary, weights, tensors, labels, *thresholds)


def read_metrics(folder: Path) -> Any:
    """Return the parsed ``metrics.json`` of a folder, unchecked; None if the model has none.

    :raises ModelError: it is damaged or too large, or differs from the manifest.
    """
    return _read_one_version(folder, _read_metrics)


def _read_metrics(folder: Path) -> Any:
    manifest = read_manifest(folder)
    try:
        if METRICS not in manifest["files"]:
            return None
        return json.loads(_read_file(folder, METRICS, manifest))
    except (KeyError, TypeError) as error:
        raise _not_a_manifest(folder / MANIFEST, error) from error
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{folder / METRICS}: it is not JSON: {error!s:.200}") from error


def _read_one_version(folder: Path, read: Callable[[Path], _Read]) -> _Read:
    """Call ``read`` with a folder. If it fails while the model is replaced, call it again.

    :raises ModelError: ``read`` failed twice for one version at one place.
    """
    failed: object = None
    while True:
        version = _existing_version(folder)
        identity = version, _identity(version)
        try:
            return read(version)
        except ModelError:
            if identity == failed:
                raise
            failed = identity


def _identity(folder: Path) -> tuple[int, int] | None:
    """Return what differs from one version of a model to the next; None if there is no model."""
    try:
        status = os.stat(folder / MANIFEST)
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the parsed ``manifest.json`` of a folder.

    :raises ModelError: it is missing, damaged, or of another format.
    """
    path = folder / MANIFEST
    try:
        manifest: dict[str, Any] = json.loads(_read_bounded(path))
        version = manifest["format"]
    except (FileNotFoundError, NotADirectoryError) as error:
        exists = os.path.isdir(folder)
        what = f"it has no {MANIFEST}" if exists else "there is no such folder"
        raise ModelError(
            f"{folder}: not a model folder: {what}; train a model or name another folder"
        ) from error
    except OSError as error:
        raise ModelError(f"{path}: it can't be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _not_a_manifest(path, error) from error
    if version != _FORMAT:
        raise ModelError(
            f"{path}: the format is {reprlib.repr(version)}, but this version reads {_FORMAT}; "
            "train the model again or install the version that wrote it"
        )
    return manifest


def _not_a_manifest(path: Path, error: Exception) -> ModelError:
    return ModelError(f"{path}: not a manifest of this program: {error!s:.200}")


def _read_bounded(path: Path) -> bytes:
    limit = SIZE_LIMITS[path.name]
    with open(path, "rb", opener=_open_nonblocking) as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise ModelError(f"{path}: not a regular file")
        if status.st_size > limit:
            raise ModelError(f"{path}: larger than the limit of {limit:,} bytes")
        return file.read(status.st_size)  # a larger size would take that much memory


def _open_nonblocking(path: str, flags: int) -> int:
    # A named pipe instead of the file would block until somebody writes to it.
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


class TrainingRecord(NamedTuple):
    """How a model was trained. A field is None if ``metrics.json`` lacks it."""

    architecture: Any = None
    seed: Any = None
    fingerprint: Any = None
    """Of the corpus."""

    @property
    def split_seed(self) -> int:
        """The seed that decides which texts are held out; 1 if unknown."""
        return self.seed if type(self.seed) is int else 1


def read_training_record(folder: Path) -> TrainingRecord:
    """Return what ``metrics.json`` says about the training, unchecked.

    :raises ModelError: the file is damaged.
    """
    metrics = read_metrics(folder)

    def find(*keys: str) -> Any:
        value = metrics
        for key in keys:
            value = value.get(key) if isinstance(value, dict) else None
        return value

    return TrainingRecord(
        find("architecture"), find("options", "seed"), find("data", "fingerprint")
    )


@contextmanager
def replace_atomically(folder: Path) -> Iterator[Path]:
    """Write a model folder so that a reader finds the old one or the new one, complete.

    Yields an empty folder to write to. When the block ends, it takes the place of ``folder``.
    If the block raises or the process dies, the old folder stays.

    :raises FileExistsError: ``folder`` holds files that do not belong to a model.
    """
    check_replaceable(folder)
    with _work_folder(folder) as work:
        _clean_up(folder)
        new = work / _NEW
        yield new
        for path in new.iterdir():
            with open(path, "rb+") as file:
                os.fsync(file.fileno())
        _swap(new, folder, work / _OLD)


@contextmanager
def _work_folder(folder: Path) -> Iterator[Path]:
    """Create and lock the folder of a replacement; remove it at the end."""
    with ExitStack() as stack:
        while True:
            # A user's folder has no such name. Nothing else is deleted.
            work = folder.with_name(f".{folder.name}.sentiment-repl-{os.urandom(8).hex()}")
            work.mkdir(parents=True)
            with suppress(FileNotFoundError):  # another program took it for abandoned
                stack.enter_context(_lock(work, wait=True))
                (work / _NEW).mkdir()
                break
        try:
            yield work
        finally:
            _end(work, folder)


def _swap(new: Path, folder: Path, old: Path) -> None:
    """Move a folder to ``old`` and ``new`` to its place.

    No system call of every system replaces a folder. Between the two renames a reader finds
    ``old``.
    """
    while True:
        with suppress(FileNotFoundError):
            folder.rename(old)
        try:
            new.rename(folder)
        except OSError as error:
            if error.errno not in (EEXIST, ENOTEMPTY):
                raise
            _discard(old)  # another program has put its model there
        else:
            return


def _discard(old: Path) -> None:
    """Remove an old version in one step, so that no reader finds a part of it."""
    with suppress(FileNotFoundError):
        old.rename(old.with_name(os.urandom(8).hex()))


def _clean_up(folder: Path) -> None:
    """Restore what replacements that died have moved, and remove what they have left."""
    for work in _replacements(folder):
        with suppress(OSError), _lock(work, wait=False) as is_held:
            if is_held:
                _end(work, folder)


def _end(work: Path, folder: Path) -> None:
    """Remove the folder of a replacement. If the model is not at its place, move it there."""
    old = work / _OLD
    if old.is_dir() and not folder.exists():
        with suppress(OSError):
            old.rename(folder)
    if folder.exists() or not old.exists():
        _discard(old)
        shutil.rmtree(work, ignore_errors=True)


@contextmanager
def _lock(folder: Path, *, wait: bool) -> Iterator[bool]:
    """Hold the lock of a folder, which ends with the process.

    Yields False if another process holds it. Windows and some network disks have no such locks.
    """
    try:
        import fcntl
    except ImportError:
        yield False
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        is_held = False
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            is_held = True
        yield is_held
    finally:
        os.close(descriptor)


def check_replaceable(folder: Path) -> None:
    """Check that a folder can be written, and that only an old model would be lost.

    :raises FileExistsError: it is a folder with other files in it.
    :raises NotADirectoryError: it is a file, or lies in one.
    :raises PermissionError: its parent folder can't be written to.
    """
    parent = next((path for path in folder.absolute().parents if path.exists()), folder)
    if not parent.is_dir():
        raise NotADirectoryError(f"{parent} is a file; name another folder than {folder}")
    if not os.access(parent, os.W_OK | os.X_OK):
        raise PermissionError(f"{parent} can't be written to; name another folder than {folder}")
    others = set[str]()
    with suppress(FileNotFoundError):
        others.update(os.listdir(folder))
    others -= {MODEL, WEIGHTS, VOCABULARY, METRICS, CARD, MANIFEST}
    if others:
        raise FileExistsError(
            f"{folder} holds {min(others)!r}, which is not part of a model and would be deleted; "
            "name another folder"
        )


def _existing_version(folder: Path) -> Path:
    """Return the folder, or its old version between the two renames of a replacement."""
    if os.path.isdir(folder):  # not Path.exists: the folder "." has no name
        return folder
    old = (work / _OLD for work in _replacements(folder))
    return next((version for version in old if version.is_dir()), folder)


def _replacements(folder: Path) -> list[Path]:
    """Return the folders of replacements that are under way or have died."""
    try:
        names = sorted(os.listdir(folder.parent))
    except OSError:
        return []
    matches = map(_REPLACEMENT.fullmatch, names)
    return [folder.with_name(match[0]) for match in matches if match and match[1] == folder.name]


def write_manifest(
    folder: Path,
    tensors: Mapping[str, Mapping[str, Any]],
    labels: Sequence[str],
    *,
    uncertain_below: float | None = None,
    uncertain_below_without_neutral: float | None = None,
) -> None:
    """Write the ``manifest.json`` of a finished folder.

    :param tensors: for each weight its ``offset`` in ``model.weights.h5`` in bytes, its
        ``shape`` and its ``dtype``. Values are contiguous and little-endian.
    :param labels: the label of each output.
    :param uncertain_below: the abstention threshold; None: the model never abstains.
    :param uncertain_below_without_neutral: the same for a classifier without the neutral label.
    """
    files = {}
    for path in sorted(folder.iterdir()):
        content = path.read_bytes()
        files[path.name] = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    manifest = {"format": _FORMAT, "labels": list(labels), "files": files, "tensors": tensors}
    thresholds = {
        THRESHOLD: uncertain_below,
        THRESHOLD_WITHOUT_NEUTRAL: uncertain_below_without_neutral,
    }
    manifest |= {key: value for key, value in thresholds.items() if value is not None}
    content_json = json.dumps(manifest, indent=2) + "\n"
    (folder / MANIFEST).write_text(content_json, encoding="utf-8", newline="\n")
