"""The product as its users run it: one local host for all tests that do it no harm."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from localhost.started_host import StartedHost

# Of the samples, and of the requests that the guide and Inferno publish.
INSURERS = "1992999990, 1234567893, 789312, 7893120007"


@contextmanager
def product() -> Iterator[StartedHost]:
    """A running host with the product's own function app, in a folder that goes with it."""
    settings = {"INSURER_IDENTIFIERS": INSURERS}
    with (
        TemporaryDirectory(prefix="careloom-test-") as folder,
        StartedHost(Path(folder), settings=settings) as host,
    ):
        yield host
