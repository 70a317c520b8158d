"""Values of spreadsheets and Parquet files as JSON has them, and JSON values as strings."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

_encode_json = json.JSONEncoder(ensure_ascii=False).encode


def to_json_value(value: Any) -> Any:
    """Return what JSON can hold: dates and the like become strings, NaN becomes None.

    >>> import datetime
    >>> to_json_value([datetime.date(2017, 7, 1), float("nan"), b"good"])
    ['2017-07-01', None, 'good']
    """
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, bytes | bytearray):
        return value.decode(errors="backslashreplace")
    if isinstance(value, Mapping):
        return {str(key): to_json_value(one) for key, one in value.items()}
    if isinstance(value, Sequence):
        return [to_json_value(one) for one in value]
    return str(value)


def to_cell(value: object) -> str:
    """Return a JSON value as a field of a table.

    >>> [to_cell(value) for value in ("a", None, True, 1.5, {"é": [2]})]
    ['a', '', 'true', '1.5', '{"é": [2]}']
    """
    if isinstance(value, str):
        return value
    return "" if value is None else _encode_json(value)
