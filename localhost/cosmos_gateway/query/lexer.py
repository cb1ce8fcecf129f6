"""Splits a query's text into tokens, in one pass whatever the text."""

import re
from dataclasses import dataclass

from .syntax import QueryError

TEXT_LENGTH_MAX = 512 * 1024

_TOKEN = re.compile(
    r"""(?P<space>\s+|--[^\n]*)
      | (?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?!\w))
      | (?P<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
      | (?P<parameter>@\w+)
      | (?P<word>[^\W\d]\w*)
      | (?P<sign><=|>=|!=|<>|\|\||\?\?|<<|>>|[-+*/%=<>(),.\[\]{}:?~&|^])
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


@dataclass(frozen=True, slots=True)
class Token:
    """One word, sign or literal.

    Attributes:
        kind: number, string, parameter, word, sign or end.
        text: as written; the content, for a string.
        upper: the text in upper case, for a word; the text, for a sign; else empty.
        position: from 1.
    """

    kind: str
    text: str
    upper: str
    position: int


def tokens(text: str) -> list[Token]:
    """The tokens of a query, with one of kind "end" after the last.

    Raises:
        QueryError: the text is too long, or has a character that begins no token.
    """
    if len(text) > TEXT_LENGTH_MAX:
        raise QueryError(f"The query is longer than {TEXT_LENGTH_MAX} characters.")
    result: list[Token] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            near = text[position : position + 20]
            raise QueryError(f"Syntax error near '{near}'.", position=position + 1)
        kind, part = str(match.lastgroup), match.group()
        if kind == "string":
            result.append(Token(kind, _ESCAPE.sub(_unescaped, part[1:-1]), "", position + 1))
        elif kind != "space":
            upper = part.upper() if kind in ("word", "sign") else ""
            result.append(Token(kind, part, upper, position + 1))
        position = match.end()
    result.append(Token("end", "end of query", "", len(text) + 1))
    return result


def _unescaped(match: re.Match[str]) -> str:
    code = match.group(1)
    if len(code) > 1:
        return chr(int(code[1:], 16))
    return _ESCAPES.get(code, code)
