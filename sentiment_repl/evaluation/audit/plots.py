"""The pictures of an audit, each from the figures of one part, as PNG."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

_BLUE, _ORANGE, _GREY = "#0072b2", "#d55e00", "#999999"  # told apart by the colour-blind, too


def draw(figures: Mapping[str, Any], folder: Path) -> None:
    """Write the pictures that go with some figures into a folder."""
    if "data" in figures:
        _save(folder / "words.png", _coverage, figures["data"])
    if "labels" in figures:
        _save(folder / "labels.png", _confidence, figures["labels"])
    if "model" in figures:
        _save(folder / "reliability.png", _reliability, figures["model"], height=5, width=5)
        _save(folder / "groups.png", _groups, figures["model"], height=8)
        _save(folder / "effects.png", _effects, figures["model"]["words"], height=6)
    if "bias" in figures:
        _save(folder / "bias.png", _bias, figures["bias"], height=5)


def _save(
    path: Path,
    drawing: Callable[[Axes, Any], None],
    figures: Any,
    width: float = 8,
    height: float = 4,
) -> None:
    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.add_subplot()
    drawing(axes, figures)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=100, metadata={"Software": None})


def _coverage(axes: Axes, data: Mapping[str, Any]) -> None:
    words = data["words"]
    most = [*map(int, words["coverage"]), words["distinct"]]
    axes.plot(most, [*words["coverage"].values(), 1], "o-", color=_BLUE)
    axes.set(
        xscale="log",
        xlabel="most frequent words",
        ylabel="share of all running words",
        title="How far a dictionary reaches",
    )


def _confidence(axes: Axes, labels: Mapping[str, Any]) -> None:
    edges = np.linspace(0, 1, len(labels["confidence"]) + 1)
    axes.stairs(labels["confidence"], edges, fill=True, color=_GREY, label="all rows")
    axes.stairs(labels["confidence_suspects"], edges, fill=True, color=_ORANGE, label="suspicious")
    axes.set(
        xlabel="probability of its own label, for a model that has not seen the row",
        ylabel="rows",
        title="Which labels are doubted",
    )
    axes.legend(frameon=False)


def _reliability(axes: Axes, model: Mapping[str, Any]) -> None:
    bins = model["reliability"]
    axes.plot([0.5, 1], [0.5, 1], "--", color=_GREY)
    axes.plot([b["confidence"] for b in bins], [b["accuracy"] for b in bins], "o-", color=_BLUE)
    axes.set(xlabel="mean confidence", ylabel="right", title="Reliability on held-back texts")


def _groups(axes: Axes, model: Mapping[str, Any]) -> None:
    groups = [
        (f"{by}: {group}", one["accuracy"], one["within"])
        for by, some in model["groups"].items()
        for group, one in some.items()
    ]
    names, accuracy, within = zip(*reversed(groups))
    axes.errorbar(accuracy, range(len(names)), xerr=within, fmt="o", color=_BLUE)
    axes.axvline(model["accuracy"], linestyle="--", color=_GREY)
    axes.set_yticks(range(len(names)), names)
    axes.set(xlabel="right (bar: 95 %; dashed: all texts)", title="Where the model is right")


def _effects(axes: Axes, words: Mapping[str, Any]) -> None:
    some = [*words["negative"], *reversed(words["positive"])]
    effects = [word["effect"] for word in some]
    colours = [_BLUE if effect > 0 else _ORANGE for effect in effects]
    axes.barh(range(len(some)), effects, color=colours)
    axes.set_yticks(range(len(some)), [word["word"] for word in some], fontsize=8)
    axes.axvline(0, color=_GREY, linewidth=1)
    axes.set(xlabel="mean effect on the log-odds of positive", title="The strongest words")


def _bias(axes: Axes, models: Mapping[str, Any]) -> None:
    traits = list(next(iter(models.values()))["traits"])[::-1]
    for at, (name, figures) in enumerate(models.items()):
        of = [figures["traits"][trait] for trait in traits]
        shifts = np.array([one["absolute_shift"] for one in of])
        interval = np.abs(np.array([one["interval"] for one in of]).T - shifts)
        places = np.arange(len(traits)) + 0.15 * (len(models) - 1 - 2 * at)
        colour = _BLUE if at == len(models) - 1 else _ORANGE
        axes.errorbar(shifts, places, xerr=interval, fmt="o", color=colour, label=name)
    axes.set_yticks(range(len(traits)), traits)
    axes.set_xlim(left=0)
    axes.set(
        xlabel="mean absolute shift in log-odds (bar: 95 %)",
        title="How far a word that only names who somebody is moves an answer",
    )
    if len(models) > 1:
        axes.legend(frameon=False)
