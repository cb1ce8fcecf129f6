"""What analysis finds: a fault, where it is, and what would show it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

FINDINGS_MAX = 20
"""Findings of one kind that are told of one table; how many more there are is told too."""


class Kind(StrEnum):
    """The kinds of fault."""

    MODEL = "model"
    CYCLE = "cycle"
    TYPE = "type"
    VALUE = "value"
    DEAD = "dead row"
    SHADOWED = "shadowed row"
    DUPLICATE = "duplicate"
    OVERLAP = "overlap"
    GAP = "gap"
    NOT_ANALYSED = "not analysed"


class Severity(StrEnum):
    """How bad it is: an error forbids publishing, a note says what was not looked at."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Place:
    """A cell that has a part in a fault.

    Attributes:
        rule: the number of the row, from 1; rule_id: its id.
        column: the column as people call it; empty for the whole row.
        text: what the cell says.
    """

    rule: int
    rule_id: str
    column: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One fault.

    Attributes:
        element: the decision or other element that it is in.
        message: what is wrong, in words.
        cells: the cells that cause it.
        example: FEEL literals, by input expression, that show it; empty where there are none.
        character: the place in a FEEL text that is none, from 1; 0 elsewhere.
    """

    kind: Kind
    severity: Severity
    element: str
    message: str
    cells: tuple[Place, ...] = ()
    example: Mapping[str, str] = field(default_factory=dict)
    character: int = 0


@dataclass(frozen=True, slots=True)
class Analysis:
    """Everything found in a model, the worst first."""

    findings: tuple[Finding, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        """What forbids publishing."""
        return tuple(each for each in self.findings if each.severity is Severity.ERROR)


def told[Fault](faults: Sequence[Fault], tell: Callable[[Fault], Finding]) -> list[Finding]:
    """The findings of the first faults, and a note of how many more there are."""
    findings = [tell(fault) for fault in faults[:FINDINGS_MAX]]
    if len(faults) > FINDINGS_MAX:
        last = findings[-1]
        note = Finding(
            kind=last.kind,
            severity=Severity.NOTE,
            element=last.element,
            message=f"{len(faults) - FINDINGS_MAX} more of this kind are not shown",
        )
        findings.append(note)
    return findings
