"""A Da Vinci PAS request bundle, read into the domain's AuthorizationRequest."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from shared.contracts.pas.base_structure import check_base_structure
from shared.contracts.pas.claim_extensions import check_extensions
from shared.contracts.pas.element import Element
from shared.contracts.pas.entries import Entries
from shared.contracts.pas.envelope import (
    Envelope,
    Participants,
    claimed_profiles,
    open_envelope,
    read_participants,
)
from shared.contracts.pas.issues import Findings, Issue
from shared.contracts.pas.item_reading import (
    CERTIFICATION_TYPES,
    ClaimContext,
    certification_of,
    read_items,
)
from shared.contracts.pas.names import (
    EXTENSION,
    LEVELS_OF_SERVICE,
    PRIORITIES,
    PRIORITY,
    PROFILE,
    V2_2_1,
    x12,
)
from shared.contracts.pas.orders import check_order
from shared.contracts.pas.parties import CARE_TEAM, check_no_other, read_party
from shared.contracts.pas.prior_claim import is_differential, read_prior
from shared.contracts.pas.profiles import Required, check_rows
from shared.contracts.pas.supporting_info import read_supporting_info
from shared.domain.prior_authorization.codes import CertificationType, Urgency
from shared.domain.prior_authorization.request import (
    AuthorizationRequest,
    Identifier,
    Party,
    ServiceItem,
)

_URGENT_LEVELS = frozenset({"03", "U"})
_IDENTIFIERS_MAX = 2
_OF_AN_IDENTIFIER = (Required("system"), Required("value"))
# What the extensions of a claim and its items point at.
_ORDERS = {
    EXTENSION + "requestedService": frozenset(
        {"DeviceRequest", "MedicationRequest", "NutritionOrder", "ServiceRequest"}
    ),
    "http://hl7.org/fhir/5.0/StructureDefinition/extension-Claim.encounter": frozenset(
        {"Encounter"}
    ),
}
_NOBODY = Party(Identifier("", ""))


class SubmissionKind(StrEnum):
    """What a $submit asks of the case."""

    NEW = "new"
    UPDATE = "update"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Submission:
    """A request as it was understood.

    Attributes:
        request: in the domain's words; a whole-case cancel may have no items.
        bundle: as received.
        warnings: what the sender should mend, though the request is accepted.
    """

    kind: SubmissionKind
    request: AuthorizationRequest
    bundle: dict[str, Any]
    warnings: tuple[Issue, ...] = ()


def read_submit(body: bytes) -> Submission:
    """The request in the body of a Claim/$submit.

    Raises:
        Malformed: with an issue for each fault found.

    Source:
        Da Vinci PAS 2.2.1 and 2.0.1, profiles pas-request-bundle, claim and claim-update.
    """
    envelope = open_envelope(body)
    participants = read_participants(envelope)
    kind, request = _read_claim(envelope, participants)
    envelope.findings.raise_errors()
    check_base_structure(envelope.bundle, envelope.findings)
    envelope.findings.raise_errors()
    return Submission(kind, request, envelope.bundle, tuple(envelope.findings.issues))


def _read_claim(
    envelope: Envelope, participants: Participants
) -> tuple[SubmissionKind, AuthorizationRequest]:
    """The Claim in the domain's words; complete only where no error was noted."""
    claim, entries = envelope.claim, envelope.entries
    if PROFILE + "profile-claim-inquiry" in claimed_profiles(claim):
        claim.error("value", "This is an inquiry; it belongs to $inquire.", "meta.profile")
    version = participants.version
    check_extensions(claim)
    _resolve_rest(claim, entries, participants)
    identifier = read_identifier(claim, version)
    diagnoses = read_diagnoses(claim)
    information = read_supporting_info(claim, entries, version, participants.patient)
    context = ClaimContext(
        version=version,
        diagnoses=diagnoses,
        care_team=read_care_team(claim, entries, version),
        information=information.sequences,
        event=information.event,
    )
    items = read_items(claim, context)
    certification = _claim_certification(claim)
    kind = _kind(claim, certification, items)
    prior = read_prior(claim, entries, items, version)
    replaces = prior.identifier
    if replaces is None and kind is not SubmissionKind.NEW:
        replaces = _same_identifier(claim, identifier, version)
    if "item" not in claim.json and kind is not SubmissionKind.CANCEL:
        claim.error("required", "item is missing.", "item")
    request = AuthorizationRequest(
        identifier=identifier or _NOBODY.identifier,
        profile_version=version,
        created=_read_created(claim),
        urgency=_read_urgency(claim),
        member=participants.member or _NOBODY.identifier,
        requestor=participants.requestor or _NOBODY,
        insurer=participants.insurer or _NOBODY,
        items=items,
        certification_type=certification_of(certification) if certification else _shared(items),
        diagnosis_codes=tuple(code for code in diagnoses.values() if code),
        documents=information.documents,
        replaces=replaces,
        prior_services=prior.services if kind is not SubmissionKind.NEW else (),
        is_differential=is_differential(claim),
        patient_reference=participants.patient_reference,
    )
    if prior.claim and kind is not SubmissionKind.NEW:
        request = replace(request, prior_asked=_asked_before(prior.claim, request, context))
    return kind, request


