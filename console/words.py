"""The words in which the console names codes: stages, outcomes, actions, events, documents."""

from collections.abc import Mapping
from decimal import Decimal

from shared.domain.prior_authorization.appeals import AppealOutcome
from shared.domain.prior_authorization.case import Stage
from shared.domain.prior_authorization.codes import LineOfBusiness, ReviewAction, Urgency
from shared.domain.prior_authorization.deadlines import BreachConsequence
from shared.domain.prior_authorization.decision import CaseOutcome
from shared.domain.prior_authorization.tasks import TaskStatus

STAGES: Mapping[str, str] = {
    Stage.RECEIVED: "Received",
    Stage.REJECTED: "Turned back",
    Stage.CLINICAL_REVIEW: "In clinical review",
    Stage.INFORMATION_REQUESTED: "Waiting for information",
    Stage.PEER_TO_PEER: "Waiting for a peer-to-peer talk",
    Stage.DECIDED: "Decided",
    Stage.NOTIFIED: "Decided and notified",
    Stage.APPEALED: "Under appeal",
    Stage.EXPIRED: "Expired",
    Stage.CANCELLED: "Cancelled",
}

OUTCOMES: Mapping[str, str] = {
    CaseOutcome.OPEN: "Open",
    CaseOutcome.APPROVED: "Approved",
    CaseOutcome.PARTIAL: "Approved in part",
    CaseOutcome.MODIFIED: "Approved with changes",
    CaseOutcome.DENIED: "Not approved",
    CaseOutcome.CANCELLED: "Cancelled",
    CaseOutcome.NOT_REQUIRED: "No authorization needed",
    CaseOutcome.REJECTED: "Turned back",
}

ACTIONS: Mapping[str, str] = {
    ReviewAction.CERTIFIED: "Certified",
    ReviewAction.CERTIFIED_PARTIAL: "Certified in part",
    ReviewAction.NOT_CERTIFIED: "Not certified",
    ReviewAction.PENDED: "Not decided",
    ReviewAction.MODIFIED: "Modified",
    ReviewAction.CANCELLED: "Cancelled",
    ReviewAction.CONTACT_PAYER: "Contact the payer",
    ReviewAction.NOT_REQUIRED: "No authorization needed",
}

TASK_STATUSES: Mapping[str, str] = {
    TaskStatus.REQUESTED: "Unclaimed",
    TaskStatus.IN_PROGRESS: "Claimed",
    TaskStatus.ON_HOLD: "On hold",
    TaskStatus.COMPLETED: "Done",
    TaskStatus.CANCELLED: "Cancelled",
}

LINES_OF_BUSINESS: Mapping[str, str] = {
    LineOfBusiness.MEDICARE_ADVANTAGE: "Medicare Advantage",
    LineOfBusiness.MEDICAID_FEE_FOR_SERVICE: "Medicaid, fee for service",
    LineOfBusiness.MEDICAID_MANAGED_CARE: "Medicaid managed care",
    LineOfBusiness.MARKETPLACE: "Marketplace plan",
    LineOfBusiness.ERISA: "Employer plan (ERISA)",
    LineOfBusiness.COMMERCIAL: "Commercial plan",
}

URGENCIES: Mapping[str, str] = {Urgency.STANDARD: "Standard", Urgency.URGENT: "Urgent"}

# Audit events that do not read well as they are spelled.
EVENTS: Mapping[str, str] = {
    "request_rejected": "Request turned back",
    "item_ruled": "Rules applied to an item",
    "review_escalated": "Review passed to a physician",
    "information_reminder": "Provider reminded",
    "information_lapsed": "Wait for information ended",
    "peer_to_peer_offered": "Peer-to-peer talk offered",
    "peer_to_peer_held": "Peer-to-peer talk held",
    "peer_to_peer_lapsed": "Peer-to-peer talk not held",
    "deadline_breached": "Deadline missed",
    "deemed_approved": "Deemed approved by law",
    "decision_issued": "Answer issued",
    "appeal_received": "Appeal acknowledged",
    "appeal_upheld": "Decision upheld",
    "appeal_overturned": "Decision overturned and put right",
    "appeal_forwarded": "Appeal forwarded to the next level",
    "appeal_superseded": "Appeal taken over by the next level",
    "appeal_exhausted": "Appeal missed its deadline: the next level is open",
    "review_superseded": "Review ended by an appeal",
}

BREACHES: Mapping[str, str] = {
    BreachConsequence.ADVERSE: "it counts as an adverse decision, which may be appealed",
    BreachConsequence.DENIAL_NOTICE: "the notice of an adverse decision is due that day",
    BreachConsequence.DEEMED_APPROVED: "the request counts as approved",
    BreachConsequence.EXHAUSTED: "the member may go straight to review outside the plan",
    BreachConsequence.FORWARDED: "it goes to the next level by itself",
    BreachConsequence.STATE_RULE: "the state's rule says what follows",
    BreachConsequence.NONE: "the delay is reported",
}

APPEAL_OUTCOMES: Mapping[str, str] = {
    AppealOutcome.OPEN: "Open",
    AppealOutcome.OVERTURNED: "Overturned",
    AppealOutcome.UPHELD: "Upheld",
    AppealOutcome.WITHDRAWN: "Withdrawn",
    AppealOutcome.SUPERSEDED: "Taken over by the next level",
}

NOTICE_STATUSES: Mapping[str, str] = {
    "": "Waiting to be sent",
    "delivered": "Delivered",
    "undeliverable": "Undeliverable",
}

# LOINC codes of the documents that the plan asks for in models/decisions/documents-needed.dmn.
DOCUMENTS: Mapping[str, str] = {
    "34117-2": "History and physical note",
    "11506-3": "Progress note",
    "18748-4": "Diagnostic imaging report",
    "11502-2": "Laboratory report",
    "11526-1": "Pathology report",
    "18745-0": "Cardiac catheterization report",
    "18776-5": "Plan of care",
    "57832-8": "Order for the study",
    "57833-6": "Prescription",
    "52063-5": "Prescription for medical equipment",
}

CODE_SYSTEMS: Mapping[str, str] = {
    "http://www.ama-assn.org/go/cpt": "CPT",
    "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets": "HCPCS",
    "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets": "HCPCS",
    "http://hl7.org/fhir/sid/ndc": "NDC",
    "http://hl7.org/fhir/sid/us-npi": "NPI",
}


def in_words(code: str, named: Mapping[str, str]) -> str:
    """The name of a code; a code without one is spelled out as it is."""
    return named.get(code) or code.replace("_", " ").capitalize()


def amount(quantity: Decimal) -> str:
    """A quantity without the zeros that say nothing."""
    return f"{quantity.normalize():f}"
