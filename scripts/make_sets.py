#!/usr/bin/env python3
"""Write the project's own test sets, results/sets/*.tsv.

Each line is neg, neutral or pos, a tab and a sentence.

- emoticons.tsv: neutral sentences, each with an emoticon or emoji that decides the label.
- negation_development.tsv and negation_test.tsv: negation, contrast and wishes. Both have
  sentences from the same templates, but none in common. The test half is used once for each
  finished model.
- statements.tsv: neutral statements of everyday life. No model was developed with them.
"""

import random
from itertools import product
from pathlib import Path

from sentiment_repl.program import run_program

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
EMOTICONS = {
    "pos": (
        ":)", ":-)", "=)", ":D", ":-D", ";)", "<3", "😀", "😊", "😂", "🤣", "😍", "🥰", "❤️", "💕",
        "😘", "👍", "🎉", "😁",
    ),
    "neg": (
        ":(", ":-(", "=(", ":'(", ":/", "</3", "😡", "😠", "🤬", "😭", "😢", "😞", "☹️", "🙁", "💔",
        "👎", "😩", "😤", "😒",
    ),
}  # fmt: skip

STATEMENTS = (
    "My tent has two poles.",
    "The key is under the mat",
    "My uncle drives a taxi in Leeds",
    "We have a test on chapter four on Friday",
    "The kettle is on the stove",
    "Her flight lands at 6:40",
    "I changed trains in Cologne",
    "The pharmacy is across the street from the cinema",
    "He wears size ten shoes",
    "The printer is on the third floor",
    "I left my umbrella in the car",
    "They sell stamps at the counter",
    "The lake is two miles from here",
    "Our neighbours have a grey cat",
    "The museum opens at ten and closes at six",
    "I sent you the file an hour ago",
    "She teaches history at the college",
    "The sofa is made of wool",
    "Lunch is between twelve and one",
    "The number on the door is 27",
    "We take the tram to work",
    "The paper says it will be cloudy tomorrow",
    "He lent me his ladder",
    "The recipe needs two eggs and a cup of flour",
    "I park behind the bakery",
    "The keyboard has a French layout",
    "Their daughter is eleven",
    "The contract runs until December",
    "There are four chairs in the hall",
    "I am waiting for the plumber",
    "The train has eight coaches",
    "Somebody rang the bell",
    "The shop moved to Mill Road last year",
    "My glasses are on the shelf",
    "Our teacher wrote the date on the board",
    "The bridge was built in 1931",
    "The soup has carrots and leeks in it",
    "I am calling about the flat",
    "The lift goes down to the garage",
    "He is a nurse at the county hospital",
    "We walked along the canal to the lock",
    "The council meets every second Wednesday",
    "She painted the fence green",
    "The book has 312 pages",
    "I set the alarm for half past five",
    "The cable connects the screen to the computer",
    "A man in a blue coat asked for directions",
    "Their office is above the bank",
    "The concert hall has two entrances",
    "My cousin studies chemistry in Vienna",
    "The parcel weighs three kilos",
    "He speaks Dutch and some Italian",
    "I put the plates in the cupboard",
    "The road goes through the forest",
    "The course lasts six weeks",
    "They changed the name of the street",
    "I am on the phone with the dentist's office",
    "The spoon is next to the plate",
    "Our team plays in white shirts",
    "The window faces the yard",
    "I usually have toast for breakfast",
    "The ferry leaves twice a day",
    "The mayor opened the new library on Tuesday",
    "The password has twelve characters",
    "We are having rice and beans tonight",
    "She works from home on Thursdays",
    "The moon goes around the earth in about a month",
    "I need to buy paper for the printer",
    "The second edition came out in May",
    "There is a bus stop in front of the church",
    "He asked what time it was",
    "The garden is behind the house",
    "Oxygen is a gas",
    "I have an appointment at the town hall",
    "The tickets are in my coat pocket",
    "The bakery is run by two brothers",
    "The film is about a lighthouse keeper",
    "I wrote my name at the top of the page",
    "The company makes door handles",
    "We live on the fourth floor",
    "My shift ends at eight",
    "The lesson is in room B12",
    "The river is forty metres wide here",
    "She put the letters on the desk",
    "The new timetable starts in June",
    "I read the manual on the train",
    "Ten people work in that shop",
    "They are rebuilding the station",
    "The cups are in the dishwasher",
    "Our dog sleeps in the kitchen",
    "The version number is in the menu",
    "The bicycle has seven gears",
    "He was born in Cardiff in 1985",
    "I am in line at the post office",
    "The bill came with the mail",
    "There is snow on the roof",
    "It takes twenty minutes by bus",
    "The farmer grows wheat and barley",
    "The report has a table on page nine",
    "The secretary is taking notes",
)

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
    # label, template, words for each gap
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
HALF_SIZE = 210  # sentences
PER_TEMPLATE = 34  # sentences at most


def emoticon_lines() -> list[str]:
    """Return every other pair of a neutral sentence and an emoticon.

    One emoticon in five stands before the sentence.
    """
    pairs = [(label, emoticon) for label, some in EMOTICONS.items() for emoticon in some]
    lines = []
    for i, ((label, emoticon), sentence) in enumerate(product(pairs, NEUTRAL)):
        if i % len(NEUTRAL) % 2 == i // len(NEUTRAL) % 2:
            text = f"{emoticon} {sentence}" if i % 5 == 0 else f"{sentence} {emoticon}"
            lines.append(f"{label}\t{text}")
    return lines


def negation_lines() -> tuple[list[str], list[str]]:
    """Return the development half and the test half, in random order."""
    lines: dict[str, list[str]] = {"neg": [], "pos": []}
    rng = random.Random(2017)
    for label, template, parts in TEMPLATES:
        filled = [template.format(*words) for words in product(*parts)]
        chosen = rng.sample(filled, min(PER_TEMPLATE, len(filled)))
        lines[label] += [f"{label}\t{text}" for text in chosen]
    both = [line for of_label in lines.values() for line in rng.sample(of_label, HALF_SIZE)]
    rng.shuffle(both)
    return both[:HALF_SIZE], both[HALF_SIZE:]


def main() -> int:
    """Write the files, and return the exit code."""
    development, test = negation_lines()
    for name, lines in (
        ("emoticons", emoticon_lines()),
        ("negation_development", development),
        ("negation_test", test),
        ("statements", [f"neutral\t{sentence}" for sentence in STATEMENTS]),
    ):
        path = FOLDER / f"{name}.tsv"
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")
        print(f"{path}: {len(lines)} sentences")
    return 0


if __name__ == "__main__":
    run_program(main, "train")