def _asked_before(prior: Element, request: AuthorizationRequest, context: ClaimContext) -> str:
    """What the prior claim asked; it was judged when it came, so its faults are not noted."""
    claim = Element(prior.json, prior.path, Findings())
    diagnoses = tuple(code for code in read_diagnoses(claim).values() if code)
    return replace(request, items=read_items(claim, context), diagnosis_codes=diagnoses).asked


def _same_identifier(
    claim: Element, identifier: Identifier | None, version: str
) -> Identifier | None:
    """What is replaced by an update that names no prior claim: the one of the same identifier.

    Source: the update example of PAS 2.0.1 does so; 2.2.1 asks for the prior claim.
    """
    if version == V2_2_1 and "related" not in claim.json:
        claim.error("required", "An update must name the claim that it updates.", "related")
    return identifier


def _read_created(claim: Element) -> datetime:
    if "created" not in claim.json:
        claim.error("required", "created is missing.", "created")
    return claim.moment("created") or datetime.min.replace(tzinfo=UTC)


def read_identifier(claim: Element, version: str) -> Identifier | None:
    """Claim.identifier: it makes a repeated request find its case.

    Source: Da Vinci PAS 2.2.1, profile claim: system and value; 2.0.1 leaves them open.
    """
    elements = list(claim.children("identifier"))
    if len(elements) > _IDENTIFIERS_MAX:
        claim.error("structure", "A claim has at most two identifiers.", "identifier")
    for each in elements:
        if version == V2_2_1:
            check_rows(each, _OF_AN_IDENTIFIER)
    found = next((found for each in elements if (found := each.identifier())), None)
    if found is None:
        details = "The claim needs an identifier with a value."
        claim.error("required", details, "identifier[0].value" if elements else "identifier")
    return found


def read_diagnoses(claim: Element) -> dict[int, str]:
    """The diagnosis code by its sequence."""
    diagnoses: dict[int, str] = {}
    for diagnosis in claim.children("diagnosis"):
        sequence = diagnosis.positive("sequence")
        codings = diagnosis.codings("diagnosisCodeableConcept")
        diagnosis.required("diagnosisCodeableConcept")
        if sequence is None:
            diagnosis.error("required", "sequence is missing.", "sequence")
        elif sequence in diagnoses:
            diagnosis.error("duplicate", "Another diagnosis has the same sequence.", "sequence")
        else:
            diagnoses[sequence] = codings[0].code if codings else ""
    return diagnoses


def read_care_team(claim: Element, entries: Entries, version: str) -> dict[int, Party | None]:
    """The provider by care team sequence."""
    team: dict[int, Party | None] = {}
    for member in claim.children("careTeam"):
        sequence = member.positive("sequence")
        member.required("provider")
        if version == V2_2_1 and member.extension("careTeamClaimScope") is None:
            member.error("required", "careTeamClaimScope is missing.", "extension")
        party = read_party(member, "provider", CARE_TEAM, entries, holder=claim, version=version)
        if sequence is None:
            member.error("required", "sequence is missing.", "sequence")
        elif sequence in team:
            member.error("duplicate", "Another careTeam has the same sequence.", "sequence")
        else:
            team[sequence] = party
    return team


def _resolve_rest(claim: Element, entries: Entries, participants: Participants) -> None:
    """Note what the Claim's other references point at that is not in the bundle."""
    for name in ("facility", "referral", "prescription", "enterer"):
        found = entries.resolve(claim, name, (), holder=claim)
        if found:
            check_no_other(found, participants.patient, entries)
    for holder in (claim, *claim.children("item")):
        for extension in holder.children("extension"):
            targets = _ORDERS.get(extension.text("url"), ())
            order = entries.resolve(extension, "valueReference", targets, holder=claim)
            if order and targets:
                check_order(order, participants.version, entries, participants.patient)


def _claim_certification(claim: Element) -> str:
    """The certification type of the whole Claim, where it says one."""
    extension = claim.extension("certificationType")
    if extension is None:
        return ""
    return extension.required_code("valueCodeableConcept", x12("1322"), CERTIFICATION_TYPES)


def _kind(claim: Element, certification: str, items: tuple[ServiceItem, ...]) -> SubmissionKind:
    """What the Claim asks of the case.

    Source: Da Vinci PAS, cancelling: certification type 3 on the claim; claim-update otherwise.
    """
    if certification == CertificationType.CANCEL:
        return SubmissionKind.CANCEL
    is_update = (
        "related" in claim.json
        or PROFILE + "profile-claim-update" in claimed_profiles(claim)
        or any(item.change for item in items)
    )
    return SubmissionKind.UPDATE if is_update else SubmissionKind.NEW


def _read_urgency(claim: Element) -> Urgency:
    """How fast the answer is needed: the level of service, or the priority, may say urgent.

    Source: FHIR R4, Claim.priority: an example binding, so that words alone will do.
    """
    claim.required("priority")
    speed = claim.code("priority", PRIORITY, PRIORITIES)
    extension = claim.extension("levelOfServiceCode")
    level = (
        extension.required_code("valueCodeableConcept", x12("1338"), LEVELS_OF_SERVICE)
        if extension
        else ""
    )
    return Urgency.URGENT if speed == "stat" or level in _URGENT_LEVELS else Urgency.STANDARD


def _shared(items: tuple[ServiceItem, ...]) -> CertificationType:
    """The certification type that all items have in common, else that of an initial request."""
    kinds = {item.certification_type for item in items}
    return kinds.pop() if len(kinds) == 1 else CertificationType.INITIAL
