"""A small pre-trained encoder, fine-tuned to teach: it knows English from more than tweets.

The encoder is a BERT of six layers, MiniLM (Wang et al. 2020, arXiv:2002.10957), as trained on
pairs of sentences (all-MiniLM-L6-v2). It is six times as large as the model that ships and nine
times as slow, so what it is used for is its answers (``teachers.py``). PyTorch trains it, more
than twice as fast on a processor as TensorFlow does.
"""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from tqdm import tqdm
from transformers import AutoModel
from transformers.utils.logging import disable_progress_bar

from sentiment_repl.text import social_tokenizer
from sentiment_repl.errors import DataError, Failure

LONGEST = 64
"""Word pieces read of a text, more of which hardly any tweet has."""
RATE = 2e-4
"""The highest learning rate."""
_WARM_UP = 0.05  # of the steps, in which the rate rises; it falls in the others
_NORM = 1.0  # to which gradients are cut
_BATCH = 256  # texts of a step
_ASKED = 512  # texts of a batch that is only asked
_AT_ONCE = 20_000  # texts cut in pieces
_PLAIN = {social_tokenizer.USER: "user", social_tokenizer.LINK: "url"}


class Pieces:
    """Texts as numbers of word pieces, one after the other.

    :param folder: of the pre-trained encoder.
    :raises DataError: there is no tokenizer in it.
    """

    def __init__(self, folder: Path) -> None:
        with _loading(folder, "tokenizer.json") as file:
            self._tokenizer = Tokenizer.from_file(str(file))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(LONGEST)

    def __call__(self, texts: Sequence[str]) -> list[np.ndarray]:
        """The pieces of each text, int32, 2 to ``LONGEST`` of them."""
        pieces: list[np.ndarray] = []
        for first in tqdm(range(0, len(texts), _AT_ONCE), desc="Cut in pieces", disable=None):
            some = [plain(text) for text in texts[first : first + _AT_ONCE]]
            for encoding in self._tokenizer.encode_batch_fast(some):
                pieces.append(np.array(encoding.ids, np.int32))
        return pieces


def plain(text: str) -> str:
    """A text as the encoder reads it: tokens as the other models have them, no row of marks."""
    return " ".join(
        _PLAIN.get(word) or ("…" if word[:2] == ".." else word[0] if word[0] in "!?" else word)
        for word, _ in social_tokenizer.tokenize(text)
    )


class Encoder(torch.nn.Module):
    """A pre-trained encoder and one output.

    Its numbers are bfloat16 where the machine multiplies those faster, float32 elsewhere.

    :param folder: of the pre-trained encoder, as the library transformers writes it.
    :param seed: of its output's first weights.
    :raises DataError: there is none in it.
    """

    def __init__(self, folder: Path, seed: int) -> None:
        super().__init__()
        torch.manual_seed(seed)
        if torch.cuda.is_available():
            self.device = torch.device("cuda")
            fast = torch.cuda.is_bf16_supported(including_emulation=False)
        else:
            self.device = torch.device("cpu")
            fast = torch.cpu.get_capabilities().get("amx_bf16", False)
        disable_progress_bar()
        # Without dropout, which takes a third of the time and helps against reading a text
        # twice; and with plain attention, whose gradient is the faster for short texts.
        with _loading(folder, "config.json"):
            self._encoder = AutoModel.from_pretrained(
                folder,
                dtype=torch.bfloat16 if fast else torch.float32,
                attn_implementation="eager",
                hidden_dropout_prob=0.0,
                attention_probs_dropout_prob=0.0,
            )
        self._output = torch.nn.Linear(self._encoder.config.hidden_size, 1)
        self.to(self.device)

    def forward(self, pieces: torch.Tensor) -> torch.Tensor:
        """The log-odds of positive, float32, (texts,), of texts of one length, int, (texts, n)."""
        hidden = self._encoder(input_ids=pieces.to(self.device)).last_hidden_state
        return self._output(hidden.float().mean(1))[:, 0]

    def probabilities(self, texts: Sequence[np.ndarray]) -> np.ndarray:
        """How likely each text is positive, float32, (texts,), 0-1."""
        self.eval()
        answers = np.empty(len(texts), np.float32)
        lengths = np.array([len(text) for text in texts], np.int32)
        batches = list(_of_one_length(lengths, np.arange(len(texts)), _ASKED))
        with torch.inference_mode():
            for rows in tqdm(batches, desc="The encoder answers", disable=None):
                answers[rows] = torch.sigmoid(self(_stacked(texts, rows))).cpu().numpy()
        return answers


