"""Our own check of a response bundle against the rules of its profile.

The tests hold everything that we answer to it; a payer's answer that we receive can be held too.
"""

from typing import Any

from shared.contracts.pas.base_structure import check_base_structure
from shared.contracts.pas.claim_extensions import check_values
from shared.contracts.pas.element import Element
from shared.contracts.pas.entries import Entries
from shared.contracts.pas.envelope import claimed_profiles
from shared.contracts.pas.issues import Findings, Issue
from shared.contracts.pas.names import (
    ADJUDICATION,
    CLAIM_TYPE,
    CLAIM_TYPES,
    EXTENSION,
    PROFILE,
    REVIEW_REASON,
    V2_0_1,
    V2_2_1,
    x12,
)
from shared.contracts.pas.parties import REQUESTORS
from shared.contracts.pas.task_check import check_task
from shared.domain.prior_authorization.codes import ReviewAction
from shared.domain.prior_authorization.request import Identifier

Resource = dict[str, Any]

_OUTCOMES = frozenset({"queued", "complete", "error", "partial"})
_REVIEW_ACTIONS = frozenset(ReviewAction)
_REVIEW_PARTS = frozenset(
    {"number", "reasonCode", "secondSurgicalOpinionFlag", EXTENSION + "reviewActionCode"}
)
_REFERENCES = (
    ("patient", frozenset({"Patient"}), True),
    ("insurer", frozenset({"Organization"}), True),
    ("requestor", REQUESTORS, False),
    ("request", frozenset({"Claim"}), False),
)
_PART_VALUES = {
    "number": "valueString",
    "reasonCode": "valueCodeableConcept",
    "secondSurgicalOpinionFlag": "valueBoolean",
}
# Each of these stands at most once on an item.
_ITEM_EXTENSIONS = (
    "itemPreAuthIssueDate",
    "itemPreAuthPeriod",
    "authorizationNumber",
    "administrationReferenceNumber",
    "itemRequestedServiceDate",
    "itemAuthorizedDetail",
)


def validate_response(response: Resource, *, version: str = V2_0_1) -> list[Issue]:
    """What is wrong with an answer to $submit or $inquire; empty where nothing is.

    Args:
        response: a response bundle, or the Parameters with bundles of a 2.2.1 inquiry.
        version: the PAS version to hold it to.

    Source:
        Da Vinci PAS, profiles pas-response-bundle, claimresponse, their inquiry twins, task. Since
        2.2 the bundle needs its identifier and the response its request, and outcome is not
        queued any more; only 2.0.1 answers an inquiry with several ClaimResponses in a bundle.
    """
    if response.get("resourceType") == "Parameters":
        parameters = response.get("parameter", [])
        return [
            issue
            for each in parameters
            for issue in validate_response(each["resource"], version=version)
        ]
    findings = Findings()
    root = Element(response, "Bundle", findings)
    if root.text("resourceType") != "Bundle":
        findings.error("structure", "The resource must be a Bundle.")
        return findings.issues
    if root.text("type") != "collection":
        root.error("value", "type must be collection.", "type")
    if root.moment("timestamp") is None:
        root.error("required", "timestamp is missing.", "timestamp")
    if version == V2_2_1:
        root.required("identifier")
    entries = Entries(response, findings)
    first = entries.first
    if first is None or first.text("resourceType") != "ClaimResponse":
        root.error("structure", "The first entry must be a ClaimResponse.", "entry[0].resource")
        return findings.issues
    resources = [found for entry in root.children("entry") if (found := entry.child("resource"))]
    responses = [each for each in resources if each.text("resourceType") == "ClaimResponse"]
    submits = PROFILE + "profile-pas-response-bundle" in claimed_profiles(root)
    if len(responses) > 1 and (submits or version == V2_2_1):
        root.error("structure", "A response bundle has one ClaimResponse.", "entry")
    for resource in resources:
        _check_resource(resource, entries, version)
    if not any(issue.severity == "error" for issue in findings.issues):
        check_base_structure(response, findings)
    return findings.issues


def _check_resource(resource: Element, entries: Entries, version: str) -> None:
    """Note what is wrong with a resource of ours; the echoed ones are the sender's."""
    kind = resource.text("resourceType")
    if kind == "ClaimResponse":
        _check_claim_response(resource, entries, version)
    elif kind == "Task":
        check_task(resource, version)


def _check_claim_response(response: Element, entries: Entries, version: str) -> None:
    if response.text("status") != "active":
        response.error("value", "status must be active.", "status")
    if response.text("use") != "preauthorization":
        response.error("value", "use must be preauthorization.", "use")
    response.required("type")
    response.code("type", CLAIM_TYPE, CLAIM_TYPES)
    if response.moment("created") is None:
        response.error("required", "created is missing.", "created")
    for name, types, is_required in _REFERENCES:
        if is_required:
            response.required(name)
        entries.resolve(response, name, types, holder=response)
    response.period("preAuthPeriod")
    check_values(response)
    response.extension("claimResponseReviewer")
    outcome = response.text("outcome")
    if version == V2_2_1:
        _check_since_2_2(response)
    if outcome not in _OUTCOMES or (version == V2_2_1 and outcome == "queued"):
        response.error("code-invalid", "outcome is no code of FHIR.", "outcome")
    _check_errors(response, version, is_error=outcome == "error")
    notes = _check_notes(response)
    _check_items(response, notes)
    _check_traces(response, entries)


