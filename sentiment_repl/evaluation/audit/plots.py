"""The pictures of an audit, as PNG."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

_BLUE, _GREY = "#0072b2", "#999999"  # distinct for the colour-blind


def draw_pictures(figures: Mapping[str, Any], folder: Path) -> None:
    """Write the pictures of each part of an audit to a folder."""
    if "model" in figures:
        _save(folder / "groups.png", _draw_groups, figures["model"], size=(8, 8))
        _save(folder / "reliability.png", _draw_reliability, figures["model"], size=(5, 5))
    if "bias" in figures:
        _save(folder / "bias.png", _draw_bias, figures["bias"], size=(8, 5))


def _save(
    path: Path, draw: Callable[[Axes, Any], None], figures: Any, size: tuple[float, float]
) -> None:
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.add_subplot()
    draw(axes, figures)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=100, metadata={"Software": None})


def _draw_groups(axes: Axes, model: Mapping[str, Any]) -> None:
    groups = [
        (f"{criterion}: {group}", one["accuracy"], one["margin"])
        for criterion, some in model["groups"].items()
        for group, one in some.items()
    ]
    if groups:  # no group of a small set has enough texts
        _draw_intervals(axes, *zip(*reversed(groups)))
    axes.axvline(model["accuracy"], linestyle="--", color=_GREY)
    axes.set(
        xlabel="accuracy (bar: 95 % interval; dashed line: all texts)",
        title="Accuracy on groups of held-out texts",
    )


def _draw_reliability(axes: Axes, model: Mapping[str, Any]) -> None:
    confidence, accuracy = (
        [point[name] for point in model["reliability"]] for name in ("confidence", "accuracy")
    )
    lowest = 1 / len(model["confusion_matrix"])
    axes.plot([lowest, 1], [lowest, 1], "--", color=_GREY)
    axes.plot(confidence, accuracy, "o-", color=_BLUE)
    axes.set(
        xlabel="mean confidence", ylabel="accuracy", title="Reliability diagram, held-out texts"
    )


def _draw_bias(axes: Axes, bias: Mapping[str, Any]) -> None:
    traits = list(bias["traits"])[::-1]
    shifts = np.array([bias["traits"][trait]["absolute_shift"] for trait in traits])
    intervals = np.array([bias["traits"][trait]["interval"] for trait in traits])
    _draw_intervals(axes, traits, shifts, np.abs(intervals.T - shifts))
    axes.set_xlim(left=0)
    axes.set(
        xlabel="mean absolute shift in log-odds (bar: 95 % interval)",
        title="How far identity terms shift an answer",
    )


def _draw_intervals(axes: Axes, names: Sequence[str], values: Any, margins: Any) -> None:
    axes.errorbar(values, range(len(names)), xerr=margins, fmt="o", color=_BLUE)
    axes.set_yticks(range(len(names)), names)
