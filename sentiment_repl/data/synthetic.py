"""Synthetic sentences: labelled sentences from templates.

They teach what labels by emoticon hardly teach:

- negation and contrast: a negated dislike is no dislike, and the end of a "but" outweighs its
  start;
- neutral statements of fact;
- emoticons, which decide what the words leave open.

The project's own test sentences (``results/sets``) have other adjectives, other things and
other templates. Only the plainest templates ("… was not …") occur in both.
"""

import random
import re
from collections.abc import Iterator

from sentiment_repl.data.labels import NEGATIVE, NEUTRAL, POSITIVE, LabelledText

_STATEMENT_SHARE = 0.6  # of all sentences; the others are opinions
_EMOTICON_SHARE = 0.3  # of the statements


def _lists(slots: dict[str, str]) -> dict[str, list[str]]:
    return {slot: [word.strip() for word in words.split("|")] for slot, words in slots.items()}


WORDS = _lists(
    {
        "thing": """the book|his speech|the lesson|our trip|her song|the coffee|this laptop|the app
        |the exam|my haircut|the show|the weather|the doctor|my boss|the update|the pizza
        |the album|this town|the traffic|the beach|my dentist|the staff|the camera|the class
        |the new season|that place|the play|my room|the drive|her cooking|the first day|the band
        |the museum|my homework|the interview|the website|it|it|it|this|that""",
        "good": """nice|amazing|awesome|lovely|fantastic|wonderful|cool|interesting|useful|easy
        |friendly|delicious|beautiful|perfect|impressive|reliable|enjoyable|entertaining|clean
        |smart|brilliant|pleasant|fair|fun|fresh|worth it|happy|sweet|solid|excellent""",
        "bad": """awful|terrible|horrible|dull|ugly|slow|rude|useless|painful|noisy|dirty|stupid
        |disappointing|stressful|tedious|confusing|unfair|gross|weak|sad|lame|creepy|tiring
        |hard|crowded|weird|nasty|mean|hopeless|ridiculous""",
        "is": "is|was|is|was|looks|seems|feels|will be",
        "isnt": """isn't|wasn't|is not|was not|isnt|wasnt|ain't|doesn't look|doesn't seem
        |didn't feel|won't be|isn't really|wasn't really|was never|has never been""",
        "very": "that|so|too|very|all that|particularly|exactly|even|",
        "more": "really|so|very|super|just|truly||",
        "when": """today|tonight|this time|yesterday|this morning|lately|to be honest|tbh|so far
        |||||||""",
        "so": "well|honestly|ok|so|actually|lol|hey|yeah|turns out|haha|my friend says|||||||||",
        "end": ".|!|...|!!|||||",
    }
)
"""The words for each slot of an opinion."""
_OPINIONS = (
    # Plain opinions, so that "not" alone decides nothing.
    (POSITIVE, "{thing} {is} {more} {good}"),
    (NEGATIVE, "{thing} {is} {more} {bad}"),
    # Negated.
    (NEGATIVE, "{thing} {isnt} {very} {good}"),
    (POSITIVE, "{thing} {isnt} {very} {bad}"),
    (NEGATIVE, "{thing} {isnt} {good}"),
    (POSITIVE, "{thing} {isnt} {bad}"),
    (NEGATIVE, "not {very} {good} , {thing}"),
    (POSITIVE, "not {very} {bad} , {thing}"),
    (NEGATIVE, "i don't think {thing} {is} {good}"),
    (POSITIVE, "i don't think {thing} {is} {bad}"),
    (NEGATIVE, "{thing} is no longer {good}"),
    (POSITIVE, "{thing} is no longer {bad}"),
    (NEGATIVE, "{thing} used to be {good}"),
    (POSITIVE, "{thing} used to be {bad}"),
    (NEGATIVE, "{thing} is far from {good}"),
    (POSITIVE, "{thing} is far from {bad}"),
    (NEGATIVE, "{thing} was anything but {good}"),
    (POSITIVE, "{thing} was anything but {bad}"),
    (NEGATIVE, "nobody could call {thing} {good}"),
    (POSITIVE, "nobody could call {thing} {bad}"),
    (NEGATIVE, "{thing} is less {good} than last year"),
    (POSITIVE, "{thing} is less {bad} than last year"),
    (NEGATIVE, "not a single {good} minute with {thing}"),
    (POSITIVE, "not a single {bad} minute with {thing}"),
    (NEGATIVE, "i wish {thing} was {good}"),
    (NEGATIVE, "{thing} could be a lot more {good}"),
    (POSITIVE, "{thing} was much less {bad} than they told me"),
    # Without an adjective.
    (POSITIVE, "i don't mind {thing} {more}"),
    (POSITIVE, "can't get enough of {thing}"),
    (POSITIVE, "{thing} never disappoints"),
    (POSITIVE, "{thing} didn't disappoint us"),
    (POSITIVE, "no complaints about {thing}"),
    (POSITIVE, "couldn't be happier with {thing}"),
    (POSITIVE, "have nothing bad to say about {thing}"),
    (POSITIVE, "i no longer worry about {thing}"),
    (POSITIVE, "i'm not sick of {thing}"),
    (POSITIVE, "{thing} did not hurt"),
    (POSITIVE, "{thing} doesn't bother me"),
    (POSITIVE, "we had zero trouble with {thing}"),
    (POSITIVE, "i wouldn't miss {thing} for the world"),
    (POSITIVE, "what more could i ask of {thing}"),
    (POSITIVE, "it might have gone much worse with {thing}"),
    (POSITIVE, "no regrets about {thing}"),
    (POSITIVE, "{thing} has no faults"),
    (NEGATIVE, "i don't enjoy {thing}"),
    (NEGATIVE, "didn't love {thing}"),
    (NEGATIVE, "i'm not a fan of {thing}"),
    (NEGATIVE, "not impressed with {thing}"),
    (NEGATIVE, "can't trust {thing}"),
    (NEGATIVE, "{thing} didn't help"),
    (NEGATIVE, "{thing} doesn't work"),
    (NEGATIVE, "i wouldn't buy {thing} again"),
    (NEGATIVE, "no luck with {thing}"),
    (NEGATIVE, "{thing} never cheers me up"),
    (NEGATIVE, "i'm not looking forward to {thing}"),
    (NEGATIVE, "i expected more of {thing}"),
    (NEGATIVE, "it might have gone much better with {thing}"),
    (NEGATIVE, "no fond memories of {thing}"),
    (POSITIVE, "i don't dislike {thing}"),
    (POSITIVE, "i stopped hating {thing}"),
    (NEGATIVE, "i stopped loving {thing}"),
    (POSITIVE, "{thing} hasn't failed us once"),
    (NEGATIVE, "{thing} hasn't helped us once"),
    (POSITIVE, "it can't get any worse than {thing} , so it gets better"),
    (NEGATIVE, "{thing} ought to be {good} and isn't"),
    (NEGATIVE, "{thing} needs to be a lot more {good}"),
    (POSITIVE, "i was wrong to hate {thing}"),
    (NEGATIVE, "i was wrong to love {thing}"),
    (NEGATIVE, "{thing} has no charm"),
    # The end decides. A verb alone can be the end.
    (NEGATIVE, "{thing} looked {good} , it isn't"),
    (POSITIVE, "{thing} looked {bad} , it isn't"),
    (NEGATIVE, "they told me {thing} {is} {good} and it's not"),
    (POSITIVE, "they told me {thing} {is} {bad} and it's not"),
    (NEGATIVE, "i expected {more} {good} , it never was"),
    (POSITIVE, "i expected {more} {bad} , it never was"),
    (NEGATIVE, "{thing} isn't {good} any longer"),
    (POSITIVE, "{thing} isn't {bad} any longer"),
    (NEGATIVE, "{thing} seemed {good} until it stopped working"),
    (POSITIVE, "{thing} seemed {bad} until i got used to it"),
    (NEGATIVE, "i expected {thing} to be {good} and it was {bad}"),
    (POSITIVE, "i expected {thing} to be {bad} and it was {good}"),
    (NEGATIVE, "everybody says {thing} is {good} , i say it's {bad}"),
    (POSITIVE, "everybody says {thing} is {bad} , i say it's {good}"),
    (NEGATIVE, "{good} morning but {more} {bad} evening"),
    (POSITIVE, "{bad} morning but {more} {good} evening"),
    (NEGATIVE, "although {thing} was {good} we had a {bad} time"),
    (POSITIVE, "although {thing} was {bad} we had a {good} time"),
    (NEGATIVE, "{thing} was {good} once , however these days it's {bad}"),
    (POSITIVE, "{thing} was {bad} once , however these days it's {good}"),
    (NEGATIVE, "hoped {thing} would turn out {good} but no"),
    (POSITIVE, "feared {thing} would turn out {bad} but no"),
    (NEGATIVE, "used to adore {thing} , not any longer"),
    (POSITIVE, "used to dread {thing} , not any longer"),
)  # fmt: skip

