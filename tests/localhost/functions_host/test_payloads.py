from http.cookies import SimpleCookie
from types import SimpleNamespace
from typing import Any

import pytest

from localhost.functions_host.invocations import Kind
from localhost.functions_host.payloads import decode, encode


class FakeDatum(SimpleNamespace):
    """What the runtime calls a Datum: a value and its type."""

    def __init__(self, value: Any, datum_type: str | None) -> None:
        super().__init__(value=value, type=datum_type)


@pytest.mark.parametrize(
    ("kind", "payload", "expected"),
    [
        (Kind.ACTIVITY, "1", ("1", "json")),
        (Kind.TIMER, "{}", ("{}", "json")),
        (Kind.EVENT, b"a", (b"a", "bytes")),
        (Kind.ORCHESTRATION, b"\x00\xff", ("AP8=", "string")),
        (Kind.ENTITY, b"\x00\xff", ("AP8=", "string")),
    ],
)
def test_each_kind_has_its_own_form(kind: str, payload: Any, expected: tuple[Any, str]) -> None:
    datum = encode(FakeDatum, kind, payload)

    assert (datum.value, datum.type) == expected


def test_a_batch_is_a_collection_of_bodies() -> None:
    datum = encode(FakeDatum, Kind.EVENTS, [b"a", b"b"])

    assert (datum.type, datum.value.bytes) == ("collection_bytes", [b"a", b"b"])


def test_a_request_is_made_of_its_parts() -> None:
    datum = encode(FakeDatum, Kind.HTTP, ("GET", "http://x", {"h": "1"}, {"p": "2"}, {}, b"body"))

    assert datum.type == "http"
    assert datum.value["method"].value == "GET"
    assert datum.value["headers"]["h"].value == "1"
    assert datum.value["params"]["p"].value == "2"
    assert datum.value["body"] == FakeDatum(b"body", "bytes")


def test_a_response_keeps_its_status_headers_and_cookies() -> None:
    result = FakeDatum(
        {
            "status_code": FakeDatum("201", "string"),
            "headers": {"X-One": FakeDatum("1", "string")},
            "cookies": [SimpleCookie("a=1; Path=/")],
            "body": FakeDatum(b"body", "bytes"),
        },
        "http",
    )

    assert decode(Kind.HTTP, result) == (
        201,
        [("X-One", "1"), ("set-cookie", "a=1; Path=/")],
        b"body",
    )


def test_text_is_answered_as_text() -> None:
    status, headers, body = decode(Kind.HTTP, FakeDatum("é", "string"))

    assert (status, body) == (200, "é".encode())
    assert dict(headers)["content-type"].startswith("text/plain")


@pytest.mark.parametrize(
    ("kind", "result", "expected"),
    [
        (Kind.ACTIVITY, FakeDatum("42", "json"), "42"),
        (Kind.ORCHESTRATION, FakeDatum("AP8=", "string"), b"\x00\xff"),
        (Kind.TIMER, FakeDatum("ignored", "string"), None),
        (Kind.ACTIVITY, None, None),
        (Kind.ACTIVITY, FakeDatum(None, None), None),
    ],
)
def test_an_answer_is_read_by_its_kind(kind: str, result: Any, expected: Any) -> None:
    assert decode(kind, result) == expected
