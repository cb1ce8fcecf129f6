"""FEEL values as text, as string() writes them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from shared.engine.feel.running import FeelError, check_size
from shared.engine.feel.values import Range

CONSTANTS = {None: "null", True: "true", False: "false"}
NESTING_MAX = 64


def write(value: Any) -> str:
    """The text of a value; a string is its own text.

    Raises:
        FeelError: it has none, as a function, or is nested too deeply.
    """
    if type(value) is str:
        return value
    check_size(value)
    return _inner(value, 0)


def _inner(value: Any, depth: int) -> str:
    if depth > NESTING_MAX:
        raise FeelError("a value is nested too deeply")
    kind = type(value)
    if kind is str:
        return f'"{_escaped(value)}"'
    if value is None or kind is bool:
        return CONSTANTS[value]
    if kind is Decimal:
        return number_text(value)
    if kind is list:
        return "[" + ", ".join(_inner(item, depth + 1) for item in value) + "]"
    if kind is dict:
        entries = (f"{_key(key)}: {_inner(item, depth + 1)}" for key, item in value.items())
        return "{" + ", ".join(entries) + "}"
    if kind is Range:
        return _range(value, depth)
    if hasattr(value, "call_named"):
        raise FeelError("a function has no text")
    return str(value)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def number_text(number: Decimal) -> str:
    """The digits of a number, without exponent and without zeros at the end."""
    text = f"{number:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _key(key: str) -> str:
    return key if key.replace(" ", "").isalnum() or key.isidentifier() else _inner(key, 0)


def _range(value: Range, depth: int) -> str:
    if value.operator:
        return value.operator + _inner(value.start, depth + 1)
    opening = "[" if value.start_included else "("
    closing = "]" if value.end_included else ")"
    start, end = (_inner(part, depth + 1) for part in (value.start, value.end))
    return f"{opening}{start}..{end}{closing}"
