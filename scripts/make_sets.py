#!/usr/bin/env python3
"""Write the project's own test sentences, results/sets/*.tsv, from the templates below.

emoticons.tsv: neutral words, and the emoticon or emoji alone decides. negation_*.tsv:
negation, contrast and wishes, in two halves of other sentences from the same templates:
one to develop with and one that is looked at once, when a model is finished. Each line is
neg or pos, a tab, a sentence.
"""

import random
from itertools import product
from pathlib import Path

import _console

FOLDER = Path(__file__).resolve().parents[1] / "results" / "sets"

NEUTRAL = (
    "the bus is at the station",
    "i am in the kitchen",
    "we moved to room four",
    "my sister called this morning",
    "the report is on the table",
    "it is monday again",
    "the results are out",
    "just got the letter",
    "on my way to the office",
    "they changed the menu",
    "he told me about it",
    "i read your message",
)
FACES = {
    "pos": (
        ":)", ":-)", "=)", ":D", ":-D", ";)", "<3", "😀", "😊", "😂", "🤣", "😍", "🥰", "❤️", "💕",
        "😘", "👍", "🎉", "😁",
    ),
    "neg": (
        ":(", ":-(", "=(", ":'(", ":/", "</3", "😡", "😠", "🤬", "😭", "😢", "😞", "☹️", "🙁", "💔",
        "👎", "😩", "😤", "😒",
    ),
}  # fmt: skip

THINGS = (
    "the food",
    "this phone",
    "the concert",
    "my new job",
    "the hotel",
    "that movie",
    "the service",
    "our flight",
)
GOOD = ("good", "great", "funny", "helpful", "comfortable", "exciting")
BAD = ("bad", "boring", "difficult", "annoying", "expensive", "scary")
TEMPLATES = (
    # (label, template, what to put in)
    ("neg", "{} was not {}", (THINGS, GOOD)),
    ("pos", "{} was not {} at all", (THINGS, BAD)),
    ("neg", "{} wasn't as {} as everybody said", (THINGS, GOOD)),
    ("pos", "{} wasn't half as {} as i feared", (THINGS, BAD)),
    ("neg", "i thought {} would be {} but it wasn't", (THINGS, GOOD)),
    ("pos", "i thought {} would be {} but it wasn't", (THINGS, BAD)),
    ("neg", "{} isn't {} anymore", (THINGS, GOOD)),
    ("pos", "{} isn't {} anymore", (THINGS, BAD)),
    ("neg", "there is nothing {} about {}", (GOOD, THINGS)),
    ("pos", "{} could have been worse", (THINGS,)),
    ("neg", "{} could have been better", (THINGS,)),
    ("neg", "{} should have been much more {}", (THINGS, GOOD)),
    ("pos", "nothing wrong with {}", (THINGS,)),
    ("pos", "i can't complain about {}", (THINGS,)),
    ("neg", "i can't recommend {}", (THINGS,)),
    ("neg", "i don't like {}", (THINGS,)),
    ("pos", "i don't hate {} anymore", (THINGS,)),
    ("neg", "i never liked {}", (THINGS,)),
    ("pos", "i never had a problem with {}", (THINGS,)),
    ("neg", "{} did not make me happy", (THINGS,)),
    ("pos", "{} did not let me down", (THINGS,)),
    ("neg", "{} looked {} but it broke after a day", (("this phone", "the bike", "my bag"), GOOD)),
    ("pos", "it was {} at first but now i love it", (BAD,)),
    ("neg", "it was {} at first but now i hate it", (GOOD,)),
    ("pos", "the start was {} but the end was {}", (BAD, GOOD)),
    ("neg", "the start was {} but the end was {}", (GOOD, BAD)),
    ("neg", "no fun at {}", (("work today", "school today", "the party", "the game"),)),
    ("pos", "no problems at {}", (("work today", "school today", "the party", "the game"),)),
)
HALF = 210


def emoticons() -> list[str]:
    """Every other pair of a neutral sentence and a face, now and then the face first."""
    pairs = [(label, face) for label, faces in FACES.items() for face in faces]
    lines = []
    for i, ((label, face), sentence) in enumerate(product(pairs, NEUTRAL)):
        if i % len(NEUTRAL) % 2 == i // len(NEUTRAL) % 2:
            text = f"{face} {sentence}" if i % 5 == 0 else f"{sentence} {face}"
            lines.append(f"{label}\t{text}")
    return lines


def negation() -> tuple[list[str], list[str]]:
    """As many sentences of each label, shuffled, in two halves without a common sentence."""
    lines: dict[str, list[str]] = {"neg": [], "pos": []}
    rng = random.Random(2017)
    for label, template, parts in TEMPLATES:
        filled = [template.format(*words) for words in product(*parts)]
        lines[label] += [f"{label}\t{text}" for text in rng.sample(filled, min(34, len(filled)))]
    both = [line for of_label in lines.values() for line in rng.sample(of_label, HALF)]
    rng.shuffle(both)
    return both[:HALF], both[HALF:]


def main() -> int:
    """Run the program; the return value is its exit code."""
    development, test = negation()
    for name, lines in (
        ("emoticons", emoticons()),
        ("negation_development", development),
        ("negation_test", test),
    ):
        path = FOLDER / f"{name}.tsv"
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")
        print(f"{path}: {len(lines)} sentences")
    return 0


if __name__ == "__main__":
    _console.run(main)
