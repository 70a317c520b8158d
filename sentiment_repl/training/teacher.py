"""A small pre-trained encoder, fine-tuned. It knows English from more than tweets.

The encoder is MiniLM, a BERT of six layers (Wang et al. 2020, arXiv:2002.10957), pre-trained on
pairs of sentences (all-MiniLM-L6-v2). PyTorch trains it more than twice as fast on a processor
as TensorFlow.
"""

import hashlib
import io
import json
import math
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, groupby
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm
from transformers import AutoModel
from transformers.utils.logging import disable_progress_bar

import sentiment_repl
from sentiment_repl.errors import DataError, Failure
from sentiment_repl.files.atomic import write_atomically

LONGEST = 64
"""The number of word pieces that are read of a text. Hardly any tweet has more."""
FIRST, LAST = "[CLS]", "[SEP]"
"""The word pieces around each text."""
LEARNING_RATE = 2e-4
"""The highest learning rate."""
_WARM_UP = 0.05  # the share of the steps in which the learning rate rises; then it falls
_CLIP_NORM = 1.0
_SECONDS_BETWEEN_CHECKPOINTS = 600
_BATCH = 96  # texts of a training step, at most
_PREDICTION_BATCH = 512  # texts

Pieces = NDArray[np.int32]
"""The ids of the word pieces of a text, 2 to ``LONGEST`` of them."""


def read_pieces(folder: Path) -> dict[str, int]:
    """Return the word pieces of a pre-trained encoder and their ids, in the order of the ids.

    :raises DataError: the folder has no vocabulary.
    """
    with _loading(folder, "vocab.txt") as file:
        pieces = file.read_text(encoding="utf-8").removesuffix("\n").split("\n")
        ids = {piece: piece_id for piece_id, piece in enumerate(pieces)}
        if not {FIRST, LAST} <= ids.keys():
            raise ValueError(f"its vocabulary lacks {FIRST} or {LAST}")
        return ids


class Encoder(torch.nn.Module):
    """A pre-trained encoder with one output for each class.

    Its weights are float32. It multiplies in bfloat16 where the machine does that faster.

    :param folder: of the pre-trained encoder, as the library transformers writes it.
    :param classes: the number of classes.
    :param seed: of the first weights of the outputs.
    :raises DataError: the folder holds no encoder.
    """

    def __init__(self, folder: Path, classes: int, seed: int) -> None:
        super().__init__()
        torch.manual_seed(seed)
        if torch.cuda.is_available():
            self.device = torch.device("cuda")
            self._is_bfloat16_fast = torch.cuda.is_bf16_supported(including_emulation=False)
        else:
            self.device = torch.device("cpu")
            has = torch.cpu.get_capabilities()
            self._is_bfloat16_fast = any(has.get(unit) for unit in ("amx_bf16", "avx512_bf16"))
        disable_progress_bar()
        with _loading(folder, "config.json") as file:
            if (kind := json.loads(file.read_text(encoding="utf-8"))["model_type"]) != "bert":
                raise ValueError(f"its model type is {kind}, not bert")
            self.bert = AutoModel.from_pretrained(
                folder,
                dtype=torch.float32,
                attn_implementation="eager",  # its gradient is faster for short texts
                # NumPy has no error function, so it computes GELU by its tanh approximation.
                hidden_act="gelu_pytorch_tanh",
                # Dropout takes an eighth of the time, and did not make the encoder more accurate.
                hidden_dropout_prob=0.0,
                attention_probs_dropout_prob=0.0,
            )
        self.output = torch.nn.Linear(self.bert.config.hidden_size, classes)
        self.to(self.device)

    def forward(self, pieces: torch.Tensor) -> torch.Tensor:
        """Return the logits, float32, (texts, classes), of texts of one length, (texts, pieces)."""
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self._is_bfloat16_fast):
            hidden = self.bert(input_ids=pieces.to(self.device)).last_hidden_state
        logits: torch.Tensor = self.output(hidden.float().mean(1))
        return logits

    def probabilities(self, texts: Sequence[Pieces]) -> NDArray[np.float32]:
        """Return the probability of each class, (texts, classes)."""
        self.eval()
        probabilities = np.empty((len(texts), self.output.out_features), np.float32)
        batches = list(_batches_of_one_length(texts, np.arange(len(texts)), _PREDICTION_BATCH))
        with torch.inference_mode():
            for rows in tqdm(batches, desc="Answers", disable=None):
                logits = self(_stack(texts, rows))
                probabilities[rows] = torch.softmax(logits, dim=1).cpu().numpy()
        return probabilities


