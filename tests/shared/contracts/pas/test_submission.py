import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from samples.catalogue import CLINIC, MEMBER
from samples.generate import INSURER_NPI
from shared.contracts.pas import Issue, Malformed, SubmissionKind, operation_outcome, read_submit
from shared.domain.prior_authorization.codes import CertificationType, InfoChange, Urgency
from shared.domain.prior_authorization.request import Identifier

type Published = Callable[[str], bytes]
type Body = Callable[..., bytes]
type Resource = dict[str, Any]

PAS = "http://hl7.org/fhir/us/davinci-pas/StructureDefinition/"
EXTENSION = PAS + "extension-"

CONFORMANT = {
    "pas-2.2.1/Bundle-MedicalServicesAuthorizationBundleExample.json": ("2.2.1", "111099", "99212"),
    "pas-2.2.1/Bundle-SurgicalRequestBundleExample.json": ("2.2.1", "16139462398", "33510"),
    "pas-2.0.1/Bundle-MedicalServicesAuthorizationBundleExample.json": ("2.0.1", "111099", "99212"),
    "pas-2.0.1/Bundle-SurgicalRequestBundleExample.json": ("2.0.1", "16139462398", "33510"),
    "inferno-pas/conformant_pas_bundle_v110.json": ("2.0.1", "111099", "3"),
    "inferno-pas/conformant_pas_bundle_v110_uuid.json": ("2.0.1", "111099", "3"),
    "inferno-pas/conformant_pas_bundle_v110_multiple_items.json": ("2.0.1", "111099", "3"),
}
NONCONFORMANT = {
    "inferno-pas/nonconformant_pas_bundle_v110.json": ("structure", "Bundle.entry"),
    "inferno-pas/missing_referenced_resource_request_bundle.json": (
        "not-found",
        "Bundle.entry[0].resource.careTeam[0].provider.reference",
    ),
    "inferno-pas/pas_claim.json": ("structure", ""),
    "inferno-pas/conformant_pas_inquire_bundle_v110.json": (
        "value",
        "Bundle.entry[0].resource.meta.profile",
    ),
    "inferno-pas/valid_pa_response_bundle.json": ("structure", "Bundle.entry[0].resource"),
    "pas-2.2.1/Bundle-PASClaimInquiryBundleExample.json": (
        "value",
        "Bundle.entry[0].resource.meta.profile",
    ),
    "pas-2.2.1/Bundle-ErrorResponseBundleExample.json": ("structure", "Bundle.entry[0].resource"),
    "pas-2.2.1/Bundle-PASSubscriptionNotification.json": ("value", "Bundle.type"),
}


def claim_of(bundle: Resource) -> Resource:
    claim: Resource = bundle["entry"][0]["resource"]
    return claim


def item_of(bundle: Resource, index: int = 0) -> Resource:
    item: Resource = claim_of(bundle)["item"][index]
    return item


def issues_of(body: bytes) -> list[Issue]:
    with pytest.raises(Malformed) as caught:
        read_submit(body)
    return list(caught.value.issues)


def as_2_0_1(bundle: Resource) -> None:
    """A sender of 2.0.1 gives the coverage no member identifier."""
    coverage = next(
        e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == "Coverage"
    )
    del coverage["identifier"]


@pytest.mark.parametrize("name", CONFORMANT)
def test_a_conformant_request_is_accepted(published: Published, name: str) -> None:
    version, identifier, code = CONFORMANT[name]

    submission = read_submit(published(name))

    request = submission.request
    assert submission.kind is SubmissionKind.NEW
    assert (request.profile_version, request.identifier.value) == (version, identifier)
    assert request.items[0].service.code == code
    assert request.member.value == "12345678901"
    assert request.requestor.identifier.value == "8189991234"
    assert request.insurer.identifier.value in {"1234567893", "789312"}


@pytest.mark.parametrize("name", NONCONFORMANT)
def test_a_nonconformant_request_is_refused_and_told_why(published: Published, name: str) -> None:
    code, expression = NONCONFORMANT[name]

    found = issues_of(published(name))

    assert (code, expression) in {(issue.code, issue.expression) for issue in found}


