"""The stores that keep the promises of the ports, each over what it runs on."""

import pytest

from shared.adapters.cosmos.case_store import CosmosCaseStore
from shared.adapters.cosmos.letter_tray import CosmosLetterTray
from shared.adapters.cosmos.model_store import CosmosModelStore
from shared.adapters.memory.case_store import MemoryCaseStore
from shared.adapters.memory.clock import SettableClock
from shared.adapters.memory.letter_tray import MemoryLetterTray
from shared.adapters.memory.model_store import MemoryModelStore
from shared.ports.case_store import CaseStore
from shared.ports.letter_tray import LetterTray
from shared.ports.model_store import ModelStore
from tests.shared.ports.samples import NOON


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(NOON)


@pytest.fixture(params=["memory", "cosmos"])
def store(request: pytest.FixtureRequest, clock: SettableClock) -> CaseStore:
    if request.param == "memory":
        return MemoryCaseStore(clock)
    return CosmosCaseStore(request.getfixturevalue("database"), clock)


@pytest.fixture(params=["memory", "cosmos"])
def tray(request: pytest.FixtureRequest) -> LetterTray:
    if request.param == "memory":
        return MemoryLetterTray()
    return CosmosLetterTray(request.getfixturevalue("database"))


@pytest.fixture(params=["memory", "cosmos"])
def model_store(request: pytest.FixtureRequest) -> ModelStore:
    if request.param == "memory":
        return MemoryModelStore()
    return CosmosModelStore(request.getfixturevalue("database"))
