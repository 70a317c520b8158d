"""The body of a request: JSON to texts."""

import json
from typing import Any

from starlette.exceptions import HTTPException

from sentiment_repl.files.decoding import replace_surrogates

# A number is wrong anyway. As a float, one of thousands of digits is not an error of its own.
_decode_json = json.JSONDecoder(parse_int=float).decode

_KINDS = {dict: "an object", list: "a list", float: "a number", bool: "a boolean"}


def read_instances(body: bytes, most: int) -> list[str]:
    """Return the texts of a request.

    A half of a surrogate pair, which JSON can hold, becomes U+FFFD.

    :param most: how many texts there may be.
    :raises HTTPException: 400 or 413. The sentence says where the body is wrong.

    >>> read_instances(b'{"instances": ["good", {"text": "bad"}]}', 2)
    ['good', 'bad']
    """
    request = _parse(body)
    if not isinstance(request, dict):
        raise HTTPException(400, f"the body is {_kind(request)}, not an object")
    if "instances" not in request:
        raise HTTPException(400, 'the body has no "instances"')
    instances = request["instances"]
    if not isinstance(instances, list):
        raise HTTPException(400, f"instances is {_kind(instances)}, not a list")
    if len(instances) > most:
        detail = f"{len(instances):,} instances; a request may have {most:,}: send several requests"
        raise HTTPException(413, detail)
    return [_read_text(instance, f"instances[{i}]") for i, instance in enumerate(instances)]


def _parse(body: bytes) -> Any:
    try:
        return _decode_json(body.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise HTTPException(400, f"not UTF-8: byte {error.start + 1} of the body") from error
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise HTTPException(400, f"not JSON: {error.msg} ({where})") from error
    except RecursionError as error:
        raise HTTPException(400, "JSON that is nested too deeply") from error


def _read_text(instance: Any, where: str) -> str:
    if isinstance(instance, dict):
        if "text" not in instance:
            raise HTTPException(400, f'{where} has no "text"')
        instance, where = instance["text"], f"{where}.text"
    if not isinstance(instance, str):
        raise HTTPException(400, f"{where} is {_kind(instance)}, not a text")
    return replace_surrogates(instance)


def _kind(value: object) -> str:
    return _KINDS.get(type(value), "a text" if isinstance(value, str) else "null")
