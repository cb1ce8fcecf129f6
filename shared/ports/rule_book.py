"""The decision models of the business, at their versions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleAnswer:
    """What a decision model answered, and how to prove it.

    Attributes:
        value: plain Python values as the FEEL engine gives them.
        model, version: the model's name and the content hash of the version asked.
        rows: "decision#row" of every decision-table row that matched.
        input_hash: SHA-256, in hex, of the inputs.
    """

    value: Any
    model: str
    version: str
    rows: tuple[str, ...]
    input_hash: str

    @property
    def rule(self) -> str:
        """The rule behind the answer, as an audit entry names it."""
        return f"{self.model}@{self.version[:12]}#{','.join(self.rows)}"


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row of a decision table, as its owners wrote it.

    Attributes:
        tests: the FEEL text of each input cell, by the label of its column; "-" is anything.
        outputs: the FEEL text of each output cell, in the order of the columns.
    """

    tests: Mapping[str, str]
    outputs: tuple[str, ...]


class RuleBook(Protocol):
    """Asks the decision models."""

    async def versions(self, at: datetime) -> Mapping[str, str]:
        """The version of each model in force at a time; a case pins them when it is opened."""

    async def ask(
        self,
        model: str,
        decision: str,
        given: Mapping[str, object],
        *,
        at: datetime,
        version: str | None = None,
    ) -> RuleAnswer:
        """Evaluate a decision.

        Args:
            version: a pinned version; None means the one in force at the time.

        Raises:
            PermanentError: there is no such model, version or decision, or the evaluation has
                diagnostics: a clinical rule never fails in silence.
        """

    async def rows(self, model: str, decision: str, *, at: datetime) -> tuple[TableRow, ...]:
        """The rows of a decision's table, in their order, in the version in force at a time.

        Raises:
            PermanentError: there is no such model or decision, or it is no table.
        """
