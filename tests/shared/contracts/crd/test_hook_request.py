import json
from collections.abc import Callable
from typing import Any

import pytest

from shared.contracts.crd import HOOKS, read_hook
from shared.contracts.pas import Malformed
from shared.domain.prior_authorization.request import Coding, Identifier

type Published = Callable[[str], bytes]
type Resource = dict[str, Any]

ORDER = {
    "resourceType": "ServiceRequest",
    "id": "o1",
    "status": "draft",
    "code": {"coding": [{"system": "http://www.ama-assn.org/go/cpt", "code": "72148"}]},
}


def call(hook: str = "order-sign", orders: list[Resource] | None = None, **more: Any) -> bytes:
    entries = [{"resource": each} for each in ([ORDER] if orders is None else orders)]
    context = {
        "userId": "Practitioner/d1",
        "patientId": "p1",
        "draftOrders": {"resourceType": "Bundle", "entry": entries},
    }
    return json.dumps({"hook": hook, "hookInstance": "h1", "context": context} | more).encode()


@pytest.mark.parametrize(
    ("name", "orders"),
    [
        (
            "order_sign",
            ["NutritionOrder/pureeddiet-simple", "MedicationRequest/smart-MedicationRequest-103"],
        ),
        (
            "order_select",
            ["NutritionOrder/pureeddiet-simple", "MedicationRequest/smart-MedicationRequest-103"],
        ),
        ("order_dispatch", []),
        ("appointment_book", ["Appointment/apt1", "Appointment/apt2"]),
        ("encounter_start", []),
        ("encounter_discharge", []),
    ],
)
def test_a_published_call_is_understood(published: Published, name: str, orders: list[str]) -> None:
    request = read_hook(published(f"crd/{name}_hook_request.json"))

    assert request.hook == name.replace("_", "-")
    assert request.patient_id == "example"
    assert [order.reference for order in request.orders] == orders


def test_a_hook_that_nobody_knows_is_refused(published: Published) -> None:
    with pytest.raises(Malformed) as caught:
        read_hook(published("crd/fancy_structure_hook_request.json"))

    assert caught.value.issues[0].code == "not-supported"


def test_what_is_ordered_is_read_in_every_code_system() -> None:
    request = read_hook(call())

    assert request.orders[0].codes == (Coding("http://www.ama-assn.org/go/cpt", "72148"),)
    assert request.orders[0].resource == ORDER


def test_a_contained_medication_says_what_is_ordered() -> None:
    drug = Coding("http://www.nlm.nih.gov/research/umls/rxnorm", "617993")
    order = {
        "resourceType": "MedicationRequest",
        "id": "m1",
        "medicationReference": {"reference": "#d"},
        "contained": [
            {
                "resourceType": "Medication",
                "id": "d",
                "code": {"coding": [{"system": drug.system, "code": drug.code}]},
            }
        ],
    }

    assert read_hook(call(orders=[order])).orders[0].codes == (drug,)


HCPCS = Coding("http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets", "B4185")
CODED = {"coding": [{"system": HCPCS.system, "code": HCPCS.code}]}
MEDICATION = {"resourceType": "Medication", "id": "drug", "code": CODED}
DEVICE = {"resourceType": "Device", "id": "chair", "type": CODED}


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("Appointment", {"serviceType": [CODED]}),
        ("DeviceRequest", {"codeCodeableConcept": CODED}),
        ("DeviceRequest", {"codeReference": {"reference": "#chair"}, "contained": [DEVICE]}),
        ("MedicationRequest", {"medicationCodeableConcept": CODED}),
        ("NutritionOrder", {"oralDiet": {"type": [CODED]}}),
        ("NutritionOrder", {"supplement": [{"type": CODED}]}),
        ("NutritionOrder", {"enteralFormula": {"baseFormulaType": CODED}}),
        ("ServiceRequest", {"code": CODED}),
        ("VisionPrescription", {"lensSpecification": [{"product": CODED}]}),
    ],
)
def test_every_kind_of_order_says_what_is_ordered(kind: str, said: Resource) -> None:
    order = {"resourceType": kind, "id": "o"} | said

    assert read_hook(call(orders=[order])).orders[0].codes == (HCPCS,)


@pytest.mark.parametrize(
    "reference", ["Medication/drug", "http://example.org/fhir/Medication/drug"]
)
@pytest.mark.parametrize("prefetched", [True, False])
def test_a_medication_beside_its_order_says_what_is_ordered(
    *, prefetched: bool, reference: str
) -> None:
    order = {
        "resourceType": "MedicationRequest",
        "id": "m1",
        "medicationReference": {"reference": reference},
    }
    entry = {"fullUrl": "http://example.org/fhir/Medication/drug", "resource": MEDICATION}
    drugs = {"resourceType": "Bundle", "entry": [entry]}
    body = json.loads(call(orders=[order]))
    if prefetched:
        body["prefetch"] = {"medications": drugs}
    else:
        body["context"]["draftOrders"]["entry"].append(entry)

    [read] = read_hook(json.dumps(body).encode()).orders

    assert read.codes == (HCPCS,)


def test_what_is_no_order_is_told_nothing() -> None:
    patient = {"resourceType": "Patient", "id": "p1"}

    request = read_hook(call(orders=[patient, ORDER, MEDICATION]))

    assert [order.reference for order in request.orders] == ["ServiceRequest/o1"]


@pytest.mark.parametrize("hook", sorted(set(HOOKS) - {"order-dispatch"}))
def test_a_call_that_names_no_user_is_refused(hook: str) -> None:
    body = json.loads(call(hook))
    del body["context"]["userId"]

    with pytest.raises(Malformed) as caught:
        read_hook(json.dumps(body).encode())

    assert [issue.expression for issue in caught.value.issues] == ["request.context.userId"]


@pytest.mark.parametrize("as_bundle", [True, False])
def test_the_member_is_read_from_the_prefetch(*, as_bundle: bool) -> None:
    member = {"system": "https://careloom.example/members", "value": "M1001"}
    kind = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MB"}]}
    coverage: Resource = {
        "resourceType": "Coverage",
        "id": "c1",
        "identifier": [member | {"type": kind}],
    }
    if as_bundle:
        coverage = {"resourceType": "Bundle", "entry": [{"resource": coverage}]}

    request = read_hook(call(prefetch={"coverage": coverage, "patient": None}))

    assert request.member == Identifier("https://careloom.example/members", "M1001")
    assert request.coverage_reference == "Coverage/c1"


def test_a_call_without_prefetch_has_no_member() -> None:
    request = read_hook(call())

    assert (request.member, request.coverage_reference) == (None, "")


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        call(hook="order-cancel"),
        call(hookInstance=None),
        call(context={"patientId": "p1"}),
        call(context={"draftOrders": {"resourceType": "Bundle"}}),
        call(context=None),
        call(orders=[{"resourceType": "ServiceRequest"}]),
        call(orders=[ORDER] * 101),
        call(prefetch="all"),
    ],
)
def test_a_faulty_call_is_refused(body: bytes) -> None:
    with pytest.raises(Malformed):
        read_hook(body)
