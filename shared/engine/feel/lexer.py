"""Tokens of FEEL, read one at a time, because what a name is depends on the names in scope.

"loan amount", "a-b" and "date and time" are one name each where such a name is known, and several
tokens where it is not. The longest known name wins (DMN 1.5, 10.3.1.2).
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

START = (
    r"?A-Z_a-z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C-\u200D"
    r"\u2070-\u218F\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD\U00010000-\U000EFFFF"
)
PART = START + r"0-9\u00B7\u0300-\u036F\u203F-\u2040"
SPACES = re.compile(
    r"(?:[\s\u0085\u00A0\u1680\u180E\u2000-\u200B\u2028\u2029\u202F\u205F\u3000\uFEFF]"
    r"|//[^\n\r]*|/\*.*?\*/)+",
    re.DOTALL,
)
WORD = re.compile(f"[{START}][{PART}]*")
TOKEN = re.compile(
    rf"(?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|\.[0-9]+(?:[eE][+-]?[0-9]+)?)"
    rf"|(?P<name>[{START}][{PART}]*)"
    r'|(?P<string>"(?:[^"\\]|\\.)*")'
    r"|(?P<symbol>\.\.|\*\*|<=|>=|!=|->|[-+*/=<>()\[\]{},:.@])",
    re.DOTALL,
)
NAME_PIECE = re.compile(f"[{PART}]+|[^\\s]")
IN_NAME = re.compile(f"[{PART}]")
NEW_NAME = f"[{START}][{PART}\\s\\u00A0.\\-+*/']*?"
NAME_BEFORE_COLON = re.compile(rf"{NEW_NAME}(?=\s*:)")
NAME_BEFORE_IN = re.compile(rf"{NEW_NAME}(?=\s+in\b)")
NAME_OF_PARAMETER = re.compile(rf"{NEW_NAME}(?=\s*[:,)])")
ESCAPE = re.compile(
    r"\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})"
    r"|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{6})|(.))",
    re.DOTALL,
)
SIMPLE_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "'": "'", "\\": "\\"}
KEYWORDS = frozenset(
    {
        "and",
        "or",
        "between",
        "in",
        "instance",
        "if",
        "then",
        "else",
        "for",
        "return",
        "some",
        "every",
        "satisfies",
        "function",
        "external",
        "true",
        "false",
        "null",
    }
)
UNICODE_MAX = 0x10FFFF


class Token(NamedTuple):
    """One token.

    Attributes:
        kind: "number", "name", "keyword", "string", "symbol", "end" or "bad".
        text: its characters; for a name, the name as it is known.
        start: index of its first character.
        end: index after its last character.
    """

    kind: str
    text: str
    start: int
    end: int


class Names:
    """The known names that are not a single word, which the lexer must not take apart."""

    def __init__(self, names: Iterable[str] = (), outer: Names | None = None) -> None:
        self._outer = outer
        self._by_first: dict[str, list[tuple[list[str], str]]] = {}
        for name in names:
            self.add(name)

    def add(self, name: str) -> None:
        """Make a name known; one that is a single word needs nothing."""
        pieces = NAME_PIECE.findall(name)
        if len(pieces) < 2 or not WORD.fullmatch(pieces[0]):  # noqa: PLR2004 - one is a word
            return
        found = self._by_first.setdefault(pieces[0], [])
        if (pieces, name) not in found:
            found.append((pieces, name))

    def match(self, text: str, start: int, word: str) -> tuple[str, int] | None:
        """The longest known name that starts with a word at an index, and where it ends."""
        best: tuple[str, int] | None = None
        table: Names | None = self
        while table is not None:
            for pieces, name in table._by_first.get(word, ()):  # noqa: SLF001 - its own kind
                end = _match_pieces(text, start, pieces)
                if end > (best[1] if best else 0):
                    best = (name, end)
            table = table._outer  # noqa: SLF001 - its own kind
        return best


def scan(text: str, position: int, names: Names) -> Token:
    """The token at or after a position; "bad" where no token of FEEL begins."""
    spaces = SPACES.match(text, position)
    if spaces is not None:
        position = spaces.end()
    if position >= len(text):
        return Token("end", "", position, position)
    match = TOKEN.match(text, position)
    if match is None:
        return Token("bad", text[position], position, position + 1)
    kind, found = str(match.lastgroup), match.group()
    if kind == "name":
        known = names.match(text, position, found)
        if known is not None:
            return Token("name", known[0], position, known[1])
        if found in KEYWORDS:
            kind = "keyword"
    return Token(kind, found, position, match.end())


def unescape(literal: str) -> str:
    """The characters that a string literal, quotes included, stands for."""
    body = literal[1:-1]
    return ESCAPE.sub(_unescaped, body) if "\\" in body else body


def normalized(name: str) -> str:
    """A name with its runs of spaces made one."""
    return " ".join(name.split())


def _unescaped(match: re.Match[str]) -> str:
    high, low, short, long, simple = match.groups()
    if high:
        return chr(0x10000 + ((int(high, 16) - 0xD800) << 10) + int(low, 16) - 0xDC00)
    if simple:
        return SIMPLE_ESCAPES.get(simple, match.group())
    code = int(short or long, 16)
    return chr(code) if code <= UNICODE_MAX else match.group()


def _match_pieces(text: str, start: int, pieces: list[str]) -> int:
    """Where a name of these pieces ends in the text, or -1 where it does not stand there."""
    position = start + len(pieces[0])  # The caller found the first piece there.
    for before, piece in pairwise(pieces):
        gap = position
        while position < len(text) and text[position].isspace():
            position += 1
        if gap == position and IN_NAME.match(before) and IN_NAME.match(piece):
            return -1
        if not text.startswith(piece, position):
            return -1
        position += len(piece)
    return -1 if IN_NAME.match(pieces[-1]) and IN_NAME.match(text, position) else position
