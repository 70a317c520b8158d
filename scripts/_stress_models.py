"""Model folders for stress.py: good ones, damaged as _stress_damage.py does it.

Half of the damaged ones have their checksums put right, as somebody would who means harm.
Each must be refused with one sentence and exit code 2, or answer as a model does.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from _stress import REFUSED, REPOSITORY, SURVIVED, Report, Wrong, captured, check, one_sentence
from _stress_damage import ON_BYTES, ON_DISK, Files

from sentiment_repl import model_folder, cli
from sentiment_repl.text import vocabulary
from sentiment_repl.model_folder import DICTIONARY, MANIFEST, METRICS, MODEL, WEIGHTS
from sentiment_repl.text.social_tokenizer import STYLES

TEXTS = ["good", "so bad, not a GOOD day", "", "zzz", "good day " * 70]
_EVERY = 50  # one case in so many goes through a program of its own


def models(count: int, seed: int, start: int = 0) -> dict[str, Any]:
    """Try damaged model folders."""
    report = Report("models", seed, start)
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        home.chmod(0o755)  # for those who are not root
        good = _good_folders(home)
        for _ in range(count):
            rng = report.random()
            base = rng.choices(list(good), [45, 45, 5, 5])[0]
            kind = rng.choice([*ON_BYTES, *ON_DISK])
            repaired = rng.random() < 0.5
            # Nobody, whom a forbidden folder is tried as, may not run a Python of root's.
            alone = report.number % _EVERY == 0 and kind != "forbidden"
            folder = home / "model"
            files = _read(good[base])
            if kind in ON_BYTES:
                harmed = dict(files)
                ON_BYTES[kind](rng, harmed)
                if repaired:
                    _repair(harmed)
                _write(folder, harmed)
                expected = None if repaired or harmed == files else REFUSED
                if harmed == files:
                    expected = SURVIVED
            else:
                _write(folder, files)
                ON_DISK[kind](rng, folder, good[base])
                expected = None
            report.run(kind, lambda f=folder, e=expected, k=kind, a=alone: _try(f, e, k, a))
            _remove(folder)
    return report.figures()


def _try(folder: Path, expected: str | None, kind: str, alone: bool) -> str:
    if kind == "forbidden" and os.geteuid() == 0:
        os.setegid(65534)
        os.seteuid(65534)
    code, out, err = (_program if alone else _in_process)(
        ["--artifacts", str(folder), "--format", "jsonl", "--explain", *TEXTS]
    )
    outcome = judge(code, out, err)
    if expected == REFUSED and outcome != REFUSED and not _only_manifest(folder):
        raise Wrong("a damaged file was read for a good one")
    if expected == SURVIVED:
        check(outcome == SURVIVED, f"a good folder was refused: {err!r}")
    return outcome


def _only_manifest(folder: Path) -> bool:
    """Whether all that differs is in the manifest, which has no checksum of its own."""
    files = json.loads((folder / MANIFEST).read_bytes())["files"]
    return all(
        sha256((folder / name).read_bytes()).hexdigest() == files[name]["sha256"]
        for name in (MODEL, DICTIONARY, WEIGHTS)
    )


def judge(code: int, out: bytes, err: bytes) -> str:
    """Whether a model was refused as it should be, or answers as it should."""
    if code == 2:
        check(not out, f"refused, but it wrote {out[:200]!r}")
        one_sentence(err)
        return REFUSED
    check(code == 0, f"exit code {code}: {err.decode()[-2000:]}")
    check(not err, f"on the standard error: {err.decode()[-2000:]}")
    lines = out.decode("ascii").split("\n")
    check(len(lines) == len(TEXTS) + 1, f"{len(lines) - 1} answers")
    for text, line in zip(TEXTS, lines):
        _check_answer(text, json.loads(line, parse_constant=_no_number))
    return SURVIVED


def _no_number(name: str) -> None:
    raise Wrong(f"{name} in an answer")


def _check_answer(text: str, answer: dict[str, Any]) -> None:
    check(answer["text"] == text, f"an answer to {answer['text']!r}")
    confidence, label = answer["confidence"], answer["label"]
    if label is None:
        check(confidence is None, f"no label, but {confidence}")
    else:
        check(label in ("negative", "positive") and 0.5 <= confidence <= 1, f"{label} {confidence}")
    for word in answer["word_effects"]:
        check(text[word["start"] : word["end"]] == word["word"], word)


def _in_process(arguments: list[str]) -> tuple[int, bytes, bytes]:
    with captured() as written:
        code = cli.main(arguments)
        return (code, *written())


def _program(arguments: list[str]) -> tuple[int, bytes, bytes]:
    done = subprocess.run(
        [sys.executable, "-m", "sentiment_repl", *arguments],
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )
    return done.returncode, done.stdout, done.stderr


# --- good folders -----------------------------------------------------------------------


def _good_folders(home: Path) -> dict[str, Path]:
    """A small model of each kind, and those that ship; each must answer."""
    folders = {"a small dense model": home / "dense", "a small recurrent one": home / "recurrent"}
    dense(home / "dense", ["good", "bad", "day"])
    recurrent(home / "recurrent", ["good", "bad", "day", "not"])
    for name in ("article", "default"):
        folders[name] = model_folder.shipped()[name]
    return folders


def _save(
    folder: Path, words: list[str], layers: list[dict[str, Any]], weights: dict[str, np.ndarray]
) -> None:
    folder.mkdir()
    model = {"class_name": "Sequential", "config": {"name": "small", "layers": layers}}
    (folder / MODEL).write_text(json.dumps(model))
    columns = {word: column for column, word in enumerate(words, start=1)}
    (folder / DICTIONARY).write_text(vocabulary.dumps(columns))
    content, tensors = bytearray(b"\x89HDF\r\n\x1a\n"), {}
    for name, values in weights.items():
        tensors[name] = {"offset": len(content), "shape": list(values.shape)}
        if values.dtype == np.int8:
            tensors[name]["dtype"] = "int8"
        content += values.tobytes()
    (folder / WEIGHTS).write_bytes(content)
    (folder / METRICS).write_text("{}\n")
    model_folder.write_manifest(folder, tensors, uncertain_below=0.6)


def dense(folder: Path, words: list[str]) -> None:
    """Write a small model of the article's kind, of random weights."""
    rng = np.random.default_rng(1)
    layers = [
        {"class_name": "InputLayer", "config": {"name": "bag"}},
        {"class_name": "Dense", "config": {"name": "first", "units": 8, "activation": "relu"}},
        {"class_name": "Dropout", "config": {"name": "dropout", "rate": 0.5}},
        {"class_name": "Dense", "config": {"name": "output", "units": 2, "activation": "softmax"}},
    ]
    shapes: dict[str, Any] = {
        "first/kernel": (len(words) + 1, 8),
        "first/bias": 8,
        "output/kernel": (8, 2),
        "output/bias": 2,
    }
    weights = {name: rng.normal(0, 1, size).astype(np.float32) for name, size in shapes.items()}
    _save(folder, words, layers, weights)


