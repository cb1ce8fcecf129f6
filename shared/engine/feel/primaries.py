"""What stands between the operators: literals, names, brackets, calls, functions, types."""

from __future__ import annotations

from abc import ABC, abstractmethod

from shared.engine.feel import syntax
from shared.engine.feel.cursor import Cursor
from shared.engine.feel.lexer import (
    NAME_BEFORE_COLON,
    NAME_OF_PARAMETER,
    Names,
    normalized,
    unescape,
)
from shared.engine.feel.literals import at_literal, number_literal

COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")
CONSTANTS = {"true": True, "false": False, "null": None}


class Primaries(Cursor, ABC):
    """The part of the parser that reads primaries; what they hold is up to the whole parser."""

    def __init__(self, text: str, names: Names) -> None:
        super().__init__(text, names)
        self._range_depth = 0
        self._no_filter_at: set[int] = set()
        self._membership_at = -1

    @abstractmethod
    def expression(self) -> syntax.Node:
        """Any expression."""

    @abstractmethod
    def arithmetic(self, level: int) -> syntax.Node:
        """An expression without comparisons, of operators from a level up."""

    @abstractmethod
    def test(self) -> syntax.Node:
        """One unary test."""

    def call(self, function: syntax.Node) -> syntax.Node:
        """The arguments of a call, from the opening parenthesis."""
        column = self.take().start
        names: list[str] = []
        arguments: list[syntax.Node] = []
        while not self.at(")"):
            name = self.take_new_name(NAME_BEFORE_COLON) if not arguments or names else None
            if name is not None:
                self.expect(":")
                names.append(name)
            elif names:
                self.refuse("expected a named argument")
            arguments.append(self.expression())
            if not self.accept(","):
                break
        self.expect(")")
        named = tuple(names) if names else None
        return syntax.Call(column, function, tuple(arguments), named)

    def primary(self) -> syntax.Node:
        """What stands between operators."""
        token = self.peek()
        match token.kind:
            case "number":
                self.take()
                return syntax.Literal(token.start, number_literal(token.text))
            case "string":
                self.take()
                return syntax.Literal(token.start, unescape(token.text))
            case "name":
                self.take()
                return syntax.Name(token.start, token.text)
            case "keyword":
                return self._keyword_primary(token.text)
            case _:
                return self._bracketed()

    def _keyword_primary(self, keyword: str) -> syntax.Node:
        if keyword in CONSTANTS:
            return syntax.Literal(self.take().start, CONSTANTS[keyword])
        if keyword == "function":
            return self._function()
        if keyword in {"if", "for", "some", "every"}:
            return self.expression()
        return self.refuse("expected an expression")

    def _bracketed(self) -> syntax.Node:
        if self.at("("):
            return self._parenthesized()
        if self.at("["):
            return self._list_or_range()
        if self.at("]"):
            column = self.take().start
            return self._range(column, self.arithmetic(0), included=False)
        if self.at("{"):
            return self._context()
        if self.at("@"):
            return self._at_literal()
        return self.refuse("expected an expression")

    def _at_literal(self) -> syntax.Node:
        column = self.take().start
        token = self.take()
        if token.kind != "string":
            self.refuse("expected a string after '@'")
        return at_literal(column, unescape(token.text))

    def _parenthesized(self) -> syntax.Node:
        column = self.take().start
        of_membership = column == self._membership_at
        node = self.test()
        if self.at(".."):
            return self._range(column, node, included=False)
        tests = [node]
        while of_membership and self.accept(","):
            tests.append(self.test())
        self.expect(")")
        if len(tests) == 1:
            return node
        return syntax.UnaryTests(column, tuple(tests), negated=False, any=False)

    def _list_or_range(self) -> syntax.Node:
        column = self.take().start
        if self.accept("]"):
            return syntax.ListLiteral(column, ())
        items = [self.expression()]
        if self.at(".."):
            return self._range(column, items[0], included=True)
        while self.accept(","):
            items.append(self.expression())
        self.expect("]")
        return syntax.ListLiteral(column, tuple(items))

    def _range(self, column: int, start: syntax.Node, *, included: bool) -> syntax.Node:
        self.expect("..")
        self._range_depth += 1
        try:
            end = self.arithmetic(0)
        finally:
            self._range_depth -= 1
        closing = self.take()
        if closing.text not in {"]", ")", "["}:
            self.back_to(closing.start)
            self.refuse("expected the end of a range")
        return syntax.RangeLiteral(column, start, end, included, closing.text == "]")

    def _context(self) -> syntax.Node:
        column = self.take().start
        entries: list[tuple[str, syntax.Node]] = []
        while not self.at("}"):
            key = self._key()
            if any(key == other for other, _ in entries):
                self.refuse(f"two entries are named {key!r}")
            self.expect(":")
            entries.append((key, self.expression()))
            if not self.accept(","):
                break
        self.expect("}")
        return syntax.ContextLiteral(column, tuple(entries))

    def _key(self) -> str:
        if self.peek().kind == "string":
            key = unescape(self.take().text)
            self.names.add(key)
            return key
        name = self.take_new_name(NAME_BEFORE_COLON)
        return name if name is not None else self.refuse("expected the name of an entry")

    def _function(self) -> syntax.Node:
        column = self.take().start
        self.expect("(")
        parameters: list[tuple[str, syntax.TypeName | None]] = []
        while not self.at(")"):
            name = self.take_new_name(NAME_OF_PARAMETER)
            if name is None:
                self.refuse("expected a parameter")
            parameters.append((name, self.type() if self.accept(":") else None))
            if not self.accept(","):
                break
        self.expect(")")
        external = self.accept("external")
        return syntax.FunctionDefinition(column, tuple(parameters), self.expression(), external)

    def type(self) -> syntax.TypeName:
        """A type, such as number, list<string> or a named item definition."""
        self.deeper()
        token = self.take()
        if token.kind not in {"name", "keyword"}:
            self.refuse("expected a type")
        name = normalized(token.text)
        while self.accept("."):
            name += "." + self.take().text
        node = self._type_arguments(token.start, name)
        self.depth -= 1
        return node

    def _type_arguments(self, column: int, name: str) -> syntax.TypeName:
        entries: list[str] = []
        arguments: list[syntax.TypeName] = []
        if name in {"list", "range", "context", "function"} and self.accept("<"):
            while not self.at(">"):
                if name == "context":
                    entries.append(self.take_new_name(NAME_BEFORE_COLON) or "")
                    self.expect(":")
                arguments.append(self.type())
                if not self.accept(","):
                    break
            self.expect(">")
        if name == "function" and self.accept("->"):
            arguments.append(self.type())
        return syntax.TypeName(column, name, tuple(arguments), tuple(entries))
