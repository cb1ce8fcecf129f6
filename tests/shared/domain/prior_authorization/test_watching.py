from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from shared.domain.prior_authorization.case import Stage
from shared.domain.prior_authorization.codes import ReviewAction
from shared.domain.prior_authorization.deadlines import BreachConsequence
from shared.domain.prior_authorization.notice_matrix import (
    Channel,
    Notice,
    NoticeEvent,
    Recipient,
)
from shared.domain.prior_authorization.review import offer_peer_to_peer
from shared.domain.prior_authorization.watching import attend_review
from tests.shared.domain.prior_authorization.cases import DOCTOR, HOUR, NOON, in_review, task_of

MATRIX = {
    event: (Notice(Recipient.COMPLIANCE, Channel.EMAIL, "text", 0),)
    for event in (
        NoticeEvent.DEADLINE_NEAR,
        NoticeEvent.DEADLINE_MISSED,
        NoticeEvent.DEEMED_APPROVED,
    )
}


def test_before_its_time_nothing_happens_but_the_next_look_is_named() -> None:
    change = attend_review(in_review(), 1, MATRIX, NOON + HOUR)
    assert change.audit == ()
    assert change.result.until == NOON + 48 * HOUR


def test_the_reviewers_are_warned_once_and_the_case_goes_first() -> None:
    warned = attend_review(in_review(), 1, MATRIX, NOON + 48 * HOUR)
    assert [entry.event for entry in warned.audit] == ["deadline_near"]
    assert warned.result.notices == tuple(message.message_id for message in warned.messages)
    assert warned.case.review is not None
    assert warned.case.review.routing.rank == 1
    again = attend_review(warned.case, 1, MATRIX, NOON + 49 * HOUR)
    assert again.audit == ()
    assert again.result.until == NOON + 72 * HOUR


@pytest.mark.parametrize(
    "consequence",
    [each for each in BreachConsequence if each is not BreachConsequence.DEEMED_APPROVED],
)
def test_silence_never_denies_care(consequence: BreachConsequence) -> None:
    late = attend_review(in_review(on_breach=consequence), 1, MATRIX, NOON + 72 * HOUR)
    assert late.case.stage is Stage.CLINICAL_REVIEW
    assert late.case.decisions == ()
    assert late.case.breached_at == NOON + 72 * HOUR
    assert late.audit[0].event == "deadline_breached"
    assert late.audit[0].detail["consequence"] == consequence
    assert late.result.is_open
    assert attend_review(late.case, 1, MATRIX, NOON + 80 * HOUR).audit == ()


def test_where_the_law_deems_it_approved_the_clock_certifies() -> None:
    case = in_review(items=2, on_breach=BreachConsequence.DEEMED_APPROVED)
    deemed = attend_review(case, 1, MATRIX, NOON + 72 * HOUR)
    assert not deemed.result.is_open
    assert deemed.case.stage is Stage.DECIDED
    assert {made.action for made in deemed.case.decisions} == {ReviewAction.CERTIFIED}
    assert {made.decided_by.actor_id for made in deemed.case.decisions} == {"clock"}


def test_what_the_clock_certifies_has_its_number_and_its_days() -> None:
    case = in_review(items=2, on_breach=BreachConsequence.DEEMED_APPROVED)
    assert case.clock is not None
    rule = replace(case.clock.rule, valid_days=365)
    first, second = case.request.items
    asked = replace(second, served_from=date(2026, 3, 4), served_to=date(2026, 3, 9))
    case = replace(
        case,
        clock=replace(case.clock, rule=rule),
        request=replace(case.request, items=(first, asked)),
    )
    at = datetime(2026, 3, 6, 2, tzinfo=UTC)  # The plan's day is the 5th.
    deemed = attend_review(case, 1, MATRIX, at).case
    assert [(made.effective_from, made.effective_to) for made in deemed.decisions] == [
        (date(2026, 3, 5), date(2027, 3, 5)),
        (date(2026, 3, 4), date(2026, 3, 9)),
    ]
    assert {made.authorization_number for made in deemed.decisions} == {deemed.authorization_number}
    assert deemed.authorization_number


def test_a_clock_of_before_certifies_what_names_no_last_day_without_end() -> None:
    case = in_review(on_breach=BreachConsequence.DEEMED_APPROVED)
    [made] = attend_review(case, 1, MATRIX, NOON + 72 * HOUR).case.decisions
    assert (made.effective_from, made.effective_to) == (date(2026, 3, 5), None)


def test_a_talk_that_nobody_held_lapses() -> None:
    case = in_review()
    offered = offer_peer_to_peer(case, task_of(case), DOCTOR, NOON + 5 * HOUR, (), NOON).case
    early = attend_review(offered, 1, MATRIX, NOON + HOUR)
    assert early.result.until == NOON + 5 * HOUR
    lapsed = attend_review(offered, 1, MATRIX, NOON + 5 * HOUR)
    assert lapsed.case.stage is Stage.CLINICAL_REVIEW
    assert lapsed.audit[0].event == "peer_to_peer_lapsed"


def test_a_later_revision_is_none_of_this_storys_business() -> None:
    assert not attend_review(in_review(), 2, MATRIX, NOON).result.is_open
