"""XPath regular expressions as trees.

Source:
    XML Schema 1.1 part 2, appendix G; XPath Functions and Operators 3.1, section 5.6.1 (anchors,
    reluctant quantifiers, captures, back-references).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from shared.engine.feel.regex_classes import (
    CLASS_ESCAPES,
    SINGLE_ESCAPES,
    SPACES,
    Test,
    any_of,
    in_any_case,
    minus,
    none_of,
    one,
    property_test,
    span,
)
from shared.engine.feel.regex_syntax import (
    UNBOUNDED,
    Anchor,
    BackReference,
    Character,
    Choice,
    Group,
    RegexNode,
    Repeat,
    Sequence,
)
from shared.engine.feel.running import FeelError

if TYPE_CHECKING:
    from collections.abc import Callable

GROUPS_NESTED_MAX = 40
DIGITS_MAX = 6
METACHARACTERS = frozenset("\\|.?*+(){}[]^$")


def parse_pattern(pattern: str, flags: str) -> tuple[RegexNode, int]:
    """The tree of a pattern, and how many groups it has.

    Raises:
        FeelError: it is malformed.
    """
    parser = _Parser(_without_spaces(pattern) if "x" in flags else pattern, flags)
    node = parser.choice()
    if parser.index < len(parser.pattern):
        parser.refuse("an unbalanced parenthesis")
    return node, parser.groups


class _Parser:
    def __init__(self, pattern: str, flags: str) -> None:
        self.pattern = pattern
        self.index = 0
        self.groups = 0
        self.closed: set[int] = set()
        self.depth = 0
        self.any_case = "i" in flags
        self.any = none_of(()) if "s" in flags else none_of((one("\n"), one("\r")))

    def refuse(self, what: str) -> NoReturn:
        raise FeelError(f"a regular expression has {what}")

    def peek(self) -> str:
        return self.pattern[self.index : self.index + 1]

    def take(self) -> str:
        character = self.peek()
        self.index += 1
        return character

    def accept(self, text: str) -> bool:
        if self.pattern.startswith(text, self.index):
            self.index += len(text)
            return True
        return False

    def choice(self) -> RegexNode:
        self.depth += 1
        if self.depth > GROUPS_NESTED_MAX:
            self.refuse("groups nested too deeply")
        branches = [self.branch()]
        while self.accept("|"):
            branches.append(self.branch())
        self.depth -= 1
        return branches[0] if len(branches) == 1 else Choice(tuple(branches))

    def branch(self) -> RegexNode:
        parts: list[RegexNode] = []
        while self.peek() not in {"", "|", ")"}:
            parts.append(self.quantified(self.atom()))
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def quantified(self, atom: RegexNode) -> RegexNode:
        quantity = self.quantity()
        if quantity is None:
            return atom
        greedy = not self.accept("?")
        if self.peek() in set("?*+"):
            self.refuse("two quantifiers in a row")
        return Repeat(atom, *quantity, greedy)

    def quantity(self) -> tuple[int, int] | None:
        simple = {"?": (0, 1), "*": (0, UNBOUNDED), "+": (1, UNBOUNDED)}
        if self.peek() in simple:
            return simple[self.take()]
        if not self.accept("{"):
            return None
        least = self.number()
        most = least
        if self.accept(","):
            most = UNBOUNDED if self.peek() == "}" else self.number()
        if not self.accept("}") or most < least:
            self.refuse("a malformed quantity")
        return least, most

    def number(self) -> int:
        digits = ""
        while self.peek() in set("0123456789"):
            digits += self.take()
        if not digits or len(digits) > DIGITS_MAX:
            self.refuse("a malformed quantity")
        return int(digits)

    def atom(self) -> RegexNode:
        character = self.take()
        makers: dict[str, Callable[[], RegexNode]] = {
            "(": self.group,
            "[": lambda: Character(self.character_class()),
            "\\": self.escape,
            ".": lambda: Character(self.any),
            "^": lambda: Anchor("^"),
            "$": lambda: Anchor("$"),
        }
        if character in makers:
            return makers[character]()
        if character in METACHARACTERS:
            self.refuse(f"a misplaced {character!r}")
        return Character(self.cased(one(character)))

    def cased(self, test: Test) -> Test:
        """A test of a character or a range; classes by name know their case."""
        return in_any_case(test) if self.any_case else test

    def group(self) -> RegexNode:
        if self.accept("?:"):
            node = self.choice()
        elif self.peek() == "?":
            self.refuse("a group of an unknown kind")
        else:
            self.groups += 1
            number = self.groups
            node = Group(number, self.choice())
            self.closed.add(number)
        if not self.accept(")"):
            self.refuse("an unbalanced parenthesis")
        return node

    def escape(self) -> RegexNode:
        following = self.pattern[self.index : self.index + 1]
        if following in set("123456789"):
            return self.back_reference()
        return Character(self.escaped())

    def back_reference(self) -> RegexNode:
        number = int(self.take())
        while self.pattern[self.index : self.index + 1] in set("0123456789"):
            longer = number * 10 + int(self.pattern[self.index])
            if longer not in self.closed:
                break
            number = longer
            self.index += 1
        if number not in self.closed:
            self.refuse("a reference to a group that is not closed before it")
        return BackReference(number)

    def escaped(self) -> Test:
        """The test of an escape, after its backslash."""
        character = self.pattern[self.index : self.index + 1]
        self.index += 1
        if character in SINGLE_ESCAPES:
            return self.cased(one(SINGLE_ESCAPES[character]))
        if character in CLASS_ESCAPES:
            return CLASS_ESCAPES[character]
        if character in {"p", "P"} and self.pattern.startswith("{", self.index):
            end = self.pattern.find("}", self.index)
            if end > 0:
                test = property_test(self.pattern[self.index + 1 : end])
                self.index = end + 1
                return test if character == "p" else none_of((test,))
        return self.refuse("an unknown escape")

    def character_class(self) -> Test:
        """The test of a class, after its opening bracket."""
        self.depth += 1
        if self.depth > GROUPS_NESTED_MAX:
            self.refuse("classes nested too deeply")
        negated = self.class_accepts("^")
        tests: list[Test] = []
        without: Test | None = None
        while not self.class_accepts("]"):
            if tests and self.class_accepts("-["):
                without = self.character_class()
                if not self.class_accepts("]"):
                    self.refuse("a class that goes on after a subtraction")
                break
            tests.append(self.class_part(first=not tests))
        if not tests:
            self.refuse("an empty class")
        self.depth -= 1
        kept = none_of(tests) if negated else any_of(tests)
        return kept if without is None else minus(kept, without)

    def class_accepts(self, text: str) -> bool:
        if self.pattern.startswith(text, self.index):
            self.index += len(text)
            return True
        return False

    def class_part(self, *, first: bool) -> Test:
        start = self.class_character()
        if callable(start):
            return start
        if start == "-" and not first and self.pattern[self.index : self.index + 1] != "]":
            self.refuse("a misplaced hyphen in a class")
        following = self.pattern[self.index : self.index + 2]
        if not following.startswith("-") or following in {"-]", "-["}:
            return self.cased(one(start))
        self.index += 1
        end = self.class_character()
        if callable(end) or end < start:
            self.refuse("a malformed range in a class")
        return self.cased(span(start, end))

    def class_character(self) -> Test | str:
        """A character of a class, or the test of an escape for several."""
        character = self.pattern[self.index : self.index + 1]
        self.index += 1
        if character in {"", "["}:
            self.refuse("a class without its end")
        if character != "\\":
            return character
        following = self.pattern[self.index : self.index + 1]
        if following in SINGLE_ESCAPES:
            self.index += 1
            return SINGLE_ESCAPES[following]
        return self.escaped()


def _without_spaces(pattern: str) -> str:
    """The pattern without its spaces, but for those in a class (flag x; F&O 3.1, 5.6.1.1)."""
    kept: list[str] = []
    depth = 0
    is_escaped = False
    for character in pattern:
        if depth == 0 and character in SPACES:
            continue
        if not is_escaped:
            depth += (character == "[") - (character == "]")
        is_escaped = character == "\\" and not is_escaped
        kept.append(character)
    return "".join(kept)
