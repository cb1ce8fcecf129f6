"""Gold card: whether a provider's record frees him from asking."""

from datetime import date, timedelta

from activities.prior_authorization.pinned_rules import ask, service_class
from shared.domain.prior_authorization.case import Case
from shared.domain.prior_authorization.codes import ReviewAction
from shared.domain.prior_authorization.coverage import Membership
from shared.domain.prior_authorization.gold_card import (
    GoldCardRule,
    PastDecision,
    judge_gold_card,
    months_before,
)
from shared.domain.prior_authorization.issuing import issued_decisions, overturned_items
from shared.ports.case_store import CaseFilter, CaseStore, every_case
from shared.ports.rule_book import RuleBook

PAGE = 1000


async def is_gold_carded(
    case: Case, member: Membership, sorted_into: str, cases: CaseStore, rules: RuleBook
) -> bool:
    """Whether the requestor is exempt for a class of service in the member's state."""
    given = {
        "line of business": member.line_of_business,
        "self funded": member.is_self_funded,
        "state": member.state,
        "service class": sorted_into,
    }
    answer = await ask(rules, case, "gold-card", "Gold card terms", given)
    rule = GoldCardRule.from_row(answer.value, rule_id=answer.rule)
    if not rule.offered:
        return False
    today = member.day_of(case.received_at)
    provider = case.request.requestor.identifier.value
    past = await _past(case, provider, months_before(today, rule.look_back_months), cases, rules)
    finding = judge_gold_card(
        rule,
        past,
        provider=provider,
        state=member.state,
        service_class=sorted_into,
        today=today,
    )
    return finding.exempt


async def _past(
    case: Case, provider: str, since: date, cases: CaseStore, rules: RuleBook
) -> list[PastDecision]:
    """What was approved or denied of the provider's own earlier requests since a day.

    What he took back or changed after the decision counts as it was decided.
    """
    in_utc = since - timedelta(days=1)  # The store counts UTC days, a plan its own.
    wanted = CaseFilter(provider_npi=provider, decided_since=in_utc, limit=PAGE)
    weighed = [
        (issued, item, item.sequence in overturned_items(earlier, issued))
        async for earlier in every_case(cases, wanted)
        for issued in issued_decisions(earlier)
        for item in issued.items
    ]
    kinds = {(item.service.code, item.category): item for _, item, _ in weighed}
    classes = {kind: await service_class(rules, case, item) for kind, item in kinds.items()}
    return [
        PastDecision(
            provider=provider,
            state=issued.membership.state,
            service_class=classes[item.service.code, item.category],
            decided_on=issued.decided_on,
            approved=is_overturned or item.action is ReviewAction.CERTIFIED,
        )
        for issued, item, is_overturned in weighed
    ]
