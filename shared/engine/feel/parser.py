"""The parser of FEEL: expressions and unary tests to trees, by recursive descent.

Source:
    DMN 1.5, 10.3.1.2 (grammar). Operators bind, from loosest: or · and · comparisons, between, in,
    instance of · + - · * / · ** · unary minus · path, filter, call.
"""

from __future__ import annotations

from shared.engine.feel import syntax
from shared.engine.feel.lexer import NAME_BEFORE_IN, Names
from shared.engine.feel.primaries import COMPARISONS, Primaries
from shared.errors import ModelError

LEFT_TO_RIGHT = (("+", "-"), ("*", "/"), ("**",))
PROPERTIES = ("time offset", "start included", "end included")


def parse_expression(text: str, names: Names) -> syntax.Node:
    """The tree of an expression.

    Raises:
        ModelError: the text is no FEEL expression; it names the column.
    """
    parser = Parser(text, names)
    node = parser.expression()
    parser.end()
    return node


def parse_unary_tests(text: str, names: Names) -> syntax.UnaryTests:
    """The tree of a cell's tests; an empty text is a dash.

    Raises:
        ModelError: the text is no unary tests; it names the column.
    """
    if text.strip() in {"", "-"}:
        return syntax.UnaryTests(0, (), negated=False, any=True)
    parser = Parser(text, names)
    if parser.peek().text == "not":
        negated = _negated_tests(parser)
        if negated is not None:
            return negated
    tests = parser.tests()
    parser.end()
    return syntax.UnaryTests(0, tests, negated=False, any=False)


def _negated_tests(parser: Parser) -> syntax.UnaryTests | None:
    """not(tests), where that is the whole text and not the start of a longer expression."""
    parser.take()
    if parser.accept("("):
        tests = parser.tests()
        if parser.accept(")") and parser.peek().kind == "end":
            return syntax.UnaryTests(0, tests, negated=True, any=False)
    parser.back_to(0)
    return None


