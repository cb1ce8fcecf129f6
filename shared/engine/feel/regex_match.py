"""Matching a regular expression's tree: closures that pay for each step they take.

Each part is compiled with the part that follows it. A matching function answers where the whole
rest of the pattern ended, or -1; it leaves the state as it found it when it fails.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.engine.feel.regex_classes import in_any_case, one
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

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.engine.feel.regex_classes import Test
    from shared.engine.feel.running import Run

type Step = Callable[[State, int], int]
type Span = tuple[int, int] | None

FAILED = -1
CHARACTERS_A_STEP = 16


class State:
    """One attempt to match.

    Attributes:
        text: what is matched.
        run: pays for the steps.
        groups: spans of the groups so far.
        slots: turns and starts of the loops, and starts of the groups, that are under way.
    """

    __slots__ = ("groups", "run", "slots", "text")

    def __init__(self, text: str, run: Run, groups: int, slots: int) -> None:
        self.text = text
        self.run = run
        self.groups: list[Span] = [None] * (groups + 1)
        self.slots: list[tuple[int, int]] = [(0, 0)] * slots


class Matcher:
    """A compiled tree.

    Attributes:
        group_count: how many groups it has.
        literal: the pattern was given to be taken literally.
    """

    def __init__(
        self, node: RegexNode, group_count: int, flags: str, *, literal: bool = False
    ) -> None:
        self.group_count = group_count
        self.literal = literal
        self._any_case = "i" in flags
        self._lines = "m" in flags
        self._slots = 0
        self._start = self._compile(node, lambda _state, index: index)

    @classmethod
    def of_literal(cls, text: str, *, ignore_case: bool) -> Matcher:
        """The matcher of the text itself."""
        tests = [one(character) for character in text]
        cased = [in_any_case(test) for test in tests] if ignore_case else tests
        return cls(Sequence(tuple(map(Character, cased))), 0, "", literal=True)

    def match(self, text: str, position: int, run: Run) -> tuple[Span, ...] | None:
        """The match that starts at a position: its span, then those of its groups."""
        run.spend()
        state = State(text, run, self.group_count, self._slots)
        end = self._start(state, position)
        if end == FAILED:
            return None
        return ((position, end), *state.groups[1:])

    def _slot(self) -> int:
        self._slots += 1
        return self._slots - 1

    def _compile(self, node: RegexNode, following: Step) -> Step:
        match node:
            case Character(test=test):
                return _character(test, following)
            case Sequence(parts=parts):
                for part in reversed(parts):
                    following = self._compile(part, following)
                return following
            case Choice(branches=branches):
                return _choice([self._compile(branch, following) for branch in branches])
            case Repeat(part=Character(test=test)):
                return _repeat_character(node, test, following)
            case Repeat():
                return self._repeat(node, following)
            case Group(number=number, part=part):
                return self._group(number, part, following)
            case BackReference(number=number):
                return _back_reference(number, following, any_case=self._any_case)
            case Anchor(kind=kind):
                return _anchor(kind, following, lines=self._lines)

    def _group(self, number: int, part: RegexNode, following: Step) -> Step:
        slot = self._slot()

        def close(state: State, index: int) -> int:
            before = state.groups[number]
            state.groups[number] = (state.slots[slot][0], index)
            end = following(state, index)
            if end == FAILED:
                state.groups[number] = before
            return end

        inner = self._compile(part, close)

        def opening(state: State, index: int) -> int:
            before = state.slots[slot]
            state.slots[slot] = (index, 0)
            end = inner(state, index)
            if end == FAILED:
                state.slots[slot] = before
            return end

        return opening

    def _repeat(self, node: Repeat, following: Step) -> Step:
        slot = self._slot()

        def after_turn(state: State, index: int) -> int:
            count, start = state.slots[slot]
            # A turn that matched nothing would match nothing for ever.
            return following(state, index) if index == start else turn(state, index, count)

        body = self._compile(node.part, after_turn)

        def once_more(state: State, index: int, count: int) -> int:
            before = state.slots[slot]
            state.slots[slot] = (count + 1, index)
            end = body(state, index)
            if end == FAILED:
                state.slots[slot] = before
            return end

        def turn(state: State, index: int, count: int) -> int:
            state.run.spend()
            if count < node.least:
                return once_more(state, index, count)
            if node.greedy:
                end = once_more(state, index, count) if count < node.most else FAILED
                return following(state, index) if end == FAILED else end
            end = following(state, index)
            if end == FAILED and count < node.most:
                end = once_more(state, index, count)
            return end

        return lambda state, index: turn(state, index, 0)


def _character(test: Test, following: Step) -> Step:
    def step(state: State, index: int) -> int:
        text = state.text
        if index < len(text) and test(text[index]):
            return following(state, index + 1)
        return FAILED

    return step


def _choice(branches: list[Step]) -> Step:
    def step(state: State, index: int) -> int:
        for branch in branches:
            state.run.spend()
            end = branch(state, index)
            if end != FAILED:
                return end
        return FAILED

    return step


def _repeat_character(node: Repeat, test: Test, following: Step) -> Step:
    """A repeated single character needs no recursion: count, then try the rest at each end."""

    def count(state: State, index: int) -> int:
        text = state.text
        last = min(len(text), index + node.most) if node.most < UNBOUNDED else len(text)
        end = index
        while end < last and test(text[end]):
            end += 1
        state.run.spend(1 + (end - index) // CHARACTERS_A_STEP)
        return end

    def step(state: State, index: int) -> int:
        first, last = index + node.least, count(state, index)
        ends = range(last, first - 1, -1) if node.greedy else range(first, last + 1)
        for end in ends:
            state.run.spend()
            found = following(state, end)
            if found != FAILED:
                return found
        return FAILED

    return step


def _back_reference(number: int, following: Step, *, any_case: bool) -> Step:
    def step(state: State, index: int) -> int:
        span = state.groups[number]
        if span is None:
            return following(state, index)  # A group that did not match matches nothing.
        wanted = state.text[span[0] : span[1]]
        found = state.text[index : index + len(wanted)]
        same = found.lower() == wanted.lower() if any_case else found == wanted
        return following(state, index + len(wanted)) if same else FAILED

    return step


def _anchor(kind: str, following: Step, *, lines: bool) -> Step:
    def holds(text: str, index: int) -> bool:
        if kind == "^":
            return index == 0 or (lines and text[index - 1] == "\n" and index < len(text))
        return index == len(text) or (lines and text[index] == "\n")

    def step(state: State, index: int) -> int:
        return following(state, index) if holds(state.text, index) else FAILED

    return step
