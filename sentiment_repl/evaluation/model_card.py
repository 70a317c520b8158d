"""The model card: one page in each model folder.

The card has the sections of Mitchell et al. 2019 (arXiv:1810.03993): what the model is for, its
data, its accuracy and its limits. Every figure comes from ``metrics.json``.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from sentiment_repl.classifier import NEGATIVE, NEUTRAL, POSITIVE, Classifier
from sentiment_repl.evaluation.bias import measure_bias
from sentiment_repl.evaluation.markdown import confusion_table, markdown_table, reliability_table
from sentiment_repl.program import escape_lines

_FREQUENT_WORDS = 3000  # the vocabulary is in order of frequency
_WORDS_SHOWN = 10  # for each label
_GAPS_SHOWN = 3
_OTHER_TERMS = {
    "held_out": "terms that are in no written list",
    "unlisted": "of them, which no list of the training has,",
}
"""Terms beyond the written lists, by their key in ``identity_shift``."""


def strongest_words(classifier: Classifier) -> dict[str, list[list[Any]]]:
    """Return the frequent words that push most towards each label.

    :return: for ``"positive"`` and ``"negative"`` up to ten pairs of a word and its
        contribution to the log-odds of positive, the strongest first.
    """
    frequent = [word for word in list(classifier.vocabulary)[:_FREQUENT_WORDS] if word[0].isalpha()]
    ranked = sorted(
        (
            (sum(word.contribution for word in prediction.contributions), prediction.text)
            for prediction in classifier.classify_batch(frequent, explain=True)
            if prediction.contributions
        ),
        reverse=True,
    )
    strongest: dict[str, list[list[Any]]] = {
        POSITIVE: [[word, value] for value, word in ranked[:_WORDS_SHOWN] if value > 0],
        NEGATIVE: [[word, value] for value, word in ranked[: -_WORDS_SHOWN - 1 : -1] if value < 0],
    }
    return strongest


def identity_shift(classifier: Classifier) -> dict[str, Any] | None:
    """Return how far identity terms move an answer; None if the model knows no such term.

    :return: the figures of ``bias_metrics`` for all traits, and the ``largest_gaps``.
        ``held_out`` has the figures of terms that are in no written list, and ``unlisted`` those
        of terms in no list of the training. Each is None if the model knows no such term.
    """
    figures = measure_bias(classifier)
    if "all" not in figures["traits"]:
        return None
    shift: dict[str, Any] = figures["traits"]["all"]
    return {
        **shift,
        "largest_gaps": figures["gaps"][:_GAPS_SHOWN],
        "held_out": figures["held_out"].get("all"),
        "unlisted": figures["unlisted"],
    }


def render_card(name: str, metrics: Mapping[str, Any]) -> str:
    """Return the card in Markdown.

    :param name: the name of the model folder.
    :param metrics: the content of ``metrics.json``.
    """
    sections = (_introduction(name, metrics), _data(metrics), _accuracy(metrics), _words(metrics))
    parts = [part for section in sections for part in section]
    limits = "\n".join(f"- {limit}" for limit in _limits(metrics))
    return escape_lines("\n\n".join([*parts, "## Limits", limits])) + "\n"


def _introduction(name: str, metrics: Mapping[str, Any]) -> Iterator[str]:
    *labels, last = metrics["labels"]
    yield f"# Model card: {name}"
    yield (
        f"This model classifies a short English text as {', '.join(labels)} or {last}. "
        f"Its architecture is `{metrics['architecture']}` of sentiment-repl "
        f"{metrics['versions']['sentiment_repl']}. The program that trained it wrote this page "
        "from the figures in `metrics.json`."
    )


def _data(metrics: Mapping[str, Any]) -> Iterator[str]:
    data, options = metrics["data"], metrics["options"]
    yield "## Data"
    yield _source_table(data)
    yield (
        f"No text is in both sets. Seed {options['seed']} decides the split. The SHA-256 of labels "
        f"and texts is `{data['fingerprint']}`."
    )
    if teachers := options.get("teachers"):
        yield (
            "The model learned from labels and soft targets. The soft targets come from models "
            f"that were trained on the same rows: {_code(teachers)}. Rules made the rewritten "
            "texts from training texts: they add or remove a negation, change the mood or the "
            "degree, cut out a clause, or join two. The same models labelled them."
        )
    if start := options.get("init_from"):
        before = metrics.get("accuracy_before")
        yield (
            f"The training continued from the weights and the vocabulary of `{start}`. The "
            "training texts of that model are not counted here."
            + (f" Its accuracy on the held-out texts was {before:.2%}." if before else "")
        )


def _source_table(data: Mapping[str, Any]) -> str:
    """Return the table of all sources, with the licences that their authors state."""
    rows = [
        (
            one["name"],
            one["rows_training"],
            one["rows_validation"],
            f"{one['weight']:g}",
            one["licence"] or "–",
        )
        for one in data["sources"]
    ]
    rows.append(("all", data["rows_training"], data["rows_validation"], "", ""))
    heads = ["source", "training texts:", "held-out texts:", "weight of a text:", "licence"]
    return markdown_table(heads, rows)


def _accuracy(metrics: Mapping[str, Any]) -> Iterator[str]:
    held_out = metrics["validation"]
    yield "## Held-out texts"
    yield (
        f"The accuracy on {held_out['rows']:,} texts is {held_out['accuracy']:.2%}, macro-F1 "
        f"{held_out['macro_f1']:.4f}, and the expected calibration error "
        f"{held_out['expected_calibration_error']:.4f} (15 bins)."
    )
    if NEUTRAL in metrics["labels"]:
        yield (
            f"The macro recall is {held_out['macro_recall']:.2%}. It is the mean recall of the "
            "labels: each counts the same."
        )
    yield confusion_table(metrics["labels"], held_out["confusion_matrix"])
    if polar := metrics.get("polar_validation"):
        yield (
            f"Some sources have no neutral texts. On their {polar['rows']:,} held-out texts, the "
            f"accuracy of the decision between negative and positive is {polar['accuracy']:.2%}."
        )
    if "history" in metrics:
        yield from _learning_curve(metrics)
    if "biases" in (metrics.get("calibration") or {}):
        yield _describe_calibration(metrics["labels"], metrics["calibration"])
    yield "The reliability diagram: the accuracy of the texts in each bin of confidence."
    yield reliability_table((metrics.get("calibration") or metrics)["reliability"])


def _learning_curve(metrics: Mapping[str, Any]) -> Iterator[str]:
    against = ", against the soft targets" if metrics["options"].get("teachers") else ""
    yield (
        "The learning curve follows. The training accuracy is measured on augmented texts and with "
        f"dropout{against}. Each figure weighs the texts of all sources as the training does. The "
        f"model is that of epoch {metrics['best_epoch']}."
    )
    epochs = []
    for number, epoch in enumerate(metrics["history"], start=1):
        shares = f"{epoch['accuracy']:.2%}", f"{epoch['val_accuracy']:.2%}"
        epochs.append((number, *shares, f"{epoch['val_loss']:.4f}"))
    heads = ["epoch:", "training accuracy:", "held-out accuracy:", "held-out loss:"]
    yield markdown_table(heads, epochs)


def _describe_calibration(labels: Sequence[str], calibration: Mapping[str, Any]) -> str:
    biases = ", ".join(f"{label} {bias:+.3f}" for label, bias in zip(labels, calibration["biases"]))
    other = calibration["other_rows"]
    return (
        f"The probabilities are calibrated on {calibration['rows']:,} of these texts. The logits "
        f"are divided by {calibration['temperature']:.3f}, and each label has a bias ({biases}). "
        f"On the other {other['rows']:,} texts the expected calibration error is "
        f"{other['expected_calibration_error']:.4f}."
    )


def _words(metrics: Mapping[str, Any]) -> Iterator[str]:
    yield "## Words"
    yield (
        "The frequent words that push most towards each label, with the log-odds of positive of "
        "a text that holds nothing else."
    )
    words: Mapping[str, Sequence[tuple[str, float]]] = metrics["strongest_words"]
    cells = {
        label: [(word, f"{value:+.2f}") for word, value in pairs] for label, pairs in words.items()
    }
    rows = zip_longest(cells[POSITIVE], cells[NEGATIVE], fillvalue=("", ""))
    yield markdown_table(
        ["positive", "log-odds:", "negative", "log-odds:"],
        ((*positive, *negative) for positive, negative in rows),
    )


def _limits(metrics: Mapping[str, Any]) -> Iterator[str]:
    if NEUTRAL not in metrics["labels"]:
        yield "It has no neutral label: a text without sentiment also gets one of the two labels."
    yield "It does not understand irony, and it knows nothing about the writer."
    yield (
        "The figures above describe texts and labels like those of the training. On other texts "
        "the model is less accurate, and more confident than it should be."
    )
    yield from _low_confidence(metrics)
    if shift := metrics.get("identity_shift"):
        yield _identity_limit(shift)
    yield (
        "`python -m sentiment_repl.evaluation.audit` reports more about the data, the errors and "
        "the bias of a model."
    )


def _low_confidence(metrics: Mapping[str, Any]) -> Iterator[str]:
    calibration = metrics.get("calibration") or {}
    threshold = metrics.get("uncertain_below") or calibration.get("uncertain_below")
    if not threshold or threshold <= 1 / len(metrics["labels"]):  # there is no band
        return
    yield (
        f"A confidence below {threshold:.3f} is in the low-confidence band: the program says "
        "that it is too close to call."
    )
    if not calibration:
        yield "The threshold is that of the model from which the training continued."
    elif without_neutral := metrics.get("uncertain_below_without_neutral"):
        yield (
            "Of the held-out texts in the low-confidence band, at most half have the right label. "
            f"Without the neutral label, the band ends at {without_neutral:.3f} and at most 55 % "
            "are right."
        )


def _identity_limit(shift: Mapping[str, Any]) -> str:
    low, high = shift["interval"]
    gaps = "; ".join(
        f"{gap['lowest']} is {gap['gap']:.2f} below {gap['highest']}"
        for gap in shift["largest_gaps"]
    )
    others = "".join(
        f"{other['terms']} {terms} shift it by {other['absolute_shift']:.2f} and flip "
        f"{other['flips']:.1%}. "
        for name, terms in _OTHER_TERMS.items()
        if (other := shift.get(name))
    )
    return (
        f"{shift['terms']} identity terms (gender, religion, origin, first names and others) shift "
        f"the log-odds of positive by {shift['absolute_shift']:.2f} on average, with a 95 % "
        f"interval of {low:.2f}–{high:.2f}. They flip the label of {shift['flips']:.1%} of the "
        f"sentences. "
        + others
        + (f"The largest gaps: {gaps}. " if gaps else "")
        + "Do not use the model for decisions about people."
    )


def _code(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
