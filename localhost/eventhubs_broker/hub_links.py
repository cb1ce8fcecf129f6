"""Producers' and consumers' links to the partitions of a hub."""

import re
from typing import TYPE_CHECKING

from localhost.eventhubs_broker.amqp_types import Described, Symbol, Timestamp
from localhost.eventhubs_broker.decoding import DecodeError
from localhost.eventhubs_broker.errors import (
    ARGUMENT_ERROR,
    BUSY,
    DECODE_ERROR,
    INTERNAL_ERROR,
    INVALID_FIELD,
    AmqpError,
    DeliveryRejectedError,
    LinkDetachedError,
)
from localhost.eventhubs_broker.event_log import PositionField
from localhost.eventhubs_broker.links import (
    Delivery,
    InboundLink,
    OutboundLink,
    capabilities,
    terminus_field,
)
from localhost.eventhubs_broker.messages import delivery_of, events_of
from localhost.eventhubs_broker.partitions import Hub, Partition
from localhost.eventhubs_broker.performatives import Attach

if TYPE_CHECKING:
    from localhost.eventhubs_broker.namespace import Namespace
    from localhost.eventhubs_broker.session import Session

READ_EVENTS_MAX = 100
"""Events that one look into the log brings."""

_RUNTIME_METRIC = Symbol("com.microsoft:enable-receiver-runtime-metric")
_EPOCH = Symbol("com.microsoft:epoch")
_FILTER_FIELD = 7
_SELECTOR = re.compile(
    r"amqp\.annotation\.x-opt-(offset|sequence-number|enqueued-time)\s*(>=?)\s*'([^']*)'\s*"
)
_POSITION_FIELDS: dict[str, PositionField] = {
    "offset": "offset",
    "sequence-number": "sequence",
    "enqueued-time": "enqueued_ms",
}


class ProducerLink(InboundLink):
    """A producer sends to a hub, or to one of its partitions."""

    def __init__(
        self,
        session: "Session",
        attach: Attach,
        *,
        namespace: "Namespace",
        hub: Hub,
        partition: Partition | None,
    ) -> None:
        super().__init__(session, attach)
        self._namespace = namespace
        self._hub = hub
        self._partition = partition

    def deliver(self, delivery: Delivery) -> None:
        """Appends the events; the producer hears of it once they are committed."""
        if self._namespace.is_throttled("send", self._hub):
            self.settle(delivery, DeliveryRejectedError(*BUSY))
            return
        try:
            events = events_of(delivery.message, delivery.message_format)
        except DecodeError as error:
            self.settle(delivery, DeliveryRejectedError(DECODE_ERROR, str(error)))
            return
        partition = self._partition or self._hub.partition_for(events[0].partition_key)

        def committed(failure: Exception | None) -> None:
            self.settle(delivery, _storage_error(failure))

        self._namespace.log.append(partition, events, committed)


class ConsumerLink(OutboundLink):
    """A consumer reads a partition, in a consumer group, from a position on."""

    def __init__(
        self,
        session: "Session",
        attach: Attach,
        *,
        namespace: "Namespace",
        partition: Partition,
        group: str,
    ) -> None:
        """Finds the position and takes the consumer's place among the group's readers.

        Raises:
            LinkDetachedError: there is no such position, or no place.
        """
        super().__init__(session, attach)
        epoch = (attach.properties or {}).get(_EPOCH)
        self._epoch = epoch if isinstance(epoch, int) else None
        self._namespace = namespace
        self._partition = partition
        self._group = group
        self._tells_last_enqueued = _RUNTIME_METRIC in capabilities(attach.desired_capabilities)
        self._next = start_of(attach, namespace, partition)
        namespace.admit(self, partition, group)
        partition.watchers.add(self.pump)

    @property
    def epoch(self) -> int | None:
        """The owner level; None reads without one."""
        return self._epoch

    def offered_capabilities(self) -> tuple[Symbol, ...]:
        """The last enqueued event is told to those who ask for it."""
        return (_RUNTIME_METRIC,) if self._tells_last_enqueued else ()

    def pump(self) -> None:
        """Sends committed events while there is credit and room."""
        partition, log = self._partition, self._namespace.log
        while self.is_attached and self.credit > 0 and self._next <= partition.last_sequence:
            if not self.session.can_send():
                return
            events = log.read(partition, self._next, min(self.credit, READ_EVENTS_MAX))
            annotations = self._last_enqueued()
            for event in events:
                self.send(delivery_of(event, annotations))
            self._next = events[-1].sequence + 1 if events else partition.last_sequence + 1

    def close(self) -> None:
        """Gives the place up."""
        super().close()
        self._partition.watchers.discard(self.pump)
        self._namespace.release(self, self._partition, self._group)

    def _last_enqueued(self) -> dict[Symbol, object] | None:
        if not self._tells_last_enqueued:
            return None
        partition = self._partition
        return {
            Symbol("last_enqueued_sequence_number"): partition.last_sequence,
            Symbol("last_enqueued_offset"): str(partition.last_offset),
            Symbol("last_enqueued_time_utc"): Timestamp(partition.last_enqueued_ms),
            Symbol("runtime_info_retrieval_time_utc"): Timestamp(
                int(self._namespace.clock() * 1000)
            ),
        }


def start_of(attach: Attach, namespace: "Namespace", partition: Partition) -> int:
    """The first sequence number that a consumer's filter asks for; without one, the oldest.

    Raises:
        LinkDetachedError: the filter is none that Event Hubs has, or lies beyond the end.
    """
    selector = _selector(attach)
    if selector is None:
        return partition.first_sequence
    match = _SELECTOR.fullmatch(selector)
    if match is None:
        raise LinkDetachedError(INVALID_FIELD, f"The filter {selector!r} is not supported.")
    by, value = _POSITION_FIELDS[match[1]], match[3]
    if by == "offset" and value == "@latest":
        return partition.last_sequence + 1
    if by == "offset" and value == "-1":
        return partition.first_sequence
    try:
        number = int(value)
    except ValueError:
        raise LinkDetachedError(ARGUMENT_ERROR, f"{value!r} is no {match[1]}.") from None
    _check_within(partition, by, number)
    return namespace.log.sequence_after(partition, by, number, inclusive=match[2] == ">=")


def _check_within(partition: Partition, by: PositionField, value: int) -> None:
    """A position beyond the end belongs to another life of this hub: its checkpoint is stale."""
    if by == "offset" and value > partition.last_offset:
        raise LinkDetachedError(
            ARGUMENT_ERROR,
            f"The supplied offset '{value}' is invalid. The last offset in the system is"
            f" '{partition.last_offset}'",
        )
    if by == "sequence" and value > partition.last_sequence + 1:
        raise LinkDetachedError(
            ARGUMENT_ERROR,
            f"The supplied sequence number '{value}' is invalid. The last sequence number in the"
            f" system is '{partition.last_sequence}'",
        )


def _selector(attach: Attach) -> str | None:
    filters = terminus_field(attach.source, _FILTER_FIELD)
    if not isinstance(filters, dict):
        return None
    for value in filters.values():
        text = value.value if isinstance(value, Described) else value
        text = text.decode(errors="replace") if isinstance(text, bytes) else text
        if isinstance(text, str):
            return text
    return None


def _storage_error(failure: Exception | None) -> AmqpError | None:
    if failure is None:
        return None
    return DeliveryRejectedError(INTERNAL_ERROR, f"the events were not stored: {failure}")
