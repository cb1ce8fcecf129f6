"""Inquiries and attachments, made of the requests that they are about."""

import copy
from typing import Any
from uuid import uuid4

from localhost.sample_case import sample_bundle
from localhost.started_host import Answer, StartedHost
from shared.contracts.pas import validate_response
from tests.triggers.sending import fresh

INQUIRE = "/api/fhir/Claim/$inquire"
ATTACH = "/api/fhir/$submit-attachment"
PAS = "http://hl7.org/fhir/us/davinci-pas/StructureDefinition/"
MEMBERS = "https://careloom.example/members"


def inquiry_for(
    bundle: dict[str, Any], *, items: list[dict[str, Any]] | None = None, **changes: Any
) -> dict[str, Any]:
    """The inquiry of the requestor of a bundle for the same member.

    Args:
        items: what is looked for; nothing where they are left out.
        changes: elements of the inquiry's Claim.
    """
    asked = copy.deepcopy(bundle)
    asked["meta"] = {"profile": [f"{PAS}profile-pas-inquiry-request-bundle"]}
    claim = asked["entry"][0]["resource"]
    for name in ("supportingInfo", "related", "diagnosis", "item", "extension"):
        claim.pop(name, None)
    claim["meta"] = {"profile": [f"{PAS}profile-claim-inquiry"]}
    claim["identifier"] = [{"system": "https://provider.example/inquiries", "value": uuid4().hex}]
    claim |= changes | ({"item": items} if items else {})
    return asked


def item_like(**elements: Any) -> dict[str, Any]:
    """An item of an inquiry."""
    code = elements.pop("code", "27447")
    system = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
    coding = [{"system": system, "code": code}]
    return {"sequence": 1, "productOrService": {"coding": coding}} | elements


def inquire(host: StartedHost, inquiry: dict[str, Any]) -> list[dict[str, Any]]:
    """The response bundles that an inquiry finds; each keeps the profile."""
    answer = host.post(INQUIRE, inquiry)
    assert answer.status == 200, answer.body
    assert answer.headers["content-type"].startswith("application/fhir+json")
    if answer.body["resourceType"] == "Bundle":
        _keeps_profile(answer.body, "2.0.1")
        return [answer.body]
    _keeps_profile(answer.body, "2.2.1")
    return [each["resource"] for each in answer.body.get("parameter", ())]


def claim_identifiers(found: list[dict[str, Any]]) -> set[str]:
    """Of the claims that the answers are to."""
    return {
        identifier["value"]
        for bundle in found
        for entry in bundle["entry"]
        if entry["resource"]["resourceType"] == "Claim"
        for identifier in entry["resource"].get("identifier", ())
    }


def of_member(name: str, member: str) -> dict[str, Any]:
    """A sample, asked for another member, so that a test sees only its own cases."""
    bundle = fresh(sample_bundle(name))
    for entry in bundle["entry"]:
        for identifier in entry["resource"].get("identifier", ()):
            if identifier.get("system") == MEMBERS:
                identifier["value"] = member
    return bundle


def documents(
    tracking: str, *, member: str = "", system: str = "", final: bool = True, note: str = "report"
) -> dict[str, Any]:
    """The Parameters of a $submit-attachment."""
    identifier = {"value": tracking} | ({"system": system} if system else {})
    loinc = {"coding": [{"system": "http://loinc.org", "code": "18748-4"}]}
    content = {
        "resourceType": "DocumentReference",
        "status": "current",
        "type": loinc,
        "content": [{"attachment": {"contentType": "text/plain", "title": note}}],
    }
    parameters = [
        {"name": "TrackingId", "valueIdentifier": identifier},
        {"name": "AttachTo", "valueCode": "preauthorization"},
        {
            "name": "Attachment",
            "part": [
                {"name": "Code", "valueCodeableConcept": loinc},
                {"name": "Content", "resource": content},
            ],
        },
        {"name": "Final", "valueBoolean": final},
    ]
    if member:
        parameters.append({"name": "MemberId", "valueIdentifier": {"value": member}})
    return {"resourceType": "Parameters", "parameter": parameters}


def attach(host: StartedHost, content: dict[str, Any]) -> Answer:
    """Send documents."""
    return host.post(ATTACH, content)


def _keeps_profile(answer: dict[str, Any], version: str) -> None:
    issues = validate_response(answer, version=version)
    assert not issues, issues
