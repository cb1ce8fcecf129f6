"""One case as a PASMetricData record, the guide's schema for measuring its use."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.contracts.pas.item_answer import encoded_identifier
from shared.domain.prior_authorization.codes import ReviewAction
from shared.domain.prior_authorization.decision import ItemDecision
from shared.domain.prior_authorization.request import (
    AuthorizationRequest,
    Coding,
    Party,
    ServiceItem,
)

Resource = dict[str, Any]

# The model has no partial result; the member got something other than he asked for.
_RESULTS = {
    ReviewAction.CERTIFIED: "approved",
    ReviewAction.CERTIFIED_PARTIAL: "modified",
    ReviewAction.NOT_CERTIFIED: "denied",
    ReviewAction.PENDED: "pended",
    ReviewAction.MODIFIED: "modified",
    ReviewAction.CANCELLED: "cancelled",
    ReviewAction.CONTACT_PAYER: "pended",
    ReviewAction.NOT_REQUIRED: "approved",
}
_INPATIENT_PLACES = frozenset({"21", "31", "51", "61"})
_HOME_PLACE = "12"


@dataclass(frozen=True, slots=True)
class Exchange:
    """One message to the payer and its answer.

    Attributes:
        kind: initial, subsequent, cancel, update, query or initialDocToPayer.
        http_status: of the answer, such as "200".
    """

    kind: str
    received_at: datetime
    answered_at: datetime | None
    http_status: str


@dataclass(frozen=True, slots=True)
class RequestedDocument:
    """One document that was asked for; submitted_at is None until it came."""

    code: Coding
    requested_at: datetime
    submitted_at: datetime | None = None


def metric_data(
    request: AuthorizationRequest,
    decisions: Sequence[ItemDecision],
    exchanges: Sequence[Exchange],
    *,
    requested_documents: Sequence[RequestedDocument] = (),
    line_of_business: str = "",
) -> Resource:
    """The record of one case.

    Args:
        exchanges: at least one, the first submission first.

    Source:
        Da Vinci PAS 2.2.1, logical model PASMetricData, as the payer collects it.
    """
    provider = next((item.provider for item in request.items if item.provider), request.requestor)
    record: Resource = {
        "source": "payer",
        "providerId": _identifier(provider),
        "groupId": _identifier(request.requestor),
        "payerId": _identifier(request.insurer),
        "exchange": [_exchange(each) for each in exchanges],
    }
    latest = {each.sequence: each for each in decisions}
    pends = sum(1 for each in exchanges if each.answered_at)
    details = [
        _item(item, latest.get(item.sequence), exchanges[0].received_at, pends)
        for item in request.items
    ]
    questionnaires = [each.questionnaire for each in request.documents if each.questionnaire]
    if details:
        record["itemDetail"] = details
    if questionnaires:
        record["supportingDoc"] = questionnaires
    if requested_documents:
        record["requestedDoc"] = [_document(each) for each in requested_documents]
    if line_of_business:
        record["businessLine"] = {"text": line_of_business}
    return record


def _identifier(party: Party) -> Resource:
    return encoded_identifier(party.identifier)


def _exchange(exchange: Exchange) -> Resource:
    encoded: Resource = {
        "type": exchange.kind,
        "with": "provider",
        "method": "restful",
        "requestTime": exchange.received_at.isoformat(),
        "httpResponse": exchange.http_status,
    }
    if exchange.answered_at:
        encoded["responseTime"] = exchange.answered_at.isoformat()
    return encoded


def _item(
    item: ServiceItem, decision: ItemDecision | None, submitted_at: datetime, responses: int
) -> Resource:
    """One service: when it was asked for, and what became of it."""
    coding = {"system": item.service.system, "code": item.service.code}
    detail: Resource = {
        "item": {"coding": [coding]},
        "initialSubmissionTime": submitted_at.isoformat(),
        "responsesRequired": responses,
        "result": _RESULTS[decision.action if decision else ReviewAction.PENDED],
    }
    if item.place_of_service:
        detail["locationType"] = _location(item.place_of_service)
    if decision and decision.action.is_final:
        detail["finalResponseTime"] = decision.decided_at.isoformat()
    if decision and decision.action is ReviewAction.NOT_CERTIFIED and decision.reason_code:
        detail["denialReason"] = decision.reason_code
    return detail


def _location(place: str) -> str:
    if place == _HOME_PLACE:
        return "home"
    return "inpatient" if place in _INPATIENT_PLACES else "outpatient"


def _document(document: RequestedDocument) -> Resource:
    coding = {"system": document.code.system, "code": document.code.code}
    encoded: Resource = {
        "docRequest": [{"coding": [coding]}],
        "timeRequested": document.requested_at.isoformat(),
    }
    if document.submitted_at:
        encoded["timeSubmitted"] = document.submitted_at.isoformat()
        encoded["submissionMethod"] = "CDex"
    return encoded
