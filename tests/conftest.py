"""What all tests may ask for."""

from collections.abc import Iterator

import pytest

from localhost.started_host import StartedHost
from tests.running import product


@pytest.fixture(scope="session")
def careloom() -> Iterator[StartedHost]:
    """The product, running; every test uses cases of its own."""
    with product() as host:
        yield host
