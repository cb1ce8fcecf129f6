"""The audit trail of a case: a chain in which every entry seals the one before it."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from shared.contracts.steps import converter
from shared.domain.prior_authorization.change import AuditEntry

GENESIS = "0" * 64
# One encoder for all: json.dumps would make one at each call.
_SEALED = json.JSONEncoder(sort_keys=True, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class SealedEntry:
    """An audit entry in its place.

    Attributes:
        sequence: from 1, without gaps.
        previous: the seal before; seal: SHA-256, in hex, over previous, sequence and entry.
    """

    sequence: int
    entry: AuditEntry
    previous: str
    seal: str


def seal_entries(
    entries: Iterable[AuditEntry], *, count: int, head: str
) -> tuple[SealedEntry, ...]:
    """Append entries to a chain of `count` entries that ends in `head`."""
    sealed = []
    for sequence, entry in enumerate(entries, start=count + 1):
        seal = _seal(head, sequence, entry)
        sealed.append(SealedEntry(sequence, entry, head, seal))
        head = seal
    return tuple(sealed)


def first_broken(trail: Sequence[SealedEntry], *, count: int, head: str) -> int | None:
    """The sequence number at which a trail stops being what was written; None if it is whole.

    Edits, deletions and reorderings break the chain at their place; a truncated trail breaks
    after its last entry, because count and head are kept apart from it, in the case.
    """
    previous = GENESIS
    for expected, sealed in enumerate(trail, start=1):
        genuine = (
            sealed.sequence == expected
            and sealed.previous == previous
            and sealed.seal == _seal(previous, sealed.sequence, sealed.entry)
        )
        if not genuine:
            return expected
        previous = sealed.seal
    if len(trail) != count or previous != head:
        return len(trail) + 1
    return None


def _seal(previous: str, sequence: int, entry: AuditEntry) -> str:
    content = converter(AuditEntry).dump_python(entry, mode="json")
    return sha256(_SEALED.encode([previous, sequence, content]).encode()).hexdigest()