def _check_since_2_2(response: Element) -> None:
    """What 2.0.1 left open."""
    response.required("request")
    for identifier in response.children("identifier"):
        for name in ("system", "value"):
            if not identifier.text(name):
                identifier.error("required", f"{name} is missing.", name)


def _check_errors(response: Element, version: str, *, is_error: bool) -> None:
    """Outcome error and the element error go together."""
    errors = list(response.children("error"))
    if is_error != bool(errors):
        response.error("invariant", "outcome error and element error go together.", "error")
    for error in errors:
        if not error.code("code", x12("901")):
            error.error("required", "An error needs a code of X12 901.", "code")
        followup = error.extension("errorFollowupAction")
        if followup and not followup.code("valueCodeableConcept", x12("889")):
            followup.error("required", "A follow-up action needs a code of X12 889.")
        check_values(error)
        error.extension("errorPath")
        element = error.extension("errorElement")
        if element and ("valueString" in element.json) != (version == V2_0_1):
            element.error("structure", "errorElement is a string in 2.0.1, of parts since 2.2.")


def _check_notes(response: Element) -> set[int]:
    """The numbers of the notes."""
    numbers: set[int] = set()
    for note in response.children("processNote"):
        number = note.positive("number")
        if number is None:
            note.error("required", "number is missing.", "number")
        elif number in numbers:
            note.error("duplicate", "Another note has the same number.", "number")
        else:
            numbers.add(number)
        if not note.text("text"):
            note.error("required", "text is missing.", "text")
    return numbers


def _check_items(response: Element, notes: set[int]) -> None:
    sequences: set[int] = set()
    modified: set[int] = set()
    for item in response.children("item"):
        sequence = item.positive("itemSequence")
        if sequence is None:
            item.error("required", "itemSequence is missing.", "itemSequence")
            continue
        sequences.add(sequence)
        if not set(item.positives("noteNumber")) <= notes:
            item.error("not-found", "noteNumber points at no note.", "noteNumber")
        check_values(item)
        for name in _ITEM_EXTENSIONS:
            item.extension(name)
        if ReviewAction.MODIFIED in _check_adjudication(item):
            modified.add(sequence)
    added: set[int] = set()
    for item in response.children("addItem"):
        links = item.positives("itemSequence")
        if len(links) != 1 or not set(links) <= sequences:
            item.error("value", "addItem needs one itemSequence of an item.", "itemSequence")
        added.update(links)
        check_values(item)
        item.required("productOrService")
        _check_adjudication(item)
    if not modified <= added:
        response.error("required", "A modified item needs an addItem.", "addItem")


def _check_traces(response: Element, entries: Entries) -> None:
    """An item's trace numbers are those that its request gave it.

    Source: X12 005010X217, 2000F TRN: what the requester assigned is returned.
    """
    request = response.child("request")
    claim = entries.find(request.text("reference"), response) if request else None
    if claim is None:
        return
    given: dict[object, set[Identifier]] = {}
    for item in claim.children("item"):
        given.setdefault(item.json.get("sequence"), set()).update(_traces(item))
    for item in response.children("item"):
        sent = given.get(item.json.get("itemSequence"))
        if sent is not None and not _traces(item) <= sent:
            item.error("value", "The request gave this item no such trace number.", "extension")


def _traces(item: Element) -> set[Identifier]:
    return {
        identifier
        for extension in item.extensions(EXTENSION + "itemTraceNumber")
        if (value := extension.child("valueIdentifier")) and (identifier := value.identifier())
    }


def _check_adjudication(item: Element) -> set[str]:
    """The review actions of an item."""
    actions: set[str] = set()
    adjudications = list(item.children("adjudication"))
    if not adjudications:
        item.error("required", "adjudication is missing.", "adjudication")
    for adjudication in adjudications:
        if adjudication.code("category", ADJUDICATION, {"submitted"}) != "submitted":
            adjudication.error("required", "category must be submitted.", "category")
        review = adjudication.extension("reviewAction")
        if review:
            actions.add(_check_review(review))
        else:
            adjudication.error("required", "reviewAction is missing.", "extension")
    return actions


def _check_review(review: Element) -> str:
    """The code of one review action; what should go with it is a warning where it lacks."""
    code = review.extension("reviewActionCode")
    action = code.code("valueCodeableConcept", x12("306"), _REVIEW_ACTIONS) if code else ""
    if not action:
        review.error("required", "reviewActionCode needs a code of X12 306.", "extension")
    check_values(review)
    parts = {each.text("url") for each in review.children("extension")}
    for part in review.children("extension"):
        expected = _PART_VALUES.get(part.text("url"))
        if expected and expected not in part.json:
            part.error("structure", f"This part of reviewAction must hold {expected}.")
        if part.text("url") == "reasonCode" and not part.code(
            "valueCodeableConcept", REVIEW_REASON
        ):
            part.error("code-invalid", "reasonCode needs a code of X12 886.")
    if unknown := parts - _REVIEW_PARTS:
        review.error("structure", f"reviewAction has {len(unknown)} unknown parts.", "extension")
    if action == ReviewAction.NOT_CERTIFIED and "reasonCode" not in parts:
        review.warn("required", "A denial should have a reasonCode of X12 886.", "extension")
    if action in _REVIEW_ACTIONS and ReviewAction(action).authorizes and "number" not in parts:
        review.warn("required", "A certification should have its number.", "extension")
    return action
