import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle

from shared.contracts.pas import (
    Malformed,
    Notification,
    NotificationKind,
    answer_bundle,
    notification_bundle,
    read_submit,
    read_subscription,
    status_bundle,
    subscription_resource,
)
from shared.domain.prior_authorization.request import Identifier

type Published = Callable[[str], bytes]
type Body = Callable[..., bytes]
type Resource = dict[str, Any]

BACKPORT = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-"
TOPIC = "http://hl7.org/fhir/us/davinci-pas/SubscriptionTopic/PASSubscriptionTopic"
URL = "https://payer.example/fhir/Subscription/s1"


def subscription(**changes: Any) -> bytes:
    resource: Resource = {
        "resourceType": "Subscription",
        "status": "requested",
        "reason": "Decisions for our requests",
        "criteria": TOPIC,
        "_criteria": {
            "extension": [
                {
                    "url": BACKPORT + "filter-criteria",
                    "valueString": "orgIdentifier=urn:a|1992000019",
                }
            ]
        },
        "channel": {
            "type": "rest-hook",
            "endpoint": "https://provider.example/hook",
            "payload": "application/fhir+json",
            "_payload": {
                "extension": [{"url": BACKPORT + "payload-content", "valueCode": "full-resource"}]
            },
            "header": ["X-Key: 1"],
        },
    }
    resource |= changes
    return json.dumps(resource).encode()


def channel(**changes: Any) -> Resource:
    found: Resource = json.loads(subscription())["channel"]
    return found | changes


def notification(kind: NotificationKind, at: datetime, events: int = 0) -> Notification:
    return Notification(
        kind=kind, subscription_url=URL, status="active", events_so_far=events, sent_at=at
    )


def parameters_of(bundle: Resource) -> dict[str, Resource]:
    status = bundle["entry"][0]["resource"]
    return {each["name"]: each for each in status["parameter"]}


@pytest.mark.parametrize(
    ("name", "organization", "content"),
    [
        ("pas-2.2.1/Subscription-PASSubscriptionExample.json", "1234567893", "full-resource"),
        ("inferno-pas/PAS_Subscription_example_full_resource.json", "8189991234", "full-resource"),
        ("inferno-pas/PAS_Subscription_example_id_only.json", "8189991234", "id-only"),
    ],
)
def test_a_published_subscription_is_accepted(
    published: Published, name: str, organization: str, content: str
) -> None:
    wish = read_subscription(published(name))

    assert wish.organization == Identifier("", organization)
    assert wish.content == content


def test_a_subscription_says_who_where_and_how() -> None:
    wish = read_subscription(subscription(end="2027-01-01T00:00:00Z"))

    assert wish.organization == Identifier("urn:a", "1992000019")
    assert wish.endpoint == "https://provider.example/hook"
    assert wish.headers == ("X-Key: 1",)
    assert wish.ends_at is not None


def test_infernos_subscription_for_2_2_1_is_accepted() -> None:
    wish = read_subscription(subscription(_criteria=filters("org-identifier=8189991234")))

    assert (wish.organization, wish.others) == (Identifier("", "8189991234"), ())


@pytest.mark.parametrize("listed", ["N123456,urn:a|45433", "urn:a|45433,N123456,N123456"])
def test_commas_name_several_organisations(listed: str) -> None:
    wish = read_subscription(subscription(_criteria=filters(f"org-identifier={listed}")))

    assert wish.organization == Identifier("", "N123456")
    assert wish.others == (Identifier("urn:a", "45433"),)


def test_one_organisation_that_is_named_twice_is_one() -> None:
    listed = "org-identifier=45433,urn:a|45433"
    wish = read_subscription(subscription(_criteria=filters(listed)))

    assert (wish.organization, wish.others) == (Identifier("urn:a", "45433"), ())


