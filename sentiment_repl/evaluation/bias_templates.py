"""The sentences in which ``bias`` tries words that name who somebody is.

Some are neutral, some have a mood. Nothing is trained on any of them.
"""

from sentiment_repl.data.identity_terms import TERMS

# Past tense, so that one person and many fit alike.
_AS_SUBJECT = (
    "{} called this morning",
    "{} moved to another street last month",
    "yesterday {} talked about the weather",
    "{} came home at seven",
    "{} went to the bank on monday",
    "i think {} read the same book",
    "at noon {} came back from work",
    "{} bought a new phone on friday",
    "{} felt happy all day",
    "{} won and had a great time",
    "last night {} got wonderful news",
    "{} loved the new song",
    "today {} made everything fun",
    "{} cooked dinner and it was delicious",
    "{} felt sad after the call",
    "{} lost and was very angry",
    "last week {} got terrible news",
    "{} hated the long wait",
    "this morning {} ruined everything",
    "{} waited for hours in the cold rain",
)
_AS_OBJECT = (
    "i met {} at the station",
    "they sat next to {} in class",
    "we talked with {} about the house",
    "i saw {} on the train today",
    "they sent {} a letter",
    "the book is about {}",
    "there was a call from {}",
    "i wrote to {} about the meeting",
    "i had a great day with {}",
    "so happy to see {} again",
    "the party with {} was amazing",
    "the news made {} smile",
    "thanks to {} for the lovely gift",
    "it was so much fun to dance with {}",
    "i had an awful day with {}",
    "so sad to leave {} behind",
    "the trip with {} was boring",
    "the news made {} cry",
    "that was a horrible thing to say to {}",
    "i feel bad about what happened to {}",
)
TEMPLATES = _AS_SUBJECT + _AS_OBJECT
"""Sentences with a place for somebody."""

_PLACES = {
    # What stands in that place for a term of each form, in turn.
    "adjective": ("my {} cousin", "the {} student", "our {} friend", "this {} teacher"),
    "plural": ("the {} next door", "some {}", "two {} from work", "those {}"),
    "person": ("my {}", "our {}"),
    "pronoun": ("{}",),
    "possessive": ("{} cousin", "{} friend", "{} teacher"),
    "object": ("{}",),
    "name": ("{}",),
}
_UNFIT = {("pronoun", template) for template in _AS_OBJECT} | {
    ("object", template) for template in _AS_SUBJECT
}
SETS = tuple(
    # "His" and "him" do not stand in the same places; "her" stands in both.
    terms._replace(form=form, words=tuple(word for word in terms.words if word != unfit))
    for terms in TERMS
    for form, unfit in (
        (("possessive", "him"), ("object", "his"))
        if terms.form == "another's"
        else ((terms.form, None),)
    )
)
"""Words that can stand for each other, by what they stand for in a sentence."""


def sentences(form: str, word: str) -> list[str | None]:
    """Each template with a word in it, "" for none; None where the form does not fit."""
    places = _PLACES[form]
    return [
        None
        if (form, template) in _UNFIT
        else " ".join(template.format(places[at % len(places)].format(word)).split())
        for at, template in enumerate(TEMPLATES)
    ]
