from dataclasses import replace
from datetime import timedelta

import pytest

from console.forms import Problem
from console.rendering import Viewer
from console.review_page import Review, review_page
from shared.domain.prior_authorization.appeal_levels import AppealBody, AppealRule
from shared.domain.prior_authorization.appeals import Appeal, AppealOutcome
from shared.domain.prior_authorization.case import Case, Stage
from shared.domain.prior_authorization.codes import Level
from shared.domain.prior_authorization.coverage import Check, Finding
from shared.domain.prior_authorization.deadlines import TimeUnit, Tolling, start_clock
from shared.domain.prior_authorization.reviewers import Objection, Reviewer

HOUR = timedelta(hours=1)
NURSE = Reviewer(
    reviewer_id="nurse-rivera",
    level=Level.NURSE,
    specialties=("imaging",),
    licensed_states=("FL",),
)
PHYSICIAN = replace(NURSE, level=Level.PHYSICIAN)


def _review(
    case: Case, task_id: str = "pa-1.review1", *, reviewer: Reviewer | None = PHYSICIAN
) -> Review:
    return Review(case=case, task_id=task_id, now=case.received_at + HOUR, reviewer=reviewer)


def _appealed(case: Case) -> Case:
    assert case.clock is not None
    rule = AppealRule(
        level=2,
        name="reconsideration",
        decided_by=AppealBody.INDEPENDENT_ENTITY,
        file_within_days=65,
        time_zone="UTC",
        clock=case.clock.rule,
    )
    appeal = Appeal(
        appeal_id="pa-1.appeal1",
        rule=rule,
        items=(1,),
        expedited=False,
        filed_at=case.received_at,
        clock=start_clock(case.clock.rule, case.received_at),
    )
    return replace(case, stage=Stage.APPEALED, appeals=(appeal,))


def test_every_open_item_can_be_decided(viewer: Viewer, pended: Case, decided: Case) -> None:
    half = pended.deciding(decided.decisions[:1])
    page = review_page(viewer, _review(half))
    assert 'name="action-1"' not in page
    assert page.count('name="action-2"') == 5
    assert "of 3 asked for" in page
    assert page.count('name="token" value="sealed"') == page.count("<form")


def test_a_last_day_is_asked_for_where_the_request_names_none(viewer: Viewer, pended: Case) -> None:
    assert "the request names none" in review_page(viewer, _review(pended))
    day = pended.received_at.date()
    dated = tuple(replace(item, served_from=day, served_to=day) for item in pended.request.items)
    asked = replace(pended, request=replace(pended.request, items=dated))
    page = review_page(viewer, _review(asked))
    assert "the request names none" not in page
    assert page.count("blank: as asked") == 4


def test_a_nurse_is_offered_what_a_nurse_may_answer(viewer: Viewer, pended: Case) -> None:
    page = review_page(viewer, _review(pended, reviewer=NURSE))
    assert page.count('name="action-1"') == 2
    assert "Do not certify" not in page
    assert "reasonCode-1" not in page
    assert "a physician's to decide" in page


@pytest.mark.parametrize(
    ("reviewer", "why", "may_hand_over"),
    [
        (None, "you are no reviewer", False),
        (replace(NURSE, specialties=("oncology",)), Objection.OTHER_SPECIALTY, True),
        (replace(PHYSICIAN, licensed_states=("NY",)), Objection.NO_LICENCE, False),
    ],
)
def test_who_may_not_review_reads_why_and_may_hand_over_if_he_may_touch_it(
    viewer: Viewer,
    pended: Case,
    reviewer: Reviewer | None,
    why: str,
    may_hand_over: bool,  # noqa: FBT001 - a column of the table above.
) -> None:
    page = review_page(viewer, _review(pended, reviewer=reviewer))
    assert why.replace("'", "&#39;") in page
    assert not [
        action for action in ("/claim", "/complete", "/request-information") if action in page
    ]
    assert ("/reassign" in page) is may_hand_over


def test_a_claimed_review_is_handed_over_by_its_holder_or_who_is_above_him(
    viewer: Viewer, pended: Case
) -> None:
    assert pended.review is not None
    case = replace(pended, review=replace(pended.review, claimed_by="nurse-okafor"))
    holder = replace(NURSE, reviewer_id="nurse-okafor", managers=("dr-chen",))
    review = replace(_review(case), holder=holder)
    page = review_page(viewer, review)
    assert "/reassign" not in page
    assert "Only nurse-okafor, or somebody above, hands it over." in page
    above = replace(review, reviewer=replace(PHYSICIAN, reviewer_id="dr-chen"))
    assert "/reassign" in review_page(viewer, above)


@pytest.mark.parametrize(
    ("claimed_by", "offered", "withheld"),
    [
        ("", "/claim", "/release"),
        ("nurse-rivera", "/release", "/claim"),
        ("dr-chen", "Claimed by dr-chen", "/release"),
        ("dr-chen", "dr-chen has claimed this review", "/complete"),
    ],
)
def test_who_has_claimed_a_review_decides_what_is_offered(
    viewer: Viewer, pended: Case, claimed_by: str, offered: str, withheld: str
) -> None:
    assert pended.review is not None
    case = replace(pended, review=replace(pended.review, claimed_by=claimed_by))
    page = review_page(viewer, _review(case))
    assert offered in page
    assert withheld not in page