_FACTS = _lists(
    {
        "n": "2|3|4|5|6|7|8|9|10|12|15|20|25|30|40|50|60|75|100|200|500|2,000|10,000",
        "time": "{n} am|{n} pm|{n}am|{n}pm|10:30|9:15|noon|7:45 pm|half past {n}|midnight",
        "day": """monday|tuesday|wednesday|thursday|friday|saturday|sunday|tomorrow|today|next week
        |this month|march 3|june 12|october|the 5th|the weekend""",
        "place": """london|paris|berlin|new york|boston|chicago|tokyo|toronto|sydney|dublin|texas
        |california|india|china|germany|mexico|brazil|madrid|the north|the city|seattle""",
        "firm": """apple|google|microsoft|twitter|samsung|amazon|nokia|sony|intel|ibm|dell|facebook
        |toyota|ford|the bank|the council|the company|the university|the airline|the club""",
        "gadget": """iphone|ipad|android|windows 7|the tablet|galaxy s|ios 5|the browser|chrome
        |kindle|xbox|the laptop|gmail|siri|nexus|macbook|the server|the phone""",
        "who": """obama|the president|the minister|the mayor|the coach|the manager|john|maria
        |a friend|the team|the committee|my neighbour|the driver|a spokesman|lady gaga
        |the editor""",
        "does": """announces|reports|releases|updates|presents|plans|opens|moves|changes|discusses
        |names|lists|signs|reviews|publishes""",
        "what": """a new version|the schedule|the quarterly figures|a store|the budget|a report
        |the agenda|version {n}|a list of {n} items|its plans|the address|an office|the contract
        |new hours|a survey|the guidelines""",
        "noun": """meeting|train|bus|flight|appointment|class|store|office|conference|match|session
        |webinar|bank|library|report|form|parcel|vote|lecture|broadcast""",
        "verb": "install|use|open|change|move|sync|back up|print|configure|update|export|share",
        "from": "rt @user :|via @user|@user|news :|update :||||||",
        "tail": "http://t.co|#{tag}|(via @user)|#{tag} http://t.co|- {firm}|.|.||||",
        "tag": "apple|google|news|jobs|tech|android|ios|business|microsoft|fb|seo|uk",
    }
)
_STATEMENTS = (
    "the {noun} is at {time}",
    "the {noun} starts at {time} on {day}",
    "{noun} on {day} at {time} in {place}",
    "the {noun} leaves from platform {n}",
    "the {noun} has moved to {place}",
    "the {noun} is open from {time} to {time}",
    "{firm} {does} {what}",
    "{firm} {does} {what} in {place}",
    "{firm} {does} {what} on {day}",
    "{who} {does} {what}",
    "{who} is in {place} on {day}",
    "{who} lives in {place}",
    "{who} will speak about {gadget} at {time}",
    "{firm} to open {n} offices in {place} by {day}",
    "{firm} has {n} employees in {place}",
    "{firm} says {gadget} ships on {day}",
    "{gadget} vs {gadget} : {n} differences",
    "how to {verb} {gadget}",
    "how to {verb} {gadget} in {n} steps",
    "how do i {verb} {gadget} ?",
    "does anyone know how to {verb} {gadget} ?",
    "what time is the {noun} on {day} ?",
    "where is the {noun} ?",
    "is {gadget} available in {place} ?",
    "reading about {gadget} on {day}",
    "watching the {noun} from {place}",
    "{gadget} version {n} is out on {day}",
    "{gadget} now has {n} users in {place}",
    "i am at the {noun} with {who}",
    "i am going to {place} on {day}",
    "i have a {noun} at {time}",
    "we talked about {gadget} on {day}",
    "{who} asked {firm} about {gadget}",
    "{n} people at the {noun} in {place}",
    "{n} jobs at {firm} in {place}",
    "{place} : {n} degrees at {time}",
    "{firm} shares at {n} dollars on {day}",
    "the price of {gadget} is {n} dollars",
    "{firm} , {firm} and {firm} in {place} on {day}",
    "page {n} of the {noun} is about {place}",
    "testing {gadget} with {gadget}",
    "switched from {gadget} to {gadget} on {day}",
    "who is going to the {noun} on {day} ?",
    "the {noun} in {place} was on {day}",
    "interview with {who} about {what}",
    "photos from {place} , {day}",
    "it is {time} in {place}",
    "the {noun} is on the second floor",
    "just landed in {place}",
    "listening to {who} on {gadget}",
    "new blog post : how {firm} {does} {what}",
    "{n} ways to {verb} {gadget}",
    "{n} things about {gadget}",
    "{place} {n} - {n} {place}",
    "{who} signs with {firm}",
    "{who} talks to {who} about {gadget}",
    "{firm} hires {who}",
    "{firm} opens {what} on {day}",
    "{firm} : {what} on {day}",
    "{what} : {firm} vs {firm}",
    "looking for {what} in {place}",
    "anyone at the {noun} {day} ?",
    "anyone know if {gadget} works in {place} ?",
    "when does the {noun} start ?",
    "when is {gadget} out in {place} ?",
    "will {gadget} be in {place} on {day} ?",
    "what do you think about {gadget} ?",
    "which one : {gadget} or {gadget} ?",
    "{gadget} or {gadget} ?",
    "{who} at the {noun} in {place} on {day}",
    "check out {what} from {firm}",
    "{who} , {who} and {n} others in {place}",
    "{day} : {noun} with {who} at {time}",
    "i am on the {noun} to {place}",
    "i need to {verb} {gadget} on {day}",
    "i got {gadget} on {day}",
    "i use {gadget} on {gadget}",
    "my {noun} is on {day}",
    "we are in {place} until {day}",
    "i'm wearing the same coat on {day}",
    "{who} said that {firm} {does} {what}",
    "according to {firm} , {gadget} has {n} users",
    "{gadget} update : version {n} {day}",
    "{firm} to {verb} {gadget} in {place}",
    "{n} % of people in {place} use {gadget}",
    "live from {place} : the {noun}",
    "watch {who} on {day} at {time}",
    "{who} plays {place} on {day}",
    "tickets for {who} in {place} : {n} dollars",
)
_EMOTICONS = {
    NEGATIVE: (
        ":(", ":-(", ":'(", ":/", "=(", "</3", "😡", "😢", "😭", "😞", "👎", "💔", "😒", "😠",
    ),
    POSITIVE: (
        ":)", ":-)", ":D", ";)", "=)", "<3", "😀", "😊", "😂", "😍", "👍", "❤️", "🎉", "😘",
    ),
}  # fmt: skip
_SLOT = re.compile(r"\{(\w+)\}")


