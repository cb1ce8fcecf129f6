"""The one Cosmos DB client of a process, built when it is first needed."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from azure.core.pipeline.transport import AioHttpTransport
from azure.cosmos import PartitionKey
from azure.cosmos.aio import ContainerProxy, CosmosClient
from azure.cosmos.exceptions import CosmosResourceExistsError

from shared.adapters.cosmos.containers import EVERY_CONTAINER, REGISTERS, ContainerPlan
from shared.adapters.cosmos.failures import translated
from shared.adapters.identity import Identity, sign_in

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
# Together they bound how long a call may take before the story's own retry policy decides.
TIMEOUTS_SECONDS: Mapping[str, float] = {"connection_timeout": 5, "read_timeout": 10}
CLIENT_OPTIONS: Mapping[str, Any] = {
    **TIMEOUTS_SECONDS,
    "retry_total": 3,
    "retry_backoff_max": 5,
    "retry_throttle_total": 9,
    "retry_throttle_backoff_max": 10,
    "enable_compact_utf8_item_writes": True,
    "no_response_on_write": True,
}


class CosmosDatabase:
    """The database, over one client that is shared by every adapter.

    The client belongs to the event loop in which it is first used.

    Args:
        endpoint: the account's endpoint.
        key: the account's key; empty for an identity.
        client_id: of the user-assigned identity; empty for the machine's or developer's own.
        fill_registers: writes samples into the container of registers before its first use, where
            the database is on this machine.
    """

    def __init__(
        self,
        endpoint: str,
        name: str,
        *,
        key: str = "",
        client_id: str = "",
        fill_registers: Callable[[ContainerProxy], Awaitable[None]] | None = None,
    ) -> None:
        self._endpoint = endpoint
        self.is_local = urlsplit(endpoint).hostname in LOOPBACK
        self._name = name
        self._key = key
        self._client_id = client_id
        self._fill_registers = fill_registers
        self._client: CosmosClient | None = None
        self._credential: Identity | None = None
        self._containers: dict[str, ContainerProxy] = {}
        self._opening = asyncio.Lock()

    async def container(self, plan: ContainerPlan) -> ContainerProxy:
        """A container, ready for use.

        Raises:
            TransientError: the account is out of reach.
        """
        if plan.name not in self._containers:
            async with self._opening:
                if plan.name not in self._containers:
                    await self._open()
        return self._containers[plan.name]

    async def ensure(self) -> None:
        """Create the database and its containers where they are not there.

        Only a key may do that: in Azure, where an identity signs in, Bicep has done it.
        """
        client = self._connected()
        with translated("create the database and its containers"):
            with suppress(CosmosResourceExistsError):
                await client.create_database(self._name)
            database = client.get_database_client(self._name)
            for plan in EVERY_CONTAINER:
                with suppress(CosmosResourceExistsError):
                    await database.create_container(
                        plan.name,
                        PartitionKey(plan.partition_key),
                        indexing_policy=dict(plan.indexing_policy()),
                    )

    async def close(self) -> None:
        """Close the client's connections."""
        self._containers.clear()
        if self._client is not None:
            await self._client.close()
            self._client = None
        if self._credential is not None:
            await self._credential.close()
            self._credential = None

    async def _open(self) -> None:
        client = self._connected()
        if self._key:
            await self.ensure()
        database = client.get_database_client(self._name)
        opened = {each.name: database.get_container_client(each.name) for each in EVERY_CONTAINER}
        if self._fill_registers is not None and self.is_local:
            await self._fill_registers(opened[REGISTERS.name])
        self._containers.update(opened)

    def _connected(self) -> CosmosClient:
        if self._client is None:
            # Proxy settings are read for every request, which costs a third of it.
            transport = AioHttpTransport(use_env_settings=not self.is_local, **TIMEOUTS_SECONDS)
            self._client = CosmosClient(
                self._endpoint, self._sign_in(), transport=transport, **CLIENT_OPTIONS
            )
        return self._client

    def _sign_in(self) -> str | Identity:
        if self._key:
            return self._key
        self._credential = sign_in(self._client_id)
        return self._credential
