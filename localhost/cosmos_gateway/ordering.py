"""The order of a query's documents where no columns give it: they are read, and sorted by key."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from .keys import encode
from .query.running import Compiled

type Place = tuple[list[bytes], int]


def in_order(
    documents: Iterable[tuple[int, str]], compiled: Compiled, after: list[Any] | None
) -> Iterator[tuple[int, tuple[bytes | None, ...]]]:
    """The row and the order's keys of each document that the query keeps.

    Args:
        documents: rows and bodies, by ascending row.
        compiled: the query.
        after: the key of each expression and the row of the last document passed; None to begin.
    """
    found: list[Place] = []
    for row, body in documents:
        root = {compiled.root: json.loads(body)}
        if any(map(bool, compiled.kept(root))):
            found.append(([encode(key(root)) for key, _ in compiled.order], row))
    descents = [descends for _, descends in compiled.order]
    for position, descends in reversed(list(enumerate(descents))):
        found.sort(key=lambda place, at=position: place[0][at], reverse=descends)  # type: ignore[misc]
    last = None if after is None else ([key or b"" for key in after[:-1]], int(after[-1]))
    for place in found:
        if last is None or _comes_after(place, last, descents):
            # An undefined value is NULL in a column, and so in a continuation token.
            yield place[1], tuple(key or None for key in place[0])


def _comes_after(place: Place, last: Place, descents: list[bool]) -> bool:
    for key, before, descends in zip(place[0], last[0], descents, strict=True):
        if key != before:
            return (key < before) is descends
    return place[1] > last[1]
