"""A place in a query's tokens, and the bounds on how deep and long its parts may be."""

from .lexer import Token
from .syntax import QueryError

DEPTH_MAX = 40
CHAIN_LENGTH_MAX = 100
CLAUSES = frozenset(
    {"SELECT", "FROM", "WHERE", "GROUP", "ORDER", "BY", "OFFSET", "LIMIT", "JOIN", "IN", "AS"}
    | {"AND", "OR", "NOT", "BETWEEN", "LIKE", "ESCAPE", "ASC", "DESC", "TOP", "DISTINCT", "VALUE"}
    | {"EXISTS", "HAVING"}
)


class Cursor:
    """Walks over a query's tokens.

    Attributes:
        now: the token at hand.
    """

    def __init__(self, all_tokens: list[Token]) -> None:
        self._tokens = all_tokens
        self._place = 0
        self._depth = 0
        self.now = all_tokens[0]

    def skip(self) -> Token:
        """Passes over the token at hand, and returns it."""
        passed = self.now
        self._place = min(self._place + 1, len(self._tokens) - 1)
        self.now = self._tokens[self._place]
        return passed

    def take(self, word: str) -> bool:
        """Passes over a word or sign, if it is at hand."""
        if self.now.upper == word:
            self.skip()
            return True
        return False

    def expect(self, word: str) -> None:
        """Passes over a word or sign, which must be at hand."""
        if not self.take(word):
            raise self.error(f"Syntax error near '{self.now.text[:40]}': expected {word}.")

    def any_word(self) -> str:
        """Passes over a word of any kind, and returns it."""
        if self.now.kind != "word":
            raise self.unexpected()
        return self.skip().text

    def alias(self) -> str:
        """Passes over a word that is no keyword, and returns it."""
        if self.now.upper in CLAUSES:
            raise self.unexpected()
        return self.any_word()

    def deepen(self) -> None:
        """Enters a part within a part."""
        self._depth += 1
        if self._depth > DEPTH_MAX:
            raise self.error(f"The query nests deeper than {DEPTH_MAX} levels.")

    def rise(self) -> None:
        """Leaves a part within a part."""
        self._depth -= 1

    def lengthen(self, chain: int) -> int:
        """The length of a row of operators that grows by one."""
        if chain >= CHAIN_LENGTH_MAX:
            raise self.error(f"More than {CHAIN_LENGTH_MAX} operators in a row.")
        return chain + 1

    def unexpected(self, token: Token | None = None) -> QueryError:
        """What to raise where a token fits nowhere; the one at hand, if none is given."""
        found = token or self.now
        message = f"Syntax error, incorrect syntax near '{found.text[:40]}'."
        return QueryError(message, position=found.position)

    def error(self, message: str) -> QueryError:
        """What to raise of the token at hand."""
        return QueryError(message, position=self.now.position)
