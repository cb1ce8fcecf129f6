"""The product as its users run it: one local host for all tests that do it no harm."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from localhost.started_host import StartedHost


@contextmanager
def product() -> Iterator[StartedHost]:
    """A running host with the product's own function app, in a folder that goes with it."""
    with TemporaryDirectory(prefix="careloom-test-") as folder, StartedHost(Path(folder)) as host:
        yield host
