"""What a reviewer may answer: every answer is held against what the item asked for.

Whoever gives less than was asked says so (A2, A3, A6), and then the rules of adverse decisions
ask for a physician and his reasons; "certified in total" never hides a limit.
"""

from collections.abc import Iterable
from enum import StrEnum

from shared.domain.prior_authorization.case import Case
from shared.domain.prior_authorization.codes import ReviewAction
from shared.domain.prior_authorization.decision import ItemDecision
from shared.domain.prior_authorization.request import ServiceItem
from shared.errors import RuleViolation

REVIEWERS_ANSWERS = frozenset(
    {
        ReviewAction.CERTIFIED,
        ReviewAction.CERTIFIED_PARTIAL,
        ReviewAction.MODIFIED,
        ReviewAction.NOT_CERTIFIED,
    }
)


class Fault(StrEnum):
    """Why an answer is not what it says."""

    NO_LAST_DAY = "say until which day it is certified"
    DAYS_REVERSED = "the last day certified is before the first"
    NO_UNITS = "a partial certification needs a quantity"
    NOT_FEWER = "a partial certification is of fewer units than were asked"
    NOT_MODIFIED = "say what is certified instead"
    OTHER_SERVICE = "another service than was asked is a modification: answer A6 (modified)"
    FEWER_UNITS = "fewer units than were asked are A2 (certified in part), not A1"
    MORE_UNITS = "more units than were asked are A6 (modified), not A1"
    UNITS_UNASKED = "a limit where no number was asked is A2 (certified in part), not A1"
    FEWER_DAYS = "fewer days than were asked are A6 (modified), not A1"


def check_answers(case: Case, made: Iterable[ItemDecision]) -> None:
    """Hold a reviewer's decisions against the items that they are about.

    Raises:
        RuleViolation: an item is unknown or decided, or its answer is none, or another one than
            its amounts and days say.
    Source:
        42 CFR 422.566(b) and 438.400(b): a limited authorization is an adverse decision.
    """
    items = {item.sequence: item for item in case.request.items}
    answered: set[int] = set()
    for decision in made:
        item = items.get(decision.sequence)
        if item is None:
            raise RuleViolation(f"case {case.case_id} has no item {decision.sequence}")
        if decision.sequence in answered:
            raise RuleViolation("an item is decided twice")
        if case.action_of(decision.sequence).is_final:
            raise RuleViolation(f"item {decision.sequence} is decided already")
        if decision.action not in REVIEWERS_ANSWERS:
            raise RuleViolation(f"a reviewer cannot answer {decision.action}")
        fault = _fault_of_days(decision) or _fault_of_amount(decision, item)
        if fault:
            raise RuleViolation(f"item {decision.sequence}: {fault}")
        answered.add(decision.sequence)
    if not answered:
        raise RuleViolation("no item is decided")


def _fault_of_days(decision: ItemDecision) -> Fault | None:
    """What is wrong with the days of a certification; None for nothing."""
    first, last = decision.effective_from, decision.effective_to
    if not decision.action.authorizes:
        return None
    if last is None:
        return Fault.NO_LAST_DAY
    return Fault.DAYS_REVERSED if first is not None and first > last else None


def _fault_of_amount(decision: ItemDecision, item: ServiceItem) -> Fault | None:
    """How the answer does not say what it gives; None where it does."""
    match decision.action:
        case ReviewAction.CERTIFIED:
            return _limit(decision, item)
        case ReviewAction.CERTIFIED_PARTIAL:
            if decision.quantity is None or decision.quantity <= 0:
                return Fault.NO_UNITS
            if item.quantity is not None and decision.quantity >= item.quantity:
                return Fault.NOT_FEWER
            return Fault.OTHER_SERVICE if _is_other_service(decision, item) else None
        case ReviewAction.MODIFIED:
            return None if _is_modified(decision, item) else Fault.NOT_MODIFIED
    return None


def _limit(decision: ItemDecision, item: ServiceItem) -> Fault | None:
    """How a decision gives something else than was asked; None if it does not.

    A number of units limits also what was asked without one. Where no days were asked, those
    certified limit nothing: every certification ends some day.
    """
    first, last = decision.effective_from, decision.effective_to
    last_asked = item.served_to or item.served_from
    if _is_other_service(decision, item):
        return Fault.OTHER_SERVICE
    if decision.quantity is not None and item.quantity is None:
        return Fault.UNITS_UNASKED
    if decision.quantity is not None and item.quantity and decision.quantity < item.quantity:
        return Fault.FEWER_UNITS
    if decision.quantity is not None and item.quantity and decision.quantity > item.quantity:
        return Fault.MORE_UNITS
    starts_later = first and item.served_from and first > item.served_from
    ends_earlier = last and last_asked and last < last_asked
    return Fault.FEWER_DAYS if starts_later or ends_earlier else None


def _is_modified(decision: ItemDecision, item: ServiceItem) -> bool:
    return (
        _is_other_service(decision, item)
        or (decision.quantity is not None and decision.quantity != item.quantity)
        or (item.served_from is not None and decision.effective_from != item.served_from)
        or (item.served_to is not None and decision.effective_to != item.served_to)
    )


def _is_other_service(decision: ItemDecision, item: ServiceItem) -> bool:
    return decision.service is not None and decision.service.code != item.service.code
