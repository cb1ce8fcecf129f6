"""Where the next page of a query begins.

A page ends at a place in an order: the keys and the row of its last document. The next one begins
after that place, so that documents that come and go between them shift nothing.
"""

import json
from typing import Any

from .answers import bad_request

TOKEN_BYTES_MAX = 3000


def after_condition(keys: list[tuple[str, bool]]) -> str:
    """The condition that a row comes after another in an order, whose keys are the arguments."""
    (column, descends), rest = keys[0], keys[1:]
    sign = "<" if descends else ">"
    if not rest:
        return f"{column} {sign} ?"
    return f"({column} {sign} ? OR ({column} = ? AND {after_condition(rest)}))"


def after_arguments(after: list[Any]) -> list[Any]:
    """The arguments of an after_condition: each key twice, then the row."""
    keys = [bytes.fromhex(key) for key in after[:-1]]
    return [argument for key in keys for argument in (key, key)] + [after[-1]]


def write_token(seen: int, last: list[Any] | None) -> str:
    """What the next page needs: how many results came before, and the place of the last one."""
    token: dict[str, Any] = {"seen": seen}
    if last is not None:
        token["after"] = [*(key.hex() for key in last[:-1]), last[-1]]
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
            after_arguments(after)
            if not isinstance(after[-1], int):
                raise bad_request("The continuation token is invalid.")
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise bad_request("The continuation token is invalid.") from error
    return {"seen": seen, "after": after} if after is not None else {"seen": seen}
