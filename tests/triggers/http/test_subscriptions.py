import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from localhost.started_host import StartedHost
from shared.contracts.pas import validate_response
from tests.triggers.inquiring import of_member
from tests.triggers.sending import actions, case_of, eventually, fixture, submit
from tests.triggers.subscriber import Subscriber, subscriber, subscription_for

SUBSCRIPTION = "/api/fhir/Subscription"
SURGEON = "1245319599"
PHYSICIAN = "dr-chen"


@pytest.fixture
def listening(careloom: StartedHost) -> Iterator[Subscriber]:
    """A surgeon's practice that has subscribed, and been greeted."""
    with subscriber() as endpoint:
        subscription_id = _subscribe(careloom, endpoint)
        eventually(lambda: _read(careloom, subscription_id)["status"] == "active")
        yield endpoint
        _ask(careloom, "DELETE", f"{SUBSCRIPTION}/{subscription_id}")


def _subscribe(host: StartedHost, endpoint: Subscriber) -> str:
    answer = host.post(SUBSCRIPTION, subscription_for(SURGEON, endpoint.url))
    assert answer.status == 201, answer.body
    subscription_id: str = answer.body["id"]
    return subscription_id


def _read(host: StartedHost, subscription_id: str) -> dict[str, Any]:
    answer = host.get(f"{SUBSCRIPTION}/{subscription_id}")
    assert answer.status == 200, answer.body
    body: dict[str, Any] = answer.body
    return body


def _ask(host: StartedHost, method: str, path: str, **headers: str) -> tuple[int, bytes]:
    request = urllib.request.Request(host.url + path, method=method, headers=headers)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - our own host
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def _said(status: dict[str, Any], name: str) -> str:
    [parameter] = [each for each in status["parameter"] if each["name"] == name]
    value: str = parameter["valueString"]
    return value


def _pended(host: StartedHost) -> str:
    case_id: str = submit(host, of_member("surgery-with-review", "M-1005")).headers[
        "x-careloom-case-id"
    ]
    return case_id


def _act(host: StartedHost, case_id: str, action: str, body: dict[str, Any]) -> None:
    task_id = case_of(host, case_id)["review"]["taskId"]
    answer = host.post(f"/api/tasks/{task_id}/{action}", body, user=PHYSICIAN)
    assert answer.status == 200, answer.body


def _fate(host: StartedHost, case_id: str) -> str:
    notices = case_of(host, case_id)["notices"]
    fates = [each["status"] for each in notices if each["channel"] == "subscription"]
    return str(fates[-1]) if fates else ""


APPROVED = {"decisions": [{"sequence": 1, "action": "A1"}]}


def test_a_subscription_is_greeted_and_then_active(
    careloom: StartedHost, listening: Subscriber
) -> None:
    assert listening.kinds() == ["handshake"]
    again = _read(careloom, _subscribe(careloom, listening))
    assert again["resourceType"] == "Subscription"
    assert "of-theirs" not in json.dumps(again)


def test_the_end_of_a_pend_is_notified_with_the_answer(
    careloom: StartedHost, listening: Subscriber
) -> None:
    case_id = _pended(careloom)
    assert listening.events() == []
    _act(careloom, case_id, "complete", APPROVED)
    [notification] = eventually(listening.events)
    assert notification["type"] == "history"
    [answer] = [
        entry["resource"]
        for entry in notification["entry"]
        if entry["resource"]["resourceType"] == "Bundle"
    ]
    assert validate_response(answer, version="2.2.1") == []
    assert actions(answer["entry"][0]["resource"]) == {1: "A1"}
    eventually(lambda: _fate(careloom, case_id) == "delivered")
    assert len(listening.events()) == 1
    first = notification["entry"][0]
    status = careloom.get(first["request"]["url"].removeprefix(careloom.url))
    assert status.status == 200, status.body
    [now] = status.body["entry"]
    assert _said(now["resource"], "events-since-subscription-start") == _said(
        first["resource"], "events-since-subscription-start"
    )


def test_an_answer_given_at_once_is_not_notified_again(
    careloom: StartedHost, listening: Subscriber
) -> None:
    bundle = of_member("several-items", "M-1005")
    bundle["entry"][0]["resource"]["item"] = bundle["entry"][0]["resource"]["item"][:1]
    answer = submit(careloom, bundle)
    case_id = answer.headers["x-careloom-case-id"]
    assert actions(answer.body["entry"][0]["resource"]) == {1: "A1"}
    eventually(lambda: case_of(careloom, case_id)["stage"] == "notified")
    assert listening.events() == []


def test_a_request_for_information_is_notified_with_its_task(
    careloom: StartedHost, listening: Subscriber
) -> None:
    case_id = _pended(careloom)
    _act(careloom, case_id, "request-information", {"kinds": ["18748-4"]})
    [notification] = eventually(listening.events)
    assert f"{case_id}-q1" in json.dumps(notification)


