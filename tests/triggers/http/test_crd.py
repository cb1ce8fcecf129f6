import time
from typing import Any
from uuid import uuid4

import pytest

from localhost.started_host import Answer, StartedHost
from shared.contracts.crd import HOOKS
from tests.triggers.inquiring import of_member
from tests.triggers.sending import case_of, fixture, submit

CPT = "http://www.ama-assn.org/go/cpt"
INFORMATION = "http://hl7.org/fhir/us/davinci-crd/StructureDefinition/ext-coverage-information"


def _sign(host: StartedHost, *codes: str, member: str = "M-1002", system: str = CPT) -> Answer:
    orders = [
        {
            "resource": {
                "resourceType": "ServiceRequest",
                "id": f"order-{number}",
                "status": "draft",
                "intent": "order",
                "subject": {"reference": "Patient/p"},
                "code": {"coding": [{"system": system, "code": code}]},
            }
        }
        for number, code in enumerate(codes, 1)
    ]
    coverage = {
        "resourceType": "Coverage",
        "id": "c",
        "status": "active",
        "subscriberId": member,
        "beneficiary": {"reference": "Patient/p"},
        "payor": [{"display": "the payer"}],
    }
    return host.post(
        "/cds-services/order-sign",
        {
            "hook": "order-sign",
            "hookInstance": str(uuid4()),
            "context": {
                "userId": "Practitioner/dr",
                "patientId": "p",
                "draftOrders": {"resourceType": "Bundle", "entry": orders},
            },
            "prefetch": {"coverage": coverage},
        },
    )


def _said(answer: Answer) -> list[dict[str, list[Any]]]:
    """What each order was told, by the part's name."""
    assert answer.status == 200, answer.body
    told = []
    for action in answer.body["systemActions"]:
        [information] = [
            each for each in action["resource"]["extension"] if each["url"] == INFORMATION
        ]
        parts: dict[str, list[Any]] = {}
        for part in information["extension"]:
            [value] = [value for name, value in part.items() if name != "url"]
            parts.setdefault(part["url"], []).append(value)
        told.append(parts)
    return told


def test_the_services_are_discovered(careloom: StartedHost) -> None:
    answer = careloom.get("/cds-services")
    assert answer.status == 200
    assert {service["hook"] for service in answer.body["services"]} == set(HOOKS)


def test_each_order_is_told_what_the_tables_will_say(careloom: StartedHost) -> None:
    visit, surgery, consultation = _said(_sign(careloom, "99213", "27447", "99243"))
    assert visit["pa-needed"] == ["no-auth"]
    assert surgery["pa-needed"] == ["auth-needed"]
    assert surgery["doc-needed"] == ["clinical"]
    assert surgery["doc-purpose"] == ["withpa"]
    assert consultation["pa-needed"] == ["auth-needed"]
    assert "doc-needed" not in consultation


def test_where_a_gold_card_would_free_it_the_answer_depends_on_the_performer(
    careloom: StartedHost,
) -> None:
    [imaging] = _said(_sign(careloom, "72148"))
    assert imaging["pa-needed"] == ["conditional"]
    assert imaging["info-needed"] == ["performer"]


def test_an_order_without_a_billing_code_asks_for_one(careloom: StartedHost) -> None:
    [order] = _said(_sign(careloom, "40617009", system="http://snomed.info/sct"))
    assert order["pa-needed"] == ["conditional"]
    assert order["info-needed"] == ["detail-code"]


def test_an_authorization_that_holds_satisfies_the_need(careloom: StartedHost) -> None:
    answer = submit(careloom, of_member("auto-approved", "M-1004"))
    number = case_of(careloom, answer.headers["x-careloom-case-id"])["authorizationNumber"]
    [order] = _said(_sign(careloom, "99243", member="M-1004"))
    assert order["pa-needed"] == ["satisfied"]
    assert order["satisfied-pa-id"][0].startswith(number[:3])


def test_nothing_is_opened_and_the_answer_comes_in_time(careloom: StartedHost) -> None:
    before = careloom.get("/api/tasks?limit=1").body["total"]
    started = time.monotonic()
    _said(_sign(careloom, *["27447"] * 40))
    assert time.monotonic() - started < 5
    assert careloom.get("/api/tasks?limit=1").body["total"] == before


def test_a_stranger_is_told_nothing(careloom: StartedHost) -> None:
    answer = _sign(careloom, "27447", member="M-nobody")
    assert (answer.status, answer.body) == (200, {"cards": []})


@pytest.mark.parametrize("hook", sorted(set(HOOKS) - {"order-sign"}))
def test_every_hook_of_the_kit_is_answered(careloom: StartedHost, hook: str) -> None:
    request = fixture(f"crd/{hook.replace('-', '_')}_hook_request.json")
    answer = careloom.post(f"/cds-services/{hook}", request)
    assert answer.status == 200, answer.body
    assert "cards" in answer.body


def test_an_unknown_service_and_a_hook_at_the_wrong_door_are_refused(careloom: StartedHost) -> None:
    assert careloom.post("/cds-services/celebrate", {}).status == 404
    assert careloom.post("/cds-services/order-sign", {"hook": "order-sign"}).status == 400
    request = fixture("crd/order_sign_hook_request.json")
    assert careloom.post("/cds-services/order-select", request).status == 400
