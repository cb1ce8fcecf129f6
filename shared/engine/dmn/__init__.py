"""DMN 1.1 to 1.5: models compiled from XML, evaluated, and open to analysis."""

from shared.engine.dmn.definitions import (
    Aggregation,
    Cell,
    Decision,
    DecisionTable,
    Definitions,
    HitPolicy,
    InputColumn,
    OutputColumn,
    Rule,
)
from shared.engine.dmn.model import Model, Result, compile_model
from shared.engine.dmn.table import Match
from shared.engine.dmn.trace import CellTrace, RowTrace, TableTrace
from shared.engine.feel.running import Diagnostic, LimitExceeded

__all__ = [
    "Aggregation",
    "Cell",
    "CellTrace",
    "Decision",
    "DecisionTable",
    "Definitions",
    "Diagnostic",
    "HitPolicy",
    "InputColumn",
    "LimitExceeded",
    "Match",
    "Model",
    "OutputColumn",
    "Result",
    "RowTrace",
    "Rule",
    "TableTrace",
    "compile_model",
]
