"""FEEL, the expression language of DMN 1.5: parsed by hand, compiled to closures, bounded."""

from shared.engine.feel.expression import (
    Expression,
    Outcome,
    compile_expression,
    compile_tests,
    evaluate,
    passes_tests,
)
from shared.engine.feel.running import Diagnostic, FeelError, LimitExceeded
from shared.engine.feel.temporal import Date, DateTime, DaysDuration, MonthsDuration, Time, Zone
from shared.engine.feel.values import Range, from_python
from shared.engine.feel.writing import write

__all__ = [
    "Date",
    "DateTime",
    "DaysDuration",
    "Diagnostic",
    "Expression",
    "FeelError",
    "LimitExceeded",
    "MonthsDuration",
    "Outcome",
    "Range",
    "Time",
    "Zone",
    "compile_expression",
    "compile_tests",
    "evaluate",
    "from_python",
    "passes_tests",
    "write",
]
