"""A hub with its sidecar, a real durable client and the SDK's executor: what the tests play on."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from durabletask.client import AsyncTaskHubGrpcClient

from localhost.taskhub.hub import TaskHub
from localhost.taskhub.sidecar import Sidecar, serve
from tests.localhost.taskhub.sdk_worker import QUIET, SdkWorker

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path


WAIT_SECONDS_MAX = 15


@dataclass
class Stage:
    """What a test has at hand."""

    hub: TaskHub
    sidecar: Sidecar
    client: AsyncTaskHubGrpcClient
    worker: SdkWorker

    async def run(self, name: str | Callable[..., Any], given: Any = None, **how: Any) -> Any:
        """Start an orchestration and wait for its end; how it ended."""
        instance = await self.client.schedule_new_orchestration(name, input=given, **how)
        return await self.end_of(instance)

    async def end_of(self, instance: str) -> Any:
        """Wait for an instance's end; its state."""
        state = await self.client.wait_for_orchestration_completion(
            instance, timeout=WAIT_SECONDS_MAX
        )
        assert state is not None
        return state

    async def begin(self, name: str | Callable[..., Any], given: Any = None, **how: Any) -> str:
        """Start an orchestration and wait until its first turn is over; its id."""
        instance = await self.client.schedule_new_orchestration(name, input=given, **how)
        await self.client.wait_for_orchestration_start(instance, timeout=WAIT_SECONDS_MAX)
        return instance

    async def has_instances(self, count: int) -> bool:
        """Whether there are so many instances."""
        return len(await self.client.get_all_orchestration_states()) == count

    async def status(self, instance: str) -> str:
        """The name of an instance's status."""
        state = await self.client.get_orchestration_state(instance)
        assert state is not None
        return state.runtime_status.name


@asynccontextmanager
async def staged(path: Path | None, **settings: Any) -> AsyncIterator[Stage]:
    """Open a hub, serve it, and clear everything away in the end."""
    hub = await TaskHub.open(path, **settings)
    sidecar = await serve(hub)
    worker = SdkWorker(hub).start()
    client = AsyncTaskHubGrpcClient(host_address=f"127.0.0.1:{sidecar.port}", logger=QUIET)
    try:
        yield Stage(hub, sidecar, client, worker)
    finally:
        await client.close()
        await worker.stop()
        await sidecar.stop(0)
        await hub.close()
