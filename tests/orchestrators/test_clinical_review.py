from datetime import UTC, datetime
from typing import Any

from orchestrators.clinical_review import clinical_review
from shared.contracts import prior_authorization as pa
from shared.contracts.steps import Step
from tests.orchestrators.telling import ToldContext, tell

GIVEN = {"case_id": "pa-1", "revision": 1}
SOON = datetime(2026, 3, 3, tzinfo=UTC)
OPEN = pa.WaitingFor(is_open=True, until=SOON)
CLOSED = pa.WaitingFor(is_open=False)


def test_a_decided_review_ends_the_story() -> None:
    context = ToldContext({pa.OPEN_REVIEW: OPEN, pa.ATTEND_REVIEW: CLOSED}, nudges=1)
    tell(clinical_review, context, GIVEN)
    assert context.performed == ["open_review", "attend_review"]


def test_when_nobody_acts_the_clock_makes_the_story_look_again() -> None:
    context = ToldContext({pa.OPEN_REVIEW: OPEN, pa.ATTEND_REVIEW: [OPEN, OPEN, CLOSED]})
    tell(clinical_review, context, GIVEN)
    assert context.waits == [SOON] * 3
    assert context.performed.count("attend_review") == 3


def test_an_open_question_is_a_story_of_its_own() -> None:
    asked = pa.WaitingFor(is_open=True, question=1)
    answers = {pa.OPEN_REVIEW: OPEN, pa.ATTEND_REVIEW: [asked, CLOSED]}
    context = ToldContext(answers, nudges=1)
    tell(clinical_review, context, GIVEN)
    assert context.told == ["information_request"]


def test_what_a_look_writes_is_delivered_at_once() -> None:
    warned = pa.WaitingFor(is_open=True, until=SOON, notices=("deadline-near.r1.1.reviewers",))
    answers: dict[Step[Any, Any], Any] = {
        pa.OPEN_REVIEW: OPEN,
        pa.ATTEND_REVIEW: [warned, CLOSED],
        pa.DELIVER_NOTICE: pa.Receipt("m", "delivered"),
    }
    context = ToldContext(answers, nudges=2)
    tell(clinical_review, context, GIVEN)
    assert context.performed == ["open_review", "attend_review", "deliver_notice", "attend_review"]


def test_a_review_that_was_overtaken_before_it_opened_ends_at_once() -> None:
    context = ToldContext({pa.OPEN_REVIEW: CLOSED})
    tell(clinical_review, context, GIVEN)
    assert context.performed == ["open_review"]
