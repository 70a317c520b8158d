"""Both architectures: batches, the pair of Keras models, the learning rate."""

from itertools import chain, pairwise

import numpy as np
import pytest

from sentiment_repl import model_folder
from sentiment_repl.classifier import softmax
from sentiment_repl.data.augmentation import Augmentation
from sentiment_repl.data.corpus import EncodedTexts
from sentiment_repl.text.vocabulary import FEATURE_SETS, vocabulary_from_json
from sentiment_repl.training.architectures import ARCHITECTURES
from sentiment_repl.training.backend import keras
from sentiment_repl.training.base import Architecture
from sentiment_repl.training.batches import TextBatches
from sentiment_repl.training.export import to_numpy
from sentiment_repl.training.recurrent import BUCKETS, ngram_buckets
from tests.training.conftest import encoded_texts

WORDS = {word: i for i, word in enumerate(("good", "bad", "goodness", "she", "he"), start=1)}
SOFT = np.linspace(0.1, 0.9, 300, dtype=np.float32)
LABELS = np.arange(300) % 2


@pytest.fixture
def texts() -> EncodedTexts:
    """300 texts of 1 to 9 ids. Every id of text i is i + 100."""
    ids = [[i + 100] * (i % 9 + 1) for i in range(300)]
    return encoded_texts(ids, np.stack([1 - SOFT, SOFT], axis=1), LABELS)


def test_batches_have_every_text_in_a_new_order_each_epoch(texts: EncodedTexts) -> None:
    def order(batches: TextBatches, epoch: int = 0) -> list[int]:
        rows = list(batches.epoch(epoch))
        for ids, targets, weights in rows:
            assert (ids[:, 0] == weights + 100).all()
            assert (targets[:, 1] == SOFT[weights.astype(int)]).all()
        ragged = [[i for i in ids.tolist() if i] for ids in chain(*(ids for ids, *_ in rows))]
        assert sorted(ragged) == texts.lists()
        return [ids[0] for ids in ragged]

    batches = TextBatches(texts, 16, seed=1, by_length=False)
    first = order(batches)
    assert first != order(batches, 1) != sorted(first) and order(batches) == first
    in_order = order(TextBatches(texts, 16))  # held-out texts stay as they are
    assert in_order == sorted(in_order, key=lambda first_id: (first_id - 100) % 9)


