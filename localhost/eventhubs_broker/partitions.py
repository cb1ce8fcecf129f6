"""Hubs and their partitions, as far as they are committed, and where a group will end.

Sequence numbers count from 0 in each partition. An offset is the number of bytes that lie before
the event in its partition, so both only grow.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from localhost.eventhubs_broker.messages import Event
from localhost.eventhubs_broker.partition_keys import partition_of


@dataclass(eq=False, slots=True)
class Partition:
    """One log, as far as it is committed.

    Attributes:
        first_sequence: of the oldest event that is kept; one past the last when none is.
        last_sequence: of the newest event; -1 when there never was one.
        last_offset: of the newest event; -1 when there never was one.
        end_offset: where the next event will stand.
        watchers: told after each commit that appended here.
    """

    hub: str
    number: int
    log_id: int
    first_sequence: int = 0
    last_sequence: int = -1
    last_offset: int = -1
    end_offset: int = 0
    last_enqueued_ms: int = 0
    watchers: set[Callable[[], None]] = field(default_factory=set)

    @property
    def is_empty(self) -> bool:
        """Whether no event is kept."""
        return self.first_sequence > self.last_sequence


@dataclass(eq=False, slots=True)
class Hub:
    """An event hub and its partitions, numbered from 0."""

    name: str
    created_ms: int
    partitions: list[Partition]
    _turn: int = 0

    def partition_for(self, key: str | None) -> Partition:
        """The key's partition, or without a key each one in turn."""
        if key is not None:
            return self.partitions[partition_of(key, len(self.partitions))]
        self._turn += 1
        return self.partitions[self._turn % len(self.partitions)]


@dataclass(slots=True)
class End:
    """Where a partition will end once a group is committed."""

    sequence: int
    offset: int
    end_offset: int
    enqueued_ms: int

    @classmethod
    def of(cls, partition: Partition, now_ms: int) -> "End":
        """The end as it stands; time does not run backwards within a partition."""
        return cls(
            partition.last_sequence,
            partition.last_offset,
            partition.end_offset,
            max(now_ms, partition.last_enqueued_ms),
        )

    def place(self, event: Event) -> int:
        """Makes room for an event and says at which offset."""
        self.sequence += 1
        self.offset = self.end_offset
        self.end_offset += event.size_bytes
        return self.offset

    def apply_to(self, partition: Partition) -> None:
        """The group is committed: this is the partition's end now."""
        partition.last_sequence = self.sequence
        partition.last_offset = self.offset
        partition.end_offset = self.end_offset
        partition.last_enqueued_ms = self.enqueued_ms
