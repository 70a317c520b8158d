"""Trainings from files to a model folder, on synthetic texts."""

import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest

from sentiment_repl import load, model_folder
from sentiment_repl.data.corpus import Corpus
from sentiment_repl.data.soft_targets import Teacher, load_teacher
from sentiment_repl.data.split import is_held_out
from sentiment_repl.errors import DataError, Failure, ModelError
from sentiment_repl.evaluation.calibration import calibrate
from sentiment_repl.training import fit as fit_module
from sentiment_repl.training import measure
from sentiment_repl.training import train as train_module
from sentiment_repl.training.train import Options, train
from tests.training.conftest import EPOCHS, MakeOptions, Trained, TrainOnce, weights_hash


@pytest.mark.slow
def test_a_model_folder_describes_its_training(trained: Trained) -> None:
    metrics, folder = trained.metrics, trained.folder
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
    assert json.loads((folder / model_folder.METRICS).read_text()) == metrics
    assert len(load(folder=folder).vocabulary) == 399  # and padding
    held_out, data = metrics["validation"], metrics["data"]
    accuracies = [epoch["val_accuracy"] for epoch in metrics["history"]]
    assert len(accuracies) == EPOCHS
    assert metrics["best_epoch"] == accuracies.index(max(accuracies)) + 1
    # The forward pass in NumPy has the accuracy that Keras had. Quantization changes a few.
    rounding = 0.01 if trained.architecture.is_calibrated else 1e-6
    assert held_out["accuracy"] == pytest.approx(max(accuracies), abs=rounding)
    assert held_out["accuracy"] > 0.75 and metrics["keras_numpy_largest_difference"] < 1e-5
    files, *synthetic = data["sources"]
    assert sum(files["labels"].values()) == 3000 == files["rows_training"] + held_out["rows"]
    assert files["rows_validation"] == held_out["rows"] == data["rows_validation"]
    # One in ten is held out.
    expected = 0.9 * files["rows_training"] * trained.architecture.synthetic_share
    assert sum(one["rows_training"] for one in synthetic) == pytest.approx(expected, abs=20)
    _, read, used, *_ = trained.sentences
    assert read == "3,000 rows read, 0 rows could not be read"
    assert used.startswith(f"{files['rows_training']:,} rows")
    assert used.endswith(f"{held_out['rows']:,} held out; 399 words; labels negative, positive")
    for label, beginning in enumerate(("mood0", "mood1")):
        words = metrics["strongest_words"][metrics["labels"][label]]
        assert words and all(word.startswith(beginning) for word, _ in words)
    card = (folder / model_folder.CARD).read_text(encoding="utf-8")
    assert f"{held_out['rows']:,} texts is {held_out['accuracy']:.2%}" in card


@pytest.mark.slow
def test_only_the_default_model_is_calibrated(trained: Trained, data: Path) -> None:
    metrics, threshold = trained.metrics, trained.metrics["uncertain_below"]
    if trained.architecture.name == "article":
        assert "calibration" not in metrics and threshold is None
        return
    calibration = metrics["calibration"]
    rows = calibration["rows"] + calibration["other_rows"]["rows"]
    assert rows == metrics["validation"]["rows"]
    assert calibration["temperature"] != pytest.approx(1, abs=0.005)
    held_out = [line for line in data.read_text().splitlines()[1:] if is_held_out(line[2:], 1)]
    labels = np.array([int(line[0]) for line in held_out[::2]])
    logits = load(folder=trained.folder).logits(line[2:] for line in held_out[::2])
    temperature = calibrate(labels, logits, fit_biases=False).temperature
    assert temperature == pytest.approx(1, abs=1e-3)
    saved = model_folder.read_model(trained.folder).uncertain_below
    assert threshold == calibration["uncertain_below"] == saved


