"""One evaluation while it runs: its limits, its clock and what it has to report.

FEEL turns every error into null. A rule about health must not fail in silence, so each of those
errors is also kept here as a Diagnostic that names the element and the place in its expression.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shared.errors import ModelError

if TYPE_CHECKING:
    from shared.engine.feel.temporal import DateTime

STEPS_MAX = 1_000_000
"""Loop turns, calls and produced items that one evaluation may spend."""
DEPTH_MAX = 200
"""Calls of the model's own functions within one another."""
PARTS_MAX = 1_000_000
"""Values within one list or context that are compared, written or answered with."""
NESTING_MAX = 100
"""Lists and contexts within one another, in a value that is compared, written or answered."""
CHARACTERS_A_STEP = 64
TEXT_CHARACTERS_MAX = 1_000_000
"""Length of one string that an expression may produce."""
DIAGNOSTICS_MAX = 200
"""Diagnostics kept; those after are counted by nobody, since the first ones show the fault."""


class FeelError(Exception):
    """An operation has no value. The evaluator answers null and notes the message."""


class LimitExceeded(ModelError):  # noqa: N818 - a ModelError, named for what happened
    """The evaluation was stopped: too many steps, calls too deep, or too large a value.

    A stopped evaluation is not null: null would let the rest of the model decide without it.
    """


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """Why a value is null, and where.

    Attributes:
        message: what went wrong, in words, without any value of the evaluated data.
        element: the decision, cell or other element that holds the expression.
        expression: the FEEL text; empty where the fault is not in a text.
        column: the character in the expression, from 1; 0 where there is none.
    """

    message: str
    element: str = ""
    expression: str = ""
    column: int = 0


@dataclass(frozen=True, slots=True)
class Unit:
    """The text that an expression was compiled from, and the element that holds it."""

    element: str
    expression: str


class Run:
    """One evaluation: what it may still spend, and what it has noted so far.

    Attributes:
        now: the caller's time, for now() and today(); None where the caller gave none.
        diagnostics: every error that became null, in the order met.
        matched: the rules that matched in the decision tables evaluated so far.
        trace: what each table did, or None where nobody asked.
    """

    __slots__ = ("_depth", "_steps", "diagnostics", "matched", "now", "trace")

    def __init__(self, now: DateTime | None = None, *, traced: bool = False) -> None:
        self.now = now
        self.diagnostics: list[Diagnostic] = []
        self.matched: list[Any] = []
        self.trace: list[Any] | None = [] if traced else None
        self._steps = STEPS_MAX
        self._depth = 0

    def note(self, message: object, unit: Unit, column: int = 0) -> None:
        """Keep the reason of a null."""
        if len(self.diagnostics) < DIAGNOSTICS_MAX:
            place = column + 1 if unit.expression else 0
            self.diagnostics.append(Diagnostic(str(message), unit.element, unit.expression, place))

    def spend(self, steps: int = 1) -> None:
        """Pay for work.

        Raises:
            LimitExceeded: the evaluation has spent all it may.
        """
        self._steps -= steps
        if self._steps < 0:
            raise LimitExceeded(f"evaluation stopped after {STEPS_MAX} steps")

    def enter(self) -> None:
        """Go one call deeper.

        Raises:
            LimitExceeded: the calls are nested too deeply.
        """
        self._steps -= 1
        self._depth += 1
        if self._depth > DEPTH_MAX or self._steps < 0:
            raise LimitExceeded(f"evaluation stopped: calls deeper than {DEPTH_MAX}")

    def leave(self) -> None:
        """Come back from a call."""
        self._depth -= 1


def check_size(value: object) -> None:
    """Make sure that a value can be walked through.

    A list that holds one list twice, which holds another twice, and so on, is small in memory and
    endless to whoever walks through it.

    Raises:
        LimitExceeded: it has too many parts, or is nested too deeply.
    """
    level = [value]
    count = 0
    for _ in range(NESTING_MAX):
        below: list[object] = []
        for part in level:
            if isinstance(part, list | dict):
                count += 1 + len(part)
                below.extend(part.values() if isinstance(part, dict) else part)
            elif isinstance(part, str):
                count += len(part) // CHARACTERS_A_STEP
            if count > PARTS_MAX:
                raise LimitExceeded(f"a value has more than {PARTS_MAX} parts")
        if not below:
            return
        level = below
    raise LimitExceeded(f"a value is nested deeper than {NESTING_MAX}")


def check_length(characters: int) -> None:
    """Make sure that a text of so many characters may be produced.

    Raises:
        LimitExceeded: it may not.
    """
    if characters > TEXT_CHARACTERS_MAX:
        raise LimitExceeded(f"a text grew beyond {TEXT_CHARACTERS_MAX} characters")
