"""The two nodes that answer requests: `$cbs` takes tokens, `$management` tells of hubs.

`$management` also takes `careloom:throttle`, so that a fault can be injected from outside.

Source: azure-eventhub's use of both; OASIS AMQP CBS working draft, put-token.
"""

from collections import deque
from typing import TYPE_CHECKING, Any, get_args

from localhost.eventhubs_broker.amqp_types import Array, Int, Symbol, Timestamp
from localhost.eventhubs_broker.decoding import DecodeError
from localhost.eventhubs_broker.errors import (
    ARGUMENT_OUT_OF_RANGE,
    DECODE_ERROR,
    NOT_ALLOWED,
    NOT_FOUND,
    UNAUTHORIZED,
    AmqpError,
    DeliveryRejectedError,
    LinkDetachedError,
)
from localhost.eventhubs_broker.links import Delivery, InboundLink, OutboundLink
from localhost.eventhubs_broker.messages import Request, request_of, response_to
from localhost.eventhubs_broker.namespace import Operation
from localhost.eventhubs_broker.performatives import Attach
from localhost.eventhubs_broker.tokens import TokenError, entity_path

if TYPE_CHECKING:
    from localhost.eventhubs_broker.namespace import Namespace
    from localhost.eventhubs_broker.partitions import Hub
    from localhost.eventhubs_broker.session import Session

CBS = "$cbs"
MANAGEMENT = "$management"
THROTTLE = "careloom:throttle"

_STATUS = {
    NOT_FOUND: 404,
    UNAUTHORIZED: 401,
    ARGUMENT_OUT_OF_RANGE: 400,
    NOT_ALLOWED: 400,
}


class RequestLink(InboundLink):
    """The peer asks a node."""

    def __init__(self, session: "Session", attach: Attach, *, node: str) -> None:
        super().__init__(session, attach)
        self._node = node

    def deliver(self, delivery: Delivery) -> None:
        """Answers on the session's link from the same node."""
        try:
            request = request_of(delivery.message)
        except DecodeError as error:
            self.settle(delivery, DeliveryRejectedError(DECODE_ERROR, str(error)))
            return
        answer = put_token if self._node == CBS else manage
        response = answer(request, self.session)
        for link in self.session.links():
            if isinstance(link, ReplyLink) and link.node == self._node:
                link.reply(response)
                break
        # The answer goes first: azure-eventhub takes one frame every 50 ms while it logs in.
        self.settle(delivery, None)


class ReplyLink(OutboundLink):
    """The peer hears a node's answers."""

    def __init__(self, session: "Session", attach: Attach, *, node: str) -> None:
        super().__init__(session, attach)
        self.node = node
        self._waiting: deque[bytes] = deque()

    def reply(self, message: bytes) -> None:
        """Sends an answer, when there is credit."""
        self._waiting.append(message)
        self.pump()

    def pump(self) -> None:
        """Sends the answers that wait."""
        while self._waiting and self.credit > 0 and self.session.can_send():
            self.send(self._waiting.popleft())


def put_token(request: Request, session: "Session") -> bytes:
    """Grants the connection what its token is good for."""
    try:
        grant = session.namespace.check_token(str(request.value))
    except TokenError as error:
        return _status(request, 401, str(error))
    session.grants.append(grant)
    return _status(request, 202, "Accepted")


def manage(request: Request, session: "Session") -> bytes:
    """Answers a management request, or says why not."""
    kind, name = request.properties.get("type"), str(request.properties.get("name", ""))
    try:
        session.check_access(entity_path(name))
        if kind == "com.microsoft:eventhub":
            answer = _hub_properties(session.namespace.hub(name))
        elif kind == "com.microsoft:partition":
            number = str(request.properties.get("partition", ""))
            answer = _partition_properties(session.namespace, name, number)
        elif kind == THROTTLE:
            answer = _throttle(request, session.namespace, name)
        else:
            raise LinkDetachedError(NOT_ALLOWED, f"The operation on {kind!r} is not supported.")
    except AmqpError as error:
        return _status(request, _STATUS[error.condition], error.description, error.condition)
    properties = {"status-code": Int(200), "status-description": "OK"}
    return response_to(request, properties, answer)


def _hub_properties(hub: "Hub") -> dict[str, Any]:
    numbers = tuple(str(partition.number) for partition in hub.partitions)
    return {
        "name": hub.name,
        "type": "com.microsoft:eventhub",
        "created_at": Timestamp(hub.created_ms),
        "partition_count": Int(len(numbers)),
        "partition_ids": Array(numbers),
    }


def _partition_properties(namespace: "Namespace", name: str, number: str) -> dict[str, Any]:
    partition = namespace.partition(namespace.hub(name), number)
    return {
        "name": partition.hub,
        "type": "com.microsoft:partition",
        "partition": number,
        "begin_sequence_number": partition.first_sequence,
        "last_enqueued_sequence_number": partition.last_sequence,
        "last_enqueued_offset": str(partition.last_offset),
        "last_enqueued_time_utc": Timestamp(partition.last_enqueued_ms),
        "is_partition_empty": partition.is_empty,
    }


def _throttle(request: Request, namespace: "Namespace", name: str) -> dict[str, Any]:
    operation: Operation = request.properties.get("throttled", "send")
    times = request.properties.get("times", 1)
    if operation not in get_args(Operation.__value__) or not isinstance(times, int) or times < 1:
        raise LinkDetachedError(NOT_ALLOWED, "Throttle send or open, at least one time.")
    namespace.throttle(operation, times=times, hub=name or None)
    return {"times": Int(times)}


def _status(
    request: Request, code: int, description: str, condition: Symbol | None = None
) -> bytes:
    properties: dict[str, Any] = {"status-code": Int(code), "status-description": description}
    if condition is not None:
        properties["error-condition"] = condition
    return response_to(request, properties)