def synthetic_sentences(count: int, seed: int) -> Iterator[LabelledText]:
    """Yield random sentences. The same seed yields the same ones.

    :return: sentences with the labels negative, neutral and positive.
    """
    rng = random.Random(seed)
    for _ in range(count):
        yield _statement(rng) if rng.random() < _STATEMENT_SHARE else _opinion(rng)


def _opinion(rng: random.Random) -> LabelledText:
    label, template = rng.choice(_OPINIONS)
    return LabelledText(label, _fill("{so} " + template + " {when} {end}", WORDS, rng))


def _statement(rng: random.Random) -> LabelledText:
    text = _fill("{from} " + rng.choice(_STATEMENTS) + " {tail}", _FACTS, rng)
    if rng.random() >= _EMOTICON_SHARE:
        return LabelledText(NEUTRAL, text)
    label = rng.choice((NEGATIVE, POSITIVE))
    emoticon = rng.choice(_EMOTICONS[label])
    comes_first = rng.random() < 0.2
    return LabelledText(label, f"{emoticon} {text}" if comes_first else f"{text} {emoticon}")


def _fill(template: str, words: dict[str, list[str]], rng: random.Random) -> str:
    """Fill the slots of a template, and those of the words in them. Spaces become single."""
    while _SLOT.search(template):
        template = _SLOT.sub(lambda slot: rng.choice(words[slot[1]]), template)
    return " ".join(template.split())
