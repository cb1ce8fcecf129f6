"""The channel of events: outcomes published on an event hub as CloudEvents."""

from typing import Any

from azure.core.exceptions import AzureError
from azure.eventhub import EventData
from azure.eventhub.aio import EventHubProducerClient
from azure.eventhub.exceptions import EventDataSendError, EventHubError

from shared.adapters.identity import Identity, sign_in
from shared.contracts.cloud_events import write_outcome_event
from shared.errors import PermanentError, TransientError
from shared.ports.channels import Dispatch
from shared.ports.clock import Clock

CLOUD_EVENT = "application/cloudevents+json; charset=utf-8"
RETRY_TOTAL = 1  # At once; the sweep has the patience.
SEND_SECONDS = 20.0


class EventHubPublisher:
    """A Channel that publishes each payload as an event of its case.

    The events of a case keep their order, because they share a partition key. The client belongs
    to the event loop in which it is first used.

    Args:
        connection_string: of the namespace; empty to sign in to `namespace` with an identity.
        client_id: of the user-assigned identity; empty for the machine's or developer's own.
    """

    def __init__(
        self,
        hub: str,
        clock: Clock,
        *,
        connection_string: str = "",
        namespace: str = "",
        client_id: str = "",
    ) -> None:
        self._hub = hub
        self._clock = clock
        self._connection_string = connection_string
        self._namespace = namespace
        self._client_id = client_id
        self._client: EventHubProducerClient | None = None
        self._credential: Identity | None = None

    async def send(self, dispatch: Dispatch) -> bool:
        """Publish a payload; a receiver knows a repetition by the event's id and source.

        Raises:
            PermanentError: the event is larger than the hub takes.
        """
        body = write_outcome_event(
            dispatch.case_id,
            dispatch.message_id,
            dispatch.event,
            dispatch.payload,
            at=self._clock.now(),
        )
        event = EventData(body)
        event.content_type = CLOUD_EVENT
        event.message_id = dispatch.message_id
        try:
            await self._connected().send_batch(
                [event], partition_key=dispatch.case_id, timeout=SEND_SECONDS
            )
        except (EventDataSendError, ValueError) as error:
            raise PermanentError(f"event {dispatch.message_id} cannot be sent") from error
        except (EventHubError, AzureError) as error:
            raise TransientError(f"hub {self._hub} is out of reach") from error
        return True

    async def close(self) -> None:
        """Close the connection."""
        if self._client is not None:
            await self._client.close()
            self._client = None
        if self._credential is not None:
            await self._credential.close()
            self._credential = None

    def _connected(self) -> EventHubProducerClient:
        if self._client is None:
            self._client = self._connect()
        return self._client

    def _connect(self) -> EventHubProducerClient:
        options: dict[str, Any] = {
            "eventhub_name": self._hub,
            "retry_total": RETRY_TOTAL,
        }
        if self._connection_string:
            return EventHubProducerClient.from_connection_string(self._connection_string, **options)
        self._credential = sign_in(self._client_id)
        return EventHubProducerClient(self._namespace, credential=self._credential, **options)
