"""Makes synthetic Da Vinci PAS 2.2.1 request bundles: nobody's data, from nobody's file."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Resource = dict[str, Any]

BASE = "https://provider.careloom.example/fhir"
MEMBERS = "https://careloom.example/members"
CLAIMS = "https://provider.careloom.example/claims"
ITEMS = "https://provider.careloom.example/items"
BUNDLES = "https://provider.careloom.example/transactions"
NPI = "http://hl7.org/fhir/sid/us-npi"
HCPCS = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
PLACES = "https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set"
INSURER_NPI = "1992999990"

_HL7 = "http://terminology.hl7.org/CodeSystem/"
_PAS = "http://hl7.org/fhir/us/davinci-pas/StructureDefinition/"
_X12 = "https://codesystem.x12.org/005010/"
_DOCUMENT_CATEGORY = "http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One service to ask for.

    Attributes:
        code: HCPCS or CPT code; category: X12 1365; request_type: X12 1525; place: CMS place of
            service; certification: X12 1322.
        served_from, served_to: dates as YYYY-MM-DD; the last may be empty for a single day.
        change: "", "added", "changed" or "cancelled", for an update.
    """

    code: str
    category: str = "1"
    request_type: str = "HS"
    certification: str = "I"
    quantity: int = 1
    unit: str = "{visit}"
    served_from: str = "2026-12-01"
    served_to: str = ""
    place: str = "11"
    change: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A document to send along: its LOINC code, and the X12 755 code that says the same."""

    loinc: str
    report_type: str


def request_bundle(  # noqa: PLR0913 - what a request may say, all by keyword
    *,
    identifier: str,
    member_id: str,
    provider_npi: str,
    items: Sequence[Item],
    urgency: str = "standard",
    created: str = "2026-11-20T09:00:00+00:00",
    diagnoses: Sequence[str] = ("M17.11",),
    documents: Sequence[Document] = (),
    referred_to: str = "",
    replaces: str = "",
    cancels: bool = False,
) -> Resource:
    """A conformant request bundle; the load generator makes thousands of them.

    Args:
        identifier: of the Claim; the same one is the same case.
        urgency: "standard" or "urgent".
        documents: that come along.
        referred_to: NPI of the specialist whom the member is referred to; each item then points at
            the order for it.
        replaces: identifier of the Claim that this one updates or cancels.
        cancels: whether the whole case is withdrawn; then no items are sent.
    """
    claim = _claim(identifier, urgency, created)
    claim["diagnosis"] = [_diagnosis(n, code) for n, code in enumerate(diagnoses, 1)]
    if documents:
        claim["supportingInfo"] = [_information(n, each) for n, each in enumerate(documents, 1)]
    if not cancels:
        pointers = list(range(1, len(diagnoses) + 1))
        claim["item"] = [_item(identifier, n, each, pointers) for n, each in enumerate(items, 1)]
    resources = [claim, *_participants(member_id, provider_npi)]
    resources += [_document(n, each.loinc) for n, each in enumerate(documents, 1)]
    if referred_to:
        resources += _refer(claim, referred_to)
    if replaces:
        prior = _claim(replaces, urgency, created) | {"id": "prior"}
        claim["meta"] = {"profile": [_PAS + "profile-claim-update"]}
        claim["related"] = [
            {
                "claim": {"reference": "Claim/prior"},
                "relationship": _concept(_HL7 + "ex-relatedclaimrelationship", "prior"),
            }
        ]
        resources.append(prior | {"item": [_item(replaces, 1, items[0], [])]})
    if cancels:
        claim["extension"] = [
            *claim.get("extension", ()),
            _extension("certificationType", "1322", "3"),
        ]
    return _bundle(identifier, created, resources)


def clinic_name(provider_npi: str) -> str:
    """What a sample clinic is called."""
    return f"Sample Clinic {provider_npi[-4:]}"


def _bundle(identifier: str, created: str, resources: Sequence[Resource]) -> Resource:
    return {
        "resourceType": "Bundle",
        "meta": {"profile": [_PAS + "profile-pas-request-bundle"]},
        "identifier": {"system": BUNDLES, "value": identifier},
        "type": "collection",
        "timestamp": created,
        "entry": [
            {"fullUrl": f"{BASE}/{each['resourceType']}/{each['id']}", "resource": each}
            for each in resources
        ],
    }


def _claim(identifier: str, urgency: str, created: str) -> Resource:
    claim: Resource = {
        "resourceType": "Claim",
        "id": "request",
        "meta": {"profile": [_PAS + "profile-claim"]},
        "identifier": [{"system": CLAIMS, "value": identifier}],
        "status": "active",
        "type": _concept(_HL7 + "claim-type", "professional"),
        "use": "preauthorization",
        "patient": {"reference": "Patient/member"},
        "created": created,
        "insurer": {"reference": "Organization/insurer"},
        "provider": {"reference": "Organization/requestor"},
        "priority": _concept(_HL7 + "processpriority", "normal"),
        "insurance": [
            {"sequence": 1, "focal": True, "coverage": {"reference": "Coverage/coverage"}}
        ],
    }
    if urgency == "urgent":
        claim["extension"] = [_extension("levelOfServiceCode", "1338", "U")]
    return claim


def _item(claim: str, number: int, item: Item, diagnoses: Sequence[int]) -> Resource:
    is_cancelled = item.change == "cancelled"
    extensions = [
        _extension("serviceItemRequestType", "1525", item.request_type),
        _extension("certificationType", "1322", "3" if is_cancelled else item.certification),
        {
            "url": _PAS + "extension-itemTraceNumber",
            "valueIdentifier": {"system": ITEMS, "value": f"{claim}-{number}"},
        },
    ]
    if item.change:
        change = "changed" if is_cancelled else item.change
        extensions.append({"url": _PAS + "extension-infoChanged", "valueCode": change})
    encoded: Resource = {"extension": extensions}
    if is_cancelled:
        flag = {"url": _PAS + "modifierextension-infoCancelled", "valueBoolean": True}
        encoded["modifierExtension"] = [flag]
    encoded |= {
        "sequence": number,
        "category": _concept(_X12 + "1365", item.category),
        "productOrService": _concept(HCPCS, item.code),
    }
    if diagnoses:
        encoded["diagnosisSequence"] = list(diagnoses)
    if item.served_to:
        encoded["servicedPeriod"] = {"start": item.served_from, "end": item.served_to}
    else:
        encoded["servicedDate"] = item.served_from
    return encoded | {
        "locationCodeableConcept": _concept(PLACES, item.place),
        "quantity": {
            "value": item.quantity,
            "system": "http://unitsofmeasure.org",
            "code": item.unit,
        },
    }


def _participants(member_id: str, provider_npi: str) -> list[Resource]:
    """The member, the coverage, the insurer and the requestor."""
    member_number = {
        "type": _concept(_HL7 + "v2-0203", "MB"),
        "system": MEMBERS,
        "value": member_id,
    }
    return [
        {
            "resourceType": "Organization",
            "id": "requestor",
            "meta": {"profile": [_PAS + "profile-requestor"]},
            "identifier": [{"system": NPI, "value": provider_npi}],
            "active": True,
            "type": [_concept(_X12 + "98", "X3")],
            "name": clinic_name(provider_npi),
        },
        {
            "resourceType": "Organization",
            "id": "insurer",
            "meta": {"profile": [_PAS + "profile-insurer"]},
            "identifier": [{"system": NPI, "value": INSURER_NPI}],
            "active": True,
            "type": [_concept(_X12 + "98", "PR")],
            "name": "Careloom Sample Health Plan",
        },
        {
            "resourceType": "Coverage",
            "id": "coverage",
            "meta": {"profile": [_PAS + "profile-coverage"]},
            "identifier": [member_number],
            "status": "active",
            "subscriberId": member_id,
            "beneficiary": {"reference": "Patient/member"},
            "relationship": _concept(_HL7 + "subscriber-relationship", "self"),
            "payor": [{"reference": "Organization/insurer"}],
        },
        {
            "resourceType": "Patient",
            "id": "member",
            "meta": {"profile": [_PAS + "profile-beneficiary"]},
            "identifier": [member_number],
            "name": [{"family": "Sample", "given": ["Member"]}],
            "gender": "unknown",
        },
    ]


def _diagnosis(number: int, code: str) -> Resource:
    concept = _concept("http://hl7.org/fhir/sid/icd-10-cm", code)
    return {"sequence": number, "diagnosisCodeableConcept": concept}


def _information(number: int, document: Document) -> Resource:
    category = "http://hl7.org/fhir/us/davinci-pas/CodeSystem/PASTempCodes"
    report = _concept(_X12 + "755", document.report_type)
    return {
        "extension": [
            {
                "extension": [{"url": "reportTypeCode", "valueCodeableConcept": report}],
                "url": _PAS + "extension-documentInformation",
            }
        ],
        "sequence": number,
        "category": _concept(category, "additionalInformation"),
        "valueReference": {"reference": f"DocumentReference/document-{number}"},
    }


def _document(number: int, loinc: str) -> Resource:
    return {
        "resourceType": "DocumentReference",
        "id": f"document-{number}",
        "status": "current",
        "type": _concept("http://loinc.org", loinc),
        "category": [_concept(_DOCUMENT_CATEGORY, "clinical-note")],
        "subject": {"reference": "Patient/member"},
        "content": [
            {
                "attachment": {
                    "contentType": "text/plain",
                    "data": "U3ludGhldGljIGRvY3VtZW50Lg==",
                    "title": f"Document {number}",
                }
            }
        ],
    }


def _refer(claim: Resource, npi: str) -> list[Resource]:
    """The specialist, his place and an order for each item, which the claim then points at."""
    scope = {"url": _PAS + "extension-careTeamClaimScope", "valueBoolean": True}
    claim["careTeam"] = [
        {
            "extension": [scope],
            "sequence": 1,
            "provider": {"reference": "PractitionerRole/specialist-role"},
        }
    ]
    orders: list[Resource] = []
    for item in claim["item"]:
        order = _order(f"order-{item['sequence']}", item["productOrService"])
        reference = {"reference": f"ServiceRequest/{order['id']}"}
        url = _PAS + "extension-requestedService"
        item["extension"].append({"url": url, "valueReference": reference})
        item["careTeamSequence"] = [1]
        orders.append(order)
    return [*orders, *_specialist(npi)]


def _order(identifier: str, service: Resource) -> Resource:
    return {
        "resourceType": "ServiceRequest",
        "id": identifier,
        "meta": {"profile": [_PAS + "profile-servicerequest"]},
        "status": "active",
        "intent": "order",
        "code": service,
        "subject": {"reference": "Patient/member"},
    }


def _specialist(npi: str) -> list[Resource]:
    return [
        {
            "resourceType": "PractitionerRole",
            "id": "specialist-role",
            "meta": {"profile": [_PAS + "profile-practitionerrole"]},
            "practitioner": {"reference": "Practitioner/specialist"},
            "location": [{"reference": "Location/office"}],
            "telecom": [{"system": "phone", "value": "+1-555-0100"}],
        },
        {
            "resourceType": "Practitioner",
            "id": "specialist",
            "meta": {"profile": [_PAS + "profile-practitioner"]},
            "identifier": [{"system": NPI, "value": npi}],
            "name": [{"family": "Sample", "given": ["Specialist"]}],
        },
        {
            "resourceType": "Location",
            "id": "office",
            "name": "Sample Specialist Office",
            "address": {"line": ["1 Sample Street"], "city": "Austin", "state": "TX"},
        },
    ]


def _concept(system: str, code: str) -> Resource:
    return {"coding": [{"system": system, "code": code}]}


def _extension(name: str, code_set: str, code: str) -> Resource:
    return {
        "url": f"{_PAS}extension-{name}",
        "valueCodeableConcept": _concept(_X12 + code_set, code),
    }
