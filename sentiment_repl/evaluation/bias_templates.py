"""Bias evaluation templates: the sentences in which ``bias`` tries identity terms.

Some are neutral, some have a sentiment. No model is trained on them.
"""

import json
from pathlib import Path

from sentiment_repl.data.identity_terms import TERMS, Terms

_CONTENT = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
# Past tense, which fits one person and many alike.
_SUBJECT_TEMPLATES: list[str] = _CONTENT["subject"]
_OBJECT_TEMPLATES: list[str] = _CONTENT["object"]
TEMPLATES = _SUBJECT_TEMPLATES + _OBJECT_TEMPLATES
"""Sentences with a gap for a person, from ``bias_templates.json``."""
_PHRASES: dict[str, list[str]] = _CONTENT["phrases"]
"""How a term of each form fills the gap. The templates take turns with the phrases."""
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
