from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from shared.domain.prior_authorization.case import Case, InformationRequest, Stage
from shared.domain.prior_authorization.deadlines import Tolling
from shared.domain.prior_authorization.decision import Actor
from shared.domain.prior_authorization.information import WaitTerms
from shared.domain.prior_authorization.notice_matrix import Channel, Notice, NoticeEvent, Recipient
from shared.domain.prior_authorization.questions import (
    Arrival,
    Arriving,
    attend_question,
    take_documents,
)
from shared.domain.prior_authorization.request import AttachedDocument
from shared.domain.prior_authorization.review import request_information
from shared.domain.prior_authorization.tasks import review_task_id
from shared.domain.prior_authorization.watching import attend_review
from tests.shared.domain.prior_authorization.cases import DOCTOR, HOUR, NOON, in_review

REPORT = AttachedDocument(kind="18748-4")
CLINIC = Actor("clinic")
DUE = NOON + 24 * HOUR
SECOND = timedelta(seconds=1)
MATRIX = {
    NoticeEvent.DEADLINE_NEAR: (Notice(Recipient.REVIEWERS, Channel.CONSOLE, "deadline-near", 0),)
}


def _asked() -> Case:
    case = in_review()
    question = InformationRequest(
        number=1, kinds=("18748-4",), asked_by="doctor", asked_at=NOON, due_at=DUE
    )
    return request_information(case, review_task_id(case), DOCTOR, question).case


def _arrives(
    case: Case, *, question: int = 1, is_final: bool = True, at: datetime = DUE
) -> tuple[Arrival, Case]:
    arriving = Arriving(attachment_id="a", question=question, is_final=is_final)
    change = take_documents(case, [REPORT], CLINIC, at, arriving=arriving)
    [entry] = change.audit
    assert (entry.event, entry.detail["meaning"]) == ("information_received", change.result)
    return change.result, change.case


def test_documents_at_the_very_deadline_count_while_the_question_stands() -> None:
    meaning, case = _arrives(_asked(), at=DUE)
    assert meaning is Arrival.ANSWERED
    assert case.stage is Stage.CLINICAL_REVIEW
    assert case.request.documents[-1].received_at == DUE


def test_documents_after_the_lapse_are_late_and_with_the_reviewer() -> None:
    lapsed = attend_question(_asked(), 1, {}, DUE).case
    meaning, case = _arrives(lapsed, at=DUE + SECOND)
    assert meaning is Arrival.LATE
    assert case.stage is Stage.CLINICAL_REVIEW
    assert case.request.documents[-1].kind == "18748-4"
    assert case.information[0].answered_at is None


def test_documents_for_an_earlier_question_do_not_answer_the_present_one() -> None:
    lapsed = attend_question(_asked(), 1, {}, DUE).case
    again = InformationRequest(
        number=2, kinds=("11506-3",), asked_by="doctor", asked_at=DUE, due_at=DUE + 12 * HOUR
    )
    case = request_information(lapsed, review_task_id(lapsed), DOCTOR, again).case
    meaning, kept = _arrives(case, question=1, at=DUE + HOUR)
    assert meaning is Arrival.LATE
    assert kept.stage is Stage.INFORMATION_REQUESTED
    assert _arrives(case, question=0, at=DUE + HOUR)[0] is Arrival.ANSWERED


def test_a_part_of_the_documents_leaves_the_question_open() -> None:
    meaning, case = _arrives(_asked(), is_final=False, at=NOON + HOUR)
    assert meaning is Arrival.KEPT
    assert case.open_information is not None


@pytest.mark.parametrize("stage", [Stage.DECIDED, Stage.NOTIFIED, Stage.CANCELLED, Stage.EXPIRED])
def test_documents_for_a_settled_case_change_nothing(stage: Stage) -> None:
    settled = replace(in_review(), stage=stage)
    meaning, case = _arrives(settled, question=0)
    assert meaning is Arrival.AFTER_DECISION
    assert case == settled


def test_documents_before_the_rules_have_run_are_kept_with_the_request() -> None:
    meaning, case = _arrives(replace(in_review(), stage=Stage.RECEIVED), question=0)
    assert meaning is Arrival.KEPT
    assert case.request.documents


@pytest.mark.parametrize("hours", [47, 50, 80])
def test_a_question_is_sent_whenever_it_was_asked(hours: int) -> None:
    case, at = in_review(), NOON + hours * HOUR
    assert case.clock is not None
    terms = WaitTerms(answer_within_hours=24)
    due_at = terms.ends_at(at, clock=case.clock)
    question = replace(_asked().information[0], asked_at=at, due_at=due_at)
    asked = request_information(case, review_task_id(case), DOCTOR, question).case
    change = attend_question(asked, 1, {}, at + SECOND)
    assert [entry.event for entry in change.audit] == ["information_requested"]
    assert change.case.information[0].sent_at == at + SECOND


def _tolled_after_its_warning() -> tuple[Case, str]:
    """A case warned, then asked about on a clock that tolls; and the id of the warning."""
    case = in_review()
    assert case.clock is not None
    rule = replace(case.clock.rule, tolls=Tolling.INFORMATION, toll_days_min=45)
    case = replace(case, clock=replace(case.clock, rule=rule))
    warned = attend_review(case, 1, MATRIX, NOON + 48 * HOUR)
    question = replace(_asked().information[0], asked_at=NOON + 49 * HOUR, due_at=NOON + 999 * HOUR)
    held = request_information(warned.case, review_task_id(case), DOCTOR, question).case
    return held, warned.messages[0].message_id


def test_the_reviewers_are_warned_anew_of_a_deadline_that_the_answer_moved() -> None:
    held, first = _tolled_after_its_warning()
    _, back = _arrives(held, at=NOON + 60 * HOUR)
    again = attend_review(back, 1, MATRIX, NOON + 60 * HOUR)
    assert [entry.event for entry in again.audit] == ["deadline_near"]
    assert again.audit[0].detail["due"] == (NOON + 83 * HOUR).isoformat()
    assert [message.message_id == first for message in again.messages] == [False]
    assert attend_review(again.case, 1, MATRIX, NOON + 61 * HOUR).audit == ()


def test_an_answer_that_moved_no_deadline_is_no_cause_to_warn_anew() -> None:
    held, _ = _tolled_after_its_warning()
    _, back = _arrives(held, at=NOON + 49 * HOUR)
    assert attend_review(back, 1, MATRIX, NOON + 50 * HOUR).audit == ()
