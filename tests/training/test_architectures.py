"""Both architectures: batches, the pair of Keras models, the schedule."""

from dataclasses import replace

import numpy as np
import pytest

from sentiment_repl import model_folder
from sentiment_repl.classifier import softmax
from sentiment_repl.data.corpus import Corpus, EncodedTexts
from sentiment_repl.text.vocabulary import FEATURE_SETS, vocabulary_from_json
from sentiment_repl.training.architectures import ARCHITECTURES
from sentiment_repl.training.article import BagBatches
from sentiment_repl.training.backend import keras
from sentiment_repl.training.base import Architecture
from sentiment_repl.training.export import to_numpy
from sentiment_repl.training.recurrent import BUCKETS, TokenBatches, ngram_buckets
from tests.training.conftest import encoded_texts

WORDS = {word: i for i, word in enumerate(("good", "bad", "goodness", "she", "he"), start=1)}
VOCABULARY = {":(": 1, ":)": 2, **{f"word{i}": i for i in range(3, 100)}}
either = pytest.mark.parametrize("architecture", ARCHITECTURES.values(), ids=list(ARCHITECTURES))


@pytest.fixture
def texts() -> EncodedTexts:
    """300 texts of 1 to 9 ids. Every id of text i is i + 100."""
    ids = [[i + 100] * (i % 9 + 1) for i in range(300)]
    labels = np.arange(300) % 2
    return encoded_texts(ids, np.eye(2)[labels], labels)


def bag_texts(batches: BagBatches) -> list[int]:
    rows = [batches[i] for i in range(len(batches))]
    for ids, targets, weights in rows:
        assert ids.shape[1] == 9  # Keras expects the same width in every batch
        assert (targets.argmax(axis=1) == ids[:, 0] % 2).all() and (weights == 1).all()
    return [ids[0] - 100 for batch, *_ in rows for ids in batch.tolist()]


def test_bag_batches_have_every_text_in_a_new_order_each_epoch(texts: EncodedTexts) -> None:
    batches = BagBatches(texts, 16, seed=1)
    first = bag_texts(batches)
    batches.on_epoch_end()
    second = bag_texts(batches)
    assert sorted(first) == sorted(second) == list(range(300))
    assert first != second != list(range(300))
    assert second == bag_texts(BagBatches(texts, 16, seed=1, epoch=1))  # as when resumed
    assert bag_texts(BagBatches(texts, 16)) == list(range(300))


def test_held_out_token_batches_leave_texts_as_they_are(texts: EncodedTexts) -> None:
    batches = [*TokenBatches(texts, 16).dataset().as_numpy_iterator()]
    rows = [(row[row > 0].tolist(), target) for b in batches for row, target in zip(b[0], b[1])]
    assert sorted(ids for ids, _ in rows) == sorted(texts.lists())
    assert all(target.tolist() == [1 - ids[0] % 2, ids[0] % 2] for ids, target in rows)


def test_training_token_batches_hold_texts_of_similar_length(texts: EncodedTexts) -> None:
    corpus = Corpus(("negative", "positive"), VOCABULARY, texts, texts, "", {})
    architecture = ARCHITECTURES["default"]

    def epochs(first: int, last: int) -> list[np.ndarray]:
        dataset = architecture.training_batches(corpus, 16, 1, first, last)
        assert len(dataset) == 19 * (last - first)
        return [ids for ids, *_ in dataset.as_numpy_iterator()]

    both = epochs(0, 2)
    assert sum(ids.size for ids in both) < 1.15 * 2 * len(texts.ids)
    for batch, again in zip(both, epochs(0, 1) + epochs(1, 2)):  # as when resumed
        np.testing.assert_array_equal(batch, again)
    assert any(a.shape != b.shape for a, b in zip(both[:19], both[19:]))


def test_an_inserted_emoticon_decides_a_target() -> None:
    """The target of each other text keeps its soft target, and every text its weight."""
    soft = np.linspace(0.1, 0.9, 300, dtype=np.float32)
    labels = np.arange(300) % 2
    texts = encoded_texts([[i + 100] for i in range(300)], np.stack([1 - soft, soft], 1), labels)
    texts = replace(texts, weights=np.arange(300, dtype=np.float32))
    corpus = Corpus(("negative", "positive"), VOCABULARY, texts, texts, "", {})
    batches = ARCHITECTURES["default"].training_batches(corpus, 16, 1, 0, 5)
    decided = 0
    for ids, targets, weights in batches.as_numpy_iterator():
        for row, target, weight in zip(ids, targets, weights.astype(int)):
            emoticons = {4: 0, 8: 1}.keys() & set(row.tolist())
            decided += len(emoticons)
            expected = labels[weight] if emoticons else soft[weight]
            assert target[1] == pytest.approx(expected) and target.sum() == pytest.approx(1)
            assert emoticons <= {4 + 4 * labels[weight]}
    assert decided == pytest.approx(5 * 300 * 0.05, abs=25)
    assert (texts.targets[:, 1] == soft).all()


