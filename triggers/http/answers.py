"""What every HTTP door answers with: JSON, a problem, an OperationOutcome."""

import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

import azure.functions as func

from shared.contracts.pas import Issue, Malformed, operation_outcome
from shared.contracts.pas.json_body import read_json
from shared.domain.prior_authorization.review import TaskClosedError
from shared.errors import (
    CareloomError,
    ComplianceError,
    ContractError,
    RuleViolation,
    TransientError,
)
from shared.ports.case_store import TooLargeError
from shared.ports.commits import UnknownCaseError
from shared.ports.intake import UnknownPriorCaseError
from shared.ports.subscribing import UnknownSubscriptionError

log = logging.getLogger(__name__)

FHIR_PATH = "/api/fhir"
JSON, FHIR, PROBLEM = "application/json", "application/fhir+json", "application/problem+json"

# The last two say nothing of the body: they are what clients write when nobody told them.
FHIR_BODIES = frozenset(
    {FHIR, JSON, "application/x-www-form-urlencoded", "application/octet-stream"}
)
ACCEPTED = frozenset({FHIR, JSON, "*/*", "application/*"})
WITH_BODY = frozenset({"POST", "PUT"})

type Door = Callable[..., Awaitable[func.HttpResponse]]

RETRY_AFTER_SECONDS = 5
_OURS = 500  # The first status that blames us, and not the sender.
_UNAVAILABLE = 503

# The first row that fits decides; FHIR issue types are of the value set issue-type.
STATUSES: tuple[tuple[type[Exception], int, str, str], ...] = (
    (UnknownCaseError, 404, "not-found", "There is no such case"),
    (UnknownSubscriptionError, 404, "not-found", "There is no such subscription"),
    (UnknownPriorCaseError, 404, "not-found", "There is no such case"),
    (TaskClosedError, 409, "conflict", "Somebody was quicker"),
    (TooLargeError, 413, "too-long", "The body is too large"),
    (ContractError, 400, "invalid", "The request does not keep its contract"),
    (ComplianceError, 403, "forbidden", "You may not do that"),
    (RuleViolation, 422, "business-rule", "A rule forbids that"),
    (TransientError, 503, "transient", "Try again in a moment"),
)


def json_answer(
    body: Any,
    *,
    status: int = 200,
    mimetype: str = JSON,
    headers: Mapping[str, str] | None = None,
) -> func.HttpResponse:
    """An answer in JSON."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return func.HttpResponse(text, status_code=status, mimetype=mimetype, headers=headers)


def problem(status: int, title: str, detail: str = "", *, where: str = "") -> func.HttpResponse:
    """A problem. Source: RFC 9457, Problem Details for HTTP APIs."""
    body = {"type": "about:blank", "title": title, "status": status}
    body |= {name: text for name, text in (("detail", detail), ("instance", where)) if text}
    return json_answer(body, status=status, mimetype=PROBLEM)


def api_door(door: Door) -> Door:
    """A door that answers every deliberate error with a problem."""

    @wraps(door)
    async def guarded(*args: Any, **named: Any) -> func.HttpResponse:
        try:
            return await door(*args, **named)
        except Malformed as error:
            title = "The request does not keep its contract"
            return problem(error.status, title, str(error), where=error.where)
        except CareloomError as error:
            status, _, title = _row(error)
            where = error.where if isinstance(error, ContractError) else ""
            return problem(status, title, str(error), where=where)

    return guarded


def fhir_door(door: Door) -> Door:
    """A door that speaks FHIR JSON, and answers the sender's errors with one OperationOutcome.

    Source:
        FHIR R4, RESTful API, content types: 415 for a body, 406 for an answer in another form.
        Da Vinci PAS, HTTP responses: 5XX has no OperationOutcome.
    """

    @wraps(door)
    async def guarded(req: func.HttpRequest, *args: Any, **named: Any) -> func.HttpResponse:
        if not _is_fhir_body(req):
            return outcome(415, Issue("error", "not-supported", "Send application/fhir+json."))
        if not _accepts_json(req):
            return outcome(406, Issue("error", "not-supported", "Answers are in JSON only."))
        try:
            return await door(req, *args, **named)
        except Malformed as error:
            return json_answer(operation_outcome(error.issues), status=error.status, mimetype=FHIR)
        except CareloomError as error:
            status, code, _ = _row(error)
            if status >= _OURS:
                log.warning("a FHIR door answers %d: %s", status, error)
                return _failure(status)
            return outcome(status, Issue("error", code, str(error)))

    return guarded


def _failure(status: int) -> func.HttpResponse:
    """An answer that says no more than whether, and when, to send the same again."""
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS)} if status == _UNAVAILABLE else None
    return func.HttpResponse(status_code=status, headers=headers)


def outcome(status: int, *issues: Issue) -> func.HttpResponse:
    """An answer that is one OperationOutcome."""
    return json_answer(operation_outcome(issues), status=status, mimetype=FHIR)


def fhir_base(req: func.HttpRequest) -> str:
    """The address of the FHIR door, as the sender of this request reached it."""
    parts = urlsplit(req.url)
    return f"{parts.scheme}://{parts.netloc}{FHIR_PATH}"


def read_object(req: func.HttpRequest) -> Mapping[str, Any]:
    """The JSON object in a request's body; no body is an empty one.

    Raises:
        Malformed: as read_json.
    """
    return read_json(req.get_body() or b"{}")


def _is_fhir_body(req: func.HttpRequest) -> bool:
    """Whether a request has no body, or one in JSON; one of no named type is taken for JSON."""
    named = _media_type(req.headers.get("content-type", ""))
    return req.method not in WITH_BODY or not named or named in FHIR_BODIES


def _accepts_json(req: func.HttpRequest) -> bool:
    ranges = [_media_type(each) for each in req.headers.get("accept", "").split(",")]
    return ranges == [""] or not ACCEPTED.isdisjoint(ranges)


def _media_type(header: str) -> str:
    return header.partition(";")[0].strip().lower()


def _row(error: CareloomError) -> tuple[int, str, str]:
    for kind, status, code, title in STATUSES:
        if isinstance(error, kind):
            return status, code, title
    log.error("a door failed: %s", type(error).__name__)
    return 500, "exception", "Something is wrong on our side"
