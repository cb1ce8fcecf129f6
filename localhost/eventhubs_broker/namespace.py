"""The Event Hubs namespace: its hubs, who may touch them, who reads what, and injected faults."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from localhost.eventhubs_broker.errors import (
    ARGUMENT_OUT_OF_RANGE,
    LINK_STOLEN,
    NOT_FOUND,
    RESOURCE_LIMIT_EXCEEDED,
    AmqpError,
    LinkDetachedError,
)
from localhost.eventhubs_broker.event_log import EventLog
from localhost.eventhubs_broker.partitions import Hub, Partition
from localhost.eventhubs_broker.tokens import Grant, check_token, entity_path

PARTITION_COUNT_DEFAULT = 4
_HUB_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,254}[A-Za-z0-9])?")

type Operation = Literal["send", "open"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What one peer may use.

    Attributes:
        message_bytes_max: the largest delivery, a whole batch included.
        idle_timeout_s: a connection that is silent for longer is closed.
        handshake_s: time to log in and open.
        receivers_max: readers without an epoch, for each partition and consumer group.
        pending_bytes_max: beyond this much uncommitted data, nothing more is read from producers.
    Source:
        Azure, "Event Hubs quotas and limits" (message size of the standard tier, receivers).
    """

    message_bytes_max: int = 1 << 20
    idle_timeout_s: float = 240
    handshake_s: float = 30
    receivers_max: int = 5
    pending_bytes_max: int = 32 << 20


class Receiver(Protocol):
    """A consumer's link, as far as others must know it."""

    @property
    def epoch(self) -> int | None:
        """The owner level; None reads without one."""

    def detach(self, error: AmqpError | None) -> None:
        """Ends the link."""


@dataclass(slots=True)
class _Throttle:
    operation: Operation
    hub: str | None
    times: int


class Namespace:
    """What all connections share."""

    def __init__(
        self,
        log: EventLog,
        *,
        key: str,
        clock: Callable[[], float] = time.time,
        limits: Limits | None = None,
        creates_hubs: bool = True,
    ) -> None:
        self.log = log
        self.clock = clock
        self.limits = limits or Limits()
        self._key = key
        self._creates_hubs = creates_hubs
        self._receivers: dict[tuple[Partition, str], list[Receiver]] = {}
        self._throttles: list[_Throttle] = []

    def check_token(self, token: str) -> Grant:
        """What a token grants.

        Raises:
            TokenError: nothing.
        """
        return check_token(token, self._key, self.clock())

    def hub(self, name: str) -> Hub:
        """The hub of that name; one that nobody declared is made on first use.

        Raises:
            LinkDetachedError: the name is none that a hub can have, or hubs are not made here.
        """
        hub = self.log.hubs.get(name.lower())
        if hub is not None:
            return hub
        if not self._creates_hubs or not _HUB_NAME.fullmatch(name):
            raise LinkDetachedError(NOT_FOUND, f"The messaging entity '{name}' could not be found.")
        return self.log.declare(name, PARTITION_COUNT_DEFAULT)

    def partition(self, hub: Hub, number: str) -> Partition:
        """A hub's partition.

        Raises:
            LinkDetachedError: the hub has no such partition.
        """
        if not (number.isdecimal() and int(number) < len(hub.partitions)):
            last = len(hub.partitions) - 1
            raise LinkDetachedError(
                ARGUMENT_OUT_OF_RANGE,
                f"The specified partition is invalid for the EventHub '{hub.name}'. It must be"
                f" between 0 and {last}.",
            )
        return hub.partitions[int(number)]

    def admit(self, receiver: Receiver, partition: Partition, group: str) -> None:
        """Lets a reader in, and ends those that it outranks.

        Raises:
            LinkDetachedError: it is outranked itself, or there are too many without an epoch.
        """
        place = (partition, group.lower())
        readers = self._receivers.get(place, [])
        highest = max((one.epoch for one in readers if one.epoch is not None), default=None)
        if highest is not None and (receiver.epoch is None or receiver.epoch < highest):
            raise LinkDetachedError(
                LINK_STOLEN,
                f"At least one receiver for the endpoint is created with epoch of '{highest}', and"
                " so a receiver with a lower epoch or none is not allowed. Either reconnect with a"
                " higher epoch, or make sure all epoch receivers are closed or disconnected.",
            )
        if receiver.epoch is None and len(readers) >= self.limits.receivers_max:
            raise LinkDetachedError(
                RESOURCE_LIMIT_EXCEEDED,
                "Exceeded the maximum number of allowed receivers per partition in a consumer group"
                f" which is {self.limits.receivers_max}.",
            )
        if receiver.epoch is not None:
            self._outrank(readers, receiver.epoch)
        self._receivers.setdefault(place, []).append(receiver)

    def release(self, receiver: Receiver, partition: Partition, group: str) -> None:
        """A reader is gone."""
        readers = self._receivers.get((partition, group.lower()), [])
        if receiver in readers:
            readers.remove(receiver)
        if not readers:
            self._receivers.pop((partition, group.lower()), None)

    def throttle(self, operation: Operation, *, times: int, hub: str | None = None) -> None:
        """Answers the next `times` operations on a hub, or on any, with server-busy.

        Args:
            operation: `send` refuses deliveries; `open` refuses producers' and consumers' links.
            times: how many are refused.
            hub: None for all.
        """
        name = None if hub is None else entity_path(hub)
        self._throttles.append(_Throttle(operation, name, times))

    def is_throttled(self, operation: Operation, hub: Hub) -> bool:
        """Whether this operation is one that is to be refused; it counts as refused then."""
        for throttle in self._throttles:
            if throttle.operation == operation and throttle.hub in {None, hub.name.lower()}:
                throttle.times -= 1
                if throttle.times <= 0:
                    self._throttles.remove(throttle)
                return True
        return False

    @staticmethod
    def _outrank(readers: list[Receiver], epoch: int) -> None:
        for reader in list(readers):
            reader.detach(
                LinkDetachedError(
                    LINK_STOLEN,
                    f"New receiver with higher epoch of '{epoch}' is created hence current receiver"
                    f" with epoch '{reader.epoch}' is getting disconnected. If you are recreating"
                    " the receiver, make sure a higher epoch is used.",
                )
            )