@either
@pytest.mark.parametrize("classes", [2, 3])
def test_the_exported_network_is_the_trained_one(architecture: Architecture, classes: int) -> None:
    """Padding, n-grams and quantization change no answer."""
    keras.utils.set_random_seed(0)
    pair = architecture.build(WORDS, classes)
    rng = np.random.default_rng(0)
    size = len(WORDS) + 1 if architecture.name == "article" else FEATURE_SETS * (len(WORDS) + 1)
    texts = [sorted(set(rng.integers(size // 6, size, 12).tolist())) for _ in range(50)]
    padded = np.zeros((50, 20), np.int32)
    for row, ids in zip(padded, texts):
        row[: len(ids)] = ids
    pair.export_weights()
    network = to_numpy(pair.exported)
    answers = softmax(network.logits(texts))
    assert answers.shape == (50, classes) and np.ptp(answers[:, 0]) > 0.001
    theirs = pair.exported.predict(architecture.keras_input(texts, len(WORDS) + 1), verbose=0)
    np.testing.assert_allclose(answers, theirs, atol=1e-6)
    merged = 0.1 if architecture.name == "default" else 1e-6  # "he" and "she" become one vector
    np.testing.assert_allclose(answers, pair.training.predict(padded, verbose=0), atol=merged)

    other = architecture.build(WORDS, classes)
    other.exported.set_weights(pair.exported.get_weights())
    other.load_weights()
    np.testing.assert_allclose(answers, other.training.predict(padded, verbose=0), atol=1e-6)


def test_identity_terms_of_a_set_are_exported_as_one() -> None:
    words = {"she": 1, "he": 2, "good": 3, "muslim": 4, "thai": 5}
    pair = ARCHITECTURES["default"].build(words, 2)
    pair.export_weights()
    good = 3 * FEATURE_SETS
    logits = to_numpy(pair.exported).logits([[i * FEATURE_SETS, good] for i in range(1, 6)])
    she, he, *others = [tuple(row) for row in logits.tolist()]
    assert she == he and len({she, *others}) == 4


def test_words_share_ngrams_with_similar_words() -> None:
    good, goodness, unrelated = (set(ngram_buckets(w)) for w in ("good", "goodness", "terrible"))
    assert len(good & goodness) >= 3 > len(good & unrelated)
    assert all(0 <= bucket < BUCKETS for bucket in good | goodness | unrelated)
    assert [len(ngram_buckets(word)) for word in ("i", "cat", "!", ":)", "<user>")] == [
        1, 6, 1, 1, 1,
    ]  # fmt: skip
    assert ngram_buckets("x" * 1000) == ngram_buckets("x" * 24)


def test_fine_tuning_learns_at_a_third_of_the_rate() -> None:
    for fine_tuning, highest in ((False, 0.003), (True, 0.001)):
        optimizer = ARCHITECTURES["default"].optimizer(10_000, fine_tuning=fine_tuning)
        rates = [float(optimizer._learning_rate(step)) for step in (0, 250, 500, 5000, 9999)]
        expected = [0, highest / 2, highest, highest * 0.545, highest / 100]
        assert rates == pytest.approx(expected, rel=0.03)


@pytest.mark.parametrize("name", ["article", "default"])
def test_keras_loads_the_shipped_models(name: str, tweets: list[tuple[int, str]]) -> None:
    files = model_folder.read_model(model_folder.shipped_models()[name])
    model = keras.models.model_from_json(files.model.decode())
    model.load_weights(files.folder / model_folder.WEIGHTS)
    layers = [(type(layer).__name__, layer.get_config().get("units")) for layer in model.layers]
    assert layers == {
        "article": [
            ("Dense", 512), ("Dropout", None), ("Dense", 256), ("Dropout", None), ("Dense", 2),
        ],
        "default": [
            ("QuantizedEmbedding", 256), ("BidirectionalMinGRU", 128), ("BidirectionalMinGRU", 128),
            ("MaxMeanPooling", None), ("Dense", 2),
        ],
    }[name]  # fmt: skip
    network = to_numpy(model)
    encoder = network.encoder(vocabulary_from_json(files.vocabulary))
    batch = [ids for _, text in tweets[:300] for ids in network.segments(encoder.encode(text).ids)]
    theirs = model.predict(
        ARCHITECTURES[name].keras_input(batch, network.vocabulary_size), verbose=0
    )
    np.testing.assert_allclose(softmax(network.logits(batch)), theirs, atol=1e-5)
    assert len(batch) > 250
