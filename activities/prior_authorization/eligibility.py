"""Eligibility: independent questions, each answered in a word of the eligibility table.

The checks read and commit nothing, and ask no rules; what they found is committed with the ruling,
in one step.
"""

from datetime import datetime

from shared.contracts.prior_authorization import CaseRef
from shared.domain.prior_authorization.case import Case
from shared.domain.prior_authorization.coverage import Check, Finding, Membership, Provider
from shared.domain.prior_authorization.request import NPI, Identifier
from shared.ports.case_store import CaseFilter, CaseStore
from shared.ports.commits import look_at
from shared.ports.directories import MemberDirectory, ProviderDirectory

FOUND, NOT_FOUND = "found", "not found"
DUPLICATES_MAX = 5


async def check_member(ref: CaseRef, *, cases: CaseStore, members: MemberDirectory) -> Finding:
    """Whether the payer knows the member."""
    case = await look_at(cases, ref)
    member = await members.find_member(case.request.member)
    return Finding(check=Check.MEMBER, answer=FOUND if member else NOT_FOUND)


async def check_coverage(ref: CaseRef, *, cases: CaseStore, members: MemberDirectory) -> Finding:
    """Whether the member is covered now, and on the days of service."""
    case = await look_at(cases, ref)
    member = await members.find_member(case.request.member)
    return Finding(
        check=Check.COVERAGE,
        answer=_coverage_status(member, case.received_at),
        codes=(_service_dates(case, member),),
    )


async def check_provider(
    ref: CaseRef, *, cases: CaseStore, providers: ProviderDirectory
) -> Finding:
    """Whether the requestor may ask; one whom the directory does not list is out of network.

    One who gives a national number that is none, and is not listed under it, is nobody.
    """
    case = await look_at(cases, ref)
    provider = await providers.find_provider(case.request.requestor.identifier.value)
    network = "in network" if provider is not None and provider.in_network else "out of network"
    return Finding(
        check=Check.PROVIDER,
        answer=_requestor_status(case.request.requestor.identifier, provider),
        codes=(network,),
    )


async def check_duplicate(ref: CaseRef, *, cases: CaseStore) -> Finding:
    """Whether another case of the member asks for the same services on the same days."""
    case = await look_at(cases, ref)
    wanted = CaseFilter(
        member_id=case.request.member.value, services=case.request.services, limit=DUPLICATES_MAX
    )
    page = await cases.cases(wanted)
    same = tuple(other.case_id for other in page.cases if other.case_id != case.case_id)
    return Finding(check=Check.DUPLICATE, answer="same services" if same else "none", codes=same)


async def determine_documents(_: CaseRef) -> Finding:
    """Nothing: apply_rules determines them. Only stories that version 1.0.0 began still ask."""
    return Finding(check=Check.DOCUMENTS, answer="left to the ruling")


def _requestor_status(identifier: Identifier, provider: Provider | None) -> str:
    if provider is None:
        return "unknown" if identifier.system == NPI else "known"
    return "known" if provider.is_active else "excluded"


def _coverage_status(member: Membership | None, at: datetime) -> str:
    if member is None:
        return "none"
    on = member.day_of(at)
    if on < member.starts_on:
        return "not yet"
    return "active" if member.covers(on) else "ended"


def _service_dates(case: Case, member: Membership | None) -> str:
    days = [(item.served_from, item.served_to) for item in case.request.items]
    if any(first and last and last < first for first, last in days):
        return "reversed"
    named = [day for pair in days for day in pair if day]
    if member is not None and not all(member.covers(day) for day in named):
        return "outside coverage"
    return "in order"
