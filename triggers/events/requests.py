"""The event door: prior authorization requests that arrive on the inbound hub."""

import logging
from hashlib import sha256
from typing import List  # noqa: UP035 - the worker knows only typing.List.

import azure.durable_functions as df
import azure.functions as func
from azure.functions.decorators.function_app import SettingsApi

from shared.bootstrap import ports
from shared.contracts.cloud_events import read_cloud_event
from shared.contracts.pas import read_submit
from shared.contracts.pas.json_body import written
from shared.errors import ContractError
from shared.ports.case_store import DeadLetter, TooLargeError, letter_body
from shared.ports.intake import EVENT, Received, take_in
from triggers.durable_client import durable_client
from triggers.stories import start_case

log = logging.getLogger(__name__)


class RetryingBlueprint(df.Blueprint, SettingsApi):
    """A durable blueprint whose functions may have a retry policy."""


events = RetryingBlueprint()


@events.function_name("receive_requests")
@events.event_hub_message_trigger(
    arg_name="messages",
    event_hub_name="%INBOUND_HUB_NAME%",
    connection="EventHubConnection",
    cardinality="many",
    consumer_group="$Default",
)
@events.retry(
    strategy="exponential_backoff",
    max_retry_count="10",
    minimum_interval="00:00:01",
    maximum_interval="00:01:00",
)
@durable_client(events)
async def receive_requests(
    messages: List[func.EventHubEvent],  # noqa: UP006 - the worker knows only typing.List.
    client: df.DurableFunctionsClient,
) -> None:
    """Take in each event; one that breaks its contract is buried with the reason.

    Raises:
        TransientError: the store is out of reach; the host gives the batch again, and what was
            taken in already is found again.
    """
    for message in messages:
        try:
            await _take_in(message, client)
        except (ContractError, TooLargeError) as error:
            await _bury(message, error)


async def _take_in(message: func.EventHubEvent, client: df.DurableFunctionsClient) -> None:
    event = read_cloud_event(message.get_body())
    submission = read_submit(written(event.data).encode())
    received = Received(
        kind=submission.kind,
        request=submission.request,
        bundle=submission.bundle,
        submitted_by=submission.request.requestor.identifier.value,
        via=EVENT,
        received_at=ports().clock.now(),
    )
    await start_case(client, await take_in(ports().cases, received))


def _letter_id(message: func.EventHubEvent) -> str:
    """The event's own name: sequence numbers repeat across partitions, so the body joins them."""
    body = sha256(message.get_body()).hexdigest()[:16]
    return f"{message.sequence_number}-{message.enqueued_time:%Y%m%dT%H%M%S%f}-{body}"


async def _bury(message: func.EventHubEvent, error: ContractError | TooLargeError) -> None:
    letter_id = _letter_id(message)
    log.warning("event %s is dead: %s", letter_id, type(error).__name__)
    await ports().cases.bury(
        DeadLetter(
            letter_id=letter_id,
            source="prior-authorization-requests",
            reason=str(error),
            body=letter_body(message.get_body()),
            received_at=ports().clock.now(),
        )
    )