def filters(*texts: str) -> Resource:
    return {
        "extension": [{"url": BACKPORT + "filter-criteria", "valueString": text} for text in texts]
    }


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"resourceType": "Patient"}, ""),
        ({"status": "off"}, "status"),
        ({"criteria": "Patient?"}, "criteria"),
        ({"_criteria": filters()}, "criteria"),
        ({"_criteria": filters("orgIdentifier=1", "orgIdentifier=2")}, "criteria"),
        ({"_criteria": filters("patient=1")}, "criteria"),
        ({"_criteria": filters("orgIdentifier=")}, "criteria"),
        ({"_criteria": filters("org-identifier=1,")}, "criteria"),
        ({"_criteria": filters("org-identifier=" + ",".join("123456789abcdefghijkl"))}, "criteria"),
        ({"channel": channel(type="email")}, "channel.type"),
        ({"channel": channel(endpoint="file:///etc")}, "channel.endpoint"),
        ({"channel": channel(payload="text/plain")}, "channel.payload"),
        ({"channel": channel(_payload={"id": "x"})}, "channel.payload"),
        ({"channel": channel(colour="blue")}, "channel.colour"),
        ({"end": "soon"}, "end"),
    ],
)
def test_what_cannot_be_subscribed_is_refused(changes: Resource, place: str) -> None:
    with pytest.raises(Malformed) as caught:
        read_subscription(subscription(**changes))

    assert any(place in issue.expression for issue in caught.value.issues), caught.value.issues


def test_the_door_answers_the_subscription_with_its_id() -> None:
    wish = read_subscription(subscription())

    resource = subscription_resource(wish, subscription_id="s1", status="error", error="410")

    assert (resource["id"], resource["status"], resource["error"]) == ("s1", "error", "410")
    assert resource["channel"] == wish.resource["channel"]


@pytest.mark.parametrize("kind", [NotificationKind.HANDSHAKE, NotificationKind.HEARTBEAT])
def test_a_handshake_and_a_heartbeat_carry_no_event(noon: datetime, kind: NotificationKind) -> None:
    bundle = notification_bundle(notification(kind, noon))

    Bundle.model_validate(bundle)
    (entry,) = bundle["entry"]
    assert bundle["type"] == "history"
    assert entry["request"] == {"method": "GET", "url": f"{URL}/$status"}
    parameters = parameters_of(bundle)
    assert parameters["type"]["valueCode"] == kind
    assert parameters["events-since-subscription-start"]["valueString"] == "0"
    assert "notification-event" not in parameters


def test_the_status_is_a_searchset_with_what_went_wrong_last(noon: datetime) -> None:
    asked = notification(NotificationKind.STATUS, noon, events=3)

    bundle = status_bundle(replace(asked, error="410"))

    Bundle.model_validate(bundle)
    parameters = parameters_of(bundle)
    assert bundle["type"] == "searchset"
    assert parameters["type"]["valueCode"] == "query-status"
    assert parameters["subscription"]["valueReference"] == {"reference": URL}
    assert parameters["status"]["valueCode"] == "active"
    assert parameters["events-since-subscription-start"]["valueString"] == "3"
    assert parameters["error"]["valueCodeableConcept"] == {"text": "410"}
    assert "error" not in parameters_of(status_bundle(asked))


def answer(body: Body, noon: datetime) -> Resource:
    submission = read_submit(body("home-care"))
    return answer_bundle(
        submission.bundle, submission.request, [], case_id="pa-1", answered_at=noon
    )


def test_an_event_carries_the_whole_answer_in_2_2_1(body: Body, noon: datetime) -> None:
    decision = answer(body, noon)

    bundle = notification_bundle(
        notification(NotificationKind.EVENT, noon, events=3), decision, version="2.2.1"
    )

    Bundle.model_validate(bundle)
    _, event = bundle["entry"]
    assert event["resource"] == decision
    parts = {each["name"]: each for each in parameters_of(bundle)["notification-event"]["part"]}
    assert parts["event-number"]["valueString"] == "3"
    assert parts["focus"]["valueReference"]["reference"] == event["fullUrl"]


def test_an_event_carries_each_resource_in_2_0_1(body: Body, noon: datetime) -> None:
    decision = answer(body, noon)

    bundle = notification_bundle(notification(NotificationKind.EVENT, noon, events=1), decision)

    Bundle.model_validate(bundle)
    assert [each["fullUrl"] for each in bundle["entry"][1:]] == [
        each["fullUrl"] for each in decision["entry"]
    ]
    parts = parameters_of(bundle)["notification-event"]["part"]
    focus = next(each for each in parts if each["name"] == "focus")
    assert focus["valueReference"]["reference"] == decision["entry"][0]["fullUrl"]
    context = [each for each in parts if each["name"] == "additional-context"]
    assert len(context) == len(decision["entry"]) - 1
    assert {each["response"]["status"] for each in bundle["entry"][1:]} == {"201"}


def test_an_event_by_id_only_carries_no_resource(body: Body, noon: datetime) -> None:
    bundle = notification_bundle(
        notification(NotificationKind.EVENT, noon, events=1), answer(body, noon), content="id-only"
    )

    _, event = bundle["entry"]
    assert set(event) == {"fullUrl", "request", "response"}
