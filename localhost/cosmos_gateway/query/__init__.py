"""Cosmos DB's query language: parsed, checked, and run over JSON values."""

from .conditions import matches
from .parser import parse
from .syntax import Query, QueryError

__all__ = ["Query", "QueryError", "matches", "parse"]
