"""LIKE: % for any text, _ for one character, [a-c] for one of some; in bounded time."""

import re
from dataclasses import dataclass
from functools import lru_cache

from .syntax import QueryError

PATTERNS_REMEMBERED = 256
PATTERN_LENGTH_MAX = 4096
# Characters of a text times those of a piece with _ or [..] in it: about half a second.
STEPS_MAX = 200_000_000

_ONE_CHARACTER = re.compile(r"\[\^?(?:\\.|[^\]])*\]|\\.|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Form:
    """A pattern, taken apart.

    Attributes:
        pieces: what stands between the % signs, each a search that cannot backtrack.
        last_length: how many characters the last piece matches.
        wild_length: how many the longest piece does that has a _ or a set.
    """

    pieces: tuple[re.Pattern[str], ...]
    last_length: int
    wild_length: int


def like_matches(text: str, pattern: str, escape: str = "") -> bool:
    """Whether a text has the form of a LIKE pattern.

    Raises:
        QueryError: the pattern is malformed, too long, or would take too long in so long a text.
    """
    if len(pattern) > PATTERN_LENGTH_MAX:
        raise QueryError(f"A LIKE pattern has at most {PATTERN_LENGTH_MAX} characters here.")
    form = _form(pattern, escape)
    if len(text) * form.wild_length > STEPS_MAX:
        raise QueryError("The LIKE pattern has too many _ or [..] for so long a text.")
    return _matches(form, text)


@lru_cache(maxsize=PATTERNS_REMEMBERED)
def _form(pattern: str, escape: str) -> _Form:
    try:
        pieces = tuple(re.compile(piece, re.DOTALL) for piece in _pieces(pattern, escape))
    except re.error as error:
        raise QueryError("The LIKE pattern is malformed.") from error
    characters = [_ONE_CHARACTER.findall(piece.pattern) for piece in pieces]
    wild = (len(each) for each in characters if any(one[0] in ".[" for one in each))
    return _Form(pieces, len(characters[-1]), max(wild, default=0))


def _pieces(pattern: str, escape: str) -> list[str]:
    """The regular expressions of the pieces between the % signs."""
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
    return [*pieces, piece]


def _matches(form: _Form, text: str) -> bool:
    first, *rest = form.pieces
    if not rest:
        return first.fullmatch(text) is not None
    start = first.match(text)
    if start is None:
        return False
    at = start.end()
    for piece in rest[:-1]:
        found = piece.search(text, at)
        if found is None:
            return False
        at = found.end()
    # Each piece has a fixed length, so the last can only stand at the very end.
    place = len(text) - form.last_length
    return place >= at and rest[-1].fullmatch(text, place) is not None