def fine_tune(
    encoder: Encoder, texts: Sequence[np.ndarray], labels: np.ndarray, passes: float, seed: int
) -> None:
    """Train an encoder to tell positive texts from negative ones.

    :param texts: word pieces.
    :param labels: how likely each is positive, 0-1.
    :param passes: how often each text is read; 0.5 reads a random half of them.
    :param seed: of the order of the texts.
    :raises Failure: it learns nothing.
    """
    rng = np.random.default_rng(seed)
    lengths = np.array([len(text) for text in texts], np.int32)
    batches: list[np.ndarray] = []
    while passes > 0:
        rows = rng.permutation(len(texts))[: math.ceil(min(passes, 1) * len(texts))]
        some = list(_of_one_length(lengths, rows, _BATCH))
        batches += [some[i] for i in rng.permutation(len(some))]
        passes -= 1
    weights = list(encoder.parameters())
    # The small steps of a training are lost in bfloat16, so they are added up in float32.
    exact = [torch.nn.Parameter(weight.detach().float()) for weight in weights]
    optimizer = torch.optim.AdamW(exact, lr=RATE, weight_decay=0.01, fused=True)
    rising = _WARM_UP * len(batches)
    rates = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda step: min((step + 1) / rising, (len(batches) - step) / (len(batches) - rising)),
    )
    encoder.train()
    losses = []
    for rows in (bar := tqdm(batches, desc="The encoder learns", mininterval=5)):
        wanted = torch.from_numpy(labels[rows].astype(np.float32)).to(encoder.device)
        loss = torch.nn.functional.binary_cross_entropy_with_logits(
            encoder(_stacked(texts, rows)), wanted
        )
        loss.backward()
        for weight, precise in zip(weights, exact):
            precise.grad = None if weight.grad is None else weight.grad.float()
            weight.grad = None
        torch.nn.utils.clip_grad_norm_(exact, _NORM)
        optimizer.step()
        rates.step()
        with torch.no_grad():
            for weight, precise in zip(weights, exact):
                weight.copy_(precise)
        losses.append(loss.item())
        if not math.isfinite(losses[-1]):
            raise Failure(f"the encoder learns nothing: its loss is {losses[-1]}")
        bar.set_postfix(loss=f"{np.mean(losses[-500:]):.4f}", refresh=False)


def _of_one_length(lengths: np.ndarray, rows: np.ndarray, size: int) -> Iterator[np.ndarray]:
    """Some rows in batches in which all texts have one length, so that none is padded."""
    in_order = rows[np.argsort(lengths[rows], kind="stable")]
    for _, group in groupby(in_order.tolist(), key=lengths.__getitem__):
        of_length = np.array(list(group))
        yield from (of_length[i : i + size] for i in range(0, len(of_length), size))


def _stacked(texts: Sequence[np.ndarray], rows: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.stack([texts[i] for i in rows]).astype(np.int64))


@contextmanager
def _loading(folder: Path, name: str) -> Iterator[Path]:
    """Say of a file of a pre-trained encoder that it is not there, or not what is needed."""
    if not (folder / name).is_file():
        raise DataError(f"{folder}: no pre-trained encoder, for it has no {name}")
    try:
        yield folder / name
    except Exception as error:  # the libraries have one for each kind of damage
        reason = str(error).strip().partition("\n")[0]
        raise DataError(f"{folder}: the encoder can't be loaded: {reason}") from error
