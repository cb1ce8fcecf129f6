"""Ruling: apply the decision tables to an eligible request."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from activities.prior_authorization.documents import find_documents
from activities.prior_authorization.gold_card import is_gold_carded
from activities.prior_authorization.pinned_rules import ask, service_class
from shared.contracts.prior_authorization import CaseRef, Eligibility, Ruling
from shared.domain.prior_authorization.business_calendar import HolidayRule, observed_holidays
from shared.domain.prior_authorization.case import Case
from shared.domain.prior_authorization.change import Change
from shared.domain.prior_authorization.codes import CertificationType, ReviewAction
from shared.domain.prior_authorization.coverage import (
    BusinessError,
    Check,
    Finding,
    Insurers,
    Membership,
)
from shared.domain.prior_authorization.deadlines import (
    ClockRule,
    DecisionClock,
    TimeUnit,
    start_clock,
)
from shared.domain.prior_authorization.request import ServiceItem
from shared.domain.prior_authorization.ruling import ItemRuling, reject, rule_on_items
from shared.errors import PermanentError, RuleViolation
from shared.ports.case_store import CaseStore
from shared.ports.clock import Clock
from shared.ports.commits import commit_step, look_at
from shared.ports.directories import MemberDirectory
from shared.ports.rule_book import RuleAnswer, RuleBook

ACTIONS: Mapping[str, ReviewAction | None] = {
    "approve": ReviewAction.CERTIFIED,
    "not required": ReviewAction.NOT_REQUIRED,
    "review": None,
}

type Findings = Mapping[Check, Finding]


async def apply_rules(
    eligibility: Eligibility,
    *,
    cases: CaseStore,
    members: MemberDirectory,
    insurers: Insurers,
    rules: RuleBook,
    clock: Clock,
    key: str,
) -> Ruling:
    """Reject what cannot be decided, approve what the rules approve, leave the rest to a person."""
    ref, now = eligibility.case, clock.now()
    found = {finding.check: finding for finding in eligibility.findings}
    case = await look_at(cases, ref)
    verdict = await _verdict(case, found, insurers, rules)
    if verdict.value["result"] == "reject":

        def rejected(case: Case) -> Change[Ruling]:
            error = BusinessError(
                reject_code=verdict.value["error code"],
                follow_up=verdict.value["follow up action"],
                reason=verdict.value["reason"],
            )
            change = reject(case, error, tuple(found.values()), verdict.rule, now)
            return Change(case=change.case, result=Ruling.REJECTED, audit=change.audit)

        return await commit_step(cases, ref.case_id, key, _unless_overtaken(ref, rejected), Ruling)

    member = await members.find_member(case.request.member)
    if member is None:
        raise PermanentError(f"case {ref.case_id}: the member left the register meanwhile")
    found[Check.DOCUMENTS] = await find_documents(case, rules)
    rulings = await _rulings(case, member, found, cases, rules)
    started = await _clock(case, member, rules)

    def ruled(case: Case) -> Change[Ruling]:
        findings = tuple(found.values())
        change = rule_on_items(
            case, rulings, findings=findings, membership=member, clock=started, at=now
        )
        outcome = Ruling.DECIDED if change.result else Ruling.CLINICAL_REVIEW
        return Change(case=change.case, result=outcome, audit=change.audit)

    return await commit_step(cases, ref.case_id, key, _unless_overtaken(ref, ruled), Ruling)


def _unless_overtaken(
    ref: CaseRef, rule: Callable[[Case], Change[Ruling]]
) -> Callable[[Case], Change[Ruling]]:
    """The rule, for a case that still stands where this story left it."""

    def guarded(case: Case) -> Change[Ruling]:
        if case.revision != ref.revision or case.is_settled:
            return Change(case=case, result=Ruling.OVERTAKEN)
        return rule(case)

    return guarded


async def _verdict(case: Case, found: Findings, insurers: Insurers, rules: RuleBook) -> RuleAnswer:
    given = {
        "insurer known": insurers.know(case.request.insurer.identifier),
        "requestor status": found[Check.PROVIDER].answer,
        "member found": found[Check.MEMBER].answer == "found",
        "coverage status": found[Check.COVERAGE].answer,
        "service dates": found[Check.COVERAGE].codes[0],
        "days ahead": _days_ahead(case),
        "services known": all(item.service.code for item in case.request.items),
    }
    return await ask(rules, case, "eligibility", "Eligibility", given)


def _days_ahead(case: Case) -> int:
    """How many days after its receipt the last service that a request asks for begins."""
    received_on = case.day_of(case.revised_at or case.received_at)
    first_days = (item.served_from for item in case.request.items if item.served_from)
    return max(((day - received_on).days for day in first_days), default=0)


async def _rulings(
    case: Case, member: Membership, found: Findings, cases: CaseStore, rules: RuleBook
) -> tuple[ItemRuling, ...]:
    missing = found[Check.DOCUMENTS].codes
    still_open = (item for item in case.request.items if item.sequence in case.open_items)
    rulings = []
    for item in still_open:
        sorted_into = await service_class(rules, case, item)
        given = {
            "service class": sorted_into,
            "gold carded": await is_gold_carded(case, member, sorted_into, cases, rules),
            "documents missing": sum(code.startswith(f"{item.sequence}:") for code in missing),
            "quantity": item.quantity,
            "is renewal": item.certification_type is CertificationType.RENEWAL,
        }
        answer = await ask(rules, case, "auto-approval", "Auto approval", given)
        rulings.append(_ruling(item, case, member, answer))
    return tuple(rulings)


def _ruling(item: ServiceItem, case: Case, member: Membership, answer: RuleAnswer) -> ItemRuling:
    word = answer.value["action"]
    if word not in ACTIONS:
        raise RuleViolation(f"rule {answer.rule} answers no action that rules may take")
    received_on = member.day_of(case.received_at)
    starts_on = item.served_from or received_on
    # An eligibility table from before it knew of days ahead lets any day of the calendar pass.
    valid = min(timedelta(days=int(answer.value["valid days"])), date.max - starts_on)
    return ItemRuling(
        sequence=item.sequence,
        action=ACTIONS[word],
        reason_text=answer.value["reason"],
        rule=answer.rule,
        effective_from=starts_on,
        effective_to=max(item.served_to or starts_on, starts_on + valid),
    )


async def _clock(case: Case, member: Membership, rules: RuleBook) -> DecisionClock:
    """The clock of the case: of all its items' classes of service, the one that is due first."""
    received_at = case.revised_at or case.received_at
    received_on = member.day_of(received_at)
    classes = {await service_class(rules, case, item): None for item in case.request.items}
    terms = []
    for each in classes:
        given = {
            "line of business": member.line_of_business,
            "state": member.state,
            "service class": each,
            "urgency": case.request.urgency,
            "received on": received_on,
        }
        answer = await ask(rules, case, "decision-deadlines", "Decision deadline", given)
        zone = member.time_zone
        terms.append(ClockRule.from_row(answer.value, time_zone=zone, rule_id=answer.rule))
    counts_business_days = any(rule.unit is TimeUnit.BUSINESS_DAYS for rule in terms)
    holidays = await _holidays(case, received_on.year, rules) if counts_business_days else []
    clocks = (start_clock(rule, received_at, holidays=holidays) for rule in terms)
    return min(clocks, key=lambda clock: clock.due_at)


async def _holidays(case: Case, year: int, rules: RuleBook) -> list[date]:
    """The days off of a year and the next, for a clock that counts business days."""
    days: list[date] = []
    for each in (year, year + 1):
        answer = await ask(rules, case, "federal-holidays", "Federal holidays", {"year": each})
        days += observed_holidays(map(HolidayRule.from_row, answer.value or ()), each)
    return days
