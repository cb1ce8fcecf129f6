"""What a Claim/$inquire finds: the authorizations of a member that the asker may see."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

from shared.contracts.pas import Inquiry, InquiryItem, inquiry_answer
from shared.contracts.pas.care_providers import care_providers
from shared.contracts.pas.inquiry import ANY_DAY, Days
from shared.domain.prior_authorization.case import Case
from shared.domain.prior_authorization.codes import ReviewAction
from shared.domain.prior_authorization.decision import ItemDecision
from shared.domain.prior_authorization.request import Identifier, ServiceItem
from shared.ports.case_store import CaseFilter, CaseStore, every_case
from shared.ports.clock import Clock
from shared.ports.directories import MemberDirectory
from shared.queries.authorization_answer import current_answer, request_row

FOUND_MAX = 50  # More answers than that help nobody; the sender narrows his question.
PAGE = 100
_OTHER_THAN_ASKED = {ReviewAction.CERTIFIED_PARTIAL, ReviewAction.MODIFIED}


async def answer_inquiry(
    inquiry: Inquiry, cases: CaseStore, members: MemberDirectory, clock: Clock, *, fhir_base: str
) -> dict[str, Any]:
    """Every authorization that an inquiry means, as it stands now, the newest first.

    Source:
        Da Vinci PAS, Claim/$inquire: only authorizations that the asker may see; the current
        one also when it is asked for by a number that an update replaced.
    """
    seen = [case async for case in cases_of_member(inquiry, cases, members)]
    found = find(inquiry, seen)[:FOUND_MAX]
    now = clock.now()
    answers = [
        await current_answer(cases, case, version=inquiry.version, at=now, fhir_base=fhir_base)
        for case in found
    ]
    return inquiry_answer(inquiry, answers, answered_at=now)


async def cases_of_member(
    inquiry: Inquiry, cases: CaseStore, members: MemberDirectory
) -> AsyncIterator[Case]:
    """The cases of the member that the asker may see, the newest first.

    A case is kept under the member's number as enrolled; one whose member the payer does not know,
    under the number that the request gave.
    """
    enrolled = await members.find_member(inquiry.member)
    numbers = {inquiry.member.value} | ({enrolled.member_id} if enrolled else set())
    for number in sorted(numbers):
        async for case in every_case(cases, CaseFilter(member_id=number, limit=PAGE)):
            if await _may_see(inquiry.requestor.identifier, case, cases):
                yield case


async def _may_see(asker: Identifier, case: Case, cases: CaseStore) -> bool:
    """Whether the asker made the request, or is a provider of its care.

    Source:
        Da Vinci PAS 2.2.1 and 2.0.1, pended authorization responses: other systems than the
        submitter's are answered where the member's number matches, and the national number of the
        ordering or rendering provider.
    """
    renders = [item.provider.identifier for item in case.request.items if item.provider]
    if any(is_same(each, asker) for each in (case.request.requestor.identifier, *renders)):
        return True
    row = await request_row(cases, case)
    return any(is_same(known, asker) for known in care_providers(row.bundle))


def find(inquiry: Inquiry, cases: list[Case]) -> list[Case]:
    """The cases that an inquiry means.

    A number that we know names its case, and nothing else is asked of it. Where no number is known
    but authorization numbers were given, nothing is found. The Claim identifier alone may be the
    inquiry's own, so it then restricts nothing, and the services and dates do.
    """
    named = [case for case in cases if _is_named(inquiry, case)]
    if named:
        return named
    if inquiry.numbers or any(item.trace_numbers for item in inquiry.items):
        return []
    return [case for case in cases if _is_described(inquiry, case)]


def is_same(known: Identifier, asked: Identifier) -> bool:
    """Whether two identifiers name the same; a system that one of them leaves out is any."""
    systems = {known.system, asked.system} - {""}
    return known.value == asked.value and len(systems) <= 1


def _is_named(inquiry: Inquiry, case: Case) -> bool:
    """Whether a number of the inquiry is one of the case's.

    Source:
        Da Vinci PAS 2.2.1, prior authorization inquiries: Claim.identifier should be the
        administration reference number or the authorization number that was returned.
    """
    names = (case.request.identifier, *case.former_identifiers)
    if inquiry.identifier and any(is_same(name, inquiry.identifier) for name in names):
        return True
    given = {case.authorization_number, case.case_id}
    given |= {made.authorization_number for made in case.decisions}
    own = {inquiry.identifier.value} if inquiry.identifier else set()
    if {*inquiry.numbers, *own} & (given - {""}):
        return True
    asked = [trace for item in inquiry.items for trace in item.trace_numbers]
    known = [trace for item in case.request.items for trace in item.trace_numbers]
    return any(is_same(one, other) for one in known for other in asked)


def _is_described(inquiry: Inquiry, case: Case) -> bool:
    diagnoses = set(case.request.diagnosis_codes)
    diagnoses |= {code for item in case.request.items for code in item.diagnosis_codes}
    if inquiry.diagnosis_codes and not diagnoses & set(inquiry.diagnosis_codes):
        return False
    items = case.request.items
    for days in (inquiry.period, inquiry.event):
        if days != ANY_DAY and not any(_overlaps(_served(case, item), days) for item in items):
            return False
    return not inquiry.items or any(
        _fits(wanted, item, case) for wanted in inquiry.items for item in items
    )


def _fits(wanted: InquiryItem, item: ServiceItem, case: Case) -> bool:
    """Whether an item is of the kind looked for."""
    made = case.decision_on(item.sequence)
    return (
        _is_service(wanted, item, made)
        # A request of 2.0.1 need not name its category; then it may be any.
        and wanted.category in {"", item.category or wanted.category}
        and _is_action(wanted.action, case.action_of(item.sequence))
        and _overlaps(_served(case, item), wanted.served)
        and _overlaps(_one_day(case.day_of(made.decided_at) if made else None), wanted.issued)
        and _overlaps(_one_day(made.effective_from if made else None), wanted.effective)
        and _overlaps(_one_day(made.effective_to if made else None), wanted.expires)
    )


def _is_action(wanted: ReviewAction | None, known: ReviewAction) -> bool:
    """Whether an action is the one looked for; fewer units are A2 in 2.0.1 and A6 in 2.2.1."""
    return wanted in {None, known} or {wanted, known} == _OTHER_THAN_ASKED


def _is_service(wanted: InquiryItem, item: ServiceItem, made: ItemDecision | None) -> bool:
    """Whether the service asked for, or certified in its place, is the one looked for."""
    if wanted.service is None:
        return True
    first, last = wanted.service.code, wanted.service_end or wanted.service.code
    codes = [item.service.code, *([made.service.code] if made and made.service else [])]
    return any(first <= code <= last for code in codes)


def _served(case: Case, item: ServiceItem) -> Days:
    """The days of service; those certified where the request named none."""
    made = case.decision_on(item.sequence)
    first = item.served_from or (made.effective_from if made else None)
    last = item.served_to or item.served_from or (made.effective_to if made else None)
    return (first, last) if first or last else _one_day(case.day_of(case.received_at))


def _one_day(day: date | None) -> Days:
    return (day, day)


def _overlaps(known: Days, wanted: Days) -> bool:
    """Whether two spans of days share one; an open end of what is wanted restricts nothing."""
    first, last = wanted
    if first is None and last is None:
        return True
    begins, ends = known
    if begins is None and ends is None:
        return False
    after = first is None or ends is None or ends >= first
    before = last is None or begins is None or begins <= last
    return after and before
