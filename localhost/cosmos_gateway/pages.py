"""One page of a query: what is asked for, and what is answered."""

from dataclasses import dataclass, field
from typing import Any

from .containers import Path
from .extents import Extent


@dataclass(frozen=True, slots=True)
class QueryRequest:
    """One page asked for.

    Attributes:
        text: the query.
        parameters: by name, with the @.
        extent: the part of the container to look in.
        items_max: how many results the page has at most.
        continuation: the token that the page before ended with; empty for the first.
        now: the gateway's time, in seconds.
    """

    text: str
    parameters: dict[str, Any]
    extent: Extent
    items_max: int
    continuation: str
    now: float


@dataclass(slots=True)
class Page:
    """One page of results.

    Attributes:
        texts: each result as JSON.
        continuation: the token for the next page; empty where this is the last.
        wanted: the paths that an index would have helped with; empty where none would.
    """

    texts: list[str] = field(default_factory=list)
    continuation: str = ""
    wanted: tuple[Path, ...] = ()
