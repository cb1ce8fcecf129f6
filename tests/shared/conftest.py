"""A Cosmos DB to test against: our own gateway, over a file that the test leaves behind."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from localhost.cosmos_gateway.server import Gateway, serve
from shared.adapters.cosmos.client import CosmosDatabase


@pytest.fixture
async def gateway(tmp_path: Path) -> AsyncGenerator[Gateway]:
    running = await serve(tmp_path / "cosmos.db")
    yield running
    await running.stop()


@pytest.fixture
async def database(gateway: Gateway) -> AsyncGenerator[CosmosDatabase]:
    opened = CosmosDatabase(gateway.endpoint, "careloom", key=gateway.key)
    yield opened
    await opened.close()
