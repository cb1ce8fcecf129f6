"""The one Cosmos DB client of a process, built when it is first needed."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from azure.cosmos import PartitionKey
from azure.cosmos.aio import ContainerProxy, CosmosClient
from azure.cosmos.exceptions import CosmosResourceExistsError
from azure.identity.aio import DefaultAzureCredential, ManagedIdentityCredential

from shared.adapters.cosmos.containers import EVERY_CONTAINER, ContainerPlan
from shared.adapters.cosmos.failures import translated

# Together they bound how long a call may take before the story's own retry policy decides.
CLIENT_OPTIONS: Mapping[str, Any] = {
    "connection_timeout": 5,
    "read_timeout": 10,
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
    """

    def __init__(self, endpoint: str, name: str, *, key: str = "", client_id: str = "") -> None:
        self._endpoint = endpoint
        self._name = name
        self._key = key
        self._client_id = client_id
        self._client: CosmosClient | None = None
        self._credential: DefaultAzureCredential | ManagedIdentityCredential | None = None
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
        for plan in EVERY_CONTAINER:
            self._containers[plan.name] = database.get_container_client(plan.name)

    def _connected(self) -> CosmosClient:
        if self._client is None:
            self._client = CosmosClient(self._endpoint, self._sign_in(), **CLIENT_OPTIONS)
        return self._client

    def _sign_in(self) -> str | DefaultAzureCredential | ManagedIdentityCredential:
        if self._key:
            return self._key
        if self._client_id:
            self._credential = ManagedIdentityCredential(client_id=self._client_id)
        else:
            self._credential = DefaultAzureCredential()
        return self._credential
