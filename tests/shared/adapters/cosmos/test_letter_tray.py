"""The tray in Cosmos DB under trouble; its meaning is tested with the port."""

import pytest

from localhost.cosmos_gateway.server import Gateway
from shared.adapters.cosmos.client import CosmosDatabase
from shared.adapters.cosmos.letter_tray import CosmosLetterTray
from shared.errors import TransientError
from tests.shared.ports.test_letter_tray import LETTER


async def test_letters_outlast_the_client(gateway: Gateway, database: CosmosDatabase) -> None:
    await CosmosLetterTray(database).put(LETTER)
    again = CosmosDatabase(gateway.endpoint, "careloom", key=gateway.key)
    assert await CosmosLetterTray(again).letters_of(LETTER.case_id) == (LETTER,)
    await again.close()


async def test_a_tray_out_of_reach_is_transient(gateway: Gateway, database: CosmosDatabase) -> None:
    tray = CosmosLetterTray(database)
    await tray.letters_of(LETTER.case_id)
    gateway.faults.unavailable(100)
    with pytest.raises(TransientError, match="case-1"):
        await tray.put(LETTER)
    gateway.faults.clear()
    await tray.put(LETTER)
    assert await tray.letters_of(LETTER.case_id) == (LETTER,)
