import urllib.error
import urllib.request

import pytest

from localhost.started_host import StartedHost
from tests.triggers.sending import SUBMIT


def test_the_capability_statement_names_what_is_served(careloom: StartedHost) -> None:
    answer = careloom.get("/api/fhir/metadata")
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("application/fhir+json")
    assert answer.body["resourceType"] == "CapabilityStatement"
    assert answer.body["implementation"]["url"] == f"{careloom.url}/api/fhir"
    [rest] = answer.body["rest"]
    served = {each["type"]: each for each in rest["resource"]}
    assert {each["name"] for each in served["Claim"]["operation"]} == {"submit", "inquire"}
    assert {each["code"] for each in served["Subscription"]["interaction"]} == {
        "create",
        "read",
        "update",
        "delete",
    }


def _status(host: StartedHost, body: bytes | None, path: str, **headers: str) -> int:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(host.url + path, body, named)  # noqa: S310 - our own host
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            is_outcome = b"OperationOutcome" in error.read()
        return error.code if is_outcome else 0


@pytest.mark.parametrize("sent", ["text/xml", "application/fhir+xml", "text/plain"])
def test_a_body_that_is_not_json_is_an_unsupported_type(careloom: StartedHost, sent: str) -> None:
    assert _status(careloom, b"<Bundle/>", SUBMIT, content_type=sent) == 415


@pytest.mark.parametrize("sent", ["application/fhir+json; charset=utf-8", "application/json"])
def test_json_of_either_name_is_read(careloom: StartedHost, sent: str) -> None:
    assert _status(careloom, b"{}", SUBMIT, content_type=sent) == 400


def test_an_answer_in_xml_is_not_given(careloom: StartedHost) -> None:
    metadata = "/api/fhir/metadata"
    assert _status(careloom, None, metadata, accept="application/fhir+xml") == 406
    assert _status(careloom, None, metadata, accept="application/fhir+json") == 200
    assert _status(careloom, None, metadata, accept="text/html, */*;q=0.1") == 200
