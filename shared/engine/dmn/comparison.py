"""What-if: a candidate version asked again what was decided before."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shared.engine.dmn.scenarios.scenario import plain, same
from shared.engine.feel.running import FeelError
from shared.engine.feel.writing import write
from shared.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from shared.engine.dmn.model import Model

NO_ANSWER = "no answer"
FLIPS_MAX = 500
"""Different flips that are told apart; further ones count in the sum only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A decision as it was made.

    Attributes:
        case_id: what it was made for.
        at: the time that the model was asked as of.
        given, answer: inputs and answer, as values.
        rows: names of the rows that decided, see row_name.
    """

    case_id: str
    decision: str
    at: datetime
    given: Mapping[str, Any]
    answer: Any
    rows: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Flip:
    """An output that changes: from what to what, as FEEL text; output is empty for a whole answer.

    Attributes:
        decision: whose output it is.
    """

    decision: str
    output: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What a candidate would change.

    Attributes:
        decisions: how many were made again; flipped: how many have another answer.
        unanswered: how many have an answer now and would have none.
        matrix: how often each output flips, the most frequent first.
        rows: by row, how often it decided before, and would now; only where that differs.
        cases: the cases with a flipped decision, in the order met.
    """

    decisions: int
    flipped: int
    unanswered: int
    matrix: tuple[tuple[Flip, int], ...]
    rows: Mapping[str, tuple[int, int]]
    cases: tuple[str, ...]

    @property
    def flip_share(self) -> float:
        """The share of decisions that flip, from 0 to 1."""
        return self.flipped / self.decisions if self.decisions else 0.0


def compare(candidate: Model, recorded: Iterable[Recorded]) -> Comparison:
    """Make every recorded decision again with a candidate version."""
    decisions = flipped = unanswered = 0
    matrix: Counter[Flip] = Counter()
    before: Counter[str] = Counter()
    after: Counter[str] = Counter()
    cases: dict[str, None] = {}
    for each in recorded:
        decisions += 1
        is_answered, answer, rows = _again(candidate, each)
        before.update(each.rows)
        after.update(rows)
        if is_answered and (answer == each.answer or same(plain(answer), plain(each.answer))):
            continue
        flipped += 1
        unanswered += not is_answered
        cases[each.case_id] = None
        for flip in _flips(each, answer, is_answered=is_answered):
            if flip in matrix or len(matrix) < FLIPS_MAX:
                matrix[flip] += 1
    return Comparison(
        decisions=decisions,
        flipped=flipped,
        unanswered=unanswered,
        matrix=tuple(matrix.most_common()),
        rows={
            row: (before[row], after[row])
            for row in sorted(before.keys() | after.keys())
            if before[row] != after[row]
        },
        cases=tuple(cases),
    )


def row_name(decision: str, rule: int, rule_id: str) -> str:
    """The name of a row as records and the audit trail have it."""
    return f"{decision}#{rule_id or rule}"


def _again(candidate: Model, each: Recorded) -> tuple[bool, Any, tuple[str, ...]]:
    """Whether there is an answer without diagnostics, the answer, and the rows that decided."""
    try:
        result = candidate.evaluate(each.decision, each.given, now=each.at)
    except (ModelError, FeelError):
        return False, None, ()
    rows = tuple(row_name(*match) for match in result.matched)
    return not result.diagnostics, result.value, rows


def _flips(each: Recorded, answer: Any, *, is_answered: bool) -> list[Flip]:
    """Output by output where both answers have the same outputs; else as a whole."""
    old = each.answer
    if (
        is_answered
        and isinstance(old, dict)
        and isinstance(answer, dict)
        and old.keys() == answer.keys()
    ):
        return [
            Flip(each.decision, name, write(old[name]), write(answer[name]))
            for name in old
            if not same(plain(old[name]), plain(answer[name]))
        ]
    return [Flip(each.decision, "", write(old), write(answer) if is_answered else NO_ANSWER)]
