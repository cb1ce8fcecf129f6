"""What is kept of every decision that a table made, so that it can be made again bit for bit.

Inputs may hold health data: a record lies in its case's partition, and never in a log, a durable
history or the audit trail, which keep the version, the rows and the hash of the inputs.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

from shared.engine.feel.ranges import CONVERSIONS
from shared.engine.feel.temporal import Date, DateTime, DaysDuration, MonthsDuration, Time
from shared.engine.feel.values import from_python

KINDS: Mapping[type, str] = {
    Date: "date",
    Time: "time",
    DateTime: "date and time",
    DaysDuration: "duration",
    MonthsDuration: "duration",
}
AS_JSON = frozenset({str, bool, int, type(None)})
# One encoder for all: json.dumps would make one at each call.
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRecord:
    """One answer of a decision model.

    Attributes:
        at: the time that the rules were asked as of; their now().
        given, answer: inputs and answer, as JSON values that tell numbers and dates apart.
        input_hash: SHA-256, in hex, of the inputs.
        rows: "decision#row" of every row that decided.
    """

    model: str
    version: str
    decision: str
    at: datetime
    given: Mapping[str, Any]
    input_hash: str
    answer: Any
    rows: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CaseDecision:
    """A decision, and the case that it was made for."""

    case_id: str
    record: DecisionRecord


def write_value(value: object) -> Any:
    """A value of a rule as JSON, exactly: text and whole numbers as they are, the rest by name.

    Raises:
        FeelError: it is no value that a rule could have.
    """
    kind = type(value)
    if kind in AS_JSON:
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Decimal):
        return _number(value)
    if isinstance(value, list | tuple):
        return [write_value(item) for item in value]
    if isinstance(value, Mapping):
        return {"context": {str(name): write_value(item) for name, item in value.items()}}
    if kind in KINDS:
        return {KINDS[kind]: str(value)}
    if isinstance(value, date | datetime | time | timedelta | float):
        return write_value(from_python(value))
    return {"text": str(value)}


def read_value(written: Any) -> Any:
    """The value that was written."""
    if isinstance(written, list):
        return [read_value(item) for item in written]
    if not isinstance(written, dict):
        return written
    [(kind, content)] = written.items()
    match kind:
        case "number":
            return Decimal(content)
        case "context":
            return read_inputs(content)
        case "text":
            return content
        case _:
            return CONVERSIONS[kind](content)


def write_inputs(given: Mapping[str, object]) -> dict[str, Any]:
    """Inputs by name, each as JSON."""
    return {name: write_value(value) for name, value in given.items()}


def read_inputs(written: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs that were written."""
    return {name: read_value(value) for name, value in written.items()}


def canonical(written: Any) -> str:
    """The one text of a JSON value, whatever the order of its names."""
    return _CANONICAL.encode(written)


def hash_of(written: Mapping[str, Any]) -> str:
    """SHA-256, in hex, of written inputs."""
    return sha256(canonical(written).encode()).hexdigest()


def _number(value: Decimal) -> Any:
    """A whole number as JSON has it, where that keeps every digit; else its text."""
    text = str(value)
    return int(text) if text.removeprefix("-").isdecimal() and text != "-0" else {"number": text}
