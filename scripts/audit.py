#!/usr/bin/env python3
"""Tell what labelled texts hold, and what a model made of them that it should not have.

Writes a page with pictures. Its parts: data (balance, repeats, contradictions, lengths,
words), labels (those that are probably wrong, and what training without them brings; more
with --labelled), model (where it is right, the words that move it), and bias (how far words
that only name who somebody is move an answer; needs no data and takes seconds). On 1.5
million tweets and two cores all of it takes about ten minutes and 1.5 GB of memory.
Needs the extra audit: pip install '.[audit]'.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

# As the program does, and before NumPy comes.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import _console  # noqa: E402

PARTS = ("data", "labels", "model", "bias")
OUTPUT = Path(__file__).resolve().parents[1] / "results" / "audit"


def main() -> int:
    """Run the program; the return value is its exit code."""
    parser = _parser()
    args = parser.parse_args()
    parts = args.only or PARTS
    if not args.data and set(parts) != {"bias"}:
        parser.error("all but --only bias needs labelled texts")
    began = time.monotonic(), time.process_time()
    from sentiment_repl import model_folder, load
    from sentiment_repl.evaluation.audit import markdown
    from sentiment_repl.evaluation import bias

    folder = model_folder.locate(args.model, args.artifacts)
    classifier = load(folder=folder)
    before = load(folder=args.before) if args.before else None
    figures = _of_texts(args, parts, classifier, folder) if args.data else {}
    if "bias" in parts:
        measured = {"model": bias.measure(classifier)}
        if before is not None:
            measured["before"], measured["after"] = bias.shared(
                bias.measure(before), measured.pop("model")
            )
        figures["bias"] = {name: bias.summary(one) for name, one in measured.items()}
    if args.no_texts:
        figures.get("data", {})["most_often"] = figures.get("labels", {})["most_doubtful"] = []
    if args.json:
        print(json.dumps(figures, indent=1))
    elif list(figures) == ["bias"] and args.output is None:
        print(markdown.bias(figures["bias"]))
    else:
        from sentiment_repl.evaluation.audit import page

        names = folder.name, args.before and Path(args.before).name
        about = page.about(args.data, args.labelled, *names)
        about += " The texts themselves are left out of this page." if args.no_texts else ""
        print(f"Written: {report.write(args.output or OUTPUT, figures, about)}")
    seconds, cpu = time.monotonic() - began[0], time.process_time() - began[1]
    print(f"{seconds:,.0f} s, {cpu:,.0f} s of them reckoning", file=sys.stderr)
    return 0


def _of_texts(
    args: argparse.Namespace, parts: tuple[str, ...], classifier: Any, folder: Path
) -> dict[str, Any]:
    """The figures of the parts that need labelled texts."""
    import numpy as np

    from sentiment_repl import model_folder
    from sentiment_repl.evaluation.audit import model, data
    from sentiment_repl.data.labels import Tally, read_all

    columns = {"label_column": args.label_column, "text_column": args.text_column}
    with Tally() as tally:
        texts = data.read(read_all(args.data, tally, **columns), model_folder.trained(folder).split)
    _say(str(tally))
    figures: dict[str, Any] = {}
    if "data" in parts:
        figures["data"] = data.summary(texts, tally.unreadable)
    if "labels" in parts:
        from sentiment_repl.evaluation.audit import labels

        sets = {}
        for path in args.labelled:
            with Tally() as tally:
                rows = list(read_all([path], tally))
            sets[path.stem] = [row.text for row in rows], np.array([row.label for row in rows])
        figures["labels"], suspects = labels.summary(texts, sets)
        if any("sentiment140" in path.name.lower() for path in args.data):
            figures["labels"]["beside"] = labels.SENTIMENT140
        if args.suspects:
            labels.write(args.suspects, texts, suspects)
        _say(f"{figures['labels']['suspects']:,} labels are in doubt")
    if "model" in parts:
        held = np.flatnonzero(texts.held_back)
        asked = model.ask(classifier, [texts.texts[row] for row in held], texts.labels[held])
        _say(f"{len(asked.texts):,} held-back texts answered")
        figures["model"] = model.summary(asked)
        figures["model"]["words"] = model.words(classifier, asked)
    return figures


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "data", metavar="FILE", type=Path, nargs="*", help="labelled texts, as train.py takes them"
    )
    parser.add_argument("--label-column", metavar="NAME", help="if its name is unusual")
    parser.add_argument("--text-column", metavar="NAME", help="if its name is unusual")
    chosen = parser.add_mutually_exclusive_group()
    chosen.add_argument("--model", metavar="NAME", help="a model that ships with the program")
    chosen.add_argument("--artifacts", metavar="DIR", help="any other model folder")
    parser.add_argument(
        "--before",
        metavar="DIR",
        help="an older model folder, whose bias is set beside the model's",
    )
    parser.add_argument(
        "--labelled",
        metavar="FILE",
        type=Path,
        nargs="+",
        default=[],
        help="texts labelled by hand, on which trainings without doubtful labels are measured",
    )
    parser.add_argument(
        "--only", metavar="PART", nargs="+", choices=PARTS, help=f"any of {', '.join(PARTS)}"
    )
    parser.add_argument(
        "--output", metavar="DIR", type=Path, help="where the page goes; default results/audit"
    )
    parser.add_argument("--suspects", metavar="FILE", type=Path, help="all doubtful rows, as TSV")
    parser.add_argument(
        "--no-texts",
        action="store_true",
        help="show none of the texts, for a page that is published",
    )
    parser.add_argument("--json", action="store_true", help="print the figures, write no page")
    return parser


if __name__ == "__main__":
    _console.run(main, extra="audit")