def fine_tune(
    encoder: Encoder,
    texts: Sequence[Pieces],
    targets: NDArray[np.floating],
    *,
    weights: NDArray[np.floating],
    passes: float,
    seed: int,
    checkpoint: Path | None = None,
) -> None:
    """Train an encoder.

    The loss is the cross-entropy over the classes that the source of a text knows.

    :param targets: the probability of each class, (texts, classes). NaN: the source of the
        text says nothing about the class; the others sum to 1.
    :param weights: how much each text counts in the loss, (texts,).
    :param passes: how often each text is read; 0.5 reads a random half of them.
    :param seed: of the order of the texts.
    :param checkpoint: a file that is written every ten minutes and after the last step. If it
        exists, the training continues from it.
    :raises Failure: the loss is not finite.
    :raises FileError: the checkpoint can't be written.
    :raises DataError: the checkpoint is damaged, or of other data or options.
    """
    batches = _training_batches(texts, passes, seed)
    optimizer = torch.optim.AdamW(encoder.parameters(), weight_decay=0.01, fused=True)
    identity = _identity(encoder, [targets, weights, *texts], passes, seed)
    saved = checkpoint and _Checkpoint(checkpoint, encoder, optimizer, identity)
    first = saved.restore() if saved else 0
    encoder.train()
    losses = []
    bar = tqdm(batches[first:], "Fine-tune", len(batches), initial=first, mininterval=5)
    for step, rows in enumerate(bar, first):
        logits = encoder(_stack(texts, rows))
        loss = _loss(logits, *(_tensor(x[rows], encoder.device) for x in (targets, weights)))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(encoder.parameters(), _CLIP_NORM)
        for group in optimizer.param_groups:
            group["lr"] = _learning_rate(step, len(batches))
        optimizer.step()
        losses.append(loss.item())
        if not math.isfinite(losses[-1]):
            raise Failure(f"the fine-tuning failed: the loss is {losses[-1]}")
        bar.set_postfix(loss=f"{np.mean(losses[-500:]):.4f}", refresh=False)
        if saved and (saved.is_due() or step + 1 == len(batches)):
            saved.write(step + 1)


def _loss(logits: torch.Tensor, targets: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    log_probabilities = torch.log_softmax(logits.masked_fill(targets.isnan(), -1e9), dim=1)
    return -(weights * (targets.nan_to_num() * log_probabilities).sum(1)).mean()


def _learning_rate(step: int, steps: int) -> float:
    """Return the rate of a step: it rises to ``LEARNING_RATE``, then falls to zero."""
    rising = _WARM_UP * steps
    return LEARNING_RATE * min((step + 1) / rising, (steps - step) / (steps - rising))


def _training_batches(texts: Sequence[Pieces], passes: float, seed: int) -> list[NDArray[np.intp]]:
    rng = np.random.default_rng(seed)
    batches: list[NDArray[np.intp]] = []
    while passes > 0:
        rows = rng.permutation(len(texts))[: math.ceil(min(passes, 1) * len(texts))]
        of_pass = list(_batches_of_one_length(texts, rows, _BATCH))
        batches += [of_pass[i] for i in rng.permutation(len(of_pass))]
        passes -= 1
    return batches


class _Checkpoint:
    """A file with the weights, the state of the optimizer and the number of steps."""

    def __init__(
        self, path: Path, encoder: Encoder, optimizer: torch.optim.Optimizer, identity: str
    ) -> None:
        self._path, self._identity = path, identity
        self._parts = {"encoder": encoder, "optimizer": optimizer}
        self._written = time.monotonic()

    def is_due(self) -> bool:
        return time.monotonic() - self._written > _SECONDS_BETWEEN_CHECKPOINTS

    def write(self, step: int) -> None:
        content = io.BytesIO()
        states = {name: part.state_dict() for name, part in self._parts.items()}
        torch.save({"step": step, "identity": self._identity, **states}, content)
        with write_atomically(self._path) as write:
            write(content.getvalue())
        self._written = time.monotonic()

    def restore(self) -> int:
        """Return the number of finished steps; 0 without a file."""
        if not self._path.exists():
            return 0
        try:
            saved = torch.load(self._path, map_location="cpu", weights_only=True)
            if saved["identity"] != self._identity:
                raise ValueError("it is of other data or options")
            for name, part in self._parts.items():
                part.load_state_dict(saved[name])
            return int(saved["step"])
        except Exception as error:  # PyTorch raises many kinds
            reason = str(error).strip().partition("\n")[0]
            raise DataError(
                f"{self._path}: it can't be resumed: {reason}; start again without --resume"
            ) from error


def _identity(encoder: Encoder, data: Iterable[NDArray[Any]], passes: float, seed: int) -> str:
    """Return a SHA-256 of all that the training depends on."""
    schedule = passes, seed, _BATCH, LEARNING_RATE, _WARM_UP, _CLIP_NORM
    versions = sentiment_repl.__version__, torch.__version__
    digest = hashlib.sha256(repr((schedule, versions)).encode())
    initial = (tensor.detach().cpu().numpy() for tensor in encoder.state_dict().values())
    for array in chain(data, initial):
        digest.update(repr((array.shape, array.dtype.str)).encode() + array.tobytes())
    return digest.hexdigest()


def _batches_of_one_length(
    texts: Sequence[Pieces], rows: NDArray[np.intp], size: int
) -> Iterator[NDArray[np.intp]]:
    """Group rows into batches in which all texts have the same length: no text is padded."""
    lengths = np.array([len(text) for text in texts], np.int32)
    in_order = rows[np.argsort(lengths[rows], kind="stable")]
    for _, group in groupby(in_order.tolist(), key=lengths.__getitem__):
        of_length = np.array(list(group))
        yield from (of_length[i : i + size] for i in range(0, len(of_length), size))


def _tensor(array: NDArray[np.floating], device: torch.device) -> torch.Tensor:
    return torch.from_numpy(np.asarray(array, np.float32)).to(device)


def _stack(texts: Sequence[Pieces], rows: NDArray[np.intp]) -> Any:
    return torch.from_numpy(np.stack([texts[i] for i in rows]).astype(np.int64))


@contextmanager
def _loading(folder: Path, name: str) -> Iterator[Path]:
    """Turn every error about a file of a pre-trained encoder into a ``DataError``."""
    if not (folder / name).is_file():
        raise DataError(f"{folder}: not a pre-trained encoder: it has no {name}")
    try:
        yield folder / name
    except Exception as error:  # the libraries raise many kinds
        reason = str(error).strip().partition("\n")[0]
        raise DataError(f"{folder}: the encoder can't be loaded: {reason}") from error
