"""Tests of single characters, for the classes of regular expressions.

Source:
    XML Schema 1.1 part 2, appendix G.4.2 (escapes, categories, blocks).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from unicodedata import category

from shared.engine.feel.regex_blocks import BLOCKS
from shared.engine.feel.running import FeelError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

type Test = Callable[[str], bool]

SINGLE_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"} | {
    character: character for character in "\\|.-^?*+{}()[]$"
}
CATEGORIES = frozenset(
    {
        "L",
        "Lu",
        "Ll",
        "Lt",
        "Lm",
        "Lo",
        "M",
        "Mn",
        "Mc",
        "Me",
        "N",
        "Nd",
        "Nl",
        "No",
        "P",
        "Pc",
        "Pd",
        "Ps",
        "Pe",
        "Pi",
        "Pf",
        "Po",
        "Z",
        "Zs",
        "Zl",
        "Zp",
        "S",
        "Sm",
        "Sc",
        "Sk",
        "So",
        "C",
        "Cc",
        "Cf",
        "Co",
        "Cn",
    }
)
NAME_START = re.compile(
    "[:A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d"
    "\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff]"
)
NAME_REST = re.compile("[-.0-9\u00b7\u0300-\u036f\u203f\u2040]")
SPACES = frozenset(" \t\n\r")


def one(character: str) -> Test:
    """Passes that character."""
    return character.__eq__


def span(first: str, last: str) -> Test:
    """Passes the characters from first to last."""
    return lambda character: first <= character <= last


def any_of(tests: Iterable[Test]) -> Test:
    """Passes what passes one of the tests."""
    kept = tuple(tests)
    return lambda character: any(test(character) for test in kept)


def none_of(tests: Iterable[Test]) -> Test:
    """Passes what passes none of the tests."""
    kept = tuple(tests)
    return lambda character: not any(test(character) for test in kept)


def minus(test: Test, without: Test) -> Test:
    """Passes what passes the first test and not the second."""
    return lambda character: test(character) and not without(character)


def in_any_case(test: Test) -> Test:
    """Passes what passes the test in upper or lower case."""
    return lambda character: test(character) or test(character.lower()) or test(character.upper())


def property_test(name: str) -> Test:
    """The test of a property by name: a category such as "Lu", or a block such as "IsBasicLatin".

    Raises:
        FeelError: there is no such category or block.
    """
    if name in CATEGORIES:
        return lambda character: category(character).startswith(name)
    block = BLOCKS.get(name.removeprefix("Is")) if name.startswith("Is") else None
    if block is None:
        raise FeelError("there is no such class of characters")
    first, last = block
    return lambda character: first <= ord(character) <= last


def _is_word(character: str) -> bool:
    return category(character)[0] not in "PZC"


def _is_name_character(character: str) -> bool:
    return bool(NAME_START.match(character) or NAME_REST.match(character))


def _digit(character: str) -> bool:
    return category(character) == "Nd"


CLASS_ESCAPES: dict[str, Test] = {
    "s": SPACES.__contains__,
    "i": lambda character: NAME_START.match(character) is not None,
    "c": _is_name_character,
    "d": _digit,
    "w": _is_word,
}
CLASS_ESCAPES |= {name.upper(): none_of((test,)) for name, test in CLASS_ESCAPES.items()}
