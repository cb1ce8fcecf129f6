"""The durable door: runs the task hub's work items on the workers and reports how they ended.

Written with callbacks instead of a task per item, because this is the hottest path of the host.
"""

from __future__ import annotations

import asyncio
import logging
import re
from typing import TYPE_CHECKING, Any

import durabletask.internal.orchestrator_service_pb2 as pb
from durabletask.internal import helpers
from google.protobuf.wrappers_pb2 import StringValue

from localhost.functions_host.invocations import (
    Answer,
    Invocation,
    Kind,
    WorkerLost,
    new_invocation_id,
)
from localhost.taskhub.dispatch import Limits

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable

    from localhost.functions_host.host_json import HostJson
    from localhost.functions_host.invocations import FunctionDescription
    from localhost.functions_host.lifecycle_spans import Spans, StorySpan
    from localhost.functions_host.worker_pool import WorkerPool
    from localhost.taskhub.hub import TaskHub

_log = logging.getLogger("host.durable")

_NAMES = {
    "orchestrationTrigger": "orchestration",
    "activityTrigger": "activity",
    "entityTrigger": "entityName",
}
_TYPED_MESSAGE = re.compile(r"([A-Za-z_][\w.]*): ?(.*)", re.DOTALL)
UNKNOWN_TYPE = "(unknown)"
"""What Azure reports as the type of an error whose text does not begin with one."""


