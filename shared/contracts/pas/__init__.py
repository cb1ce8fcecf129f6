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
from shared.contracts.pas.issues import Issue, Malformed, operation_outcome
from shared.contracts.pas.json_body import BODY_BYTES_MAX
from shared.contracts.pas.submission import Submission, SubmissionKind, read_submit

__all__ = [
    "BODY_BYTES_MAX",
    "BusinessError",
    "Issue",
    "Malformed",
    "Submission",
    "SubmissionKind",
    "answer_bundle",
    "business_error_bundle",
    "claim_response_url",
    "operation_outcome",
    "read_submit",
]
