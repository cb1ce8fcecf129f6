"""What the plan will ask for an order that is not signed yet, by the tables that will decide it."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any

from shared.contracts.crd import (
    CoverageInformation,
    Covered,
    HookRequest,
    Order,
    PriorAuthorizationNeed,
    coverage_information_response,
)
from shared.domain.prior_authorization.case import Case
from shared.domain.prior_authorization.coverage import Membership
from shared.domain.prior_authorization.request import Coding
from shared.ports.case_store import CaseFilter, CaseStore
from shared.ports.clock import Clock
from shared.ports.directories import MemberDirectory
from shared.ports.rule_book import RuleBook

# The code systems in which services are billed, the plan's own words.
BILLED = ("http://www.ama-assn.org/go/cpt", "http://www.cms.gov/Medicare/Coding/HCPCS")
CASES_MAX = 100
NOT_REQUIRED = "not required"


@dataclass(frozen=True, slots=True)
class Plan:
    """What the answers to one hook have in common."""

    request: HookRequest
    member: Membership
    today: date
    authorized: Sequence[Case]


async def answer_hook(
    request: HookRequest,
    cases: CaseStore,
    members: MemberDirectory,
    rules: RuleBook,
    clock: Clock,
) -> dict[str, Any]:
    """The answer to a hook; nothing where the payer does not know the patient's coverage.

    Source: Da Vinci CRD 2.1, coverage information; nothing is opened and nothing is decided.
    """
    member = await members.find_member(request.member) if request.member else None
    if member is None or not request.coverage_reference:
        return coverage_information_response(())
    page = await cases.cases(CaseFilter(member_id=member.member_id, limit=CASES_MAX))
    today = member.day_of(clock.now())
    plan = Plan(request, member, today, page.cases)
    found = await asyncio.gather(
        *(_information(order, plan, rules, clock) for order in request.orders)
    )
    return coverage_information_response(list(zip(request.orders, found, strict=True)))


async def _information(
    order: Order, plan: Plan, rules: RuleBook, clock: Clock
) -> CoverageInformation:
    """What the tables say of one order."""
    if not plan.member.covers(plan.today):
        return _said(order, plan, covered=Covered.NOT_COVERED, reason="The coverage is not active")
    service = _billed(order.codes)
    if service is None:
        return _said(
            order,
            plan,
            need=PriorAuthorizationNeed.CONDITIONAL,
            information_needed=("detail-code",),
            reason="The order names no billing code",
        )
    number = _authorization_for(service, plan)
    if number:
        return _said(
            order,
            plan,
            service,
            need=PriorAuthorizationNeed.SATISFIED,
            authorization_number=number,
        )
    return await _by_the_tables(order, service, plan, rules, clock)


async def _by_the_tables(
    order: Order, service: Coding, plan: Plan, rules: RuleBook, clock: Clock
) -> CoverageInformation:
    """Asked as a request would be, for everything that an order does not tell yet."""
    now = clock.now()
    given: dict[str, object] = {"service code": service.code, "category": ""}
    answer = await rules.ask("service-class", "Service class", given, at=now)
    sorted_into = {"service class": str(answer.value)}
    needed = await rules.ask(
        "documents-needed", "Documents needed", {**sorted_into, "is renewal": False}, at=now
    )
    documents = len(needed.value or ())
    asked = {"documents missing": documents, "quantity": None, "is renewal": False, **sorted_into}

    async def action(*, gold_carded: bool) -> str:
        ruled = await rules.ask(
            "auto-approval", "Auto approval", {**asked, "gold carded": gold_carded}, at=now
        )
        return str(ruled.value["action"])

    if await action(gold_carded=False) == NOT_REQUIRED:
        return _said(order, plan, service, need=PriorAuthorizationNeed.NO_AUTH)
    terms = {
        **sorted_into,
        "line of business": plan.member.line_of_business,
        "self funded": plan.member.is_self_funded,
        "state": plan.member.state,
    }
    offer = await rules.ask("gold-card", "Gold card terms", terms, at=now)
    papers = ("clinical",) if documents else ()
    purposes = ("withpa",) if documents else ()
    if offer.value["offered"] and await action(gold_carded=True) == NOT_REQUIRED:
        return _said(
            order,
            plan,
            service,
            need=PriorAuthorizationNeed.CONDITIONAL,
            information_needed=("performer",),
            documents_needed=papers,
            document_purposes=purposes,
            reason="A performer with a gold card needs no authorization",
        )
    return _said(
        order,
        plan,
        service,
        need=PriorAuthorizationNeed.AUTH_NEEDED,
        documents_needed=papers,
        document_purposes=purposes,
    )


def _said(
    order: Order,
    plan: Plan,
    service: Coding | None = None,
    *,
    covered: Covered = Covered.COVERED,
    need: PriorAuthorizationNeed | None = None,
    **more: Any,
) -> CoverageInformation:
    """The answer, with an id that says when and to which order it was given."""
    told = f"{plan.request.instance}/{order.reference}/{plan.today}"
    return CoverageInformation(
        coverage_reference=plan.request.coverage_reference,
        covered=covered,
        need=need,
        asserted_on=plan.today,
        assertion_id=f"ci-{sha256(told.encode()).hexdigest()[:20]}",
        billing_codes=(service,) if service else (),
        **more,
    )


def _billed(codes: Iterable[Coding]) -> Coding | None:
    """The code under which the service would be billed."""
    return next((code for code in codes if code.system.startswith(BILLED)), None)


def _authorization_for(service: Coding, plan: Plan) -> str:
    """The number of an authorization that holds today for the service; empty for none."""
    for case in plan.authorized:
        for item in case.request.items:
            made = case.decision_on(item.sequence)
            if made is None or not made.action.authorizes or not made.authorization_number:
                continue
            ends = made.effective_to
            certified = (made.service or item.service).code
            if certified == service.code and (ends is None or plan.today <= ends):
                return made.authorization_number
    return ""
