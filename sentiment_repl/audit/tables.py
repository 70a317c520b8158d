"""Figures of the audit as Markdown tables."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; a number is set right, which a head that ends in a colon tells."""
    rules = ["---:" if head.endswith(":") else "---" for head in heads]
    lines = [[head.rstrip(":") for head in heads], rules, *rows]
    return "\n".join(f"| {' | '.join(map(str, cells))} |" for cells in lines)


def bias(models: Mapping[str, Mapping[str, Any]]) -> str:
    """What ``bias.summary`` told of one model or of some beside each other."""
    parts = []
    heads = ["trait", "terms:"]
    for name in models:
        heads += [f"{name}: shift:", "95 %:", "of means:", "label changes:"]
    first = next(iter(models.values()))
    rows = []
    for trait, one in first["traits"].items():
        cells = [trait, one["terms"]]
        for figures in models.values():
            of = figures["traits"][trait]
            low, high = of["interval"]
            cells += [f"{of['absolute_shift']:.3f}", f"{low:.3f}–{high:.3f}"]
            cells += [f"{of['absolute_mean_shift']:.3f}", f"{of['flips']:.1%}"]
        rows.append(cells)
    parts.append(table(heads, rows))
    for name, figures in models.items():
        parts.append(
            table(
                [f"{name}: largest gaps", "trait", "gap:", "95 %:"],
                (
                    (
                        f"{one['lowest']} < {one['highest']} ({one['form']})",
                        one["trait"],
                        f"{one['gap']:.2f}",
                        "{:.2f}–{:.2f}".format(*one["interval"]),
                    )
                    for one in figures["gaps"][:10]
                ),
            )
        )
        parts.append(
            table(
                [f"{name}: largest shifts", "trait", "shift:", "95 %:"],
                (
                    (
                        f"{one['term']} ({one['form']})",
                        one["trait"],
                        f"{one['shift']:+.2f}",
                        "{:+.2f} to {:+.2f}".format(*one["interval"]),
                    )
                    for one in figures["terms"][:20]
                ),
            )
        )
        unknown = "; ".join(f"{trait}: {' '.join(w)}" for trait, w in figures["unknown"].items())
        parts.append(f"{name}: {figures['sentences']:,} sentences. Not known: {unknown or 'none'}")
    return "\n\n".join(parts)