def test_what_the_surgeon_asks_for_is_understood(published: Published) -> None:
    request = read_submit(published("pas-2.2.1/Bundle-SurgicalRequestBundleExample.json")).request

    item = request.items[0]
    assert (item.request_type, item.category, item.place_of_service) == ("AR", "2", "21")
    assert (item.served_from, item.served_to) == (date(2020, 7, 2), date(2020, 7, 9))
    assert request.diagnosis_codes == item.diagnosis_codes == ("C18.9",)
    assert request.urgency is Urgency.STANDARD
    assert item.trace_numbers == (Identifier("http://example.org/ITEM_TRACE_NUMBER", "1122334"),)


def test_a_reference_that_only_a_role_makes_is_a_warning(published: Published) -> None:
    submission = read_submit(published("pas-2.2.1/Bundle-SurgicalRequestBundleExample.json"))

    assert [issue.severity for issue in submission.warnings] == ["warning"]
    assert submission.request.items[0].provider is None


def test_items_that_share_a_sequence_keep_a_number_each(published: Published) -> None:
    name = "inferno-pas/conformant_pas_bundle_v110_multiple_items.json"

    submission = read_submit(published(name))

    assert [item.sequence for item in submission.request.items] == [1, 2]
    assert submission.warnings[0].code == "duplicate"


def test_items_that_share_a_sequence_and_a_trace_number_are_refused(body: Body) -> None:
    def repeat(bundle: Resource) -> None:
        claim_of(bundle)["item"][1] = item_of(bundle)

    assert [issue.code for issue in issues_of(body("several-items", repeat))] == ["duplicate"]


def test_our_own_sample_is_read_into_the_domains_words(body: Body) -> None:
    submission = read_submit(body("home-care"))

    request = submission.request
    item = request.items[0]
    assert submission.warnings == ()
    assert request.member == Identifier("https://careloom.example/members", MEMBER)
    assert (item.service.code, item.quantity, item.unit) == ("G0299", Decimal(20), "{visit}")
    assert (item.served_from, item.served_to) == (date(2026, 12, 1), date(2027, 1, 29))
    assert [document.kind for document in request.documents] == ["18776-5"]
    assert request.certification_type is CertificationType.INITIAL


def test_an_urgent_level_of_service_makes_the_request_urgent(body: Body) -> None:
    assert read_submit(body("imaging-documents-missing")).request.urgency is Urgency.URGENT


def test_a_stat_priority_makes_the_request_urgent(body: Body) -> None:
    def hurry(bundle: Resource) -> None:
        claim_of(bundle)["priority"]["coding"][0]["code"] = "stat"

    assert read_submit(body("home-care", hurry)).request.urgency is Urgency.URGENT


@pytest.mark.parametrize("priority", [{"text": "Normal"}, {"coding": [{"code": "normal"}]}])
def test_a_priority_in_words_is_standard(body: Body, priority: Resource) -> None:
    def say(bundle: Resource) -> None:
        claim_of(bundle)["priority"] = priority

    assert read_submit(body("home-care", say)).request.urgency is Urgency.STANDARD


def test_a_request_may_be_created_in_some_month(body: Body) -> None:
    def date_roughly(bundle: Resource) -> None:
        claim_of(bundle)["created"] = "2026-11"

    created = read_submit(body("home-care", date_roughly)).request.created

    assert created == datetime(2026, 11, 1, tzinfo=UTC)


def test_the_moment_of_a_bundle_is_exact(body: Body) -> None:
    issues = issues_of(body("home-care", lambda bundle: bundle.update(timestamp="2026-11")))

    assert [issue.expression for issue in issues] == ["Bundle.timestamp"]


def test_a_bundle_in_parameters_is_taken_out(sample: Callable[..., Resource]) -> None:
    parameters = {
        "resourceType": "Parameters",
        "parameter": [{"name": "resource", "resource": sample()}],
    }

    submission = read_submit(json.dumps(parameters).encode())

    assert submission.bundle["resourceType"] == "Bundle"


def test_the_version_that_the_sender_names_counts(body: Body) -> None:
    def name_it(bundle: Resource) -> None:
        bundle["meta"]["profile"] = [PAS + "profile-pas-request-bundle|2.0.1"]

    assert read_submit(body("home-care", name_it)).request.profile_version == "2.0.1"
    assert read_submit(body("home-care", as_2_0_1)).request.profile_version == "2.0.1"
    assert read_submit(body("home-care")).request.profile_version == "2.2.1"


