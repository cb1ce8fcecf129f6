"""Regular expressions of XPath, matched by an engine of our own.

Python's engine reads another dialect (no class subtraction, no classes of names or categories,
other rules for escapes), and can run for ever on a pattern that a model or a caller chose. This one
backtracks as the standard's semantics ask, but pays from the budget of the evaluation for every
step.

Source:
    XQuery and XPath Functions and Operators 3.1, section 5.6; XML Schema 1.1 part 2, appendix G.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from shared.engine.feel.regex_match import Matcher
from shared.engine.feel.regex_parse import parse_pattern
from shared.engine.feel.running import FeelError, LimitExceeded, check_length

if TYPE_CHECKING:
    from shared.engine.feel.running import Run

type Captures = tuple[tuple[int, int] | None, ...]

FLAGS = frozenset("smixq")
PATTERN_CHARACTERS_MAX = 10_000
DIGITS_MAX = 9


class Pattern:
    """A compiled pattern."""

    def __init__(self, matcher: Matcher) -> None:
        self._matcher = matcher

    def search(self, text: str, start: int, run: Run) -> Captures | None:
        """The first match at or after a position: its span, then those of its groups.

        Raises:
            LimitExceeded: matching takes too many steps.
        """
        try:
            for position in range(start, len(text) + 1):
                found = self._matcher.match(text, position, run)
                if found is not None:
                    return found
        except RecursionError as error:
            raise LimitExceeded("a regular expression repeats too deeply") from error
        return None

    def replace(self, text: str, replacement: str, run: Run) -> str:
        """The text with every match replaced; "$1" stands for a group.

        Raises:
            FeelError: the pattern matches nothing at all, or the replacement is malformed.
        """
        pieces = [("", replacement)] if self._matcher.literal else _replacement_pieces(replacement)
        parts: list[str] = []
        position = length = 0
        for match in self._matches(text, run):
            new = "".join(self._piece(text, match, kind, value) for kind, value in pieces)
            parts += [text[position : _start(match)], new]
            position = _end(match)
            length += len(new)
            check_length(length)
        return "".join([*parts, text[position:]])

    def split(self, text: str, run: Run) -> list[str]:
        """The parts of the text between the matches.

        Raises:
            FeelError: the pattern matches nothing at all.
        """
        parts: list[str] = []
        position = 0
        for match in self._matches(text, run):
            parts.append(text[position : _start(match)])
            position = _end(match)
        return [*parts, text[position:]]

    def _matches(self, text: str, run: Run) -> list[Captures]:
        if self._matcher.match("", 0, run) is not None:
            raise FeelError("the pattern matches the empty string")
        found: list[Captures] = []
        position = 0
        while position <= len(text):
            match = self.search(text, position, run)
            if match is None:
                break
            found.append(match)
            position = max(_end(match), position + 1)
        return found

    def _piece(self, text: str, match: Captures, kind: str, value: str) -> str:
        if not kind:
            return value
        # The longest number that is a group counts; digits after it are text (F&O 5.6.4).
        digits = value[:DIGITS_MAX]
        while len(digits) > 1 and int(digits) > self._matcher.group_count:
            digits = digits[:-1]
        group = int(digits)
        span = match[group] if group <= self._matcher.group_count else None
        return (text[span[0] : span[1]] if span else "") + value[len(digits) :]


@lru_cache(maxsize=1024)
def compile_pattern(pattern: str, flags: str) -> Pattern:
    """The pattern of an XPath regular expression.

    Args:
        pattern: its text.
        flags: any of s (dot takes all), m (lines), i (any case), x (spaces ignored), q (literal).

    Raises:
        FeelError: the pattern or a flag is none.
    """
    if len(pattern) > PATTERN_CHARACTERS_MAX:
        raise FeelError("a regular expression is too long")
    if not set(flags) <= FLAGS:
        raise FeelError("there is no such flag of regular expressions")
    if "q" in flags:
        return Pattern(Matcher.of_literal(pattern, ignore_case="i" in flags))
    return Pattern(Matcher(*parse_pattern(pattern, flags), flags))


def _start(match: Captures) -> int:
    return match[0][0] if match[0] else 0


def _end(match: Captures) -> int:
    return match[0][1] if match[0] else 0


def _replacement_pieces(replacement: str) -> list[tuple[str, str]]:
    pieces: list[tuple[str, str]] = []
    index = 0
    while index < len(replacement):
        character = replacement[index]
        following = replacement[index + 1 : index + 2]
        if character == "\\":
            if following not in {"\\", "$"}:
                raise FeelError("a backslash in a replacement stands before a backslash or a $")
            pieces.append(("", following))
            index += 2
        elif character == "$":
            end = index + 1
            while end < len(replacement) and replacement[end] in "0123456789":
                end += 1
            if end == index + 1:
                raise FeelError("a $ in a replacement stands before a number")
            pieces.append(("group", replacement[index + 1 : end]))
            index = end
        else:
            pieces.append(("", character))
            index += 1
    return pieces
