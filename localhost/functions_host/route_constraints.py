"""Route constraints, such as the `int` of `{id:int}`.

Source: https://learn.microsoft.com/aspnet/core/fundamentals/routing#route-constraints
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from uuid import UUID

type Constraint = Callable[[str], bool]

_CALL = re.compile(r"^(\w+)(?:\((.*)\))?$", re.DOTALL)
_INT_BITS, _LONG_BITS = 32, 64


def parse_constraint(text: str) -> Constraint:
    """The test that a constraint stands for.

    Raises:
        ValueError: if there is no such constraint, or its arguments are wrong.
    """
    found = _CALL.match(text)
    name, arguments = (found.group(1).lower(), found.group(2)) if found else (text, None)
    if arguments is None and name in _PLAIN:
        return _PLAIN[name]
    try:
        if arguments is not None and name == "regex":
            pattern = re.compile(arguments, re.IGNORECASE)
            return lambda value: pattern.search(value) is not None
        if arguments is not None and name in _NUMERIC:
            return _NUMERIC[name](*(int(each) for each in arguments.split(",")))
    except (re.PatternError, TypeError, ValueError) as error:
        msg = f"the arguments of the route constraint '{text}' are wrong: {error}"
        raise ValueError(msg) from error
    msg = f"'{text}' is not a route constraint"
    raise ValueError(msg)


def _is_integer(bits: int) -> Constraint:
    def holds(value: str) -> bool:
        if not re.fullmatch(r"[+-]?\d+", value, re.ASCII):
            return False
        return -(1 << bits - 1) <= int(value) < 1 << bits - 1

    return holds


def _is_decimal(value: str) -> bool:
    try:
        return Decimal(value).is_finite()
    except InvalidOperation:
        return False


def _is_guid(value: str) -> bool:
    try:
        UUID(value)
    except ValueError:
        return False
    return True


def _is_moment(value: str) -> bool:
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _length(least: int, most: int | None = None) -> Constraint:
    return lambda value: least <= len(value) <= (least if most is None else most)


def _between(least: int | None, most: int | None) -> Constraint:
    is_long = _is_integer(_LONG_BITS)

    def holds(value: str) -> bool:
        if not is_long(value):
            return False
        return (least is None or int(value) >= least) and (most is None or int(value) <= most)

    return holds


_PLAIN: dict[str, Constraint] = {
    "alpha": lambda value: re.fullmatch(r"[a-zA-Z]*", value) is not None,
    "bool": lambda value: value.lower() in ("true", "false"),
    "datetime": _is_moment,
    "decimal": _is_decimal,
    "double": _is_decimal,
    "float": _is_decimal,
    "guid": _is_guid,
    "int": _is_integer(_INT_BITS),
    "long": _is_integer(_LONG_BITS),
    "required": lambda value: value.strip() != "",
}

_NUMERIC: dict[str, Callable[..., Constraint]] = {
    "length": _length,
    "max": lambda most: _between(None, most),
    "maxlength": lambda most: lambda value: len(value) <= most,
    "min": lambda least: _between(least, None),
    "minlength": lambda least: lambda value: len(value) >= least,
    "range": _between,
}
