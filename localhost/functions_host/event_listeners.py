"""The Event Hubs door: feeds batches of events to functions, and remembers how far each came.

The consumer is the real SDK, against the local broker or against Azure. As in Azure a batch counts
as handled when its function has run, well or not; where the function has a retry policy, it is run
again first. A batch whose worker died is run again without limit.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import logging
import ssl
from typing import TYPE_CHECKING, Any

from localhost.functions_host.host_json import resolve
from localhost.functions_host.invocations import Invocation, Kind, WorkerLost, new_invocation_id
from localhost.functions_host.retry_policies import RetryPolicy
from localhost.functions_host.startup import StartupError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from azure.eventhub import EventData
    from azure.eventhub.aio import EventHubConsumerClient, PartitionContext

    from localhost.functions_host.host_json import HostJson
    from localhost.functions_host.host_store import HostStore
    from localhost.functions_host.invocations import Answer, FunctionDescription
    from localhost.functions_host.lifecycle_spans import Spans
    from localhost.functions_host.worker_pool import WorkerPool

_log = logging.getLogger("host.events")

RECONNECT_SECONDS = 1.0
FROM_THE_START = "-1"
GROUP_DEFAULT = "$Default"
LOCAL_BROKER = "UseDevelopmentEmulator=true"


class EventListener:
    """Consumes one hub for one function.

    Raises:
        StartupError: naming the function whose hub or connection is not set.
    """

    def __init__(
        self,
        function: FunctionDescription,
        settings: Mapping[str, str],
        host_json: HostJson,
        store: HostStore,
        pool: WorkerPool,
        spans: Spans,
    ) -> None:
        trigger = function.trigger
        self.function = function
        try:
            self.hub = resolve(str(trigger["eventHubName"]), settings)
            self.group = resolve(str(trigger.get("consumerGroup") or GROUP_DEFAULT), settings)
            self._retry = RetryPolicy.read(function.retry)
        except ValueError as error:
            msg = f"the function '{function.name}' cannot listen: {error}"
            raise StartupError(msg) from error
        self._connection = settings.get(str(trigger["connection"]), "")
        if not self._connection:
            msg = (
                f"the function '{function.name}' cannot listen: {trigger['connection']} is not set"
            )
            raise StartupError(msg)
        self._takes_many = str(trigger.get("cardinality", "MANY")).upper() == "MANY"
        self._host_json = host_json
        self._store = store
        self._pool = pool
        self._spans = spans
        self._batches: dict[str, int] = {}
        self._stopping = asyncio.Event()
        self._handling: set[asyncio.Task[None]] = set()
        self._task: asyncio.Task[None] | None = None
        self._client: EventHubConsumerClient | None = None

    def start(self) -> None:
        """Begin to consume."""
        self._task = asyncio.create_task(self._consume())

    async def stop(self) -> None:
        """Take no more events, and let the batches under way end."""
        self._stopping.set()
        await asyncio.gather(*self._handling, return_exceptions=True)
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _consume(self) -> None:
        # On a thread, since requests are being served by now.
        sdk = await asyncio.to_thread(importlib.import_module, "azure.eventhub.aio")
        tls = _tls_for(self._connection)
        while not self._stopping.is_set():
            client: EventHubConsumerClient = sdk.EventHubConsumerClient.from_connection_string(
                self._connection, self.group, eventhub_name=self.hub, ssl_context=tls
            )
            try:
                async with client:
                    start = await self._positions(client)
                    await client.receive_batch(
                        self._on_batch,
                        on_error=self._on_error,
                        max_batch_size=self._host_json.event_batch_size_max,
                        prefetch=self._host_json.event_prefetch_count,
                        starting_position=start,
                        starting_position_inclusive=False,
                    )
            except Exception as error:  # noqa: BLE001 - whatever the SDK raises, consuming goes on
                _log.warning(
                    "Listening to '%s' was interrupted: %s",
                    self.hub,
                    type(error).__name__,
                    extra={"function": self.function.name},
                )
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _positions(self, client: EventHubConsumerClient) -> dict[str, Any]:
        known = self._store.checkpoints(self.hub, self.group)
        partitions = await client.get_partition_ids()
        return {each: known.get(each, FROM_THE_START) for each in partitions}

    async def _on_error(self, context: PartitionContext | None, error: Exception) -> None:
        _log.warning(
            "Partition %s of '%s' was interrupted: %s",
            context.partition_id if context else "-",
            self.hub,
            type(error).__name__,
            extra={"function": self.function.name},
        )

    async def _on_batch(self, context: PartitionContext, events: list[EventData]) -> None:
        if not events or self._stopping.is_set():
            return
        # A task of its own: closing the consumer must not cancel the checkpoint.
        task = asyncio.create_task(self._handle(context.partition_id, events))
        self._handling.add(task)
        task.add_done_callback(self._handling.discard)
        await asyncio.shield(task)

    async def _handle(self, partition: str, events: list[EventData]) -> None:
        if self._takes_many:
            payload: Any = [body(each) for each in events]
            is_handled = await self._run(Kind.EVENTS, payload, partition, events)
        else:
            is_handled = True
            for event in events:
                is_handled = await self._run(Kind.EVENT, body(event), partition, [event])
                if not is_handled:
                    break
        count = self._batches[partition] = self._batches.get(partition, 0) + 1
        if is_handled and count % self._host_json.event_checkpoint_every == 0:
            last = events[-1]
            self._store.keep_checkpoint(
                self.hub, self.group, partition, str(last.offset), int(last.sequence_number or 0)
            )

    async def _run(
        self, kind: str, payload: Any, partition: str, events: Sequence[EventData]
    ) -> bool:
        """Run the function as often as its policy allows.

        Returns:
            Whether the events count as handled. They do not where the host stops before the last
            repetition, so that the next host begins again.
        """
        name = self.function.name
        metadata = _metadata(kind, self.hub, self.group, partition, events)
        parent = trace_context(events[0]) if len(events) == 1 else ""
        for attempt in self._retry.attempts():
            with self._spans.around(name, name, parent) as span:
                invocation = Invocation(
                    *(new_invocation_id(), name, kind, payload, metadata, span.traceparent, ""),
                    retry_count=attempt,
                    retry_count_max=self._retry.count_max,
                )
                answer = await self._run_until_answered(invocation)
                if not answer.ok:
                    span.failed(answer.error)
            fields = {"function": name, "invocation_id": invocation.id}
            if answer.ok:
                _log.info("%d events were handled", len(events), extra=fields)
                return True
            _log.error("%d events failed: %s", len(events), answer.error, extra=fields)
            if not self._retry.is_last(attempt) and not await self._retry.goes_on(
                attempt, self._stopping
            ):
                return False
        return True

    async def _run_until_answered(self, invocation: Invocation) -> Answer:
        while True:
            try:
                return await self._pool.invoke(invocation)
            except WorkerLost:
                if self._stopping.is_set():
                    raise
                invocation = invocation._replace(id=new_invocation_id())


def _tls_for(connection: str) -> ssl.SSLContext:
    """One context for all of a listener's links; the SDK would load the certificates for each.

    The local broker has no TLS, so that its context, which is asked for all the same, stays empty.
    """
    if LOCAL_BROKER in connection:
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return ssl.create_default_context()


def listeners_of(
    functions: Iterable[FunctionDescription],
    settings: Mapping[str, str],
    host_json: HostJson,
    store: HostStore,
    pool: WorkerPool,
    spans: Spans,
) -> list[EventListener]:
    """A listener for every Event Hubs function."""
    return [
        EventListener(each, settings, host_json, store, pool, spans)
        for each in functions
        if each.kind == "eventHubTrigger"
    ]


def body(event: EventData) -> bytes:
    """The body of an event as bytes, whatever its sections."""
    content = event.body
    return content if isinstance(content, bytes) else b"".join(content)  # type: ignore[arg-type]  # data bodies are sections of bytes


def trace_context(event: EventData) -> str:
    """The trace context that the publisher attached, or empty."""
    properties = event.properties or {}
    for name in ("traceparent", "Diagnostic-Id"):
        value = properties.get(name) or properties.get(name.encode())
        if value:
            return value.decode() if isinstance(value, bytes) else str(value)
    return ""


def _metadata(
    kind: str, hub: str, group: str, partition: str, events: Sequence[EventData]
) -> dict[str, tuple[Any, str]]:
    """The trigger metadata that the runtime's converter reads."""
    context = {"PartitionId": partition, "EventHubName": hub, "ConsumerGroup": group}
    system = [_system_properties(each) for each in events]
    properties = [_plain(each.properties or {}) for each in events]
    if kind == Kind.EVENTS:
        return {
            "SystemPropertiesArray": (json.dumps(system), "json"),
            "PropertiesArray": (json.dumps(properties), "json"),
            "PartitionContext": (json.dumps(context), "json"),
        }
    (only,) = system
    metadata = {
        "SystemProperties": (json.dumps(only), "json"),
        "Properties": (json.dumps(properties[0]), "json"),
        "SequenceNumber": (json.dumps(only["SequenceNumber"]), "json"),
        "Offset": (str(only["Offset"]), "string"),
        "EnqueuedTimeUtc": (json.dumps(only["EnqueuedTimeUtc"]), "json"),
        "PartitionContext": (json.dumps(context), "json"),
    }
    if only["PartitionKey"] is not None:
        metadata["PartitionKey"] = (only["PartitionKey"], "string")
    return metadata


def _system_properties(event: EventData) -> dict[str, Any]:
    key = event.partition_key
    enqueued = event.enqueued_time
    return {
        "SequenceNumber": event.sequence_number,
        "Offset": event.offset,
        "PartitionKey": key.decode() if isinstance(key, bytes) else key,
        "EnqueuedTimeUtc": enqueued.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if enqueued else None,
    }


def _plain(properties: Mapping[Any, Any]) -> dict[str, Any]:
    def text(value: Any) -> Any:
        if isinstance(value, bytes):
            return value.decode(errors="replace")
        return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)

    return {str(text(name)): text(value) for name, value in properties.items()}
