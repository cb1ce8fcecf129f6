"""Values of DMN TCK case files, and whether an answer is the expected one."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from shared.engine.feel.running import FeelError
from shared.engine.feel.temporal import (
    DateTime,
    Time,
    parse_date,
    parse_date_time,
    parse_duration,
    parse_time,
)

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
TOLERANCE = Decimal("1e-8")
READERS = {
    "date": parse_date,
    "time": parse_time,
    "dateTime": parse_date_time,
    "duration": parse_duration,
    "dayTimeDuration": parse_duration,
    "yearMonthDuration": parse_duration,
}
NUMBERS = {"decimal", "double", "integer", "int", "long", "float"}


def read_value(element: Element) -> Any:
    """The FEEL value that an inputNode, expected, item or component element describes."""
    parts = [child for child in element if _tag(child) in {"value", "list", "component"}]
    if not parts:
        return None
    if _tag(parts[0]) == "component":
        return {child.get("name", ""): read_value(child) for child in parts}
    part = parts[0]
    if part.get(NIL) == "true":
        return None
    if _tag(part) == "list":
        return [read_value(item) for item in part if _tag(item) == "item"]
    return _simple(part.get(TYPE, "").rpartition(":")[2], part.text or "")


def agrees(answer: Any, expected: Any) -> bool:
    """Whether an answer is the expected one; numbers may differ past the eighth decimal."""
    if expected is None or answer is None:
        return answer is expected
    if isinstance(expected, Decimal) and isinstance(answer, Decimal):
        return abs(answer - expected) <= TOLERANCE * max(Decimal(1), abs(expected))
    if type(answer) is not type(expected):
        return False
    if isinstance(expected, list):
        return len(answer) == len(expected) and all(map(agrees, answer, expected))
    if isinstance(expected, dict):
        return answer.keys() == expected.keys() and all(
            agrees(answer[key], expected[key]) for key in expected
        )
    if isinstance(expected, Time | DateTime):  # Which FEEL holds equal within a second.
        return bool(answer == expected) and answer.instant == expected.instant
    return bool(answer == expected)


def _simple(kind: str, text: str) -> Any:
    if kind == "boolean":
        return text.strip() in {"true", "1"}
    if kind in NUMBERS:
        return Decimal(text.strip())
    reader = READERS.get(kind)
    if reader is None:
        return text
    try:
        return reader(text.strip())
    except FeelError:
        return text


def _tag(element: Element) -> str:
    return element.tag.rpartition("}")[2]
