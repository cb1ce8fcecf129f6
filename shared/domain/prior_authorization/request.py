"""What a provider asks for, in the payer's words, freed of its wire format."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from shared.domain.prior_authorization.codes import CertificationType, InfoChange, Urgency

NPI = "http://hl7.org/fhir/sid/us-npi"  # The system of national provider numbers.


@dataclass(frozen=True, slots=True)
class Identifier:
    """A business identifier: unique within its system."""

    system: str
    value: str

    def __str__(self) -> str:
        return f"{self.system}|{self.value}"


@dataclass(frozen=True, slots=True)
class Coding:
    """A code of a code system."""

    system: str
    code: str
    display: str = ""


@dataclass(frozen=True, slots=True)
class Party:
    """An organisation or a practitioner, by the identifier the payer knows."""

    identifier: Identifier
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceItem:
    """One service asked for.

    Attributes:
        sequence: Claim.item.sequence, the tracing id through the whole life of the item.
        quantity: how many units of service; None where the provider did not say.
        request_type: X12 1525 code of the kind of review, such as AR for an admission.
        served_from: first day of service; served_to: the last, both None where not said.
        modifiers: modifier codes of the service, such as a side of the body.
        diagnosis_codes: ICD-10-CM codes of the diagnoses this item points at.
    """

    sequence: int
    service: Coding
    category: str = ""
    request_type: str = ""
    certification_type: CertificationType = CertificationType.INITIAL
    quantity: Decimal | None = None
    unit: str = ""
    served_from: date | None = None
    served_to: date | None = None
    place_of_service: str = ""
    modifiers: tuple[str, ...] = ()
    diagnosis_codes: tuple[str, ...] = ()
    provider: Party | None = None
    trace_numbers: tuple[Identifier, ...] = ()
    change: InfoChange | None = None

    @property
    def asked(self) -> tuple[object, ...]:
        """What a decision on this item is a decision on: equal for items that ask the same."""
        return (
            self.service.code,
            self.modifiers,
            None if self.quantity is None else self.quantity.normalize(),
            self.unit,
            self.served_from,
            self.served_to,
            self.place_of_service,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachedDocument:
    """A document that came with the request or after it.

    Attributes:
        kind: LOINC or X12 755 code of what it is; questionnaire: canonical URL for a DTR answer.
    """

    kind: str
    title: str = ""
    questionnaire: str = ""
    received_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationRequest:
    """A request for prior authorization.

    Attributes:
        identifier: Claim.identifier; the same one is the same case.
        profile_version: the Da Vinci PAS version spoken, "2.2.1" or "2.0.1".
        replaces: Claim.related.claim's identifier, where this updates an earlier request.
        prior_services: sequence and service code of each item of that earlier request, as far as
            the update says; prior_asked: its `asked`, where the update brings it whole.
        is_differential: an update that says only what changes.
        created: Claim.created.
    """

    identifier: Identifier
    profile_version: str
    created: datetime
    urgency: Urgency
    member: Identifier
    requestor: Party
    insurer: Party
    items: tuple[ServiceItem, ...]
    certification_type: CertificationType = CertificationType.INITIAL
    diagnosis_codes: tuple[str, ...] = ()
    documents: tuple[AttachedDocument, ...] = ()
    replaces: Identifier | None = None
    prior_services: tuple[tuple[int, str], ...] = ()
    prior_asked: str = ""
    patient_reference: str = ""
    is_differential: bool = False

    @property
    def asked(self) -> str:
        """Who asks what for whom and why, as one text: equal for a request that is sent again.

        A claim identifier alone does not tell: published examples of different requests share one,
        and another organisation may use it. What a client makes anew with each sending, such as
        the envelope and its time, is not in it.
        """
        items = {item.sequence: item.asked for item in self.items}
        diagnoses = sorted(set(self.diagnosis_codes))
        return f"{self.requestor.identifier} {self.member} {sorted(items.items())} {diagnoses}"

    @property
    def numbered_services(self) -> tuple[tuple[int, str], ...]:
        """Sequence and service code of each item, by sequence."""
        return tuple(sorted((item.sequence, item.service.code) for item in self.items))

    @property
    def services(self) -> str:
        """What is asked for and when, as one text: equal for requests that ask the same."""
        asked = {
            f"{item.service.code}@{item.served_from or ''}"
            for item in self.items
            if item.certification_type is not CertificationType.CANCEL
        }
        return ",".join(sorted(asked))
