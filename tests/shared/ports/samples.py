"""Sample cases and commits for tests of ports and adapters."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from shared.contracts.audit import GENESIS, seal_entries
from shared.contracts.pas import Subscription
from shared.domain.prior_authorization.case import Case, Review, Routing, Stage
from shared.domain.prior_authorization.change import AuditEntry, Message
from shared.domain.prior_authorization.codes import Urgency
from shared.domain.prior_authorization.deadlines import ClockRule, TimeUnit, start_clock
from shared.domain.prior_authorization.decision import RULES
from shared.domain.prior_authorization.request import (
    AuthorizationRequest,
    Coding,
    Identifier,
    Party,
    ServiceItem,
)
from shared.domain.prior_authorization.tasks import tasks_of
from shared.ports.case_store import Commit, InboxRow, StoredCase
from shared.ports.channels import Dispatch

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
NPI_SYSTEM = "http://hl7.org/fhir/sid/us-npi"


def a_request(number: int = 1, *, member: str = "M-1001") -> AuthorizationRequest:
    """A request for one service."""
    return AuthorizationRequest(
        identifier=Identifier("https://provider.example/claims", f"claim-{number}"),
        profile_version="2.2.1",
        created=NOON,
        urgency=Urgency.STANDARD,
        member=Identifier("https://careloom.example/members", member),
        requestor=Party(Identifier(NPI_SYSTEM, "1234567893")),
        insurer=Party(Identifier("https://payer.example", "payer")),
        items=(ServiceItem(sequence=1, service=Coding("http://www.ama-assn.org/go/cpt", "97110")),),
    )


def a_case(number: int = 1, *, received_at: datetime = NOON, member: str = "M-1001") -> Case:
    """A case as it is opened."""
    return Case(
        case_id=f"case-{number}",
        request=a_request(number, member=member),
        received_at=received_at,
        submitted_by="portal",
        rule_versions={"eligibility": "0" * 64},
    )


def under_review(case: Case, *, hours: int = 72, rank: int = 2, queue: str = "imaging") -> Case:
    """The case in a reviewer's queue, its clock running."""
    rule = ClockRule(allowed=hours, unit=TimeUnit.HOURS, time_zone="UTC", warn_before_hours=24)
    routing = Routing(queue=queue, level="nurse", rank=rank)
    return replace(
        case.to(Stage.CLINICAL_REVIEW),
        clock=start_clock(rule, case.received_at),
        review=Review(number=1, routing=routing, opened_at=case.received_at),
    )


def an_inbox_row(number: int = 1, *, revision: int = 1, received_at: datetime = NOON) -> InboxRow:
    """A request as a door received it."""
    return InboxRow(
        case_id=f"case-{number}",
        revision=revision,
        kind="new" if revision == 1 else "update",
        request=a_request(number),
        bundle={"resourceType": "Bundle", "entry": [{"fullUrl": "urn:uuid:1", "n": 1.5}]},
        received_at=received_at,
        submitted_by="portal",
        via="http",
    )


def a_subscription(organization: Identifier) -> Subscription:
    """What an organisation asks that wants to hear of its requests."""
    return Subscription(
        organization=organization,
        endpoint="https://hooks.example/x",
        content_type="application/fhir+json",
        content="full-resource",
        headers=("Authorization: Bearer x",),
        ends_at=None,
        resource={"resourceType": "Subscription"},
    )


def a_message(name: str = "decision-provider") -> Message:
    """An outgoing message."""
    return Message(
        message_id=name,
        event="case_decided",
        recipient="provider",
        channel="event",
        template="decision",
        due_at=NOON + timedelta(hours=72),
        detail={"item": "1"},
    )


def opening(case: Case, *messages: Message) -> Commit:
    """The commit that creates a case."""
    return _commit(case, None, messages, opens=1)


def following(stored: StoredCase, case: Case, *messages: Message, step: str = "step") -> Commit:
    """The commit after the one that was loaded."""
    return _commit(case, stored, messages, step=step)


def _commit(
    case: Case,
    stored: StoredCase | None,
    messages: tuple[Message, ...],
    *,
    step: str = "open",
    opens: int = 0,
) -> Commit:
    count = stored.audit_count if stored else 0
    entry = AuditEntry(event=f"{step}_done", actor=RULES, at=NOON, detail={"item": "1"})
    [sealed] = seal_entries([entry], count=count, head=stored.audit_head if stored else GENESIS)
    return Commit(
        case=case,
        etag=stored.etag if stored else None,
        steps={**(stored.steps if stored else {}), step: {"done": True}},
        audit=(sealed,),
        audit_count=count + 1,
        audit_head=sealed.seal,
        messages=messages,
        tasks=tasks_of(case),
        opens=opens,
    )


def a_dispatch(*, address: str = "1234567893", message_id: str = "decision.r1") -> Dispatch:
    """A message on its way out."""
    return Dispatch(
        message_id=message_id,
        case_id="case-1",
        event="approved",
        recipient="requestor",
        address=address,
        subject="Your request was approved",
        body="The request was approved.\n",
        payload={"caseId": "case-1", "outcome": "approved"},
    )
