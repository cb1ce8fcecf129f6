"""A place in a FEEL text: looks at the next token, takes it, goes back, refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from shared.engine.feel.lexer import Names, Token, normalized, scan
from shared.errors import ModelError

if TYPE_CHECKING:
    import re

NESTING_MAX = 80
TEXT_CHARACTERS_MAX = 100_000


class Cursor:
    """Walks a text; the token ahead is read only when asked for, in the names known by then."""

    def __init__(self, text: str, names: Names) -> None:
        if len(text) > TEXT_CHARACTERS_MAX:
            raise ModelError(f"an expression has at most {TEXT_CHARACTERS_MAX} characters")
        self.text = text
        self.names = Names(outer=names)
        self.position = 0
        self.depth = 0
        self._ahead: Token | None = None

    def peek(self) -> Token:
        """The next token, left where it is."""
        if self._ahead is None:
            self._ahead = scan(self.text, self.position, self.names)
        return self._ahead

    def take(self) -> Token:
        """The next token, passed over."""
        token = self.peek()
        self.position = token.end
        self._ahead = None
        return token

    def at(self, *symbols: str) -> bool:
        """Whether the next token is one of these symbols or keywords."""
        token = self.peek()
        return token.text in symbols and token.kind in {"symbol", "keyword"}

    def accept(self, symbol: str) -> bool:
        """Pass over that symbol or keyword, where it is next."""
        if self.at(symbol):
            self.take()
            return True
        return False

    def expect(self, symbol: str) -> Token:
        """Pass over that symbol or keyword.

        Raises:
            ModelError: something else stands there.
        """
        if not self.at(symbol):
            self.refuse(f"expected {symbol!r}")
        return self.take()

    def take_new_name(self, pattern: re.Pattern[str]) -> str | None:
        """A name that is being introduced here, and is known from here on; None for no name."""
        start = self.peek().start
        match = pattern.match(self.text, start)
        if match is None:
            return None
        self.back_to(match.end())
        name = normalized(match.group())
        self.names.add(name)
        return name

    def back_to(self, position: int) -> None:
        """Go to a position."""
        self.position = position
        self._ahead = None

    def deeper(self) -> None:
        """Go one nesting deeper.

        Raises:
            ModelError: that is too deep.
        """
        self.depth += 1
        if self.depth > NESTING_MAX:
            self.refuse(f"nested deeper than {NESTING_MAX}")

    def refuse(self, message: str) -> NoReturn:
        """Refuse the text at the next token.

        Raises:
            ModelError: always.
        """
        token = self.peek()
        found = "the end" if token.kind == "end" else repr(token.text)
        raise ModelError(f"{message}, found {found}", column=token.start + 1)
