"""The registers in Cosmos DB, as the samples fill them."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime

import pytest

from localhost.cosmos_gateway.server import Gateway
from shared.adapters.cosmos.client import CosmosDatabase
from shared.adapters.cosmos.containers import REGISTERS
from shared.adapters.cosmos.directories import (
    CosmosMemberDirectory,
    CosmosProviderDirectory,
    CosmosReviewerDirectory,
    Register,
    write_samples,
)
from shared.adapters.memory.clock import SettableClock
from shared.adapters.registers import read_members, read_providers, read_reviewers
from shared.domain.prior_authorization.request import Identifier

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
async def registers(gateway: Gateway) -> AsyncGenerator[Register]:
    opened = CosmosDatabase(
        gateway.endpoint, "careloom", key=gateway.key, fill_registers=write_samples
    )
    yield Register(opened, SettableClock(NOON))
    await opened.close()


async def test_every_sample_member_is_found(registers: Register) -> None:
    directory = CosmosMemberDirectory(registers)
    for entry in read_members():
        assert await directory.find_member(entry.identifier) == entry.membership
    unheard_of = Identifier("https://prior-auth.davinci.hl7.org/MIN", "12345678901")
    assert await directory.find_member(unheard_of) is not None


async def test_a_strange_member_is_nobody(registers: Register) -> None:
    directory = CosmosMemberDirectory(registers)
    assert await directory.find_member(Identifier("", "M-9999")) is None
    assert await directory.find_member(Identifier("", "a/b?c#d")) is None


async def test_every_sample_provider_and_reviewer_is_found(registers: Register) -> None:
    providers = CosmosProviderDirectory(registers)
    for provider in read_providers():
        assert await providers.find_provider(provider.npi) == provider
    assert await providers.find_provider("0") is None
    reviewers = CosmosReviewerDirectory(registers)
    for reviewer in read_reviewers():
        assert await reviewers.find_reviewer(reviewer.reviewer_id) == reviewer
    assert await reviewers.find_reviewer("nobody") is None


async def test_to_fill_again_changes_nothing(registers: Register) -> None:
    container = await registers._database.container(REGISTERS)
    await write_samples(container)
    ids = [each["id"] async for each in container.query_items("SELECT c.id FROM c")]
    values = {entry.identifier.value for entry in read_members()}
    assert len(ids) == len(values) + len(read_providers()) + len(read_reviewers())
