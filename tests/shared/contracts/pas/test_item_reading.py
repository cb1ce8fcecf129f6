from collections.abc import Callable
from typing import Any

import pytest

from shared.contracts.pas import Malformed, SubmissionKind, read_submit
from shared.contracts.pas.item_reading import item_numbers
from shared.domain.prior_authorization.codes import CertificationType, InfoChange

type Body = Callable[..., bytes]
type Resource = dict[str, Any]

PAS = "http://hl7.org/fhir/us/davinci-pas/StructureDefinition/"
EXTENSION = PAS + "extension-"
SUBSETTED = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "SUBSETTED",
}
CANCELLED = {"url": PAS + "modifierextension-infoCancelled", "valueBoolean": True}


def claim_of(bundle: Resource) -> Resource:
    claim: Resource = bundle["entry"][0]["resource"]
    return claim


def as_2_0_1(bundle: Resource) -> None:
    del bundle["entry"][3]["resource"]["identifier"]


def drop_extension(name: str) -> Callable[[Resource], None]:
    def change(bundle: Resource) -> None:
        item = claim_of(bundle)["item"][0]
        item["extension"] = [each for each in item["extension"] if each["url"] != EXTENSION + name]

    return change


def drop(name: str) -> Callable[[Resource], None]:
    def change(bundle: Resource) -> None:
        del claim_of(bundle)["item"][0][name]

    return change


@pytest.mark.parametrize(
    ("sequences", "numbers"),
    [
        ([1, 2, 3], (1, 2, 3)),
        ([1, 1], (1, 2)),
        ([3, 1, 3], (3, 1, 4)),
        ([1, 1, 1, 2], (1, 3, 4, 2)),
        (["x", None], (0, 1)),
        ([], ()),
    ],
)
def test_each_item_keeps_a_number_of_its_own(
    sequences: list[object], numbers: tuple[int, ...]
) -> None:
    assert item_numbers(sequences) == numbers


@pytest.mark.parametrize(
    "change",
    [
        drop_extension("serviceItemRequestType"),
        drop_extension("certificationType"),
        drop("category"),
        drop("locationCodeableConcept"),
    ],
)
def test_since_2_1_an_item_says_kind_certification_class_and_place(
    body: Body, change: Callable[[Resource], None]
) -> None:
    with pytest.raises(Malformed) as caught:
        read_submit(body("home-care", change))

    assert {issue.code for issue in caught.value.issues} == {"required"}
    assert read_submit(body("home-care", as_2_0_1, change)).request.items


def test_the_guides_update_by_difference_is_understood(body: Body) -> None:
    """One item cancelled with the type of an initial request, one added; sequences from 2."""

    def differ(bundle: Resource) -> None:
        first, second = claim_of(bundle)["item"]
        first |= {"sequence": 2, "modifierExtension": [CANCELLED]}
        second |= {"sequence": 3}
        claim_of(bundle)["meta"]["security"] = [SUBSETTED]

    submission = read_submit(body("update", differ))

    items = submission.request.items
    assert submission.kind is SubmissionKind.UPDATE
    assert [item.sequence for item in items] == [2, 3]
    assert [item.change for item in items] == [InfoChange.CANCELLED, InfoChange.ADDED]
    assert {issue.severity for issue in submission.warnings} == {"warning"}


def test_a_certification_type_of_cancel_alone_cancels_its_item(body: Body) -> None:
    def cancel(bundle: Resource) -> None:
        found = next(
            each
            for each in claim_of(bundle)["item"][0]["extension"]
            if each["url"] == EXTENSION + "certificationType"
        )
        found["valueCodeableConcept"]["coding"][0]["code"] = "3"

    item = read_submit(body("update", cancel)).request.items[0]

    assert (item.change, item.certification_type) == (
        InfoChange.CANCELLED,
        CertificationType.CANCEL,
    )


def test_a_claim_of_a_thousand_items_is_refused(body: Body) -> None:
    def multiply(bundle: Resource) -> None:
        claim = claim_of(bundle)
        claim["item"] = [claim["item"][0] | {"sequence": n} for n in range(1, 1_001)]

    with pytest.raises(Malformed) as caught:
        read_submit(body("home-care", multiply))

    assert [issue.code for issue in caught.value.issues] == ["too-costly"]


def test_a_change_that_is_no_change_is_refused(body: Body) -> None:
    def change(bundle: Resource) -> None:
        url = EXTENSION + "infoChanged"
        claim_of(bundle)["item"][0]["extension"].append({"url": url, "valueCode": "cancelled"})

    with pytest.raises(Malformed) as caught:
        read_submit(body("update", change))

    assert [issue.code for issue in caught.value.issues] == ["code-invalid"]


def test_modifiers_and_the_performing_provider_are_read(body: Body) -> None:
    def perform(bundle: Resource) -> None:
        claim = claim_of(bundle)
        scope = {"url": EXTENSION + "careTeamClaimScope", "valueBoolean": False}
        claim["careTeam"] = [
            {
                "extension": [scope],
                "sequence": 1,
                "provider": {"reference": "PractitionerRole/role"},
            }
        ]
        claim["item"][0] |= {
            "careTeamSequence": [1],
            "modifier": [{"coding": [{"system": "http://www.ama-assn.org/go/cpt", "code": "RT"}]}],
        }
        base = "https://provider.careloom.example/fhir/"
        npi = {"system": "http://hl7.org/fhir/sid/us-npi", "value": "1679576722"}
        role = {"practitioner": {"reference": "Practitioner/nurse"}}
        nurse = {"identifier": [npi], "name": [{"family": "Sample", "given": ["Nurse"]}]}
        for kind, id_, rest in (
            ("PractitionerRole", "role", role),
            ("Practitioner", "nurse", nurse),
        ):
            resource = {"resourceType": kind, "id": id_} | rest
            bundle["entry"].append({"fullUrl": f"{base}{kind}/{id_}", "resource": resource})

    item = read_submit(body("home-care", perform)).request.items[0]

    assert item.modifiers == ("RT",)
    assert item.provider is not None
    assert item.provider.identifier.value == "1679576722"
    assert item.provider.name == "Nurse Sample"


@pytest.mark.parametrize(
    ("served", "days"),
    [
        ({"servicedDate": "2026-12"}, ("2026-12-01", "2026-12-31")),
        ({"servicedPeriod": {"start": "2026-12-01"}}, ("2026-12-01", None)),
        (
            {"servicedPeriod": {"start": "2026-12-01T10:00:00Z", "end": "2026-12-03"}},
            ("2026-12-01", "2026-12-03"),
        ),
        ({}, (None, None)),
    ],
)
def test_the_days_of_service_are_read(
    body: Body, served: Resource, days: tuple[str | None, str | None]
) -> None:
    def serve(bundle: Resource) -> None:
        as_2_0_1(bundle)  # 2.2.1 asks for full dates.
        item = claim_of(bundle)["item"][0]
        item.pop("servicedPeriod", None)
        item |= served

    item = read_submit(body("home-care", serve)).request.items[0]

    read = [day.isoformat() if day else None for day in (item.served_from, item.served_to)]
    assert tuple(read) == days
