"""Which rows decide a scenario."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.engine.dmn.table import Match

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shared.engine.dmn.model import Model


@dataclass(frozen=True, slots=True)
class Coverage:
    """Rows that decided, and rows that never did."""

    reached: tuple[Match, ...]
    missed: tuple[Match, ...]

    @property
    def percent(self) -> float:
        """The share of rows that decided; 100 for a model without tables."""
        rows = len(self.reached) + len(self.missed)
        return 100 * len(self.reached) / rows if rows else 100.0


def coverage_of(model: Model, decided: Iterable[Match]) -> Coverage:
    """The coverage of a model's tables by the rows that decided."""
    rows = [
        Match(owner, rule.index, rule.id) for owner, table in model.tables for rule in table.rules
    ]
    seen = set(decided)
    return Coverage(
        reached=tuple(row for row in rows if row in seen),
        missed=tuple(row for row in rows if row not in seen),
    )