@pytest.mark.slow
def test_an_interrupted_training_ends_with_the_same_weights(
    trained: Trained, make_options: MakeOptions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "model"
    options = make_options(trained.architecture.name, output, resume=True)
    end_epoch = fit_module.Checkpoint.on_epoch_end

    def interrupt(*args: Any) -> NoReturn:
        end_epoch(*args)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(fit_module.Checkpoint, "on_epoch_end", interrupt)
        train(options)
    assert model_folder.checkpoint_path(output).exists() and not output.exists()
    others = [{"seed": 2}, {"batch_size": 65}, {"vocabulary_size": 401}, {"rows": 2999}]
    others += [{"init_from": trained.folder}]
    others = [{"epochs": 3}] if trained.architecture.schedule_depends_on_epochs else others
    for other in others:
        with pytest.raises(DataError, match="other data or options"):
            train(make_options(options.architecture.name, output, resume=True, **other))
    if not trained.architecture.schedule_depends_on_epochs:
        with pytest.raises(DataError, match="has finished epoch 1 already"):
            train(make_options(options.architecture.name, output, resume=True, epochs=0))
    model_folder.answers_path(output).touch()
    assert len(train(options)["history"]) == EPOCHS
    assert weights_hash(output) == weights_hash(trained.folder)
    assert not model_folder.checkpoint_path(output).exists()
    assert not model_folder.answers_path(output).exists()


@pytest.mark.slow
def test_fine_tuning_continues_from_a_model(
    trained: Trained,
    make_options: MakeOptions,
    data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    optimizer = trained.architecture.optimizer
    fine_tuning: list[bool] = []

    def note(steps: int, **options: bool) -> Any:
        fine_tuning.append(options["fine_tuning"])
        return optimizer(steps, **options)

    monkeypatch.setattr(trained.architecture, "optimizer", note)
    few, output = tmp_path / "few.csv", tmp_path / "tuned"
    few.write_text("".join(data.read_text().splitlines(keepends=True)[:1001]))
    name, initial = trained.architecture.name, shutil.copytree(trained.folder, tmp_path / "old")
    manifest = json.loads((initial / model_folder.MANIFEST).read_text())
    (initial / model_folder.MANIFEST).write_text(json.dumps({**manifest, "uncertain_below": 0.6}))
    options = make_options(name, output, epochs=1, data=[few], init_from=initial)
    sentences: list[str] = []
    metrics = train(options, report=sentences.append)
    before = metrics["accuracy_before"]
    assert fine_tuning == [True]
    # 1,000 texts alone teach nothing in one epoch.
    assert before > 0.75 and metrics["validation"]["accuracy"] > 0.75
    assert f"Before fine-tuning: held-out accuracy {before:.2%}" in sentences
    assert load(folder=output).vocabulary == load(folder=initial).vocabulary
    assert weights_hash(output) != weights_hash(initial)
    # About 100 held-out texts are too few for a new threshold.
    threshold = 0.6 if trained.architecture.is_calibrated else 0
    assert model_folder.read_model(output).uncertain_below == threshold

    # It may have seen texts that are held out with another seed.
    other = "article" if name == "default" else "default"
    for wrong, seed, complaint in (
        (name, 2, "it was trained with --seed 1, not 2"),
        (other, 1, f"its architecture is {name}; --architecture {other} can only fine-tune"),
    ):
        options = make_options(wrong, tmp_path / "new", seed=seed, init_from=initial)
        with pytest.raises(DataError, match=f"{initial}: {complaint}"):
            train(options)
    with pytest.raises(ModelError):
        train(options._replace(init_from=tmp_path))


@pytest.mark.slow
def test_the_weights_of_the_best_epoch_are_saved(
    make_options: MakeOptions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train(make_options("article", tmp_path / "first", epochs=1))
    end_epoch = fit_module.Checkpoint.on_epoch_end

    def grow_worse(self: Any, epoch: int, logs: dict[str, float]) -> None:
        end_epoch(self, epoch, {**logs, "val_accuracy": 0.9 - epoch / 10})

    monkeypatch.setattr(fit_module.Checkpoint, "on_epoch_end", grow_worse)
    assert train(make_options("article", tmp_path / "best"))["best_epoch"] == 1
    assert weights_hash(tmp_path / "best") == weights_hash(tmp_path / "first")


ReadCorpus = Callable[[Options], Corpus]


@pytest.fixture
def read_corpus(monkeypatch: pytest.MonkeyPatch) -> ReadCorpus:
    """Run a training up to the point where the network is fitted. Return its corpus."""

    def fit(architecture: object, corpus: Corpus, *args: object, **options: object) -> NoReturn:
        raise InterruptedError(corpus)

    def read_corpus(options: Options) -> Corpus:
        with monkeypatch.context() as patch, pytest.raises(InterruptedError) as reached:
            patch.setattr(train_module, "fit", fit)
            train(options)
        corpus: Corpus = reached.value.args[0]
        return corpus

    return read_corpus


@pytest.mark.slow
def test_teachers_change_the_targets_of_labelled_texts(
    train_once: TrainOnce,
    make_options: MakeOptions,
    read_corpus: ReadCorpus,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    teacher = train_once("default").folder
    options = make_options("default", tmp_path / "student")
    plain = read_corpus(options)
    taught = read_corpus(options._replace(teachers=[teacher, teacher]))
    assert (plain.fingerprint, plain.vocabulary) == (taught.fingerprint, taught.vocabulary)
    texts = [line.split(",")[1] for line in options.data[0].path.read_text().splitlines()[1:51]]
    texts = [text for text in texts if not is_held_out(text, 1)]
    soft = load_teacher(teacher, plain.classes, seed=1).probabilities(texts)
    before, after = plain.training.targets, taught.training.targets
    expected = 0.7 * soft + 0.3 * before[: len(texts)]
    np.testing.assert_allclose(after[: len(texts)], expected, atol=1e-6)
    # A resumed training reads the answers, and does not ask.
    options = options._replace(teachers=[teacher, teacher], resume=True)
    with monkeypatch.context() as patch:
        patch.setattr(Teacher, "probabilities", None)
        again = read_corpus(options)
    np.testing.assert_array_equal(again.training.targets, taught.training.targets)
    # The teacher also labels rewritten texts; synthetic sentences keep their labels.
    rows, (_, rewritten, _) = plain.sources[0].training, taught.sources
    assert rewritten.name == "rewritten" and rewritten.training > 50
    synthetic = after[rows + rewritten.training :]
    assert len(before) > rows and (synthetic[: len(before) - rows] == before[rows:]).all()
    new = taught.training.sources == 1
    assert taught.training.taught[new].all()
    assert (taught.training.labels[new] == after[new].argmax(axis=1)).all()
    with pytest.raises(DataError, match=f"{teacher}: a teacher must .* --seed 2"):
        train(make_options("default", tmp_path / "student", seed=2, teachers=[teacher]))


def test_further_files_join_the_training(
    make_options: MakeOptions,
    read_corpus: ReadCorpus,
    data: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    corrections = tmp_path / "corrections.csv"
    neutral = "".join(f"neutral,so so {number}\n" for number in range(20))
    corrections.write_text(f"label,text\npos,zyzzyva\n\n,ever\n{neutral}")
    output, files = tmp_path / "model", [data, corrections]
    two = read_corpus(make_options("article", output, data=files, vocabulary_size=10**5))
    assert two.classes == ("negative", "positive")
    assert "zyzzyva" in two.vocabulary and "so" not in two.vocabulary
    three = read_corpus(make_options("default", output, data=files, vocabulary_size=10**5))
    assert three.classes == ("negative", "neutral", "positive")
    assert "zyzzyva" in three.vocabulary and "so" in three.vocabulary
    assert f"{corrections}:4: no label" in capsys.readouterr().err


@pytest.mark.slow
def test_three_labels_are_learned_from_files_with_and_without_neutral_texts(
    make_options: MakeOptions, data: Path, tmp_path: Path
) -> None:
    rng = random.Random(1)
    lines = ["label,text"]
    for number in range(1500):
        label = ("neg", "neutral", "pos")[number % 3]
        words = [f"mood{label == 'pos':d}{rng.randrange(20)}" for _ in range(2)]
        words = [f"dull{rng.randrange(20)}" for _ in range(2)] if label == "neutral" else words
        lines.append(f"{label},{' '.join([*words, *(f'word{rng.randrange(99)}' for _ in '12')])}")
    human = tmp_path / "human.csv"
    human.write_text("\n".join(lines))
    output = tmp_path / "three"
    metrics = train(make_options("default", output, data=[data, human], epochs=4))
    assert metrics["labels"] == ["negative", "neutral", "positive"]
    assert metrics["validation"]["macro_recall"] > 0.8
    assert metrics["polar_validation"]["accuracy"] > 0.75
    # A file with both kinds of texts is measured; the polar file has no part in it.
    assert metrics["validation"]["rows"] == metrics["data"]["sources"][1]["rows_validation"]
    classifier = load(folder=output)
    texts = [f"{word}3 {word}4 {word}5" for word in ("mood0", "dull", "mood1")]
    assert [classifier.classify(text).label for text in texts] == metrics["labels"]
    assert set(load(folder=output, neutral=False).labels) == {"negative", "positive"}


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("label,text\npos,\n", "no usable row"),
        ("label,text\npos,y\npos,z\n", "no row has the label negative"),
        ("label,text\n1,y\n2,z\n", r"labels 1 and 2 have no .* \(1: 1 row, .*--labels 1=neg,2=pos"),
        ("mood,text\n1,y\n", "--label-column"),
    ],
)
def test_data_that_cannot_train_leaves_the_old_model(
    make_options: MakeOptions, tmp_path: Path, tiny: Path, content: str, complaint: str
) -> None:
    path = tmp_path / "data.csv"
    path.write_text(content)
    with pytest.raises(Failure, match=complaint):
        train(make_options("article", tiny, data=[path]))
    assert load(folder=tiny).classify("good").label == "positive"


def test_an_output_that_cannot_be_written_is_refused_at_once(
    make_options: MakeOptions, tmp_path: Path
) -> None:
    sentences: list[str] = []
    (tmp_path / "diary.txt").write_text("dear diary")
    for output in tmp_path, tmp_path / "diary.txt" / "model":
        with pytest.raises(OSError, match=r"diary\.txt"):
            train(make_options("article", output), report=sentences.append)
    assert not sentences and [path.name for path in tmp_path.iterdir()] == ["diary.txt"]


@pytest.mark.slow
def test_a_loss_that_is_not_finite_ends_the_training(
    make_options: MakeOptions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_number(targets: Any, probabilities: Any) -> Any:
        return (targets[:, 0] + probabilities[:, 0]) * float("nan")

    monkeypatch.setattr(fit_module, "known_class_cross_entropy", no_number)
    output = tmp_path / "model"
    with pytest.raises(Failure, match="failed in epoch 1: the loss is not finite"):
        train(make_options("article", output))
    assert not list(tmp_path.glob("*model*"))


@pytest.mark.slow
def test_a_model_on_which_keras_and_numpy_disagree_is_not_saved(
    train_once: TrainOnce, data: Path, make_options: MakeOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = data.with_name("model")
    train(make_options("article", output, epochs=1, seed=2))
    saved = weights_hash(output)
    assert saved != weights_hash(train_once("article").folder)  # another seed, other weights
    monkeypatch.setattr(measure, "TOLERANCE", 0)
    with pytest.raises(Failure, match="Keras and NumPy differ by "):
        train(make_options("article", output, epochs=1))
    assert weights_hash(output) == saved
