"""The stores that keep the promises of the ports, each over what it runs on."""

import pytest

from shared.adapters.memory.case_store import MemoryCaseStore
from shared.adapters.memory.clock import SettableClock
from shared.ports.case_store import CaseStore
from tests.shared.ports.samples import NOON


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(NOON)


@pytest.fixture
def store(clock: SettableClock) -> CaseStore:
    return MemoryCaseStore(clock)
