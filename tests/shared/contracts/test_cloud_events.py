import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.cloud_events import SUBMITTED, read_cloud_event
from shared.contracts.pas import BODY_BYTES_MAX
from shared.errors import ContractError

GOOD: dict[str, Any] = {
    "specversion": "1.0",
    "id": "e-1",
    "source": "/clinic",
    "type": SUBMITTED,
    "data": {"resourceType": "Bundle"},
}


def test_an_event_is_read() -> None:
    event = read_cloud_event(json.dumps(GOOD).encode())
    assert (event.event_id, event.source, event.data) == ("e-1", "/clinic", GOOD["data"])


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"specversion": "0.3"}, "/specversion"),
        ({"id": ""}, "/id"),
        ({"source": 7}, "/source"),
        ({"type": "org.example.other"}, "/type"),
        ({"data": "text"}, "/data"),
    ],
)
def test_an_event_that_breaks_its_contract_says_where(changed: dict[str, Any], where: str) -> None:
    with pytest.raises(ContractError) as refused:
        read_cloud_event(json.dumps(GOOD | changed).encode())
    assert refused.value.where == where


@pytest.mark.parametrize("body", [b"", b"\xff", b"[]", b"{", b"[" * 100_000])
def test_what_is_no_event_is_refused(body: bytes) -> None:
    with pytest.raises(ContractError):
        read_cloud_event(body)


def test_an_event_too_large_is_refused_unread() -> None:
    with pytest.raises(ContractError, match="longer"):
        read_cloud_event(b"x" * (BODY_BYTES_MAX + 1))


@given(st.binary(max_size=200))
def test_no_bytes_make_it_fail_otherwise(body: bytes) -> None:
    with pytest.raises(ContractError):
        read_cloud_event(body)
