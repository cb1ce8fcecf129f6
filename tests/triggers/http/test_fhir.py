import json
import urllib.error
import urllib.request
from uuid import uuid4

import pytest

from localhost.sample_case import sample_bundle
from localhost.started_host import StartedHost
from tests.triggers.sending import (
    SUBMIT,
    actions,
    case_of,
    fixture,
    fresh,
    submit,
    submit_sample,
)

REAL = [
    "pas-2.2.1/Bundle-MedicalServicesAuthorizationBundleExample.json",
    "pas-2.2.1/Bundle-SurgicalRequestBundleExample.json",
    "pas-2.0.1/Bundle-MedicalServicesAuthorizationBundleExample.json",
    "pas-2.0.1/Bundle-SurgicalRequestBundleExample.json",
    "inferno-pas/conformant_pas_bundle_v110.json",
    "inferno-pas/conformant_pas_bundle_v110_uuid.json",
]


def test_a_consultation_is_approved_item_by_item(careloom: StartedHost) -> None:
    case_id, response = submit_sample(careloom, "auto-approved")
    assert actions(response) == {1: "A1"}
    assert response["outcome"] == "complete"
    assert response["preAuthRef"].startswith("AU-")
    assert case_of(careloom, case_id)["outcome"] == "approved"


def test_surgery_is_pended_for_a_person_well_within_the_time_allowed(careloom: StartedHost) -> None:
    case_id, response = submit_sample(careloom, "surgery-with-review")
    assert actions(response) == {1: "A4"}
    case = case_of(careloom, case_id)
    assert (case["stage"], case["outcome"]) == ("clinical_review", "open")
    assert case["clock"]["dueAt"] > case["receivedAt"]


def test_items_of_one_request_are_decided_each_by_itself(careloom: StartedHost) -> None:
    _, response = submit_sample(careloom, "several-items")
    assert actions(response)[1] == "A1"
    assert "A4" in actions(response).values()


@pytest.mark.parametrize("name", REAL)
def test_a_published_request_ends_in_a_decision_or_a_pend(careloom: StartedHost, name: str) -> None:
    bundle = fresh(fixture(name))
    answer = submit(careloom, bundle)
    assert answer.status == 200, answer.body
    response = answer.body["entry"][0]["resource"]
    assert response["resourceType"] == "ClaimResponse"
    assert set(actions(response).values()) <= {"A1", "A4", "NA"}
    sent = {entry["fullUrl"] for entry in bundle["entry"][1:]}
    assert sent <= {entry["fullUrl"] for entry in answer.body["entry"]}


def test_a_repeated_request_finds_the_same_case(careloom: StartedHost) -> None:
    bundle = sample_bundle("auto-approved")
    first, again = submit(careloom, bundle), submit(careloom, bundle)
    case_id = first.headers["x-careloom-case-id"]
    assert again.headers["x-careloom-case-id"] == case_id
    assert actions(again.body["entry"][0]["resource"]) == {1: "A1"}
    events = [step["event"] for step in case_of(careloom, case_id)["timeline"]]
    assert events.count("decision_issued") == 1


def _post_raw(host: StartedHost, body: bytes) -> tuple[int, dict[str, object]]:
    request = urllib.request.Request(  # noqa: S310 - our own host
        host.url + SUBMIT, body, {"content-type": "application/fhir+json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_broken_json_is_answered_with_an_operation_outcome(careloom: StartedHost) -> None:
    status, body = _post_raw(careloom, b'{"resourceType": "Bundle", ')
    assert status == 400
    assert body["resourceType"] == "OperationOutcome"


@pytest.mark.parametrize(
    "name", ["x" * 5 * 1024 * 1024, "\u00e9" * 700_000, "x" * 1_200_000], ids=len
)
def test_what_is_too_large_to_be_kept_is_refused_and_the_host_lives_on(
    careloom: StartedHost, name: str
) -> None:
    bundle = fresh(sample_bundle("auto-approved"))
    bundle["entry"][1]["resource"]["name"] = name
    status, body = _post_raw(careloom, json.dumps(bundle, ensure_ascii=False).encode())
    assert (status, body["resourceType"]) == (413, "OperationOutcome")
    assert "Cosmos" not in str(body)
    assert careloom.get("/api/health").status == 200


def test_a_bundle_that_does_not_begin_with_a_claim_is_refused(careloom: StartedHost) -> None:
    bundle = sample_bundle("auto-approved")
    bundle["entry"].append(bundle["entry"].pop(0))
    answer = submit(careloom, bundle)
    assert answer.status == 400
    assert answer.body["issue"][0]["severity"] == "error"


def test_a_reference_that_leads_nowhere_is_refused(careloom: StartedHost) -> None:
    bundle = sample_bundle("auto-approved")
    bundle["entry"][0]["resource"]["patient"]["reference"] = "Patient/nobody"
    answer = submit(careloom, bundle)
    assert answer.status == 400
    assert "patient.reference" in json.dumps(answer.body)


def test_an_item_without_a_code_is_refused(careloom: StartedHost) -> None:
    bundle = sample_bundle("auto-approved")
    del bundle["entry"][0]["resource"]["item"][0]["productOrService"]
    answer = submit(careloom, bundle)
    assert answer.status == 400
    assert "productOrService" in json.dumps(answer.body)


def test_a_case_is_answered_in_the_version_of_whoever_asks(careloom: StartedHost) -> None:
    bundle = fresh(sample_bundle("surgery-with-review"))
    [profile] = bundle["meta"]["profile"]
    outcomes = []
    for version in ("2.0.1", "2.2.1"):
        bundle["meta"]["profile"] = [f"{profile}|{version}"]
        response = submit(careloom, bundle).body["entry"][0]["resource"]
        assert actions(response) == {1: "A4"}
        outcomes.append(response["outcome"])
    assert outcomes == ["queued", "complete"]


def test_an_update_goes_to_the_one_of_two_cases_that_it_describes(careloom: StartedHost) -> None:
    consultation, surgery = sample_bundle("auto-approved"), sample_bundle("surgery-with-review")
    shared = uuid4().hex
    for bundle in (consultation, surgery):
        bundle["entry"][0]["resource"]["identifier"][0]["value"] = shared
    for bundle in (consultation, surgery):
        case_id = submit(careloom, bundle).headers["x-careloom-case-id"]
    update = fresh(sample_bundle("update"))
    [prior] = [each["resource"] for each in update["entry"] if each["resource"]["id"] == "prior"]
    prior["identifier"][0]["value"] = shared
    answer = submit(careloom, update)
    assert answer.headers["x-careloom-case-id"] == case_id


def test_another_request_under_the_same_identifier_is_another_case(careloom: StartedHost) -> None:
    first, second = sample_bundle("auto-approved"), sample_bundle("surgery-with-review")
    for bundle in (first, second):
        bundle["entry"][0]["resource"]["identifier"][0]["value"] = "shared-by-two"
    answers = [submit(careloom, bundle) for bundle in (first, second, second)]
    ids = [answer.headers["x-careloom-case-id"] for answer in answers]
    assert ids[0] != ids[1] == ids[2]
    assert actions(answers[1].body["entry"][0]["resource"]) == {1: "A4"}
