"""What Python programs pass as texts: strings, and missing values among them.

Anything else is refused by position and type. Otherwise a single string would be read as a
list of letters, and a dictionary as a list of its keys.
"""

from collections.abc import Iterable, Mapping

MISSING = ""
"""What a missing value is read as: a text without a word."""


def check_text(value: object) -> str:
    """Return a text, or ``MISSING`` for a missing value.

    :raises TypeError: the value is neither.
    """
    if isinstance(value, str):
        return value
    if _is_missing(value):
        return MISSING
    if isinstance(value, Iterable) and not isinstance(value, bytes | bytearray):
        raise TypeError(
            f"a text is a str, and this is {_type(value)}; for many texts, "
            "call classify_batch(texts) or predict(texts)"
        )
    raise TypeError(f"a text is a str, and this is {_type(value)}{_remedy(value)}")


def check_texts(values: object) -> list[str]:
    """Return texts as a list, with ``MISSING`` for each missing value.

    :raises TypeError: the argument is no collection of texts, or a text is not a string.

    >>> check_texts(["good", None, float("nan")])
    ['good', '', '']
    """
    if isinstance(values, str | bytes | bytearray):
        raise TypeError(
            f"many texts are expected, and this is one {type(values).__name__}; "
            "pass a list, such as [text], or call classify(text)"
        )
    if isinstance(values, Mapping):
        raise TypeError(f"many texts are expected, and this is {_type(values)}; pass its values()")
    if getattr(values, "ndim", 1) != 1:  # a table or a matrix, whose elements are not texts
        raise TypeError(
            f"many texts are expected, and this is {_type(values)} of {values.ndim} dimensions; "  # type: ignore[attr-defined]
            "pass one column, such as table['text'] or matrix[:, 0]"
        )
    if not isinstance(values, Iterable):
        raise TypeError(f"many texts are expected, and this is {_type(values)}; pass a list of str")
    texts = list(values)
    if not set(map(type, texts)) <= {str}:
        texts = [_check_element(value, position) for position, value in enumerate(texts)]
    return texts


def _check_element(value: object, position: int) -> str:
    if isinstance(value, str):
        return value
    if _is_missing(value):
        return MISSING
    raise TypeError(f"the text at position {position} is {_type(value)}, not a str{_remedy(value)}")


def _is_missing(value: object) -> bool:
    """Return whether a value is None, a NaN of any float type, or the NA or NaT of pandas."""
    name = type(value).__name__
    if name.startswith("float"):  # Python's, or one of NumPy's, which need not be imported
        return value != value
    return value is None or name in ("NAType", "NaTType")


def _type(value: object) -> str:
    return f"of the type {type(value).__name__}"


def _remedy(value: object) -> str:
    if isinstance(value, bytes | bytearray):
        return "; decode it, as in text.decode()"
    if isinstance(value, Iterable):
        return "; pass one list that holds only texts"
    return "; convert it, as in str(value)"
