"""The look-back over a provider's own cases, as the store holds them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from activities.prior_authorization import gold_card
from activities.prior_authorization.gold_card import is_gold_carded
from shared.adapters.memory.case_store import MemoryCaseStore
from shared.adapters.memory.clock import SettableClock
from shared.adapters.rules.file_rule_book import FileRuleBook
from shared.domain.prior_authorization.appealing import file
from shared.domain.prior_authorization.appeals import AppealOutcome
from shared.domain.prior_authorization.case import Case, Stage
from shared.domain.prior_authorization.codes import LineOfBusiness, ReviewAction
from shared.domain.prior_authorization.decision import Actor
from shared.domain.prior_authorization.issuing import follow_up, issue
from shared.domain.prior_authorization.request import Coding
from shared.domain.prior_authorization.withdrawing import cancel
from tests.shared.domain.prior_authorization.appeal_cases import PLAN, filing
from tests.shared.domain.prior_authorization.cases import CPT, MEMBER, certify
from tests.shared.ports.samples import NOON, a_case, opening, under_review

A1, A2, A3 = (
    ReviewAction.CERTIFIED,
    ReviewAction.CERTIFIED_PARTIAL,
    ReviewAction.NOT_CERTIFIED,
)
MONTH_AGO = NOON - timedelta(days=30)
TEXAN = replace(
    MEMBER, line_of_business=LineOfBusiness.COMMERCIAL, state="TX", time_zone="America/Chicago"
)


def asking_for_imaging(number: int) -> Case:
    """A request for a service of the class that the cards below are about."""
    case = a_case(number, received_at=MONTH_AGO if number else NOON)
    [item] = case.request.items
    items = (replace(item, service=Coding(CPT, "72148")),)
    request = replace(case.request, items=items)
    return replace(case, request=request, membership=TEXAN, rule_versions=None)


def told(number: int, action: ReviewAction) -> Case:
    made = replace(certify(), action=action, decided_at=MONTH_AGO)
    settled = under_review(asking_for_imaging(number)).deciding((made,)).to(Stage.DECIDED)
    issued = issue(replace(settled, decided_at=MONTH_AGO), (), MONTH_AGO).case
    return follow_up(issued, {}, MONTH_AGO).case


async def carded(*past: Case) -> bool:
    cases = MemoryCaseStore(SettableClock(NOON))
    for case in past:
        await cases.save(opening(case))
    asking = asking_for_imaging(0)
    return await is_gold_carded(asking, TEXAN, "advanced imaging", cases, FileRuleBook())


@pytest.mark.parametrize(
    ("action", "exempt"),
    [
        (A1, True),
        (A2, False),
        (A3, False),
        (ReviewAction.MODIFIED, False),
        (ReviewAction.NOT_REQUIRED, True),
        (ReviewAction.CANCELLED, True),
        (ReviewAction.PENDED, True),
    ],
)
async def test_only_what_was_approved_or_denied_is_weighed(
    action: ReviewAction, *, exempt: bool
) -> None:
    past = [told(number, A1) for number in range(1, 11)]
    past += [told(number, action) for number in (11, 12)]
    assert await carded(*past) is exempt


async def test_a_denial_that_the_provider_took_back_is_weighed_still() -> None:
    past = [told(number, A1) for number in range(1, 11)]
    denied = [told(number, A3) for number in (11, 12)]
    taken_back = [cancel(case, revision=2, by=Actor("clinic"), at=NOON).case for case in denied]
    assert not await carded(*past, *taken_back)


async def test_a_denial_that_an_appeal_overturned_is_an_approval() -> None:
    past = [told(number, A1) for number in range(1, 11)]
    denied = [told(number, A3) for number in (11, 12)]
    appealed = [file(case, PLAN, filing(at=MONTH_AGO)).case for case in denied]
    assert not await carded(*past, *appealed)
    overturned = replace(appealed[0].appeals[0], outcome=AppealOutcome.OVERTURNED, reviewed_at=NOON)
    assert await carded(*past, *(replace(case, appeals=(overturned,)) for case in appealed))


async def test_an_exemption_is_no_request_to_be_judged_by() -> None:
    assert not await carded(*(told(number, ReviewAction.NOT_REQUIRED) for number in range(1, 11)))


async def test_a_record_longer_than_a_page_is_read_to_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gold_card, "PAGE", 4)
    denied = [told(number, A3) for number in range(1, 6)]
    approved = [told(number, A1) for number in range(6, 10)]
    assert not await carded(*denied, *approved)
