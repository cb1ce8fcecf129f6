"""The built-in functions of FEEL, by name."""

from shared.engine.feel.library import (
    contexts,
    conversion,
    intervals,
    listing,
    moments,
    numeric,
    statistic,
    text,
)
from shared.engine.feel.library.registry import LIBRARY, BuiltIn

FAMILIES = (contexts, conversion, intervals, listing, moments, numeric, statistic, text)
"""The files of the library; importing one registers its functions."""

__all__ = ["FAMILIES", "LIBRARY", "BuiltIn"]
