"""Ruling: apply the decision tables to an eligible request."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from activities.prior_authorization.pinned_rules import ask, service_class
from shared.contracts.prior_authorization import CaseRef, Eligibility, Ruling
from shared.domain.prior_authorization.business_calendar import federal_holidays
from shared.domain.prior_authorization.case import Case
from shared.domain.prior_authorization.change import Change
from shared.domain.prior_authorization.codes import CertificationType, ReviewAction
from shared.domain.prior_authorization.coverage import BusinessError, Check, Finding, Membership
from shared.domain.prior_authorization.deadlines import ClockRule, DecisionClock, start_clock
from shared.domain.prior_authorization.request import ServiceItem
from shared.domain.prior_authorization.ruling import ItemRuling, reject, rule_on_items
from shared.errors import PermanentError
from shared.ports.case_store import CaseStore
from shared.ports.clock import Clock
from shared.ports.commits import commit_step, load_case
from shared.ports.directories import MemberDirectory
from shared.ports.rule_book import RuleAnswer, RuleBook

ACTIONS: Mapping[str, ReviewAction | None] = {
    "approve": ReviewAction.CERTIFIED,
    "not required": ReviewAction.NOT_REQUIRED,
    "review": None,
}


async def apply_rules(  # noqa: PLR0913 - a ruling joins what five ports know.
    eligibility: Eligibility,
    *,
    cases: CaseStore,
    members: MemberDirectory,
    rules: RuleBook,
    clock: Clock,
    key: str,
) -> Ruling:
    """Reject what cannot be decided, approve what the rules approve, leave the rest to a person."""
    ref, findings, now = eligibility.case, eligibility.findings, clock.now()
    case = (await load_case(cases, ref.case_id)).case
    verdict = await _verdict(case, findings, rules)
    if verdict.value["result"] == "reject":
        return await _commit(cases, ref, key, lambda case: _rejected(case, findings, verdict, now))
    member = await members.find_member(case.request.member)
    if member is None:
        raise PermanentError(f"case {ref.case_id}: the member left the register meanwhile")
    rulings = tuple([await _rule(item, case, findings, rules) for item in case.request.items])
    started = await _clock(case, member, rules)

    def ruled(case: Case) -> Change[Ruling]:
        change = rule_on_items(
            case, rulings, findings=findings, membership=member, clock=started, at=now
        )
        settled = Ruling.DECIDED if change.result else Ruling.CLINICAL_REVIEW
        return Change(case=change.case, result=settled, audit=change.audit)

    return await _commit(cases, ref, key, ruled)
