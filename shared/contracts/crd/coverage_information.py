"""What the plan will ask for each order, written as CRD coverage information."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from shared.contracts.crd.hook_request import Order
from shared.domain.prior_authorization.request import Coding

Resource = dict[str, Any]

COVERAGE_INFORMATION = (
    "http://hl7.org/fhir/us/davinci-crd/StructureDefinition/ext-coverage-information"
)
_TOPICS = "http://hl7.org/fhir/us/davinci-crd/CodeSystem/temp"
_SUMMARY_LENGTH_MAX = 140


class Covered(StrEnum):
    """Whether the plan covers what is ordered."""

    COVERED = "covered"
    NOT_COVERED = "not-covered"
    CONDITIONAL = "conditional"


class PriorAuthorizationNeed(StrEnum):
    """Whether prior authorization is needed for what is ordered."""

    NO_AUTH = "no-auth"
    AUTH_NEEDED = "auth-needed"
    SATISFIED = "satisfied"
    PERFORMER_DECIDES = "performpa"
    CONDITIONAL = "conditional"


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageInformation:
    """What the rules say of one order.

    Attributes:
        need: None for what is not covered at all.
        documents_needed: kinds of documentation, such as clinical; purpose: what they are for,
            such as withpa.
        information_needed: what the answer depends on, such as performer; exactly where one
            answer is conditional.
        questionnaire: canonical URL of the DTR questionnaire; empty for none.
        authorization_number: of the authorization that satisfies the need.
        assertion_id: by which this answer can be found again.
        reason: a sentence for the orderer; empty for none.
    """

    coverage_reference: str
    covered: Covered
    need: PriorAuthorizationNeed | None
    asserted_on: date
    assertion_id: str
    billing_codes: tuple[Coding, ...] = ()
    documents_needed: tuple[str, ...] = ()
    document_purposes: tuple[str, ...] = ()
    information_needed: tuple[str, ...] = ()
    questionnaire: str = ""
    authorization_number: str = ""
    reason: str = ""

    def __post_init__(self) -> None:
        """Hold the profile's invariants crd-ci-q1 to q5.

        Raises:
            ValueError: the answer contradicts itself, which is a fault of its maker.
        """
        is_conditional = (
            self.covered is Covered.CONDITIONAL or self.need is PriorAuthorizationNeed.CONDITIONAL
        )
        is_satisfied = self.need is PriorAuthorizationNeed.SATISFIED
        contradictions = (
            (self.questionnaire and not self.documents_needed, "a questionnaire for no document"),
            (self.covered is Covered.NOT_COVERED and self.need, "a need for what is not covered"),
            (is_conditional != bool(self.information_needed), "conditional on nothing"),
            (is_satisfied and "withpa" in self.document_purposes, "documents for what is settled"),
            (is_satisfied != bool(self.authorization_number), "satisfied by no authorization"),
        )
        for is_wrong, name in contradictions:
            if is_wrong:
                raise ValueError(f"coverage information says {name}")


def coverage_information_response(
    answers: Sequence[tuple[Order, CoverageInformation]],
) -> Resource:
    """The answer to a hook: each order updated with its coverage information, and cards to read.

    Source:
        CDS Hooks 2.0, system actions; Da Vinci CRD 2.1, coverage information response.
    """
    response: Resource = {
        "cards": [
            _card(order, information)
            for order, information in answers
            if information.need is PriorAuthorizationNeed.AUTH_NEEDED or information.reason
        ]
    }
    if answers:
        response["systemActions"] = [
            {
                "type": "update",
                "description": f"Added coverage information to {order.reference}.",
                "resource": _updated(order, information),
            }
            for order, information in answers
        ]
    return response


def _updated(order: Order, information: CoverageInformation) -> Resource:
    """The order with this answer in place of an older one for the same coverage."""
    coverage = {"url": "coverage", "valueReference": {"reference": information.coverage_reference}}
    kept = [
        each
        for each in order.resource.get("extension", ())
        if each.get("url") != COVERAGE_INFORMATION or coverage not in each.get("extension", ())
    ]
    extension = {"extension": [coverage, *_parts(information)], "url": COVERAGE_INFORMATION}
    return order.resource | {"extension": [*kept, extension]}


def _parts(information: CoverageInformation) -> list[Resource]:
    """The parts of the extension after its coverage, in the order of the profile."""
    parts: list[Resource] = [{"url": "covered", "valueCode": information.covered.value}]
    if information.need:
        parts.append({"url": "pa-needed", "valueCode": information.need.value})
    coded = (
        ("doc-needed", information.documents_needed),
        ("doc-purpose", information.document_purposes),
        ("info-needed", information.information_needed),
    )
    parts += [{"url": url, "valueCode": code} for url, codes in coded for code in codes]
    parts += [
        {"url": "billingCode", "valueCoding": {"system": each.system, "code": each.code}}
        for each in information.billing_codes
    ]
    if information.reason:
        parts.append({"url": "reason", "valueCodeableConcept": {"text": information.reason}})
    if information.questionnaire:
        parts.append({"url": "questionnaire", "valueCanonical": information.questionnaire})
    parts.append({"url": "date", "valueDate": information.asserted_on.isoformat()})
    parts.append({"url": "coverage-assertion-id", "valueString": information.assertion_id})
    if information.authorization_number:
        parts.append({"url": "satisfied-pa-id", "valueString": information.authorization_number})
    return parts


def _card(order: Order, information: CoverageInformation) -> Resource:
    """What the orderer reads."""
    kind = order.reference.partition("/")[0]
    needs = information.need is PriorAuthorizationNeed.AUTH_NEEDED
    summary = f"{kind}: prior authorization is needed" if needs else f"{kind}: coverage information"
    return {
        "summary": summary[:_SUMMARY_LENGTH_MAX],
        "indicator": "info",
        "source": {
            "label": "Careloom",
            "topic": {
                "system": _TOPICS,
                "code": "coverage-info",
                "display": "Coverage information",
            },
        },
    } | ({"detail": information.reason} if information.reason else {})
