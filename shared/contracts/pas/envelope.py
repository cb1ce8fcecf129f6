"""The bundle around a Claim, and what every Claim of Da Vinci PAS says of itself."""

from dataclasses import dataclass
from typing import Any

from shared.contracts.pas.element import Element
from shared.contracts.pas.entries import Entries, logical_identifier
from shared.contracts.pas.issues import Findings, Malformed
from shared.contracts.pas.json_body import read_resource
from shared.contracts.pas.names import CLAIM_TYPE, CLAIM_TYPES, V2_0_1, V2_2_1
from shared.contracts.pas.parties import (
    INSURERS,
    REQUESTORS,
    check_patient,
    read_member,
    read_party,
)
from shared.contracts.pas.profiles import check_rows, pas_rows
from shared.domain.prior_authorization.request import Identifier, Party


@dataclass(frozen=True, slots=True)
class Envelope:
    """A bundle whose first entry is a Claim."""

    bundle: dict[str, Any]
    entries: Entries
    claim: Element
    findings: Findings


@dataclass(frozen=True, slots=True)
class Participants:
    """Who takes part in a Claim; each is None where a fault was noted.

    Attributes:
        patient: None also where the claim names him by an identifier only.
        patient_reference: the fullUrl of the member's Patient.
    """

    member: Identifier | None
    requestor: Party | None
    insurer: Party | None
    patient: Element | None
    patient_reference: str
    version: str


def open_envelope(body: bytes) -> Envelope:
    """The bundle in a request's body.

    Raises:
        Malformed: the body is no bundle that begins with a Claim.

    Source:
        Da Vinci PAS, profile pas-request-bundle: a collection with identifier and timestamp,
        each entry with a fullUrl, the Claim first.
    """
    bundle = _unwrapped(read_resource(body))
    findings = Findings()
    root = Element(bundle, "Bundle", findings)
    if root.text("resourceType") != "Bundle":
        findings.error("structure", "The resource must be a Bundle.")
        findings.raise_errors()
    if root.text("type") != "collection":
        root.error("value", "type must be collection.", "type")
    if root.required("identifier") and root.child("identifier") is None:
        root.error("structure", "identifier must be an object.", "identifier")
    if not root.moment("timestamp") and "timestamp" not in bundle:
        root.error("required", "timestamp is missing.", "timestamp")
    if "entry" not in bundle:
        root.error("required", "entry is missing.", "entry")
    entries = Entries(bundle, findings)
    claim = entries.first
    if claim is None or claim.text("resourceType") != "Claim":
        findings.error("structure", "The first entry must be a Claim.", "Bundle.entry[0].resource")
        raise Malformed(findings.issues)
    _check_header(claim)
    return Envelope(bundle, entries, claim, findings)


def _unwrapped(body: dict[str, Any]) -> dict[str, Any]:
    """The bundle, taken out of Parameters where it came in them.

    Source: FHIR R4, operations: a sole resource parameter may be sent bare or in Parameters.
    """
    parameters = body.get("parameter")
    if body.get("resourceType") == "Parameters" and isinstance(parameters, list):
        only = parameters[0] if len(parameters) == 1 else None
        resource = only.get("resource") if isinstance(only, dict) else None
        if isinstance(resource, dict):
            return resource
    return body


def claimed_profiles(resource: Element) -> list[str]:
    """The profiles in a resource's meta."""
    meta = resource.child("meta")
    profiles = meta.json.get("profile") if meta else None
    return (
        [each for each in profiles if isinstance(each, str)] if isinstance(profiles, list) else []
    )


def read_participants(envelope: Envelope) -> Participants:
    """The member, the requestor and the insurer of the Claim; a missing one is noted."""
    claim, entries = envelope.claim, envelope.entries
    for name in ("patient", "insurer", "provider"):
        claim.required(name)
    patient = entries.resolve(claim, "patient", {"Patient"}, holder=claim)
    coverage = _read_coverage(claim, entries, patient)
    member = logical_identifier(claim, "patient") if patient is None else None
    member = member or read_member(patient, coverage)
    if member is None and "patient" in claim.json:
        claim.error("required", "The patient has no member identifier.", "patient")
    version = _version(envelope, coverage)
    check_rows(claim, pas_rows("profile-claim-base", version))
    if patient:
        check_rows(patient, pas_rows("profile-beneficiary", version))
    if coverage:
        check_rows(coverage, pas_rows("profile-coverage", version))
    requestor = read_party(claim, "provider", REQUESTORS, entries, holder=claim, version=version)
    if requestor is None and "provider" in claim.json:
        claim.error("required", "The provider has no identifier.", "provider")
    insurer = read_party(claim, "insurer", INSURERS, entries, holder=claim, version=version)
    if insurer is None and "insurer" in claim.json:
        claim.error("required", "The insurer has no identifier.", "insurer")
    return Participants(
        member,
        requestor,
        insurer,
        patient,
        entries.url_of(patient) if patient else "",
        version,
    )


def _check_header(claim: Element) -> None:
    """Note what is wrong with the elements that classify the Claim."""
    if claim.text("status") != "active":
        claim.error("value", "status must be active.", "status")
    if claim.text("use") != "preauthorization":
        claim.error("value", "use must be preauthorization.", "use")
    kind = claim.required("type")
    if kind and not claim.codings("type"):
        kind.error("required", "type needs a coding with system and code.")
    claim.code("type", CLAIM_TYPE, CLAIM_TYPES)


def _read_coverage(claim: Element, entries: Entries, patient: Element | None) -> Element | None:
    """The coverage that the request is made against."""
    insurances = list(claim.children("insurance"))
    if not insurances:
        claim.error("required", "insurance is missing.", "insurance")
        return None
    focal = [each for each in insurances if each.flag("focal")]
    if not focal:
        insurances[0].error("value", "focal must be true for the coverage asked.", "focal")
    found = None
    for insurance in insurances:
        insurance.required("coverage")
        coverage = entries.resolve(insurance, "coverage", {"Coverage"}, holder=claim)
        if coverage:
            _check_coverage(coverage, entries, patient)
        if found is None and (insurance in focal or not focal):
            found = coverage
    return found


def _check_coverage(coverage: Element, entries: Entries, patient: Element | None) -> None:
    """Note what a coverage has wrong.

    Source: Da Vinci PAS, profile coverage: the subscriber is a patient, the payor an insurer.
    """
    coverage.required("beneficiary")
    check_patient(coverage, "beneficiary", patient, entries)
    if coverage.text("status") != "active":
        coverage.error("value", "status must be active.", "status")
    if "payor" not in coverage.json:
        coverage.error("required", "payor is missing.", "payor")
    for payor in coverage.children("payor"):
        entries.follow(payor, "payor", INSURERS, holder=coverage)
    entries.resolve(coverage, "subscriber", {"Patient"}, holder=coverage)


def _version(envelope: Envelope, coverage: Element | None) -> str:
    """Which PAS version the sender speaks: the one it names, else the one its coverage tells.

    Source:
        PAS 2.2.1 asks for a member identifier on the coverage, which the versions before it do
        not (FHIR-55642); profiles are mostly named without their version.
    """
    bundle = Element(envelope.bundle, "Bundle", envelope.findings)
    for profile in claimed_profiles(bundle) + claimed_profiles(envelope.claim):
        version = profile.partition("|")[2]
        if version:
            return V2_2_1 if version.startswith(("2.1", "2.2")) else V2_0_1
    identifiers = coverage.children("identifier") if coverage else ()
    return V2_2_1 if any(each.is_typed("MB") for each in identifiers) else V2_0_1
