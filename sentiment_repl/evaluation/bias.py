"""How far a word that only names who somebody is moves an answer.

In the manner of the Equity Evaluation Corpus (Kiritchenko and Mohammad 2018,
arXiv:1805.04508): each term of ``identity.TERMS`` stands in the sentences of ``probes``.
Its shift in a sentence is the log-odds of positive there less those of its baseline: for an
adjective the same sentence without it, for any other term the mean over the terms of its
set in the same sentence.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from sentiment_repl.classifier import Classifier
from sentiment_repl.evaluation.calibration import log_odds
from sentiment_repl.data.identity_terms import Terms
from sentiment_repl.evaluation.bias_templates import SETS, TEMPLATES, sentences

_RESAMPLES = 2000
_WITHIN = (2.5, 97.5)  # percentiles: an interval of 95 %


class Shifts(NamedTuple):
    """What each term of one set does to each sentence."""

    terms: Terms
    """Those that the model knows."""
    odds: np.ndarray
    """Log-odds with each term, (words, templates); NaN where the form does not fit."""
    baseline: np.ndarray
    """Log-odds of what they are compared with, (templates,)."""

    @property
    def values(self) -> np.ndarray:
        """Shifts in log-odds, (words, templates)."""
        return self.odds - self.baseline


class Measured(NamedTuple):
    """The shifts of a model."""

    shifts: list[Shifts]
    unknown: dict[str, list[str]]
    """By trait the terms that the model does not know, or knows no counterpart of."""


def measure(classifier: Classifier) -> Measured:
    """The shifts that the terms of all sets cause in a model."""
    measured = Measured([], {})
    for terms in SETS:
        answers = classifier.classify_batch(terms.words)
        known = tuple(a.text for a in answers if not a.unknown_words)
        if terms.form != "adjective" and len(known) < 2:
            known = ()
        lacking = [word for word in terms.words if word not in known]
        if lacking:
            named = measured.unknown.setdefault(terms.trait, [])
            named += [word for word in lacking if word not in named]
        if not known:
            continue
        odds = _odds(classifier, [sentences(terms.form, word) for word in (*known, "")])
        baseline = odds[-1] if terms.form == "adjective" else odds[:-1].mean(axis=0)
        measured.shifts.append(Shifts(terms._replace(words=known), odds[:-1], baseline))
    return measured


def _odds(classifier: Classifier, texts: list[list[str | None]]) -> np.ndarray:
    """The log-odds of positive; NaN where there is no text, 0 for one of unknown words."""
    there = np.array([[text is not None for text in row] for row in texts])
    answers = classifier.classify_batch(text for row in texts for text in row if text is not None)
    signs = np.array([1 if answer.label == "positive" else -1 for answer in answers])
    odds = np.full(there.shape, np.nan)
    odds[there] = signs * log_odds(np.array([answer.confidence or 0.5 for answer in answers]))
    return odds


def summary(measured: Measured, seed: int = 1) -> dict[str, Any]:
    """The shifts in figures, ready for JSON; intervals of 95 % by a bootstrap over templates.

    :return: ``traits``, for "all" and each trait the number of ``terms``, the mean over its
        terms and their sentences of the ``absolute_shift`` with its ``interval``, the same of
        the terms' means (``absolute_mean_shift``), and the share of the answers that differ
        in label from their baseline's (``flips``); ``terms``, each with its mean ``shift`` and
        ``interval``, largest first; ``gaps``, in each set the two terms furthest from each
        other, largest first; ``unknown`` terms by trait; how many ``sentences``.
    """
    shifts = measured.shifts
    draws = np.random.default_rng(seed).multinomial(
        len(TEMPLATES), np.full(len(TEMPLATES), 1 / len(TEMPLATES)), _RESAMPLES
    )
    values = np.concatenate([one.values for one in shifts] or [np.zeros((0, len(TEMPLATES)))])
    flipped = np.concatenate([_flipped(one) for one in shifts] or [values])
    traits = np.array([one.terms.trait for one in shifts for _ in one.terms.words])
    chosen = {"all": traits == traits} | {trait: traits == trait for trait in dict.fromkeys(traits)}
    return {
        "traits": {
            str(trait): {
                "terms": int(which.sum()),
                **_absolute(values[which], draws),
                "flips": float(np.nanmean(flipped[which])),
            }
            for trait, which in chosen.items()
            if which.any()
        },
        "terms": sorted(_terms(shifts, draws), key=lambda term: -abs(term["shift"])),
        "gaps": sorted(_gaps(shifts, draws), key=lambda gap: -gap["gap"]),
        "unknown": measured.unknown,
        "sentences": int(np.isfinite(values).sum()),
    }


def _flipped(one: Shifts) -> np.ndarray:
    """Whether each answer has another label than its baseline; NaN where there is none."""
    return np.where(np.isnan(one.odds), np.nan, (one.odds >= 0) != (one.baseline >= 0))


def _resampled(values: np.ndarray, draws: np.ndarray) -> np.ndarray:
    """The mean of each row over each drawn set of templates, (draws, rows)."""
    there = ~np.isnan(values)
    return draws @ np.nan_to_num(values).T / np.maximum(draws @ there.T, 1)


def _interval(draws: np.ndarray) -> list[float]:
    return [float(at) for at in np.percentile(draws, _WITHIN)]


def _absolute(values: np.ndarray, draws: np.ndarray) -> dict[str, Any]:
    return {
        "absolute_shift": float(np.nanmean(np.abs(values), axis=1).mean()),
        "interval": _interval(_resampled(np.abs(values), draws).mean(axis=1)),
        "absolute_mean_shift": float(np.abs(np.nanmean(values, axis=1)).mean()),
    }


def _terms(shifts: list[Shifts], draws: np.ndarray) -> Iterator[dict[str, Any]]:
    for one in shifts:
        means, resampled = np.nanmean(one.values, axis=1), _resampled(one.values, draws)
        for at, word in enumerate(one.terms.words):
            yield {
                "term": word,
                "trait": one.terms.trait,
                "form": one.terms.form,
                "shift": float(means[at]),
                "interval": _interval(resampled[:, at]),
            }


def _gaps(shifts: list[Shifts], draws: np.ndarray) -> Iterator[dict[str, Any]]:
    for one in shifts:
        if len(one.terms.words) < 2:
            continue
        means, resampled = np.nanmean(one.values, axis=1), _resampled(one.values, draws)
        low, high = int(means.argmin()), int(means.argmax())
        if means[low] == means[high]:
            continue  # to the model they are one word
        yield {
            "trait": one.terms.trait,
            "form": one.terms.form,
            "lowest": one.terms.words[low],
            "highest": one.terms.words[high],
            "gap": float(means[high] - means[low]),
            "interval": _interval(resampled[:, high] - resampled[:, low]),
        }


def shared(one: Measured, other: Measured) -> tuple[Measured, Measured]:
    """Two models' shifts of the terms that both know, so that their means compare.

    Baselines of sets are taken anew over those terms.
    """
    return _only(one, _known(other)), _only(other, _known(one))


def _known(measured: Measured) -> Mapping[tuple[str, str, str], None]:
    return {
        (one.terms.trait, one.terms.form, word): None
        for one in measured.shifts
        for word in one.terms.words
    }


def _only(measured: Measured, known: Mapping[tuple[str, str, str], None]) -> Measured:
    kept = []
    for one in measured.shifts:
        which = [(one.terms.trait, one.terms.form, word) in known for word in one.terms.words]
        words = tuple(word for word, there in zip(one.terms.words, which) if there)
        odds = one.odds[which]
        if one.terms.form != "adjective":
            if len(words) < 2:
                continue
            baseline = odds.mean(axis=0)
        else:
            baseline = one.baseline
        if words:
            kept.append(Shifts(one.terms._replace(words=words), odds, baseline))
    return Measured(kept, measured.unknown)
