import json
from collections.abc import Callable
from typing import Any

import pytest

from shared.contracts.pas import Malformed, read_submit
from shared.contracts.pas.element import Element
from shared.contracts.pas.entries import Entries
from shared.contracts.pas.issues import Findings
from shared.contracts.pas.orders import check_order

SERVICE = {
    "coding": [
        {"system": "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets", "code": "E0601"}
    ]
}


PLACES = {"a location": "Location/place", "nobody": "Patient/nobody", "another": "Patient/other"}


def strangers(bundle: dict[str, Any]) -> None:
    """Another patient, and a place."""
    patient = next(e for e in bundle["entry"] if e["resource"]["resourceType"] == "Patient")
    base = patient["fullUrl"].rpartition("Patient/")[0]
    other = patient["resource"] | {"id": "other"}
    place = {"resourceType": "Location", "id": "place", "name": "Here"}
    bundle["entry"] += [
        {"fullUrl": f"{base}Patient/other", "resource": other},
        {"fullUrl": f"{base}Location/place", "resource": place},
    ]


def found_in(order: dict[str, Any], version: str = "2.0.1") -> list[tuple[str, str]]:
    findings = Findings()
    bundle = {"resourceType": "Bundle", "entry": [{"resource": order}]}
    check_order(Element(order, "order", findings), version, Entries(bundle, Findings()), None)
    return [(issue.code, issue.expression) for issue in findings.issues]


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("DeviceRequest", "on-hold"),
        ("MedicationRequest", "stopped"),
        ("NutritionOrder", "active"),
        ("ServiceRequest", "revoked"),
    ],
)
def test_an_order_is_taken_in_every_status_that_its_kind_has(kind: str, status: str) -> None:
    assert found_in({"resourceType": kind, "intent": "order", "status": status}) == []


def test_an_order_of_a_device_may_leave_out_its_status() -> None:
    assert found_in({"resourceType": "DeviceRequest", "intent": "order"}) == []


@pytest.mark.parametrize("kind", ["DeviceRequest", "ServiceRequest"])
def test_what_is_no_order_or_of_no_known_status_is_told_with_its_place(kind: str) -> None:
    assert found_in({"resourceType": kind, "intent": "plan", "status": "stopped"}) == [
        ("value", "order.intent"),
        ("code-invalid", "order.status"),
    ]


def test_a_code_that_no_service_has_is_told_with_its_place() -> None:
    order = {"resourceType": "ServiceRequest", "intent": "order", "status": "active"}
    strange = {"coding": [{"system": "http://snomed.info/sct", "code": "306206005"}]}

    assert found_in(order | {"code": SERVICE}) == []
    assert found_in(order | {"code": strange}) == [("code-invalid", "order.code")]


def test_a_prescription_is_active_since_2_2() -> None:
    order = {"resourceType": "MedicationRequest", "intent": "order", "status": "stopped"}

    assert found_in(order, "2.2.1") == [("value", "order.status")]


def test_a_stay_that_is_asked_for_is_planned() -> None:
    stay = {"resourceType": "Encounter", "status": "finished", "type": [{}]}

    assert found_in(stay) == [("value", "order.status"), ("required", "order.subject")]


def test_what_is_not_ordered_is_nobodys_order() -> None:
    assert found_in({"resourceType": "Observation", "status": "final"}) == []


@pytest.mark.parametrize("version", ["2.0.1", "2.2.1"])
@pytest.mark.parametrize(
    ("whom", "code", "place"),
    [
        ("a location", "value", "subject.reference"),
        ("nobody", "not-found", "subject.reference"),
        ("another", "invariant", "subject"),
    ],
)
def test_an_order_for_anybody_but_the_patient_is_refused(
    body: Callable[..., bytes], whom: str, code: str, place: str, version: str
) -> None:
    def give_to_another(bundle: dict[str, Any]) -> None:
        strangers(bundle)
        bundle["meta"]["profile"] = [f"{bundle['meta']['profile'][0]}|{version}"]
        order = next(
            e["resource"]
            for e in bundle["entry"]
            if e["resource"]["resourceType"] == "ServiceRequest"
        )
        order["subject"] = {"reference": PLACES[whom]}

    with pytest.raises(Malformed) as caught:
        read_submit(body("referral", give_to_another))

    [issue] = caught.value.issues
    assert (issue.code, issue.expression.partition(".resource.")[2]) == (code, place)


@pytest.mark.parametrize("version", ["2.0.1", "2.2.1"])
def test_what_another_patient_was_referred_for_is_refused(
    body: Callable[..., bytes], version: str
) -> None:
    def refer(bundle: dict[str, Any]) -> None:
        strangers(bundle)
        bundle["meta"]["profile"] = [f"{bundle['meta']['profile'][0]}|{version}"]
        order: dict[str, Any] = {"resourceType": "ServiceRequest", "id": "r", "status": "active"}
        order |= {"intent": "plan", "subject": {"reference": PLACES["another"]}}
        url = "https://provider.careloom.example/fhir/ServiceRequest/r"
        bundle["entry"].append({"fullUrl": url, "resource": order})
        bundle["entry"][0]["resource"]["referral"] = {"reference": "ServiceRequest/r"}

    with pytest.raises(Malformed) as caught:
        read_submit(body("home-care", refer))

    assert [issue.code for issue in caught.value.issues] == ["invariant"]


def test_a_stay_of_another_patient_is_refused(published: Callable[[str], bytes]) -> None:
    bundle = json.loads(published("pas-2.2.1/Bundle-SurgicalRequestBundleExample.json"))
    strangers(bundle)
    for entry in bundle["entry"]:
        if entry["resource"]["resourceType"] == "Encounter":
            entry["resource"]["subject"] = {"reference": "Patient/other"}

    with pytest.raises(Malformed) as caught:
        read_submit(json.dumps(bundle).encode())

    assert [issue.code for issue in caught.value.issues if issue.severity == "error"] == [
        "invariant"
    ]
