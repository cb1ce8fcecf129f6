"""An answer says what it gives: less than was asked is never certified in total."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from shared.domain.prior_authorization.answers import Fault, check_answers
from shared.domain.prior_authorization.case import Case
from shared.domain.prior_authorization.codes import ReviewAction
from shared.domain.prior_authorization.decision import ItemDecision
from shared.domain.prior_authorization.request import Coding, ServiceItem
from shared.errors import RuleViolation
from tests.shared.domain.prior_authorization.cases import CPT, NOON, certify, deny, in_review

FIRST, LAST = NOON.date() + timedelta(days=10), NOON.date() + timedelta(days=20)
DAY = timedelta(days=1)
ITEM = ServiceItem(
    sequence=1,
    service=Coding(CPT, "27441"),
    quantity=Decimal(10),
    served_from=FIRST,
    served_to=LAST,
)
AS_ASKED = replace(certify(), effective_from=FIRST, effective_to=LAST)
PARTIAL = replace(
    deny(),
    action=ReviewAction.CERTIFIED_PARTIAL,
    quantity=Decimal(9),
    effective_from=FIRST,
    effective_to=LAST,
)
MODIFIED = replace(PARTIAL, action=ReviewAction.MODIFIED)
OTHER = Coding(CPT, "27446")


def _asking_for(item: ServiceItem) -> Case:
    case = in_review()
    return replace(case, request=replace(case.request, items=(item,)))


@pytest.mark.parametrize(
    "made",
    [
        AS_ASKED,
        replace(AS_ASKED, quantity=Decimal(10), service=ITEM.service),
        replace(AS_ASKED, effective_from=FIRST - DAY, effective_to=LAST + DAY),
        PARTIAL,
        MODIFIED,
        replace(MODIFIED, quantity=None, service=OTHER),
        replace(MODIFIED, quantity=None, effective_to=LAST - DAY),
        replace(deny(), effective_from=None, effective_to=None),
    ],
)
def test_an_answer_that_says_what_it_gives_is_taken(made: ItemDecision) -> None:
    check_answers(_asking_for(ITEM), (made,))


@pytest.mark.parametrize(
    ("made", "fault"),
    [
        (replace(AS_ASKED, quantity=Decimal(9)), Fault.FEWER_UNITS),
        (replace(AS_ASKED, quantity=Decimal(11)), Fault.MORE_UNITS),
        (replace(AS_ASKED, service=OTHER), Fault.OTHER_SERVICE),
        (replace(AS_ASKED, effective_from=FIRST + DAY), Fault.FEWER_DAYS),
        (replace(AS_ASKED, effective_to=LAST - DAY), Fault.FEWER_DAYS),
        (replace(AS_ASKED, effective_to=None), Fault.NO_LAST_DAY),
        (replace(AS_ASKED, effective_from=LAST + DAY), Fault.DAYS_REVERSED),
        (replace(PARTIAL, effective_from=LAST + DAY), Fault.DAYS_REVERSED),
        (replace(PARTIAL, quantity=None), Fault.NO_UNITS),
        (replace(PARTIAL, quantity=Decimal(0)), Fault.NO_UNITS),
        (replace(PARTIAL, quantity=Decimal(10)), Fault.NOT_FEWER),
        (replace(PARTIAL, service=OTHER), Fault.OTHER_SERVICE),
        (replace(MODIFIED, effective_to=None), Fault.NO_LAST_DAY),
        (replace(MODIFIED, quantity=Decimal(10)), Fault.NOT_MODIFIED),
        (replace(MODIFIED, quantity=None, service=ITEM.service), Fault.NOT_MODIFIED),
    ],
)
def test_an_answer_that_gives_other_than_it_says_is_refused(
    made: ItemDecision, fault: Fault
) -> None:
    with pytest.raises(RuleViolation) as refused:
        check_answers(_asking_for(ITEM), (made,))
    assert str(refused.value) == f"item 1: {fault}"


def test_a_limit_of_units_where_none_was_asked_is_no_certification_in_total() -> None:
    case = _asking_for(replace(ITEM, quantity=None))
    with pytest.raises(RuleViolation, match=r"A2 \(certified in part\)"):
        check_answers(case, (replace(AS_ASKED, quantity=Decimal(10)),))
    check_answers(case, (replace(PARTIAL, quantity=Decimal(10)),))


def test_a_service_asked_for_one_day_is_not_certified_until_the_day_before() -> None:
    case = _asking_for(replace(ITEM, served_from=LAST, served_to=None))
    early = replace(AS_ASKED, effective_to=LAST - DAY)
    with pytest.raises(RuleViolation, match="fewer days"):
        check_answers(case, (early,))


def test_where_no_days_were_asked_those_certified_limit_nothing() -> None:
    case = _asking_for(replace(ITEM, served_from=None, served_to=None))
    check_answers(case, (AS_ASKED,))
    with pytest.raises(RuleViolation, match="instead"):
        check_answers(case, (replace(MODIFIED, quantity=None),))


@pytest.mark.parametrize(
    ("made", "why"),
    [
        ((), "no item is decided"),
        ((replace(AS_ASKED, sequence=9),), "has no item 9"),
        ((AS_ASKED, AS_ASKED), "decided twice"),
        ((replace(AS_ASKED, action=ReviewAction.PENDED),), "cannot answer A4"),
    ],
)
def test_answers_must_fit_the_items(made: tuple[ItemDecision, ...], why: str) -> None:
    with pytest.raises(RuleViolation, match=why):
        check_answers(_asking_for(ITEM), made)
