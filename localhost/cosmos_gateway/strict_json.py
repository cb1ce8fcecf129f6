"""JSON as Cosmos DB takes it: no NaN, no Infinity, no number that a double cannot hold."""

import json
import math
from typing import Any


def decode(text: str) -> Any:
    """The value of a JSON text.

    Raises:
        ValueError: it is not JSON; the message holds nothing of the text.
        RecursionError: it nests too deep.
    """
    return _DECODER.decode(text)


def _refuse_constant(name: str) -> None:
    message = f"{name} is no JSON"
    raise ValueError(message)


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        message = "a number is beyond the range of doubles"
        raise ValueError(message)
    return value


def _whole(text: str) -> int:
    _finite(text)
    return int(text)


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite, parse_int=_whole)
