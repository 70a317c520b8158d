"""The one-page report that a training leaves in its model folder: a model card.

Its shape is that of Mitchell et al. 2019 (arXiv:1810.03993): what the model is for, what it
was trained on, how good it is and where its limits lie. All of it comes from
``metrics.json``.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sentiment_repl.classifier import Classifier
from sentiment_repl.evaluation import bias

_ASKED = 3000  # of the most frequent words, from which the strongest are taken
_SHOWN = 10


def strongest_words(classifier: Classifier) -> dict[str, list[list[Any]]]:
    """The frequent words that alone speak most for each label, with their log-odds of positive.

    :return: of ``"positive"`` and ``"negative"`` up to ten pairs each, the strongest first.
    """
    frequent = [word for word in list(classifier.words)[:_ASKED] if word[0].isalpha()]
    effects = []
    for answer in classifier.classify_batch(frequent, explain=True):
        if answer.word_effects:
            effects.append((sum(one.effect for one in answer.word_effects), answer.text))
    effects.sort(reverse=True)
    return {
        "positive": [[word, odds] for odds, word in effects[:_SHOWN] if odds > 0],
        "negative": [[word, odds] for odds, word in reversed(effects[-_SHOWN:]) if odds < 0],
    }


def identity_shift(classifier: Classifier) -> dict[str, Any] | None:
    """How far words that only name who somebody is move an answer; None if it knows none."""
    figures = bias.summary(bias.measure(classifier))
    if "all" not in figures["traits"]:
        return None
    return figures["traits"]["all"] | {"largest_gaps": figures["gaps"][:3]}


def text(name: str, metrics: Mapping[str, Any]) -> str:
    """The page, in Markdown.

    :param name: of the model folder.
    :param metrics: the content of ``metrics.json``.
    """
    return "\n\n".join(_parts(name, metrics)) + "\n"


def _parts(name: str, metrics: Mapping[str, Any]) -> Iterator[str]:
    validation, data, options = (metrics[key] for key in ("validation", "data", "options"))
    yield f"# Model card: {name}"
    yield (
        f"Tells whether a short English text reads as negative or positive. Architecture "
        f"`{metrics['architecture']}` of sentiment-repl {metrics['versions']['sentiment_repl']}; "
        "`scripts/train.py` wrote this page with the model, and `metrics.json` has its figures."
    )
    yield "## Data"
    sentences, statements = data.get("sentences_made", 0), data.get("statements", 0)
    made = f" and {sentences:,} sentences made by rule" if sentences else ""
    if statements:
        files = _names(data["statement_files"])
        made += f" and {statements:,} plain statements out of {files}, each several times,"
    if rated := data.get("rated", 0):
        files = _names(data["rated_files"])
        made += f" and {rated:,} rated texts out of {files}, each twice,"
    yield (
        f"{_names(data['files'])}: {data['rows_training']:,} "
        f"rows{made} to train on, {data['rows_validation']:,} held back (seed {options['seed']}; "
        f"no text on both sides). Labels and texts have the SHA-256 `{data['fingerprint']}`."
    )
    teachers = options.get("teachers", [])
    if teachers:
        yield (
            "The label of each text is in part what other models answer, trained on the same rows "
            f"before: {_names(teachers)}."
        )
    if options.get("start"):
        before = metrics.get("accuracy_before")
        yield (
            f"Training went on from the weights and the dictionary of `{options['start']}`, whose "
            "own texts are not counted here"
            + (
                ", and ended with the mean of those weights and new ones"
                if options.get("average")
                else ""
            )
            + "."
            + (f" Of the held-back texts it had {before:.2%} right." if before else "")
        )
    yield "## Held-back texts"
    yield (
        f"{validation['accuracy']:.2%} of {validation['rows']:,} right, macro-F1 "
        f"{validation['macro_f1']:.4f}, expected calibration error "
        f"{validation['expected_calibration_error']:.4f} (15 bins)."
    )
    negative, positive = validation["confusion_matrix"]
    yield _table(
        ("", "said negative", "said positive"),
        [("truly negative", *negative), ("truly positive", *positive)],
    )
    against = "measured against those labels, on" if teachers else "of"
    yield (
        f"Learning curve; the training accuracy is {against} texts as they were fed, changed and "
        f"in part dropped. Epoch {metrics['best_epoch']} is the one that "
        + ("went into the mean." if options.get("average") else "was kept.")
    )
    yield _table(
        ("epoch", "training accuracy", "held-back accuracy", "held-back loss"),
        (
            (number, _percent(one["accuracy"]), _percent(one["val_accuracy"]), one["val_loss"])
            for number, one in enumerate(metrics["history"], start=1)
        ),
    )
    yield "Reliability: of the answers with a confidence in a bin, how many were right."
    yield _table(
        ("answers", "mean confidence", "right"),
        (
            (one["rows"], _percent(one["confidence"]), _percent(one["accuracy"]))
            for one in metrics.get("calibration", metrics)["reliability"]
        ),
    )
    yield "## Words"
    yield (
        "The frequent words that alone speak most for each label, and the log-odds of positive "
        "that they alone have."
    )
    yield _table(("positive", "", "negative", ""), _side_by_side(metrics["strongest_words"]))
    yield "## Limits"
    yield "\n".join(f"- {limit}" for limit in _limits(metrics))


def _limits(metrics: Mapping[str, Any]) -> Iterator[str]:
    yield (
        "It knows two labels: a text without any mood gets one of them, too. Irony, and what a "
        "reader knows of the writer, are beyond it."
    )
    yield (
        "The figures above are of texts like those it was trained on, with labels of the same "
        "making. On others it is less often right, and surer than it should be."
    )
    below = metrics.get("uncertain_below") or metrics.get("calibration", {}).get("uncertain_below")
    if below is not None and below > 0.5:  # which none is
        yield f"An answer with a confidence below {below:.3f} is too close to call."
    if shift := metrics.get("identity_shift"):
        low, high = shift["interval"]
        gaps = "; ".join(
            f"{one['lowest']} below {one['highest']} by {one['gap']:.2f}"
            for one in shift["largest_gaps"]
        )
        yield (
            "A word that only names who somebody is (gender, religion, origin, first name, …) "
            f"moves the log-odds of positive by {shift['absolute_shift']:.2f} on average "
            f"({low:.2f}–{high:.2f}; {shift['terms']} terms), and changes the label of "
            f"{shift['flips']:.1%} of the sentences. Largest gaps: {gaps or 'none'}. It must not "
            "decide over people."
        )
    yield "`scripts/audit.py` tells more: of the data, of doubtful labels, of where it is wrong."


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _percent(share: float) -> str:
    return f"{share:.2%}"


def _side_by_side(words: Mapping[str, Sequence[Sequence[Any]]]) -> Iterator[tuple[str, ...]]:
    for place in range(_SHOWN):
        cells = [words[label][place : place + 1] for label in ("positive", "negative")]
        if any(cells):
            yield tuple(
                cell
                for some in cells
                for cell in ((some[0][0], f"{some[0][1]:+.2f}") if some else ("", ""))
            )


def _table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [
        [f"{cell:,}" if type(cell) is int else _number(cell) for cell in cells] for cells in rows
    ]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (heads, ["---"] * len(heads), *lines))


def _number(cell: object) -> str:
    return f"{cell:.4f}" if isinstance(cell, float) else str(cell)
