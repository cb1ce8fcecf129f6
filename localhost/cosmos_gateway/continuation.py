"""Where the next page of a query begins.

A page ends at a place in an order: the keys and the row of its last document. The next one begins
after that place, so that documents that come and go between them shift nothing.
"""

import json
from typing import Any

from .answers import bad_request

TOKEN_BYTES_MAX = 3000


def after_condition(keys: list[tuple[str, bool]], place: list[Any]) -> tuple[str, list[Any]]:
    """The SQL condition that a row comes after a place in an order, with its arguments.

    Args:
        keys: the columns of the order, each with whether it descends; the row's number is last.
        place: the value of each; None, so NULL, comes before every other.
    """
    (column, descends), value = keys[0], place[0]
    if value is None:
        later, arguments = ("0", []) if descends else (f"{column} IS NOT NULL", [])
    elif descends:
        later, arguments = f"({column} < ? OR {column} IS NULL)", [value]
    else:
        later, arguments = f"{column} > ?", [value]
    if len(keys) == 1:
        return later, arguments
    rest, more = after_condition(keys[1:], place[1:])
    return f"({later} OR ({column} IS ? AND {rest}))", [*arguments, value, *more]


def after_values(after: list[Any]) -> list[Any]:
    """A token's place as SQL values: keys, which it holds in hexadecimal, and a row."""
    return [*(None if key is None else bytes.fromhex(key) for key in after[:-1]), after[-1]]


def write_token(seen: int, last: list[Any] | None) -> str:
    """What the next page needs: how many results came before, and the place of the last one."""
    token: dict[str, Any] = {"seen": seen}
    if last is not None:
        token["after"] = [*(None if key is None else key.hex() for key in last[:-1]), last[-1]]
    text = json.dumps(token, separators=(",", ":"))
    # A key too long for a header is left out; the next page then counts from the beginning.
    return text if len(text) <= TOKEN_BYTES_MAX else json.dumps({"seen": seen})


def read_token(text: str) -> dict[str, Any]:
    """What a page before left: "seen", and maybe "after"; nothing for the first page.

    Raises:
        ApiError: 400, the token is not one of ours.
    """
    if not text:
        return {}
    try:
        token = json.loads(text)
        seen, after = token["seen"], token.get("after")
        if not isinstance(seen, int) or seen < 0:
            raise bad_request("The continuation token is invalid.")
        if after is not None:
            after_values(after)
            if not isinstance(after[-1], int):
                raise bad_request("The continuation token is invalid.")
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise bad_request("The continuation token is invalid.") from error
    return {"seen": seen, "after": after} if after is not None else {"seen": seen}
