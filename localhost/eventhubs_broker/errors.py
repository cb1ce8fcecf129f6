"""What the broker answers when something is wrong, sorted by what it ends.

AmqpError
├── ConnectionClosedError   the peer broke the protocol: CLOSE with the error
├── LinkDetachedError       the link cannot be, or cannot go on: DETACH with the error
└── DeliveryRejectedError   one delivery is refused: a rejected disposition

Source: OASIS AMQP 1.0, part 2, 2.8.14 to 2.8.18; the com.microsoft conditions are those that
azure-eventhub knows.
"""

from localhost.eventhubs_broker.amqp_types import Symbol
from shared.errors import ContractError

DECODE_ERROR = Symbol("amqp:decode-error")
FRAMING_ERROR = Symbol("amqp:connection:framing-error")
CONNECTION_FORCED = Symbol("amqp:connection:forced")
HANDLE_IN_USE = Symbol("amqp:session:handle-in-use")
UNATTACHED_HANDLE = Symbol("amqp:session:unattached-handle")
ILLEGAL_STATE = Symbol("amqp:illegal-state")
INTERNAL_ERROR = Symbol("amqp:internal-error")
INVALID_FIELD = Symbol("amqp:invalid-field")
NOT_ALLOWED = Symbol("amqp:not-allowed")
NOT_FOUND = Symbol("amqp:not-found")
NOT_IMPLEMENTED = Symbol("amqp:not-implemented")
RESOURCE_LIMIT_EXCEEDED = Symbol("amqp:resource-limit-exceeded")
UNAUTHORIZED = Symbol("amqp:unauthorized-access")
LINK_STOLEN = Symbol("amqp:link:stolen")
MESSAGE_SIZE_EXCEEDED = Symbol("amqp:link:message-size-exceeded")
ARGUMENT_ERROR = Symbol("com.microsoft:argument-error")
ARGUMENT_OUT_OF_RANGE = Symbol("com.microsoft:argument-out-of-range")
SERVER_BUSY = Symbol("com.microsoft:server-busy")


class AmqpError(ContractError):
    """An error that the peer is told.

    Attributes:
        condition: the symbol that says what is wrong.
        description: the same for a reader.
    """

    def __init__(self, condition: Symbol, description: str) -> None:
        super().__init__(f"{condition}: {description}")
        self.condition = condition
        self.description = description


class ConnectionClosedError(AmqpError):
    """Ends the connection."""


class LinkDetachedError(AmqpError):
    """Ends the link."""


class DeliveryRejectedError(AmqpError):
    """Refuses one delivery."""


BUSY = (
    SERVER_BUSY,
    (
        "The request was terminated because the namespace is being throttled. Error code : 50002."
        " Please wait 4 seconds and try again."
    ),
)
"""What Event Hubs says when it throttles."""
