"""Intake: a received request gets its case, its revision and its inbox row, exactly once.

Every door takes requests in here, so that a repetition finds its case whatever door it comes by.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.contracts.prior_authorization import CaseRef
from shared.domain.prior_authorization.opening import case_id_for
from shared.domain.prior_authorization.request import AuthorizationRequest, Identifier
from shared.errors import RuleViolation
from shared.ports.case_store import Alias, CaseFilter, CaseStore, InboxRow

NEW = "new"
EVENT = "event"


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A request as a door decoded it.

    Attributes:
        kind: "new", "update" or "cancel".
        via: the door, "http" or "event".
    """

    kind: str
    request: AuthorizationRequest
    bundle: Mapping[str, Any]
    submitted_by: str
    via: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class TakenIn:
    """Where a request went; is_new is False for a repetition."""

    ref: CaseRef
    is_new: bool


class UnknownPriorCaseError(RuleViolation):
    """The prior claim that an update or a cancellation names is not known."""


async def take_in(cases: CaseStore, received: Received) -> TakenIn:
    """Write the inbox row of a request; a repetition finds the row that is there.

    Events may overtake one another, so an update or a cancellation that came as one is kept under
    the id that its request will have.

    Raises:
        UnknownPriorCaseError: an update or a cancellation names a claim that nobody sent, and its
            sender waits for the answer.
        TransientError: the store is out of reach; nothing is lost, the sender tries again.
    """
    if received.kind == NEW:
        return await _take_in_new(cases, received)
    return await _take_in_amendment(cases, received)


async def find_case(cases: CaseStore, identifier: Identifier) -> str | None:
    """The case that a claim identifier means, also one that an update replaced."""
    case_id = case_id_for(identifier)
    if await cases.inbox_row(case_id, 1) is not None:
        return case_id
    alias = await cases.alias(case_id)
    return alias.case_id if alias else None


def instance_of(ref: CaseRef) -> str:
    """The story that works on a revision of a case."""
    return ref.case_id if ref.revision == 1 else f"{ref.case_id}.r{ref.revision}"


async def _take_in_new(cases: CaseStore, received: Received) -> TakenIn:
    request = received.request
    places = _places(request.identifier, request.member, request.numbered_services, request.asked)
    for ref in map(CaseRef, places):
        if await cases.receive(_row(received, ref)):
            return TakenIn(ref, is_new=True)
        known = await cases.inbox_row(ref.case_id, ref.revision)
        if known is None or known.request.asked == request.asked:
            break
    return TakenIn(ref, is_new=False)


def _places(
    identifier: Identifier, member: Identifier, services: tuple[tuple[int, str], ...], asked: str
) -> tuple[str, ...]:
    """The ids that a request's case may have: it gets the first that no other request has.

    Of requests that share an identifier, one more is told by its services, the next by all that
    it asks. To answer one with the decisions of another would be wrong for both.
    """
    by_services = f"{member}{list(services)}"
    return tuple(case_id_for(identifier, apart) for apart in ("", by_services, asked))


async def _take_in_amendment(cases: CaseStore, received: Received) -> TakenIn:
    amendment = _amendment_id(received.kind, received.request, received.bundle)
    case_id = await _find_prior(cases, received.request)
    if case_id is None:
        if received.via != EVENT:
            raise UnknownPriorCaseError("the prior claim is not known")
        case_id = case_id_for(received.request.replaces or received.request.identifier)
    ref = CaseRef(case_id, 2)
    while not (is_new := await cases.receive(_row(received, ref))):
        row = await cases.inbox_row(case_id, ref.revision)
        if row and _amendment_id(row.kind, row.request, row.bundle) == amendment:
            break
        ref = CaseRef(case_id, ref.revision + 1)
    claim_id = case_id_for(received.request.identifier)
    if claim_id != case_id:
        await cases.give_alias(Alias(alias_id=claim_id, case_id=case_id, revision=ref.revision))
    return TakenIn(ref, is_new)


async def _find_prior(cases: CaseStore, request: AuthorizationRequest) -> str | None:
    """The case that an amendment means: of several under one identifier, the one it describes."""
    identifier = request.replaces or request.identifier
    services = tuple(sorted(request.prior_services))
    places = _places(identifier, request.member, services, request.prior_asked)
    rows = [row for each in places if (row := await cases.inbox_row(each, 1)) is not None]

    def likeness(row: InboxRow) -> tuple[bool, ...]:
        known = row.request
        is_senders = known.requestor.identifier == request.requestor.identifier
        return (
            known.asked == request.prior_asked,
            is_senders and known.member == request.member,
            known.numbered_services == services,
        )

    best = max(rows, key=likeness, default=None)
    if best is None:
        return await find_case(cases, identifier)
    if best.request.requestor.identifier == request.requestor.identifier:
        return best.case_id
    return await _senders_own(cases, request, identifier) or best.case_id


async def _senders_own(
    cases: CaseStore, request: AuthorizationRequest, identifier: Identifier
) -> str | None:
    """The sender's newest case of that identifier, where an amendment does not describe it."""
    sender = request.requestor.identifier.value
    page = await cases.cases(CaseFilter(member_id=request.member.value, provider_npi=sender))
    own = (each for each in page.cases if each.request.identifier == identifier)
    return next((each.case_id for each in own), None)


def _row(received: Received, ref: CaseRef) -> InboxRow:
    return InboxRow(
        case_id=ref.case_id,
        revision=ref.revision,
        kind=received.kind,
        request=received.request,
        bundle=received.bundle,
        received_at=received.received_at,
        submitted_by=received.submitted_by,
        via=received.via,
    )


def _amendment_id(kind: str, request: AuthorizationRequest, bundle: Mapping[str, Any]) -> str:
    """What tells one amendment from another: its bundle's identifier, else when it was made."""
    named = bundle.get("identifier") or {}
    transaction = f"{named.get('system', '')}|{named.get('value', '')}"
    if transaction == "|":
        transaction = request.created.isoformat()
    return f"{kind} {request.identifier} {transaction}"
