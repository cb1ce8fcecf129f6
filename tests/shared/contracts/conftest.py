"""Requests to read: our own samples, and the guide's and Inferno's where they are at hand."""

import copy
import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from samples.catalogue import samples

Resource = dict[str, Any]
Change = Callable[[Resource], object]

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
ROOT = Path(__file__).parents[3]
DATA = ROOT / os.environ.get("CONFORMANCE_DATA", "../shared/data") / "fhir"


@pytest.fixture
def noon() -> datetime:
    return NOON


@pytest.fixture
def published() -> Callable[[str], bytes]:
    """Reads a file of the conformance data."""

    def read(name: str) -> bytes:
        path = DATA / name
        if not path.is_file():
            pytest.skip(f"the conformance data is not here: set CONFORMANCE_DATA ({name})")
        return path.read_bytes()

    return read


@pytest.fixture
def sample() -> Callable[..., Resource]:
    """Makes one of our samples, changed as the test says."""

    def make(name: str = "several-items", *changes: Change) -> Resource:
        bundle = copy.deepcopy(samples()[name])
        for change in changes:
            change(bundle)
        return bundle

    return make


@pytest.fixture
def body(sample: Callable[..., Resource]) -> Callable[..., bytes]:
    """Makes the body of a request from one of our samples."""

    def make(name: str = "several-items", *changes: Change) -> bytes:
        return json.dumps(sample(name, *changes)).encode()

    return make
