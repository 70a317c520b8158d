"""The pictures of an audit, as PNG."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

_BLUE, _ORANGE, _GREY = "#0072b2", "#d55e00", "#999999"  # distinct for the colour-blind


def draw_pictures(figures: Mapping[str, Any], folder: Path) -> None:
    """Write the pictures of each part of an audit to a folder."""
    if "data" in figures:
        _save(folder / "coverage.png", _draw_coverage, figures["data"])
    if "model" in figures:
        _save(folder / "groups.png", _draw_groups, figures["model"], height=8)
        _save(folder / "reliability.png", _draw_reliability, figures["model"], width=5, height=5)
        words = figures["model"]["words"]
        _save(folder / "contributions.png", _draw_contributions, words, height=6)
    if "bias" in figures:
        _save(folder / "bias.png", _draw_bias, figures["bias"], height=5)


def _save(
    path: Path,
    draw: Callable[[Axes, Any], None],
    figures: Any,
    width: float = 8,
    height: float = 4,
) -> None:
    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.add_subplot()
    draw(axes, figures)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=100, metadata={"Software": None})


def _draw_coverage(axes: Axes, data: Mapping[str, Any]) -> None:
    words = data["words"]
    sizes = [*map(int, words["coverage"]), words["distinct"]]
    axes.plot(sizes, [*words["coverage"].values(), 1], "o-", color=_BLUE)
    axes.set(
        xscale="log",
        xlabel="size of the vocabulary (most frequent words)",
        ylabel="share of the words in all texts",
        title="Coverage of a vocabulary",
    )


def _draw_groups(axes: Axes, model: Mapping[str, Any]) -> None:
    groups = [
        (f"{criterion}: {group}", one["accuracy"], one["margin"])
        for criterion, some in model["groups"].items()
        for group, one in some.items()
    ]
    names, accuracy, margin = zip(*reversed(groups))
    axes.errorbar(accuracy, range(len(names)), xerr=margin, fmt="o", color=_BLUE)
    axes.axvline(model["accuracy"], linestyle="--", color=_GREY)
    axes.set_yticks(range(len(names)), names)
    axes.set(
        xlabel="accuracy (bar: 95 % interval; dashed line: all texts)",
        title="Accuracy on groups of held-out texts",
    )


def _draw_reliability(axes: Axes, model: Mapping[str, Any]) -> None:
    points = model["reliability"]
    lowest = 1 / len(model["confusion_matrix"])
    axes.plot([lowest, 1], [lowest, 1], "--", color=_GREY)
    axes.plot(
        [point["confidence"] for point in points],
        [point["accuracy"] for point in points],
        "o-",
        color=_BLUE,
    )
    axes.set(
        xlabel="mean confidence", ylabel="accuracy", title="Reliability diagram, held-out texts"
    )


def _draw_contributions(axes: Axes, words: Mapping[str, Any]) -> None:
    shown = [*words["negative"], *reversed(words["positive"])]
    contributions = [word["contribution"] for word in shown]
    colours = [_BLUE if contribution > 0 else _ORANGE for contribution in contributions]
    axes.barh(range(len(shown)), contributions, color=colours)
    axes.set_yticks(range(len(shown)), [word["word"] for word in shown], fontsize=8)
    axes.axvline(0, color=_GREY, linewidth=1)
    axes.set(
        xlabel="mean contribution to the log-odds of positive",
        title="Words with the largest contributions",
    )


def _draw_bias(axes: Axes, bias: Mapping[str, Any]) -> None:
    traits = list(bias["traits"])[::-1]
    figures = [bias["traits"][trait] for trait in traits]
    shifts = np.array([one["absolute_shift"] for one in figures])
    distances = np.abs(np.array([one["interval"] for one in figures]).T - shifts)
    axes.errorbar(shifts, range(len(traits)), xerr=distances, fmt="o", color=_BLUE)
    axes.set_yticks(range(len(traits)), traits)
    axes.set_xlim(left=0)
    axes.set(
        xlabel="mean absolute shift in log-odds (bar: 95 % interval)",
        title="How far identity terms shift an answer",
    )