def test_an_update_names_what_it_replaces_and_what_changed(body: Body) -> None:
    submission = read_submit(body("update"))

    assert submission.kind is SubmissionKind.UPDATE
    assert submission.request.replaces is not None
    assert submission.request.replaces.value == "sample-surgery-with-review"
    assert [item.change for item in submission.request.items] == [None, InfoChange.ADDED]


def test_an_update_that_names_no_prior_claim_is_refused_in_2_2_1(body: Body) -> None:
    def forget(bundle: Resource) -> None:
        del claim_of(bundle)["related"]

    found = issues_of(body("update", forget))

    assert [(issue.code, issue.expression) for issue in found] == [
        ("required", "Bundle.entry[0].resource.related")
    ]


def test_an_update_of_2_0_1_may_repeat_the_identifier_instead(body: Body) -> None:
    def forget(bundle: Resource) -> None:
        del claim_of(bundle)["related"]

    submission = read_submit(body("update", as_2_0_1, forget))

    assert submission.kind is SubmissionKind.UPDATE
    assert submission.request.replaces == submission.request.identifier


def test_an_update_without_the_prior_claim_in_the_bundle_is_refused(body: Body) -> None:
    def leave_out(bundle: Resource) -> None:
        bundle["entry"] = [e for e in bundle["entry"] if not e["fullUrl"].endswith("/prior")]

    assert [issue.code for issue in issues_of(body("update", leave_out))] == ["not-found"]


def test_a_cancelled_item_counts_as_cancelled_with_or_without_its_type(body: Body) -> None:
    flag = {"url": PAS + "modifierextension-infoCancelled", "valueBoolean": True}

    def cancel(bundle: Resource) -> None:
        item_of(bundle)["modifierExtension"] = [flag]

    submission = read_submit(body("update", cancel))

    assert submission.request.items[0].change is InfoChange.CANCELLED
    assert [issue.code for issue in submission.warnings] == ["business-rule"]


def test_a_whole_case_cancel_needs_no_items(body: Body) -> None:
    submission = read_submit(body("cancel"))

    assert submission.kind is SubmissionKind.CANCEL
    assert submission.request.items == ()
    assert submission.request.replaces is not None


def test_contained_resources_are_found(body: Body) -> None:
    def contain(bundle: Resource) -> None:
        claim = claim_of(bundle)
        insurer = bundle["entry"].pop(2)["resource"]
        claim["contained"] = [insurer]
        claim["insurer"] = {"reference": "#insurer"}
        coverage = bundle["entry"][2]["resource"]
        coverage["payor"] = [{"identifier": insurer["identifier"][0]}]

    assert read_submit(body("home-care", contain)).request.insurer.identifier.value == INSURER_NPI


def test_a_party_may_be_named_by_identifier_alone(body: Body) -> None:
    def name_only(bundle: Resource) -> None:
        system = "http://hl7.org/fhir/sid/us-npi"
        claim_of(bundle)["provider"] = {"identifier": {"system": system, "value": CLINIC}}

    assert read_submit(body("home-care", name_only)).request.requestor.identifier.value == CLINIC


def remove(name: str) -> Callable[[Resource], object]:
    return lambda bundle: claim_of(bundle).pop(name)


def put(name: str, value: object) -> Callable[[Resource], object]:
    return lambda bundle: claim_of(bundle).update({name: value})


def put_item(name: str, value: object) -> Callable[[Resource], object]:
    return lambda bundle: item_of(bundle).update({name: value})


def code_of(extension: str, code: str) -> Callable[[Resource], object]:
    def change(bundle: Resource) -> None:
        found = next(e for e in item_of(bundle)["extension"] if e["url"] == EXTENSION + extension)
        found["valueCodeableConcept"]["coding"][0]["code"] = code

    return change