def recurrent(folder: Path, words: list[str]) -> None:
    """Write a small model of the default kind, of random weights."""
    columns = len(words) + 1
    rng = np.random.default_rng(1)
    kinds = [
        ("StoredWords", {"name": "words", "columns": columns, "units": 8}),
        ("LightRecurrence", {"name": "one", "units": 4, "window": 3}),
        ("LightRecurrence", {"name": "two", "units": 4, "window": 1}),
        ("MaxAndMean", {"name": "largest_and_mean"}),
        ("Dense", {"name": "output", "units": 2, "activation": "softmax"}),
    ]
    layers = [{"class_name": kind, "config": config} for kind, config in kinds]
    shapes: dict[str, Any] = {
        "words/scales": columns,
        "words/styles": (STYLES, 8),
        "one/kernel": (24, 16),
        "one/bias": 16,
        "two/kernel": (8, 16),
        "two/bias": 16,
        "output/kernel": (16, 2),
        "output/bias": 2,
    }
    weights = {name: rng.normal(0, 0.1, size).astype(np.float32) for name, size in shapes.items()}
    rows = rng.integers(-128, 128, (columns, 8)).astype(np.int8)
    _save(folder, words, layers, {"words/rows": rows, **weights})


def _read(folder: Path) -> Files:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def _write(folder: Path, files: Files) -> None:
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)


def _remove(folder: Path) -> None:
    if folder.is_dir() and not folder.is_symlink():
        folder.chmod(0o700)
        shutil.rmtree(folder)
    elif folder.is_symlink() or folder.exists():
        folder.unlink()


def _repair(files: Files) -> None:
    """Put sizes and checksums right, as far as there is a manifest to do so in."""
    try:
        manifest = json.loads(files[MANIFEST])
        for name, content in files.items():
            if name != MANIFEST:
                manifest["files"][name] = {
                    "bytes": len(content),
                    "sha256": sha256(content).hexdigest(),
                }
        files[MANIFEST] = json.dumps(manifest).encode()
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        pass
