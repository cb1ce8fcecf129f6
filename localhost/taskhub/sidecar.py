"""The hub's door for other processes: the durable client's and remote workers' gRPC service."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import durabletask.internal.orchestrator_service_pb2 as pb
import grpc
import grpc.aio
from durabletask.internal import orchestrator_service_pb2_grpc as stubs
from google.protobuf.empty_pb2 import Empty

from localhost.taskhub.dispatch import Limits
from localhost.taskhub.errors import (
    HubClosed,
    InstanceExists,
    InstanceNotFound,
    StorageFailed,
    WrongState,
)
from shared.errors import CareloomError, ContractError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from localhost.taskhub.hub import TaskHub

    type Context = grpc.aio.ServicerContext[Any, Any]

MESSAGE_BYTES_MAX = 128 << 20
PING_SECONDS = 30.0  # The SDK's worker reconnects after 120 silent seconds.
STOP_GRACE_SECONDS = 1.0

# As the extension's LocalGrpcListener answers.
_CODES = (
    (InstanceNotFound, grpc.StatusCode.NOT_FOUND),
    (InstanceExists, grpc.StatusCode.ALREADY_EXISTS),
    (WrongState, grpc.StatusCode.FAILED_PRECONDITION),
    (ContractError, grpc.StatusCode.INVALID_ARGUMENT),
    (HubClosed, grpc.StatusCode.UNAVAILABLE),
    (StorageFailed, grpc.StatusCode.UNAVAILABLE),
)


@dataclass(frozen=True)
class Sidecar:
    """A running server.

    Attributes:
        port: where it listens on 127.0.0.1.
    """

    port: int
    server: grpc.aio.Server

    async def stop(self, grace_seconds: float = STOP_GRACE_SECONDS) -> None:
        """Refuse new calls, give those under way some time, then cut them."""
        await self.server.stop(grace_seconds)


async def serve(hub: TaskHub, port: int = 0) -> Sidecar:
    """Serve a hub on 127.0.0.1; port 0 takes a free one."""
    server = grpc.aio.server(
        options=[
            ("grpc.max_receive_message_length", MESSAGE_BYTES_MAX),
            ("grpc.max_send_message_length", MESSAGE_BYTES_MAX),
            ("grpc.so_reuseport", 0),
        ]
    )
    register: Any = stubs.add_TaskHubSidecarServiceServicer_to_server
    register(_service(hub), server)
    bound = server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    return Sidecar(bound, server)


def _service(hub: TaskHub) -> Any:
    """The servicer: each call is the hub's coroutine of that name, with its errors translated."""
    service: Any = stubs.TaskHubSidecarServiceServicer()
    calls: dict[str, Callable[[Any], Awaitable[Any]]] = {
        "StartInstance": hub.start_instance,
        "GetInstance": hub.get_instance,
        "WaitForInstanceStart": hub.wait_for_start,
        "WaitForInstanceCompletion": hub.wait_for_completion,
        "RaiseEvent": hub.raise_event,
        "TerminateInstance": hub.terminate,
        "SuspendInstance": hub.suspend,
        "ResumeInstance": hub.resume,
        "RewindInstance": hub.rewind,
        "RestartInstance": hub.restart,
        "PurgeInstances": hub.purge,
        "QueryInstances": hub.query,
        "ListInstanceIds": hub.list_instance_ids,
        "SignalEntity": hub.signal_entity,
        "GetEntity": hub.get_entity,
        "QueryEntities": hub.query_entities,
        "CleanEntityStorage": hub.clean_entity_storage,
        "CompleteOrchestratorTask": _acknowledging(hub.complete_orchestrator),
        "CompleteActivityTask": _acknowledging(hub.complete_activity),
        "CompleteEntityTask": _acknowledging(hub.complete_entity),
        "AbandonTaskOrchestratorWorkItem": _abandoning(hub, pb.AbandonOrchestrationTaskResponse),
        "AbandonTaskActivityWorkItem": _abandoning(hub, pb.AbandonActivityTaskResponse),
        "AbandonTaskEntityWorkItem": _abandoning(hub, pb.AbandonEntityTaskResponse),
        "Hello": _hello,
    }
    for name, call in calls.items():
        setattr(service, name, _translating(call))
    service.GetWorkItems = _work_items_of(hub)
    service.StreamInstanceHistory = _history_of(hub)
    return service


def _translating(call: Callable[[Any], Awaitable[Any]]) -> Callable[[Any, Any], Awaitable[Any]]:
    async def answer(request: Any, context: Context) -> Any:
        try:
            return await call(request)
        except CareloomError as error:
            await context.abort(_code_of(error), str(error))

    return answer


def _code_of(error: CareloomError) -> grpc.StatusCode:
    for kind, code in _CODES:
        if isinstance(error, kind):
            return code
    return grpc.StatusCode.UNKNOWN


def _acknowledging(complete: Callable[[Any], Awaitable[None]]) -> Callable[[Any], Awaitable[Any]]:
    async def answer(request: Any) -> pb.CompleteTaskResponse:
        await complete(request)
        return pb.CompleteTaskResponse()

    return answer


def _abandoning(hub: TaskHub, response: type[Any]) -> Callable[[Any], Awaitable[Any]]:
    async def answer(request: Any) -> Any:
        hub.abandon_token(request.completionToken)
        return response()

    return answer


async def _hello(_: Empty) -> Empty:
    return Empty()


def _work_items_of(hub: TaskHub) -> Callable[[Any, Any], AsyncIterator[pb.WorkItem]]:
    async def stream(
        request: pb.GetWorkItemsRequest, context: Context
    ) -> AsyncIterator[pb.WorkItem]:
        limits = Limits(
            request.maxConcurrentOrchestrationWorkItems,
            request.maxConcurrentActivityWorkItems,
            request.maxConcurrentEntityWorkItems,
        )
        worker = hub.join(limits)
        try:
            while True:
                try:
                    async with asyncio.timeout(PING_SECONDS):
                        item = await worker.take()
                except TimeoutError:
                    item = pb.WorkItem(healthPing=pb.HealthPing())
                yield item
        except HubClosed as closed:
            await context.abort(grpc.StatusCode.UNAVAILABLE, str(closed))
        finally:
            worker.die()

    return stream


def _history_of(hub: TaskHub) -> Callable[[Any, Any], AsyncIterator[pb.HistoryChunk]]:
    async def stream(
        request: pb.StreamInstanceHistoryRequest, context: Context
    ) -> AsyncIterator[pb.HistoryChunk]:
        try:
            async for chunk in hub.history(request):
                yield chunk
        except CareloomError as error:
            await context.abort(_code_of(error), str(error))

    return stream
