"""Gathering what the rules answer during one deed, so that its commit can keep it.

A deed asks the rules in several places and commits once. Whoever begins it opens a gathering; the
rule book notes every answer there; the commit writes them with the case, in the same batch.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from shared.contracts.decision_log import DecisionRecord

_open: ContextVar[list[DecisionRecord] | None] = ContextVar("decisions", default=None)


@contextmanager
def gathering() -> Iterator[list[DecisionRecord]]:
    """Gather answers until the end of the block; what nothing committed is still in the list."""
    records: list[DecisionRecord] = []
    token = _open.set(records)
    try:
        yield records
    finally:
        _open.reset(token)


def note(record: DecisionRecord) -> None:
    """Add an answer to the gathering that is open, if one is; the same answer is kept once."""
    records = _open.get()
    if records is not None and record not in records:
        records.append(record)


def is_gathering() -> bool:
    """Whether anybody wants answers noted."""
    return _open.get() is not None


def gathered() -> tuple[DecisionRecord, ...]:
    """What was noted and not kept yet."""
    return tuple(_open.get() or ())


def kept() -> None:
    """Say that all that was noted is kept, now or by an earlier attempt."""
    records = _open.get()
    if records is not None:
        records.clear()
