"""A provider organisation's wish to hear when a pend ends, and what it then hears."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from shared.contracts.pas.base_structure import check_resource
from shared.contracts.pas.element import Element
from shared.contracts.pas.issues import Findings
from shared.contracts.pas.json_body import read_resource
from shared.contracts.pas.names import TOPIC, V2_0_1
from shared.domain.prior_authorization.request import Identifier

Resource = dict[str, Any]

_BACKPORT = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-"
# The text of PAS 2.2.1 and its Inferno kit say org-identifier, its own example orgIdentifier; the
# kit for 2.0.1 says identifier.
_FILTERS = frozenset({"org-identifier", "orgIdentifier", "identifier"})
_ORGANIZATIONS_MAX = 20
_CONTENTS = frozenset({"full-resource", "id-only"})
_PAYLOADS = frozenset({"application/fhir+json", "application/json"})


class NotificationKind(StrEnum):
    """Why a notification is sent."""

    HANDSHAKE = "handshake"
    HEARTBEAT = "heartbeat"
    EVENT = "event-notification"
    STATUS = "query-status"


@dataclass(frozen=True, slots=True)
class Subscription:
    """Who hears of the end of a pend, and where.

    Attributes:
        organization: whose requests are followed; its system is empty where none was given.
        others: further organisations whose requests are followed too.
        endpoint: the URL that notifications are posted to.
        content_type: of the notifications.
        content: what a notification carries: "full-resource", or "id-only" for its address.
        headers: to send along, as "Name: value".
        ends_at: when the subscription lapses by itself; None for never.
        resource: as received.
    """

    organization: Identifier
    endpoint: str
    content_type: str
    content: str
    headers: tuple[str, ...]
    ends_at: datetime | None
    resource: Resource
    others: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """One message to a subscriber.

    Attributes:
        subscription_url: where the Subscription can be read.
        status: the subscription's: "requested" in a handshake, else "active" as a rule.
        events_so_far: how many events the subscription has had since it began, with this one.
        error: what went wrong the last time; empty for nothing.
    """

    kind: NotificationKind
    subscription_url: str
    status: str
    events_so_far: int
    sent_at: datetime
    error: str = ""


def read_subscription(body: bytes) -> Subscription:
    """The Subscription in the body of a create or an update.

    Raises:
        Malformed: with an issue for each fault found.

    Source:
        Da Vinci PAS, profile subscription: the PAS topic, the organisations of one sender,
        separated by commas, rest-hook, full-resource. Senders of 2.0.1 also ask for id-only and
        then inquire.
    """
    resource = read_resource(body)
    findings = Findings()
    root = Element(resource, "Subscription", findings)
    if root.text("resourceType") != "Subscription":
        findings.error("structure", "The resource must be a Subscription.")
        findings.raise_errors()
    if root.text("status") not in {"requested", "active"}:
        root.error("value", "status must be requested or active.", "status")
    if root.text("criteria").partition("|")[0] != TOPIC:
        root.error("not-supported", "The only topic here is that of PAS.", "criteria")
    organizations = _read_filter(root)
    channel = root.required("channel")
    content = _read_channel(channel) if channel else ""
    ends_at = root.moment("end")
    findings.raise_errors()
    check_resource(resource, "Subscription", findings)
    findings.raise_errors()
    wire = resource["channel"]
    return Subscription(
        organization=organizations[0],
        endpoint=wire["endpoint"],
        content_type=wire.get("payload", "application/fhir+json"),
        content=content,
        headers=tuple(wire.get("header", ())),
        ends_at=ends_at,
        resource=resource,
        others=organizations[1:],
    )


def subscription_resource(
    subscription: Subscription, *, subscription_id: str, status: str, error: str = ""
) -> Resource:
    """The Subscription as the door answers it: with its id and where it stands.

    Args:
        status: requested, active, error or off; error: the last failure, for status error.
    """
    resource = subscription.resource | {"id": subscription_id, "status": status}
    return resource | ({"error": error} if error else {})


def notification_bundle(
    notification: Notification,
    answer: Resource | None = None,
    *,
    version: str = V2_0_1,
    content: str = "full-resource",
) -> Resource:
    """What is posted to the subscriber.

    Args:
        answer: the response bundle of an event, as answer_bundle writes it; None for a handshake
            and a heartbeat.
        version: the PAS version of the request: 2.2.1 carries the response bundle whole, 2.0.1
            its resources one by one.
        content: as the Subscription asked.

    Source:
        Subscriptions R5 Backport 1.1.0, R4 notification; the examples of PAS 2.2.1 and of the
        Inferno kit for 2.0.1.
    """
    entries: list[Resource] = []
    if answer is not None:
        entries = _each_resource(answer) if version == V2_0_1 else [_whole_bundle(answer)]
    if content == "id-only":
        entries = [{k: v for k, v in each.items() if k != "resource"} for each in entries[:1]]
    status = _status_entry(notification, entries) | {
        "request": {"method": "GET", "url": f"{notification.subscription_url}/$status"},
        "response": {"status": "200"},
    }
    return {
        "resourceType": "Bundle",
        "id": str(uuid5(NAMESPACE_URL, f"{status['resource']['id']}/bundle")),
        "meta": {"profile": [_BACKPORT + "subscription-notification-r4"]},
        "type": "history",
        "timestamp": notification.sent_at.isoformat(),
        "entry": [status, *entries],
    }


def status_bundle(notification: Notification) -> Resource:
    """What GET Subscription/{id}/$status answers.

    Source: Subscriptions R5 Backport 1.1.0, operation backport-subscription-status: a searchset.
    """
    entry = _status_entry(notification, []) | {"search": {"mode": "match"}}
    return {"resourceType": "Bundle", "type": "searchset", "total": 1, "entry": [entry]}


def _read_filter(root: Element) -> tuple[Identifier, ...]:
    """The organisations in the filter criteria, in one order however they are listed.

    Each is a value or system|value, and known by its value; the commas between them mean any of
    them.
    """
    criteria = root.child("_criteria")
    url = _BACKPORT + "filter-criteria"
    filters = [each.text("valueString") for each in criteria.extensions(url)] if criteria else []
    place = "criteria.extension"
    if len(filters) != 1:
        root.error("required", "Exactly one filter must name the organisation.", place)
        return ()
    name, _, listed = filters[0].rpartition("?")[2].partition("=")
    named = {each.value: each for each in map(_organization, sorted(listed.split(",")))}
    found = tuple(named.values())
    if name not in _FILTERS or "&" in listed or not all(each.value for each in found):
        details = "The filter must be org-identifier=value, or several values with commas between."
        root.error("not-supported", details, place)
    if len(found) > _ORGANIZATIONS_MAX:
        details = f"A filter must not name more than {_ORGANIZATIONS_MAX} organisations."
        root.error("too-costly", details, place)
    return found


def _organization(text: str) -> Identifier:
    system, _, number = text.rpartition("|")
    return Identifier(system, number)


def _read_channel(channel: Element) -> str:
    """What the notifications are to carry; faults of the channel are noted."""
    if channel.text("type") != "rest-hook":
        channel.error("not-supported", "The channel's type must be rest-hook.", "type")
    if not channel.text("endpoint").startswith(("https://", "http://")):
        channel.error("value", "endpoint must be an http URL.", "endpoint")
    if channel.text("payload") not in {"", *_PAYLOADS}:
        channel.error("not-supported", "payload must be application/fhir+json.", "payload")
    payload = channel.child("_payload")
    url = _BACKPORT + "payload-content"
    contents = [each.text("valueCode") for each in payload.extensions(url)] if payload else []
    if len(contents) != 1 or contents[0] not in _CONTENTS:
        details = "The payload's content must be full-resource or id-only."
        channel.error("not-supported", details, "payload")
        return ""
    return contents[0]


def _status_entry(notification: Notification, entries: list[Resource]) -> Resource:
    sent_at = notification.sent_at.isoformat()
    name = f"{notification.subscription_url}/{notification.kind}/{sent_at}"
    status_id = str(uuid5(NAMESPACE_URL, name))
    return {
        "fullUrl": f"urn:uuid:{status_id}",
        "resource": _status(notification, status_id, entries),
    }


def _status(notification: Notification, status_id: str, entries: list[Resource]) -> Resource:
    """The first entry: which subscription, why, and how many events there were."""
    parameters: list[Resource] = [
        {"name": "subscription", "valueReference": {"reference": notification.subscription_url}},
        {"name": "topic", "valueCanonical": TOPIC},
        {"name": "status", "valueCode": notification.status},
        {"name": "type", "valueCode": notification.kind.value},
        {
            "name": "events-since-subscription-start",
            "valueString": str(notification.events_so_far),
        },
    ]
    if notification.error:
        parameters.append({"name": "error", "valueCodeableConcept": {"text": notification.error}})
    if entries:
        focus, *context = [{"reference": each["fullUrl"]} for each in entries]
        parts: list[Resource] = [
            {"name": "event-number", "valueString": str(notification.events_so_far)},
            {"name": "timestamp", "valueInstant": notification.sent_at.isoformat()},
            {"name": "focus", "valueReference": focus},
            *({"name": "additional-context", "valueReference": each} for each in context),
        ]
        parameters.append({"name": "notification-event", "part": parts})
    return {
        "resourceType": "Parameters",
        "id": status_id,
        "meta": {"profile": [_BACKPORT + "subscription-status-r4"]},
        "parameter": parameters,
    }


def _whole_bundle(answer: Resource) -> Resource:
    return {
        "fullUrl": f"urn:uuid:{answer['id']}",
        "resource": answer,
        "request": {"method": "POST", "url": "Bundle"},
        "response": {"status": "201"},
    }


def _each_resource(answer: Resource) -> list[Resource]:
    return [
        entry
        | {
            "request": {"method": "POST", "url": entry["resource"]["resourceType"]},
            "response": {"status": "201"},
        }
        for entry in answer["entry"]
    ]
