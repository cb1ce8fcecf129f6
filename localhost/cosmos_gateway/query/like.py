"""LIKE: % for any text, _ for one character, [a-c] for one of some; in time text times pattern."""

import re
from functools import lru_cache

from .syntax import QueryError

PATTERNS_REMEMBERED = 256

_ONE_CHARACTER = re.compile(r"\[\^?(?:\\.|[^\]])*\]|\\.|.", re.DOTALL)


def like_matches(text: str, pattern: str, escape: str = "") -> bool:
    """Whether a text has the form of a LIKE pattern, in time proportional to their product."""
    return _matches(_pieces(pattern, escape), text)


@lru_cache(maxsize=PATTERNS_REMEMBERED)
def _pieces(pattern: str, escape: str) -> tuple[re.Pattern[str], ...]:
    """The pieces between the % signs, each a search that cannot backtrack."""
    pieces, piece, at = [], "", 0
    while at < len(pattern):
        sign = pattern[at]
        if escape and sign == escape and at + 1 < len(pattern):
            piece, at = piece + re.escape(pattern[at + 1]), at + 2
            continue
        closing = pattern.find("]", at) if sign == "[" else -1
        if sign == "%":
            pieces.append(piece)
            piece = ""
        elif sign == "_":
            piece += "."
        elif closing > at + 1:
            inside = pattern[at + 1 : closing]
            negated = "^" if inside.startswith("^") and len(inside) > 1 else ""
            body = re.escape(inside[len(negated) :]).replace(r"\-", "-")
            piece, at = f"{piece}[{negated}{body}]", closing
        else:
            piece += re.escape(sign)
        at += 1
    pieces.append(piece)
    try:
        return tuple(re.compile(part, re.DOTALL) for part in pieces)
    except re.error as error:
        raise QueryError("The LIKE pattern is malformed.") from error


def _matches(parts: tuple[re.Pattern[str], ...], text: str) -> bool:
    if len(parts) == 1:
        return parts[0].fullmatch(text) is not None
    start = parts[0].match(text)
    if start is None:
        return False
    at = start.end()
    for part in parts[1:-1]:
        found = part.search(text, at)
        if found is None:
            return False
        at = found.end()
    # Each piece has a fixed length, so the last can only stand at the very end.
    place = len(text) - _length(parts[-1].pattern)
    return place >= at and parts[-1].fullmatch(text, place) is not None


def _length(pattern: str) -> int:
    """How many characters a piece matches: sets and escapes stand for one each."""
    return len(_ONE_CHARACTER.findall(pattern))
