"""Cells written back as FEEL."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from shared.engine.feel.writing import write

if TYPE_CHECKING:
    from shared.engine.dmn.cell_sets import CellSet
    from shared.engine.feel.values import Range


def literal_text(value: Any) -> str:
    """The FEEL literal of a number, text, boolean, date or duration."""
    if isinstance(value, str):
        return write([value])[1:-1]
    if value is None or isinstance(value, bool | Decimal):
        return write(value)
    return f'@"{value}"'


def cell_text(cell: CellSet) -> str:
    """The unary tests of a set of values."""
    if cell.any:
        return "-"
    tests = ", ".join([*map(literal_text, cell.values), *map(_span, cell.spans)])
    return f"not({tests})" if cell.negated else tests


def _span(area: Range) -> str:
    if area.start is None:
        return f"{'<=' if area.end_included else '<'} {literal_text(area.end)}"
    if area.end is None:
        return f"{'>=' if area.start_included else '>'} {literal_text(area.start)}"
    opening = "[" if area.start_included else "("
    closing = "]" if area.end_included else ")"
    return f"{opening}{literal_text(area.start)}..{literal_text(area.end)}{closing}"
