"""How far identity terms move an answer.

The method is that of the Equity Evaluation Corpus (Kiritchenko and Mohammad 2018,
arXiv:1805.04508). Each term fills the gap of each template. The terms are those of
``identity_terms.TERMS``, or of ``HELD_OUT``, which are in no list that people wrote for the
training. The *shift* of a term in a sentence is the difference to a baseline, in log-odds of
positive. The baseline of an adjective is the same sentence without it. The baseline of any other
term is the mean over the terms of its set in the same sentence. The templates are in
``bias_templates.json``; no model is trained on them.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sentiment_repl.classifier import NEGATIVE, POSITIVE, Classifier
from sentiment_repl.data.identity_terms import LISTED_WORDS, TERMS, Terms, read_terms
from sentiment_repl.evaluation.metrics import predicted_classes

_CONTENT = json.loads(Path(__file__).with_name("bias_templates.json").read_text(encoding="utf-8"))
# Past tense, which fits one person and many alike.
_SUBJECT_TEMPLATES: list[str] = _CONTENT["subject"]
_OBJECT_TEMPLATES: list[str] = _CONTENT["object"]
TEMPLATES = _SUBJECT_TEMPLATES + _OBJECT_TEMPLATES
"""Sentences with a gap for a person, some neutral, some with a sentiment."""
HELD_OUT = read_terms(Path(__file__).with_name("held_out_terms.json"))
"""First names and other terms for this evaluation. A classifier found most in training texts."""
_PHRASES: dict[str, list[str]] = _CONTENT["phrases"]
"""How a term of each form fills the gap. The templates take turns with the phrases."""
_UNFIT = {("pronoun", template) for template in _OBJECT_TEMPLATES} | {
    ("object", template) for template in _SUBJECT_TEMPLATES
}
# "his her him" by grammar: "his" is no object and "him" no possessive.
_UNFIT_WORDS = (("possessive", "him"), ("object", "his"))
_RESAMPLES = 2000
_INTERVAL_PERCENTILES = (2.5, 97.5)
_SMALLEST_GAP = 1e-5  # terms with one vector differ by rounding alone

Floats = NDArray[np.float64]


class SetShifts(NamedTuple):
    """What each term of one set does to each sentence.

    An element is NaN where the form of the terms does not fit the template.
    """

    terms: Terms
    """The terms that the model knows."""
    shifts: Floats
    """Log-odds of positive minus those of the baseline, (words, templates)."""
    flips: Floats
    """1 where the label differs from that of the baseline, else 0, (words, templates)."""


def fill_templates(form: str, word: str) -> list[str | None]:
    """Return each template with a word in its gap; None where the form does not fit.

    An empty word gives the sentence without it.

    >>> fill_templates("adjective", "young")[0]
    'my young cousin called this morning'
    """
    phrases = _PHRASES[form]
    return [
        None
        if (form, template) in _UNFIT
        else " ".join(template.format(phrases[index % len(phrases)].format(word)).split())
        for index, template in enumerate(TEMPLATES)
    ]


def measure_bias(classifier: Classifier) -> dict[str, Any]:
    """Measure the shifts of identity terms.

    :return: ``bias_metrics`` of ``TERMS``; as ``held_out`` the ``traits`` of ``HELD_OUT``; and as
        ``unlisted`` the figures of those that no list of the training has, or None.
    """
    held_out, _ = _measure_terms(classifier, HELD_OUT)
    without_listed = [left for one in held_out if (left := _without_listed(one)).terms.words]
    unlisted = bias_metrics(without_listed, {})["traits"]
    return {
        **bias_metrics(*_measure_terms(classifier, TERMS)),
        "held_out": bias_metrics(held_out, {})["traits"],
        "unlisted": unlisted.get("all"),
    }


def _without_listed(one: SetShifts) -> SetShifts:
    """Leave out the terms that a list of the training has. The baselines stay."""
    kept = [index for index, word in enumerate(one.terms.words) if word not in LISTED_WORDS]
    words = tuple(one.terms.words[index] for index in kept)
    return SetShifts(one.terms._replace(words=words), one.shifts[kept], one.flips[kept])


def _measure_terms(
    classifier: Classifier, term_sets: Sequence[Terms]
) -> tuple[list[SetShifts], dict[str, list[str]]]:
    """Return the shifts of the known terms of each set, and the unknown terms of each trait."""
    sets: list[SetShifts] = []
    unknown: dict[str, list[str]] = {}
    for terms in _usable_sets(term_sets):
        known = _known_words(classifier, terms)
        if missing := [word for word in terms.words if word not in known]:
            of_trait = unknown.setdefault(terms.trait, [])
            of_trait += [word for word in missing if word not in of_trait]
        if known:
            sets.append(_measure_set(classifier, terms._replace(words=known)))
    return sets, unknown


def _usable_sets(term_sets: Sequence[Terms]) -> Iterator[Terms]:
    """Yield sets of words that can replace each other."""
    for terms in term_sets:
        if terms.form != "another's":
            yield terms
            continue
        for form, unfit in _UNFIT_WORDS:
            words = tuple(word for word in terms.words if word != unfit)
            yield terms._replace(form=form, words=words)


def _known_words(classifier: Classifier, terms: Terms) -> tuple[str, ...]:
    predictions = classifier.classify_batch(terms.words)
    known = tuple(prediction.text for prediction in predictions if not prediction.unknown_words)
    return known if terms.form == "adjective" or len(known) > 1 else ()


def _measure_set(classifier: Classifier, terms: Terms) -> SetShifts:
    fit = np.array([text is not None for text in fill_templates(terms.form, "")])
    texts = [
        text
        for word in (*terms.words, "")
        for text in fill_templates(terms.form, word)
        if text is not None
    ]
    # (words + 1, fitting templates, classes); the last row is without a word
    logits = classifier.logits(texts).reshape(len(terms.words) + 1, fit.sum(), -1)
    with_terms, without = logits[:-1], logits[-1]
    baseline = without if terms.form == "adjective" else with_terms.mean(axis=0)
    positive, negative = map(classifier.labels.index, (POSITIVE, NEGATIVE))
    difference = with_terms - baseline
    shifts = np.full((len(terms.words), len(TEMPLATES)), np.nan)
    flips = shifts.copy()
    shifts[:, fit] = difference[..., positive] - difference[..., negative]
    flips[:, fit] = _labels(with_terms) != _labels(baseline)
    return SetShifts(terms, shifts, flips)


def _labels(logits: Floats) -> NDArray[np.intp]:
    """Return the most probable class of each sentence, (…)."""
    return predicted_classes(logits.reshape(-1, logits.shape[-1])).reshape(logits.shape[:-1])


def bias_metrics(
    sets: list[SetShifts], unknown: dict[str, list[str]], seed: int = 1
) -> dict[str, Any]:
    """Return the figures, ready for JSON.

    An ``interval`` is a 95 % interval from a bootstrap over the templates.

    :param unknown: for each trait the terms that the model does not know, or that have no
        counterpart.
    :return: ``traits``, for "all" and for each trait: the number of ``terms``; the mean
        ``absolute_shift`` over terms and sentences with its ``interval``; the mean absolute
        value of each term's mean shift (``absolute_mean_shift``); and the share of ``flips``.
        ``terms``, each with its mean ``shift``, largest first. ``gaps``, for each set the two
        terms that are furthest apart, largest first. ``unknown`` terms, by trait. The number of
        ``sentences``.
    """
    share = np.full(len(TEMPLATES), 1 / len(TEMPLATES))
    resamples = np.random.default_rng(seed).multinomial(len(TEMPLATES), share, _RESAMPLES)
    none = np.zeros((0, len(TEMPLATES)))
    shifts = np.concatenate([one.shifts for one in sets] or [none])
    flips = np.concatenate([one.flips for one in sets] or [none])
    traits = np.array([one.terms.trait for one in sets for _ in one.terms.words])
    rows = {"all": np.full(len(traits), True)}
    rows |= {str(trait): traits == trait for trait in dict.fromkeys(traits.tolist())}
    terms, gaps = _term_figures(sets, resamples)
    return {
        "traits": {
            trait: _trait_figures(shifts[chosen], flips[chosen], resamples)
            for trait, chosen in rows.items()
            if chosen.any()
        },
        # Terms with one vector differ by rounding alone, and stay in order.
        "terms": sorted(terms, key=lambda term: -abs(round(term["shift"], 5))),
        "gaps": sorted(gaps, key=lambda gap: -gap["gap"]),
        "unknown": unknown,
        "sentences": int(np.isfinite(shifts).sum()),
    }


def _trait_figures(shifts: Floats, flips: Floats, resamples: NDArray[np.int64]) -> dict[str, Any]:
    return {
        "terms": len(shifts),
        "absolute_shift": float(np.nanmean(np.abs(shifts), axis=1).mean()),
        "interval": _interval(_resampled_means(np.abs(shifts), resamples).mean(axis=1)),
        "absolute_mean_shift": float(np.abs(np.nanmean(shifts, axis=1)).mean()),
        "flips": float(np.nanmean(flips)),
    }


def _term_figures(
    sets: list[SetShifts], resamples: NDArray[np.int64]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the figures of each term, and those of the largest gap in each set."""
    of_terms, of_gaps = [], []
    for terms, shifts, _ in sets:
        means, resampled = np.nanmean(shifts, axis=1), _resampled_means(shifts, resamples)
        of_set = {"trait": terms.trait, "form": terms.form}
        for word, mean, column in zip(terms.words, means.tolist(), resampled.T):
            of_terms.append({"term": word, **of_set, "shift": mean, "interval": _interval(column)})
        low, high = int(means.argmin()), int(means.argmax())
        gap = float(means[high] - means[low])
        if gap >= _SMALLEST_GAP:
            ends = {"lowest": terms.words[low], "highest": terms.words[high]}
            interval = _interval(resampled[:, high] - resampled[:, low])
            of_gaps.append({**of_set, **ends, "gap": gap, "interval": interval})
    return of_terms, of_gaps


def _resampled_means(values: Floats, resamples: NDArray[np.int64]) -> Floats:
    """Return the mean of each row in each resample of the templates, (resamples, rows).

    :param values: (rows, templates); NaN is left out.
    :param resamples: how often each resample holds each template, (resamples, templates).
    """
    counts = resamples @ (~np.isnan(values)).T
    means: Floats = resamples @ np.nan_to_num(values).T / np.maximum(counts, 1)
    return means


def _interval(resampled: Floats) -> list[float]:
    low, high = np.percentile(resampled, _INTERVAL_PERCENTILES)
    return [float(low), float(high)]
