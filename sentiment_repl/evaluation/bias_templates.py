"""Bias evaluation templates: the sentences in which ``bias`` tries identity terms.

Some are neutral, some have a sentiment. No model is trained on them.
"""

from sentiment_repl.data.identity_terms import TERMS, Terms

# Past tense fits one person and many alike.
_SUBJECT_TEMPLATES = (
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
_OBJECT_TEMPLATES = (
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
TEMPLATES = _SUBJECT_TEMPLATES + _OBJECT_TEMPLATES
"""Sentences with a gap for a person."""

_PHRASES = {
    # How a term of each form fills the gap. The templates take turns with the phrases.
    "adjective": ("my {} cousin", "the {} student", "our {} friend", "this {} teacher"),
    "plural": ("the {} next door", "some {}", "two {} from work", "those {}"),
    "person": ("my {}", "our {}"),
    "pronoun": ("{}",),
    "possessive": ("{} cousin", "{} friend", "{} teacher"),
    "object": ("{}",),
    "name": ("{}",),
}
_UNFIT = {("pronoun", template) for template in _OBJECT_TEMPLATES} | {
    ("object", template) for template in _SUBJECT_TEMPLATES
}


def _term_sets(terms: Terms) -> list[Terms]:
    """Split "his her him" by grammar: "his" is no object and "him" no possessive."""
    if terms.form != "another's":
        return [terms]
    return [
        terms._replace(form=form, words=tuple(word for word in terms.words if word != unfit))
        for form, unfit in (("possessive", "him"), ("object", "his"))
    ]


TERM_SETS = tuple(split for terms in TERMS for split in _term_sets(terms))
"""Words that can replace each other, by their grammatical form."""


def fill_templates(form: str, word: str) -> list[str | None]:
    """Return each template with a word in its gap; None where the form does not fit.

    An empty word gives the sentence without it.

    >>> fill_templates("adjective", "young")[0]
    'my young cousin called this morning'
    """
    phrases = _PHRASES[form]
    return [
        None
        if (form, template) in _UNFIT
        else " ".join(template.format(phrases[index % len(phrases)].format(word)).split())
        for index, template in enumerate(TEMPLATES)
    ]
