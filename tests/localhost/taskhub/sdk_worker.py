"""The SDK's own executor on a hub in the same process: no socket, no thread, any clock."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from durabletask.worker import TaskHubGrpcWorker

from localhost.taskhub.errors import HubClosed

if TYPE_CHECKING:
    from collections.abc import Callable

    import durabletask.internal.orchestrator_service_pb2 as pb
    from durabletask.serialization import DataConverter

    from localhost.taskhub.hub import TaskHub

QUIET = logging.getLogger("tests.quiet_sdk")
QUIET.addHandler(logging.NullHandler())
QUIET.setLevel(logging.CRITICAL)
QUIET.propagate = False


class Answers:
    """Stands where the SDK has its gRPC stub, and keeps what it would have sent."""

    def __init__(self) -> None:
        self.answer: Any = None

    def _keep(self, answer: Any) -> None:
        self.answer = answer

    CompleteOrchestratorTask = CompleteActivityTask = CompleteEntityTask = _keep
    AbandonTaskOrchestratorWorkItem = _keep


class SdkWorker:
    """Takes a hub's work items and executes them with the SDK.

    Args:
        before: awaited before each item, with the item; may take (virtual) time.
        data_converter: of inputs and results; the SDK's own by default.
    """

    def __init__(
        self,
        hub: TaskHub,
        before: Callable[[pb.WorkItem], Any] | None = None,
        data_converter: DataConverter | None = None,
    ) -> None:
        self.hub = hub
        self.before = before
        self.sdk = TaskHubGrpcWorker(
            logger=QUIET, emit_trace_spans=False, data_converter=data_converter
        )
        self.items_seen: list[str] = []
        self._failures: list[Exception] = []
        self._items: set[asyncio.Task[None]] = set()
        self._pump: asyncio.Task[None] | None = None

    def add(
        self, *, orchestrators: Any = (), activities: Any = (), entities: Any = ()
    ) -> SdkWorker:
        """Register functions under their names."""
        for function in orchestrators:
            self.sdk.add_orchestrator(function)
        for function in activities:
            self.sdk.add_activity(function)
        for function in entities:
            self.sdk.add_entity(function)
        return self

    def start(self) -> SdkWorker:
        """Take items from now on."""
        self._pump = asyncio.create_task(self._take())
        return self

    async def stop(self) -> None:
        """Take no more, and drop what is under way without an answer.

        Raises:
            ExceptionGroup: what the hub answered to items, other than that it is closed.
        """
        tasks = [task for task in (self._pump, *self._items) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._failures:
            raise ExceptionGroup("the hub refused answers", self._failures)

    async def _take(self) -> None:
        async for item in self.hub.work_items():
            task = asyncio.create_task(self._execute(item))
            self._items.add(task)
            task.add_done_callback(self._items.discard)

    async def _execute(self, item: pb.WorkItem) -> None:
        kind = item.WhichOneof("request") or ""
        self.items_seen.append(kind)
        if self.before is not None:
            await self.before(item)
        try:
            await self.answer(item)
        except HubClosed:
            return
        except Exception as failure:  # noqa: BLE001 - kept for stop
            self._failures.append(failure)

    async def answer(self, item: pb.WorkItem) -> None:
        """Execute one item and complete it."""
        answers = Answers()
        if item.HasField("orchestratorRequest"):
            self.sdk._execute_orchestrator(item.orchestratorRequest, answers, item.completionToken)
            await self.hub.complete_orchestrator(answers.answer)
        elif item.HasField("activityRequest"):
            self.sdk._execute_activity(item.activityRequest, answers, item.completionToken)
            await self.hub.complete_activity(answers.answer)
        else:
            self.sdk._execute_entity_batch(item.entityRequestV2, answers, item.completionToken)
            await self.hub.complete_entity(answers.answer)