def test_training_token_batches_are_augmented(texts: EncodedTexts) -> None:
    """Texts of similar length share a batch. An inserted emoticon decides a target."""
    vocabulary = {":(": 1, ":)": 2, **{f"word{i}": i for i in range(3, 100)}}

    def epochs(first: int, last: int) -> list[list[np.ndarray]]:
        augmentation = Augmentation(vocabulary, ("negative", "positive"))
        batches = TextBatches(texts, 16, 1, augmentation=augmentation).dataset(first, last)
        assert len(batches) == 19 * (last - first)
        return list(batches.as_numpy_iterator())

    all_epochs = epochs(0, 5)
    assert sum(ids.size for ids, *_ in all_epochs) < 1.15 * 5 * len(texts.ids)
    for batch, again in zip(all_epochs, epochs(0, 1) + epochs(1, 5)):  # as when resumed
        for array, same in zip(batch, again):
            np.testing.assert_array_equal(array, same)
    assert any(a[0].shape != b[0].shape for a, b in pairwise(all_epochs[::19]))  # a new order
    decided = 0
    for row, target, weight in chain.from_iterable(zip(*batch) for batch in all_epochs):
        text = int(weight)
        emoticons = {4, 8} & set(row.tolist())
        assert emoticons <= {4 + 4 * LABELS[text]}
        expected = LABELS[text] if emoticons else SOFT[text]
        assert target == pytest.approx([1 - expected, expected])
        assert set(row.tolist()) <= {0, text + 100, *emoticons}
        decided += len(emoticons)
    assert decided == pytest.approx(5 * 300 * 0.05, abs=25)


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("architecture", ARCHITECTURES.values(), ids=list(ARCHITECTURES))
def test_the_exported_network_is_the_trained_one(architecture: Architecture, classes: int) -> None:
    """Padding, n-grams and quantization change no answer."""
    keras.utils.set_random_seed(0)
    pair, other = (architecture.build(WORDS, classes) for _ in range(2))
    size = (len(WORDS) + 1) * (FEATURE_SETS if architecture.name == "default" else 1)
    rng = np.random.default_rng(0)
    texts = [sorted(set(rng.integers(size // 6, size, 12).tolist())) for _ in range(50)]
    padded = ARCHITECTURES["default"].keras_input(texts, 0)
    pair.export_weights()
    network = to_numpy(pair.exported)
    answers = softmax(network.logits(texts))
    assert answers.shape == (50, classes) and np.ptp(answers[:, 0]) > 0.001
    theirs = pair.exported.predict(architecture.keras_input(texts, len(WORDS) + 1), verbose=0)
    np.testing.assert_allclose(answers, theirs, atol=1e-6)
    merged = 0.1 if architecture.name == "default" else 1e-6  # "he" and "she" become one vector
    np.testing.assert_allclose(answers, pair.training.predict(padded, verbose=0), atol=merged)
    other.exported.set_weights(pair.exported.get_weights())
    other.load_weights()
    np.testing.assert_allclose(answers, other.training.predict(padded, verbose=0), atol=1e-6)


def test_identity_terms_of_a_set_are_exported_as_one() -> None:
    pair = ARCHITECTURES["default"].build({"she": 1, "he": 2, "good": 3, "muslim": 4, "thai": 5}, 2)
    pair.export_weights()
    logits = to_numpy(pair.exported).logits([[4 * i, 12] for i in range(1, 6)])
    she, he, *others = [tuple(row) for row in logits.tolist()]
    assert she == he and len({she, *others}) == 4
    rows = pair.exported.get_layer("embedding").get_weights()[0]
    assert (np.abs(rows).max(axis=1) == 127).all()  # the whole range of a byte


def test_similar_words_share_ngrams() -> None:
    good, goodness, unrelated = (set(ngram_buckets(w)) for w in ("good", "goodness", "terrible"))
    assert len(good & goodness) >= 3 > len(good & unrelated)
    assert all(0 <= bucket < BUCKETS for bucket in good | goodness | unrelated)
    counts = [len(ngram_buckets(word)) for word in ("i", "cat", "!", ":)", "<user>")]
    assert counts == [1, 6, 1, 1, 1]
    assert ngram_buckets("x" * 1000) == ngram_buckets("x" * 24)


def test_fine_tuning_learns_at_a_third_of_the_rate() -> None:
    for fine_tuning, highest in ((False, 0.003), (True, 0.001)):
        optimizer = ARCHITECTURES["default"].optimizer(10_000, fine_tuning=fine_tuning)
        rates = [float(optimizer._learning_rate(step)) for step in (0, 250, 500, 5000, 9999)]
        expected = [0, highest / 2, highest, highest * 0.545, highest / 100]
        assert rates == pytest.approx(expected, rel=0.03)


LAYERS = {
    "article": "Dense 512, Dropout, Dense 256, Dropout, Dense 2",
    "default": "QuantizedEmbedding 256, BidirectionalMinGRU 128, BidirectionalMinGRU 128, "
    "MaxMeanPooling, Dense 3",
}


@pytest.mark.parametrize("name", LAYERS)
def test_keras_loads_the_shipped_models(name: str, tweets: list[tuple[int, str]]) -> None:
    files = model_folder.read_model(model_folder.shipped_models()[name])
    model = keras.models.model_from_json(files.model.decode())
    model.load_weights(files.folder / model_folder.WEIGHTS)
    layers = [(type(layer).__name__, layer.get_config().get("units")) for layer in model.layers]
    assert ", ".join(f"{kind} {units or ''}".strip() for kind, units in layers) == LAYERS[name]
    network = to_numpy(model)
    encoder = network.encoder(vocabulary_from_json(files.vocabulary))
    batch = [ids for _, text in tweets[:300] for ids in network.segments(encoder.encode(text).ids)]
    inputs = ARCHITECTURES[name].keras_input(batch, network.vocabulary_size)
    theirs = model.predict(inputs, verbose=0)
    np.testing.assert_allclose(softmax(network.logits(batch)), theirs, atol=1e-5)
    assert len(batch) > 250
