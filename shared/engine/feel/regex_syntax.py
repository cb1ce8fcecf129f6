"""The tree of a regular expression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shared.engine.feel.regex_classes import Test

UNBOUNDED = 1 << 30
"""As often as there is text."""


@dataclass(frozen=True, slots=True)
class Character:
    """One character that passes a test."""

    test: Test


@dataclass(frozen=True, slots=True)
class Sequence:
    """Parts one after another."""

    parts: tuple[RegexNode, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """The first branch that lets the rest match."""

    branches: tuple[RegexNode, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A part so many times, as many as possible or as few."""

    part: RegexNode
    least: int
    most: int
    greedy: bool


@dataclass(frozen=True, slots=True)
class Group:
    """A part whose match is kept."""

    number: int
    part: RegexNode


@dataclass(frozen=True, slots=True)
class BackReference:
    """What a group matched, again."""

    number: int


@dataclass(frozen=True, slots=True)
class Anchor:
    """The start ("^") or the end ("$")."""

    kind: str


type RegexNode = Character | Sequence | Choice | Repeat | Group | BackReference | Anchor