BAD: dict[str, tuple[Callable[[Resource], object], str, str]] = {
    "no patient": (remove("patient"), "required", "patient"),
    "no insurer": (remove("insurer"), "required", "insurer"),
    "no provider": (remove("provider"), "required", "provider"),
    "no coverage": (remove("insurance"), "required", "insurance"),
    "no identifier": (remove("identifier"), "required", "identifier"),
    "no items": (remove("item"), "required", "item"),
    "no type": (remove("type"), "required", "type"),
    "no created": (remove("created"), "required", "created"),
    "no priority": (remove("priority"), "required", "priority"),
    "another use": (put("use", "claim"), "value", "use"),
    "a draft": (put("status", "draft"), "value", "status"),
    "created is no date": (put("created", "yesterday"), "value", "created"),
    "a wall of items": (put("item", "many"), "structure", "item"),
    "an unknown element": (put("colour", "blue"), "structure", "colour"),
    "no service": (lambda b: item_of(b).pop("productOrService"), "required", "productOrService"),
    "a service in words": (
        put_item("productOrService", {"text": "a knee"}),
        "code-invalid",
        "item[0].productOrService",
    ),
    "no sequence": (lambda b: item_of(b).pop("sequence"), "required", "item[0].sequence"),
    "sequence zero": (put_item("sequence", 0), "value", "item[0].sequence"),
    "no category": (lambda b: item_of(b).pop("category"), "required", "item[0].category"),
    "a diagnosis that is not there": (
        put_item("diagnosisSequence", [9]),
        "not-found",
        "item[0].diagnosisSequence",
    ),
    "30 February": (put_item("servicedDate", "2026-02-30"), "value", "item[0].servicedDate"),
    "no quantity": (put_item("quantity", {"value": 0}), "value", "item[0].quantity.value"),
    "a strange certification": (code_of("certificationType", "Z"), "code-invalid", ""),
    "a strange request type": (code_of("serviceItemRequestType", "ZZ"), "code-invalid", ""),
    "patient is an organisation": (
        put("patient", {"reference": "Organization/insurer"}),
        "value",
        "patient.reference",
    ),
    "patient is nowhere": (
        put("patient", {"reference": "Patient/nobody"}),
        "not-found",
        "patient.reference",
    ),
    "a strange claim type": (
        put(
            "type",
            {
                "coding": [
                    {"system": "http://terminology.hl7.org/CodeSystem/claim-type", "code": "x"}
                ]
            },
        ),
        "code-invalid",
        "type",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_with_a_claim_is_said_with_its_place(body: Body, name: str) -> None:
    change, code, place = BAD[name]

    found = issues_of(body("several-items", change))

    assert any(issue.code == code and place in issue.expression for issue in found), found
    assert all(issue.expression.startswith("Bundle.entry[0].resource.") for issue in found)


def test_every_fault_is_named_at_once(body: Body) -> None:
    found = issues_of(body("several-items", remove("patient"), remove("insurer"), remove("type")))

    assert len(found) >= 3
    outcome = operation_outcome(found)
    assert outcome["resourceType"] == "OperationOutcome"
    assert len(outcome["issue"]) == len(found)


def test_no_issue_repeats_what_the_bundle_says(body: Body) -> None:
    private = "Zebra-4711"

    def hide(bundle: Resource) -> None:
        patient = next(
            e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == "Patient"
        )
        patient |= {
            "gender": private,
            "birthDate": private,
            "name": private,
            "deceasedBoolean": private,
        }
        claim_of(bundle)["use"] = private
        claim_of(bundle)["created"] = private

    found = issues_of(body("several-items", hide))

    assert private not in json.dumps(operation_outcome(found))


def test_a_claim_of_2_2_1_is_identified_within_a_system(body: Body) -> None:
    def unsystematic(bundle: Resource) -> None:
        del claim_of(bundle)["identifier"][0]["system"]

    with pytest.raises(Malformed) as refused:
        read_submit(body("home-care", unsystematic))
    [issue] = refused.value.issues
    assert issue.expression == "Bundle.entry[0].resource.identifier[0].system"


@pytest.mark.parametrize(
    ("name", "value", "path"),
    [
        ("id", 5, "Bundle.id"),
        ("identifier", {"value": 5}, "Bundle.identifier.value"),
        ("meta", {"profile": "x"}, "Bundle.meta.profile"),
        ("colour", "blue", "Bundle.colour"),
    ],
)
def test_the_bundle_itself_keeps_to_fhir(body: Body, name: str, value: object, path: str) -> None:
    with pytest.raises(Malformed) as refused:
        read_submit(body("home-care", lambda bundle: bundle.update({name: value})))
    [issue] = refused.value.issues
    assert issue.expression == path
