"""Da Vinci PAS, versions 2.2.1 and 2.0.1: what prior authorization is said in on the wire.

Readers turn the bytes of a request into the domain's words or raise Malformed; writers turn
decisions into resources. Nothing here does I/O.
"""

from shared.contracts.pas.answer import (
    BusinessError,
    answer_bundle,
    business_error_bundle,
    claim_response_url,
)
from shared.contracts.pas.capability import capability_statement
from shared.contracts.pas.information import (
    QUESTIONNAIRE_NEEDED,
    Attachment,
    InformationNeed,
    SubmittedAttachments,
    information_task,
    read_submit_attachment,
)
from shared.contracts.pas.inquiry import Inquiry, InquiryItem, inquiry_answer, read_inquiry
from shared.contracts.pas.issues import Issue, Malformed, operation_outcome
from shared.contracts.pas.json_body import BODY_BYTES_MAX
from shared.contracts.pas.metrics import Exchange, RequestedDocument, metric_data
from shared.contracts.pas.response_check import validate_response
from shared.contracts.pas.submission import Submission, SubmissionKind, read_submit
from shared.contracts.pas.subscription import (
    Notification,
    NotificationKind,
    Subscription,
    notification_bundle,
    read_subscription,
    status_bundle,
    subscription_resource,
)

__all__ = [
    "BODY_BYTES_MAX",
    "QUESTIONNAIRE_NEEDED",
    "Attachment",
    "BusinessError",
    "Exchange",
    "InformationNeed",
    "Inquiry",
    "InquiryItem",
    "Issue",
    "Malformed",
    "Notification",
    "NotificationKind",
    "RequestedDocument",
    "Submission",
    "SubmissionKind",
    "SubmittedAttachments",
    "Subscription",
    "answer_bundle",
    "business_error_bundle",
    "capability_statement",
    "claim_response_url",
    "information_task",
    "inquiry_answer",
    "metric_data",
    "notification_bundle",
    "operation_outcome",
    "read_inquiry",
    "read_submit",
    "read_submit_attachment",
    "read_subscription",
    "status_bundle",
    "subscription_resource",
    "validate_response",
]