class DurableDispatcher:
    """Takes work items from the hub, as many at once as host.json allows."""

    def __init__(
        self,
        hub: TaskHub,
        functions: Iterable[FunctionDescription],
        host_json: HostJson,
        pool: WorkerPool,
        spans: Spans,
    ) -> None:
        self._hub = hub
        self._host_json = host_json
        self._pool = pool
        self._spans = spans
        self._functions: dict[tuple[str, str], str] = {}
        for function in functions:
            if function.kind in _NAMES:
                name = function.trigger.get(_NAMES[function.kind]) or function.name
                self._functions[function.kind, str(name).lower()] = function.name
        self._loop = asyncio.get_running_loop()
        self._in_flight = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._task: asyncio.Task[None] | None = None
        self._reports: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Begin to take work."""
        self._task = asyncio.create_task(self._take())

    async def stop_taking(self) -> None:
        """Take no more work."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def drained(self) -> None:
        """Wait until everything that was taken has ended."""
        await self._idle.wait()
        if self._reports:
            await asyncio.wait(self._reports)

    async def _take(self) -> None:
        limits = Limits(
            orchestrations=self._host_json.orchestrators_max,
            activities=self._host_json.activities_max,
            entities=self._host_json.entities_max,
        )
        async for item in self._hub.work_items(limits):
            self._start(item)

    def _start(self, item: pb.WorkItem) -> None:
        kind = item.WhichOneof("request")
        if kind == "orchestratorRequest":
            self._start_turn(item)
        elif kind == "activityRequest":
            self._start_activity(item)
        else:
            self._start_entity(item, kind)

    def _start_turn(self, item: pb.WorkItem) -> None:
        request = item.orchestratorRequest
        started = _start_of(request)
        function = self._functions.get(("orchestrationTrigger", started.name.lower()))
        if function is None:
            missing = _missing("orchestrator", started.name)
            self._turn_ended(item, None, Answer(ok=False, error=missing))
            return
        span = self._spans.begin_story(request, started)

        def ended(answer: Answer) -> None:
            self._turn_ended(item, span, answer)

        payload = request.SerializeToString()
        self._run(item, ended, function, Kind.ORCHESTRATION, payload, "")

    def _turn_ended(self, item: pb.WorkItem, span: StorySpan | None, answer: Answer) -> None:
        if answer.ok:
            response = pb.OrchestratorResponse.FromString(answer.answer)
        else:
            failure = pb.TaskFailureDetails(
                errorType="FunctionFailedException",
                errorMessage=answer.error,
                stackTrace=StringValue(value=answer.traceback),
                isNonRetriable=True,
            )
            action = helpers.new_complete_orchestration_action(
                -1, pb.ORCHESTRATION_STATUS_FAILED, None, failure
            )
            instance_id = item.orchestratorRequest.instanceId
            response = pb.OrchestratorResponse(instanceId=instance_id, actions=[action])
        response.completionToken = item.completionToken
        if span is not None:
            span.end_if_over(response)
        self._report(self._hub.complete_orchestrator(response))

    def _start_activity(self, item: pb.WorkItem) -> None:
        request = item.activityRequest
        function = self._functions.get(("activityTrigger", request.name.lower()))
        if function is None:
            self._activity_ended(item, Answer(ok=False, error=_missing("activity", request.name)))
            return
        span = self._spans.begin(
            f"activity:{request.name}", function, request.parentTraceContext.traceParent, "SERVER"
        )

        def ended(answer: Answer) -> None:
            if not answer.ok:
                span.failed(answer.error)
            span.end()
            self._activity_ended(item, answer)

        payload = request.input.value if request.HasField("input") else "null"
        self._run(item, ended, function, Kind.ACTIVITY, payload, span.traceparent)

    def _activity_ended(self, item: pb.WorkItem, answer: Answer) -> None:
        request = item.activityRequest
        response = pb.ActivityResponse(
            instanceId=request.orchestrationInstance.instanceId,
            taskId=request.taskId,
            completionToken=item.completionToken,
        )
        if answer.ok:
            response.result.value = "null" if answer.answer is None else answer.answer
        else:
            response.failureDetails.CopyFrom(failure_details(answer))
        self._report(self._hub.complete_activity(response))

    def _start_entity(self, item: pb.WorkItem, kind: str | None) -> None:
        infos: list[pb.OperationInfo] = []
        request = item.entityRequest
        if kind == "entityRequestV2":
            request, infos = helpers.convert_to_entity_batch_request(item.entityRequestV2)
        name = request.instanceId.split("@")[1]
        function = self._functions.get(("entityTrigger", name.lower()))
        if function is None:
            answer = Answer(ok=False, error=_missing("entity", name))
            self._entity_ended(item, request, infos, answer)
            return

        def ended(answer: Answer) -> None:
            self._entity_ended(item, request, infos, answer)

        self._run(item, ended, function, Kind.ENTITY, request.SerializeToString(), "")

    def _entity_ended(
        self,
        item: pb.WorkItem,
        request: pb.EntityBatchRequest,
        infos: list[pb.OperationInfo],
        answer: Answer,
    ) -> None:
        if answer.ok:
            result = pb.EntityBatchResult.FromString(answer.answer)
        else:
            failure = pb.OperationResultFailure(failureDetails=failure_details(answer))
            result = pb.EntityBatchResult(
                results=[pb.OperationResult(failure=failure) for _ in request.operations]
            )
            if request.HasField("entityState"):
                result.entityState.value = request.entityState.value
        result.completionToken = item.completionToken
        del result.operationInfos[:]
        result.operationInfos.extend(infos)
        self._report(self._hub.complete_entity(result))

    def _report(self, completion: Coroutine[Any, Any, None]) -> None:
        # Begun at once, so that every outcome of one frame goes into one commit group.
        task = asyncio.Task(completion, loop=self._loop, eager_start=True)
        self._reports.add(task)
        task.add_done_callback(self._reported)

    def _reported(self, task: asyncio.Task[None]) -> None:
        self._reports.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            # The hub has put the item back, so that it will be run again.
            _log.error("An outcome could not be recorded: %s", error)

    def _run(
        self,
        item: pb.WorkItem,
        ended: Callable[[Answer], None],
        function: str,
        kind: str,
        payload: Any,
        traceparent: str,
    ) -> None:
        self._in_flight += 1
        self._idle.clear()

        def on_end(outcome: Answer | WorkerLost) -> None:
            self._in_flight -= 1
            if not self._in_flight:
                self._idle.set()
            if isinstance(outcome, WorkerLost):
                # Whether it ran is not known; the hub hands it out again.
                self._hub.abandon(item)
            else:
                ended(outcome)

        invocation = Invocation(new_invocation_id(), function, kind, payload, None, traceparent)
        self._pool.submit(invocation, on_end)


def failure_details(answer: Answer) -> pb.TaskFailureDetails:
    """How a failed activity reaches its story; the type is the text before the first colon."""
    found = _TYPED_MESSAGE.fullmatch(answer.error)
    error_type, message = found.groups() if found else (UNKNOWN_TYPE, answer.error)
    return pb.TaskFailureDetails(
        errorType=error_type,
        errorMessage=message,
        stackTrace=StringValue(value=answer.traceback),
    )


def _start_of(request: pb.OrchestratorRequest) -> pb.ExecutionStartedEvent:
    for events in (request.newEvents, request.pastEvents):
        for event in events:
            if event.HasField("executionStarted"):
                started: pb.ExecutionStartedEvent = event.executionStarted
                return started
    return pb.ExecutionStartedEvent()


def _missing(kind: str, name: str) -> str:
    return f"The {kind} function '{name}' does not exist in this application."