def test_a_closed_review_offers_nothing(viewer: Viewer, decided: Case) -> None:
    page = review_page(viewer, _review(decided))
    assert "This review is closed." in page
    assert "<form" not in page


def test_missing_documents_are_ticked(viewer: Viewer, pended: Case) -> None:
    missing = Finding(check=Check.DOCUMENTS, answer="missing", codes=("1:11506-3", "2:11506-3"))
    review = _review(replace(pended, findings=(missing,)))
    assert review.kinds[0] == "11506-3"
    page = review_page(viewer, review)
    assert page.count("checked") == len(pended.request.items) + 1
    assert 'value="11506-3" checked' in page


@pytest.mark.parametrize(("hours", "may_ask"), [(24, True), (25, False), (72, True)])
def test_where_no_time_is_left_for_an_answer_the_page_says_so(
    viewer: Viewer, pended: Case, hours: int, *, may_ask: bool
) -> None:
    assert pended.clock is not None
    rule = replace(pended.clock.rule, allowed=72, unit=TimeUnit.HOURS, tolls=Tolling.INFORMATION)
    rule = replace(rule, toll_days_min=2, hours_after_information=48)
    case = replace(pended, clock=start_clock(rule, pended.received_at))
    page = review_page(viewer, replace(_review(case), now=case.received_at + hours * HOUR))
    assert ("/request-information" in page) == may_ask
    assert ("can be asked for information no more" in page) != may_ask


def test_problems_come_back_with_what_was_typed(viewer: Viewer, pended: Case) -> None:
    review = replace(
        _review(pended),
        form={"action-1": ["A3"], "reason-1": ["<b>too long</b>"]},
        problems=(Problem("Item 1: give the reason code.", "reasonCode-1"),),
    )
    page = review_page(viewer, review)
    assert "<title>Problem: " in page
    assert '<a href="#reasonCode-1">' in page
    assert 'aria-describedby="reasonCode-1-problem"' in page
    assert 'value="A3" checked' in page
    assert "&lt;b&gt;too long&lt;/b&gt;</textarea>" in page


def test_an_extension_is_offered_only_where_the_law_leaves_one(
    viewer: Viewer, pended: Case
) -> None:
    assert pended.clock is not None
    rule = replace(pended.clock.rule, extension_days=14, extensions_max=1)
    longer = replace(pended, clock=replace(pended.clock, rule=rule))
    assert "/extend" not in review_page(viewer, _review(pended))
    assert "14 more days" in review_page(viewer, _review(longer))


def test_an_appeal_is_decided_on_its_own_page(viewer: Viewer, decided: Case) -> None:
    page = review_page(viewer, _review(_appealed(decided), "pa-1.appeal1"))
    assert "/console/tasks/pa-1.appeal1/decide-appeal" in page
    assert "The independent entity decides; record its decision here." in page
    assert "2 days 23 hours left" in page


def test_an_appeal_of_several_items_may_be_overturned_in_part(
    viewer: Viewer, decided: Case
) -> None:
    case = _appealed(decided)
    assert "Overturn in part" not in review_page(viewer, _review(case, "pa-1.appeal1"))
    two = replace(case, appeals=(replace(case.appeals[0], items=(1, 2)),))
    page = review_page(viewer, _review(two, "pa-1.appeal1"))
    assert "Overturn in part" in page
    assert 'name="items" value="2"' in page
    made = replace(two.appeals[0], outcome=AppealOutcome.OVERTURNED, overturned_only=(2,))
    closed = review_page(viewer, _review(replace(two, appeals=(made,)), "pa-1.appeal1"))
    assert "Overturned in part" in closed
    assert "item 2; upheld for item 1" in closed


def test_an_appeal_offers_nothing_to_whom_it_concerns(viewer: Viewer, decided: Case) -> None:
    case = _appealed(decided)
    party = replace(PHYSICIAN, organisations=(str(case.request.requestor.identifier),))
    page = review_page(viewer, _review(case, "pa-1.appeal1", reviewer=party))
    assert Objection.IS_PARTY.replace("'", "&#39;") in page
    assert "<form" not in page


def test_a_decided_appeal_offers_nothing(viewer: Viewer, decided: Case) -> None:
    case = _appealed(decided)
    closed = replace(case, appeals=(replace(case.appeals[0], outcome=AppealOutcome.UPHELD),))
    page = review_page(viewer, _review(closed, "pa-1.appeal1"))
    assert "This appeal is closed." in page
    assert "<form" not in page


def test_only_tasks_that_the_case_has_exist(pended: Case) -> None:
    ids = ("pa-1.review1", "pa-1.review2", "pa-1.appeal1", "pa-1", "pa-2.review1")
    assert [_review(pended, task_id).exists for task_id in ids] == [True, *[False] * 4]
    assert _review(_appealed(pended), "pa-1.appeal1").exists
