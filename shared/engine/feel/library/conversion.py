"""Conversions to numbers, strings and ranges, and the built-ins of no other family.

Source:
    DMN 1.5, 10.3.4.1 (conversion), 10.3.4.2 (boolean), 10.3.4.7 (is).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from shared.engine.feel.library.registry import built_in
from shared.engine.feel.ranges import range_from_text
from shared.engine.feel.running import FeelError, check_length
from shared.engine.feel.temporal import DateTime, Time
from shared.engine.feel.values import NUMBERS
from shared.engine.feel.writing import write

if TYPE_CHECKING:
    from decimal import Decimal

    from shared.engine.feel.values import Range

NUMBER = re.compile(r"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
GROUPERS = {" ", ",", "."}
DECIMAL_MARKS = {".", ","}


@built_in("number(from: string)")
def _number(text: str) -> Decimal:
    if NUMBER.fullmatch(text) is None:
        raise FeelError("this text is no number")
    return NUMBERS.create_decimal(text)


@built_in("number(from: string, grouping separator: string|null, decimal separator: string|null)")
def _number_with_separators(text: str, grouping: str | None, mark: str | None) -> Decimal:
    if grouping is not None and grouping not in GROUPERS:
        raise FeelError("a grouping separator is a space, a comma or a period")
    if mark is not None and mark not in DECIMAL_MARKS:
        raise FeelError("a decimal separator is a period or a comma")
    if grouping is not None and grouping == mark:
        raise FeelError("the separators are the same")
    if grouping is not None:
        text = text.replace(grouping, "")
    if mark is not None:
        text = text.replace(mark, ".")
    return _number(text)


@built_in("string(from: any)")
def _string(value: Any) -> str | None:
    if value is None:
        return None
    text = write(value)
    check_length(len(text))
    return text


@built_in("not(negand: boolean|null)")
def _not(value: bool | None) -> bool | None:  # noqa: FBT001 - FEEL's own signature
    return None if value is None else not value


@built_in("is(value1: any, value2: any)")
def _is(left: Any, right: Any) -> bool:
    if type(left) is not type(right):
        return False
    if isinstance(left, Time | DateTime):
        # The same element of the value space: the same clock with the same zone.
        return left.zone == right.zone and bool(left == right)
    return bool(left == right)


@built_in("range(from: string)")
def _range(text: str) -> Range:
    return range_from_text(text)