class Parser(Primaries):
    """One text being parsed.

    Each place is tried as a filter at most once and nothing else goes back, so that no text takes
    more than quadratic time.
    """

    def end(self) -> None:
        """Make sure that nothing is left."""
        if self.peek().kind != "end":
            self.refuse("expected the end of the expression")

    def tests(self) -> tuple[syntax.Node, ...]:
        """Unary tests with commas between."""
        found = [self.test()]
        while self.accept(","):
            found.append(self.test())
        return tuple(found)

    def test(self) -> syntax.Node:
        """One unary test: an operator with its end, or an expression."""
        if self.at(*COMPARISONS):
            operator = self.take()
            return syntax.Test(operator.start, operator.text, self.arithmetic(0))
        return self.expression()

    def expression(self) -> syntax.Node:
        """Any expression."""
        self.deeper()
        token = self.peek()
        if token.kind == "keyword":
            node = self._keyword_expression(token.text)
        else:
            node = self._disjunction()
        self.depth -= 1
        return node

    def _keyword_expression(self, keyword: str) -> syntax.Node:
        match keyword:
            case "if":
                return self._if()
            case "for":
                return self._for()
            case "some" | "every":
                return self._quantified()
            case _:
                return self._disjunction()

    def _if(self) -> syntax.Node:
        column = self.take().start
        condition = self.expression()
        self.expect("then")
        positive = self.expression()
        self.expect("else")
        return syntax.If(column, condition, positive, self.expression())

    def _for(self) -> syntax.Node:
        column = self.take().start
        turns = self._turns()
        self.expect("return")
        self.names.add("partial")
        return syntax.For(column, turns, self.expression())

    def _quantified(self) -> syntax.Node:
        keyword = self.take()
        turns = self._turns()
        self.expect("satisfies")
        return syntax.Quantified(keyword.start, keyword.text, turns, self.expression())

    def _turns(self) -> tuple[syntax.Turn, ...]:
        turns = [self._turn()]
        while self.accept(","):
            turns.append(self._turn())
        return tuple(turns)

    def _turn(self) -> syntax.Turn:
        column = self.peek().start
        name = self.take_new_name(NAME_BEFORE_IN)
        if name is None:
            self.refuse("expected a variable")
        self.expect("in")
        domain = self.expression()
        end = self.expression() if self.accept("..") else None
        return syntax.Turn(column, name, domain, end)

    def _disjunction(self) -> syntax.Node:
        left = self._conjunction()
        while self.at("or"):
            column = self.take().start
            left = syntax.Logical(column, "or", left, self._conjunction())
        return left

    def _conjunction(self) -> syntax.Node:
        left = self._comparison()
        while self.at("and"):
            column = self.take().start
            left = syntax.Logical(column, "and", left, self._comparison())
        return left

    def _comparison(self) -> syntax.Node:
        left = self.arithmetic(0)
        while True:
            token = self.peek()
            if token.kind == "symbol" and token.text in COMPARISONS:
                self.take()
                right = self.arithmetic(0)
                left = syntax.Comparison(token.start, token.text, left, right)
            elif token.kind == "keyword" and token.text in {"between", "in", "instance"}:
                self.take()
                left = self._worded_comparison(token.text, token.start, left)
            else:
                return left

    def _worded_comparison(self, word: str, column: int, left: syntax.Node) -> syntax.Node:
        if word == "between":
            low = self.arithmetic(0)
            self.expect("and")
            return syntax.Between(column, left, low, self.arithmetic(0))
        if word == "in":
            return syntax.In(column, left, self._membership())
        if self.peek().text != "of":
            self.refuse("expected 'instance of'")
        self.take()
        return syntax.InstanceOf(column, left, self.type())

    def _membership(self) -> tuple[syntax.Node, ...]:
        """What follows "in": one test, or several in parentheses."""
        if self.at(*COMPARISONS):
            return (self.test(),)
        self._membership_at = self.peek().start
        node = self.arithmetic(0)
        return node.tests if isinstance(node, syntax.UnaryTests) else (node,)

    def arithmetic(self, level: int) -> syntax.Node:
        """Operators of one level of LEFT_TO_RIGHT and those that bind tighter."""
        if level == len(LEFT_TO_RIGHT):
            return self._negation()
        left = self.arithmetic(level + 1)
        while self.at(*LEFT_TO_RIGHT[level]):
            operator = self.take()
            right = self.arithmetic(level + 1)
            left = syntax.Arithmetic(operator.start, operator.text, left, right)
        return left

    def _negation(self) -> syntax.Node:
        if not self.at("-"):
            return self._postfix()
        self.deeper()
        column = self.take().start
        operand = self._negation()
        self.depth -= 1
        return syntax.Negation(column, operand)

    def _postfix(self) -> syntax.Node:
        node = self.primary()
        while True:
            if self.at("."):
                column = self.take().start
                node = syntax.Path(column, node, self._property())
            elif self.at("["):
                filtered = self._filter(node)
                if filtered is None:
                    return node
                node = filtered
            elif self.at("("):
                node = self.call(node)
            else:
                return node

    def _property(self) -> str:
        for name in PROPERTIES:
            self.names.add(name)
        token = self.take()
        if token.kind not in {"name", "keyword"}:
            self.refuse("expected the name of a part")
        return token.text

    def _filter(self, source: syntax.Node) -> syntax.Node | None:
        """A filter; None where the bracket closes an open range, as in [1..10[."""
        opening = self.peek().start
        if opening in self._no_filter_at:
            return None
        depth = self.depth
        self.take()
        try:
            condition = self.expression()
            self.expect("]")
        except ModelError:
            if self._range_depth == 0:
                raise
            self._no_filter_at.add(opening)
            self.depth = depth
            self.back_to(opening)
            return None
        return syntax.Filter(opening, source, condition)
