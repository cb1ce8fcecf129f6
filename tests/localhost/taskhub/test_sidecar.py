from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import durabletask.internal.orchestrator_service_pb2 as pb
import grpc
import grpc.aio
import pytest
from durabletask.internal import orchestrator_service_pb2_grpc as stubs
from google.protobuf.empty_pb2 import Empty
from google.protobuf.wrappers_pb2 import StringValue

from tests.localhost.taskhub.waiting import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from durabletask import task

    from tests.localhost.taskhub.stage import Stage


@pytest.fixture
async def service(stage: Stage) -> AsyncIterator[Any]:
    """A raw client of the service, without a worker in the way."""
    await stage.worker.stop()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{stage.sidecar.port}") as channel:
        make: Any = stubs.TaskHubSidecarServiceStub
        yield make(channel)


@pytest.mark.parametrize(
    ("call", "request_", "code"),
    [
        ("StartInstance", pb.CreateInstanceRequest(), "INVALID_ARGUMENT"),
        ("StartInstance", pb.CreateInstanceRequest(name="a", instanceId="it"), "ALREADY_EXISTS"),
        ("RaiseEvent", pb.RaiseEventRequest(instanceId="none", name="e"), "NOT_FOUND"),
        ("RaiseEvent", pb.RaiseEventRequest(instanceId="ended", name="e"), "FAILED_PRECONDITION"),
        ("TerminateInstance", pb.TerminateRequest(instanceId="none"), "NOT_FOUND"),
        ("SuspendInstance", pb.SuspendRequest(instanceId="ended"), "FAILED_PRECONDITION"),
        ("RewindInstance", pb.RewindInstanceRequest(instanceId="it"), "FAILED_PRECONDITION"),
        ("RestartInstance", pb.RestartInstanceRequest(instanceId="none"), "NOT_FOUND"),
        ("SignalEntity", pb.SignalEntityRequest(instanceId="none"), "INVALID_ARGUMENT"),
        ("CreateTaskHub", pb.CreateTaskHubRequest(), "UNIMPLEMENTED"),
    ],
)
async def test_errors_are_told_in_grpcs_codes(
    service: Any, call: str, request_: Any, code: str
) -> None:
    await service.StartInstance(pb.CreateInstanceRequest(name="a", instanceId="it"))
    await service.StartInstance(pb.CreateInstanceRequest(name="a", instanceId="ended"))
    await service.TerminateInstance(pb.TerminateRequest(instanceId="ended"))

    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await getattr(service, call)(request_)

    assert refused.value.code().name == code


async def test_hello_is_answered(service: Any) -> None:
    assert await service.Hello(Empty()) == Empty()


async def test_the_history_of_an_unknown_instance_is_not_found(service: Any) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        async for _ in service.StreamInstanceHistory(
            pb.StreamInstanceHistoryRequest(instanceId="none")
        ):
            pass

    assert refused.value.code() is grpc.StatusCode.NOT_FOUND


async def test_a_worker_that_disconnects_gives_back_what_it_held(
    stage: Stage, service: Any
) -> None:
    await service.StartInstance(pb.CreateInstanceRequest(name="a", instanceId="it"))
    first = service.GetWorkItems(pb.GetWorkItemsRequest())
    item = await anext(aiter(first))
    assert stage.hub._dispatcher.is_held("it")

    first.cancel()
    await until(lambda: not stage.hub._dispatcher.is_held("it"))
    second = await anext(aiter(service.GetWorkItems(pb.GetWorkItemsRequest())))

    assert second.orchestratorRequest.instanceId == item.orchestratorRequest.instanceId
    assert second.completionToken != item.completionToken


async def test_an_item_that_a_worker_abandons_is_handed_out_again(service: Any) -> None:
    await service.StartInstance(pb.CreateInstanceRequest(name="a", instanceId="it"))
    items = aiter(service.GetWorkItems(pb.GetWorkItemsRequest()))
    item = await anext(items)

    await service.AbandonTaskOrchestratorWorkItem(
        pb.AbandonOrchestrationTaskRequest(completionToken=item.completionToken)
    )

    async with asyncio.timeout(5):
        again = await anext(items)
    assert again.orchestratorRequest.instanceId == "it"


async def test_a_stream_holds_no_more_than_its_worker_asked_for(service: Any) -> None:
    for number in range(3):
        await service.StartInstance(pb.CreateInstanceRequest(name="a", instanceId=f"i{number}"))
    stream = service.GetWorkItems(pb.GetWorkItemsRequest(maxConcurrentOrchestrationWorkItems=2))
    items = aiter(stream)
    first, _ = await anext(items), await anext(items)

    third = asyncio.ensure_future(anext(items))
    await asyncio.sleep(0.1)
    had_to_wait = not third.done()
    await service.CompleteOrchestratorTask(
        pb.OrchestratorResponse(
            instanceId=first.orchestratorRequest.instanceId, completionToken=first.completionToken
        )
    )

    async with asyncio.timeout(5):
        await third
    assert had_to_wait


async def test_large_payloads_pass(stage: Stage, service: Any) -> None:
    def echoes(_: task.OrchestrationContext, given: str) -> int:
        return len(given)

    stage.worker.add(orchestrators=[echoes]).start()
    size = 20 << 20
    given = StringValue(value=f'"{"x" * size}"')

    await service.StartInstance(
        pb.CreateInstanceRequest(name="echoes", instanceId="it", input=given)
    )

    request = pb.GetInstanceRequest(instanceId="it", getInputsAndOutputs=True)
    end = await stage.hub.wait_for_completion(request)
    assert end.orchestrationState.output.value == str(size)