def test_a_subscription_for_several_organisations_hears_of_each(careloom: StartedHost) -> None:
    with subscriber() as endpoint:
        wanted = subscription_for(f"{SURGEON},1003000126", endpoint.url)
        made = careloom.post(SUBSCRIPTION, wanted)
        assert made.status == 201, made.body
        path = f"{SUBSCRIPTION}/{made.body['id']}"
        eventually(lambda: careloom.get(path).body["status"] == "active")
        _act(careloom, _pended(careloom), "complete", APPROVED)
        eventually(endpoint.events)
        assert endpoint.kinds().count("handshake") == 1
        assert _ask(careloom, "DELETE", path)[0] == 204


def test_an_endpoint_that_fails_is_left_to_the_sweep(
    careloom: StartedHost, listening: Subscriber
) -> None:
    listening.failures = 1
    case_id = _pended(careloom)
    _act(careloom, case_id, "complete", APPROVED)
    eventually(lambda: case_of(careloom, case_id)["stage"] == "notified")
    assert _fate(careloom, case_id) == "waiting"
    assert len(listening.events()) == 1


def test_an_endpoint_that_hangs_holds_up_nobody(
    careloom: StartedHost, listening: Subscriber
) -> None:
    listening.hangs = True
    case_id = _pended(careloom)
    _act(careloom, case_id, "complete", APPROVED)
    eventually(lambda: case_of(careloom, case_id)["stage"] == "notified", within_seconds=30)
    fates = {each["channel"]: each["status"] for each in case_of(careloom, case_id)["notices"]}
    assert fates.pop("subscription") == "waiting"
    assert set(fates.values()) == {"delivered"}


def test_without_a_subscription_the_notice_is_undeliverable(careloom: StartedHost) -> None:
    case_id = _pended(careloom)
    _act(careloom, case_id, "complete", APPROVED)
    assert eventually(lambda: _fate(careloom, case_id)) == "undeliverable"


def test_a_second_subscription_takes_the_place_of_the_first(
    careloom: StartedHost, listening: Subscriber
) -> None:
    first = _subscribe(careloom, listening)
    with subscriber() as other:
        assert _subscribe(careloom, other) == first
        eventually(lambda: other.kinds() == ["handshake"])
        eventually(lambda: _read(careloom, first)["status"] == "active")
        _act(careloom, _pended(careloom), "complete", APPROVED)
        eventually(other.events)
        assert listening.events() == []


def test_a_deleted_subscription_is_gone(careloom: StartedHost) -> None:
    with subscriber() as endpoint:
        subscription_id = _subscribe(careloom, endpoint)
    path = f"{SUBSCRIPTION}/{subscription_id}"
    assert _ask(careloom, "DELETE", path)[0] == 204
    assert _ask(careloom, "GET", path)[0] == 404
    assert _ask(careloom, "GET", f"{path}/$status")[0] == 404
    assert _ask(careloom, "DELETE", path)[0] == 204


@pytest.mark.parametrize("endpoint", ["https://10.0.0.1/x", "ftp://hooks.example/", "http://db/x"])
def test_an_endpoint_in_our_own_network_is_refused(careloom: StartedHost, endpoint: str) -> None:
    answer = careloom.post(SUBSCRIPTION, subscription_for("1003000126", endpoint))
    assert answer.status == 400
    assert "endpoint" in json.dumps(answer.body)


@pytest.mark.parametrize(
    "name",
    [
        "pas-2.2.1/Subscription-PASSubscriptionExample.json",
        "inferno-pas/PAS_Subscription_example_full_resource.json",
        "inferno-pas/PAS_Subscription_example_id_only.json",
    ],
)
def test_a_published_subscription_is_taken(careloom: StartedHost, name: str) -> None:
    sent = fixture(name)
    sent["channel"]["endpoint"] = "http://127.0.0.1:9/closed"
    answer = careloom.post(SUBSCRIPTION, sent)
    assert answer.status == 201, answer.body
    path = f"{SUBSCRIPTION}/{answer.body['id']}"
    eventually(lambda: careloom.get(path).body["status"] == "error")
    assert _ask(careloom, "DELETE", path)[0] == 204


def test_who_prefers_little_gets_little(careloom: StartedHost) -> None:
    body = json.dumps(subscription_for("1003000126", "http://127.0.0.1:9/x")).encode()
    headers = {"content-type": "application/fhir+json", "prefer": "return=minimal"}
    request = urllib.request.Request(careloom.url + SUBSCRIPTION, body, headers)  # noqa: S310
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - our own host
        assert (answer.status, answer.read()) == (201, b"")
        assert answer.headers["preference-applied"] == "return=minimal"
        location = answer.headers["location"]
    assert _ask(careloom, "DELETE", location.removeprefix(careloom.url))[0] == 204


def test_another_organisations_subscription_is_not_put_in_place(careloom: StartedHost) -> None:
    with subscriber() as endpoint:
        subscription_id = _subscribe(careloom, endpoint)
        body = json.dumps(subscription_for("1003000126", endpoint.url)).encode()
        path = f"{careloom.url}{SUBSCRIPTION}/{subscription_id}"
        request = urllib.request.Request(path, body, method="PUT")  # noqa: S310
        request.add_header("content-type", "application/fhir+json")
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=30)  # noqa: S310
        refused.value.close()
        assert refused.value.code == 404
    assert _ask(careloom, "DELETE", f"{SUBSCRIPTION}/{subscription_id}")[0] == 204
