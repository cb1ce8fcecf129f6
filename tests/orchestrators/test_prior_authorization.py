from typing import Any

from orchestrators.prior_authorization import prior_authorization as story
from shared.contracts import prior_authorization as pa
from shared.contracts.incidents import OPEN_INCIDENT
from shared.contracts.steps import Step
from shared.domain.prior_authorization.coverage import Check, Finding
from tests.orchestrators.telling import START, ToldContext, tell

GIVEN = {"case_id": "pa-1", "revision": 1}
CHECKS = {
    pa.CHECK_MEMBER: Finding(check=Check.MEMBER, answer="found"),
    pa.CHECK_COVERAGE: Finding(check=Check.COVERAGE, answer="active", codes=("in order",)),
    pa.CHECK_PROVIDER: Finding(check=Check.PROVIDER, answer="known"),
    pa.CHECK_DUPLICATE: Finding(check=Check.DUPLICATE, answer="none"),
}


def _context(**changed: Any) -> ToldContext:
    answers: dict[Step[Any, Any], Any] = {
        pa.OPEN_CASE: pa.Opening.OPENED,
        **CHECKS,
        pa.APPLY_RULES: pa.Ruling.DECIDED,
        pa.ISSUE_DECISION: ("approved.r1.requestor.subscription", "approved.r1.member.mail"),
        pa.DELIVER_NOTICE: pa.Receipt("m", "delivered"),
        pa.FOLLOW_UP: "approved",
        OPEN_INCIDENT: "incident-1",
    }
    answers |= {getattr(pa, name.upper()): answer for name, answer in changed.items()}
    return ToldContext(answers)


def test_a_request_that_the_rules_approve_takes_six_steps_in_order() -> None:
    context = _context()
    assert tell(story, context, GIVEN) == "approved"
    assert context.performed == [
        "open_case",
        "check_member",
        "check_coverage",
        "check_provider",
        "check_duplicate",
        "apply_rules",
        "issue_decision",
        "deliver_notice",
        "deliver_notice",
        "follow_up",
    ]
    assert not context.told


def test_a_story_that_version_1_0_0_began_asks_for_documents_as_it_did_then() -> None:
    context = _context(determine_documents=Finding(check=Check.DOCUMENTS, answer="complete"))
    context.version = "1.0.0"
    assert tell(story, context, GIVEN) == "approved"
    assert context.performed[4:7] == ["check_duplicate", "determine_documents", "apply_rules"]


def test_its_notices_are_followed_up() -> None:
    context = _context()
    tell(story, context, GIVEN)
    notices = [given for given in context.given if "message_id" in given]
    assert [notice["is_followed_up"] for notice in notices] == [True, True]


def test_what_the_rules_leave_open_is_pended_and_reviewed() -> None:
    context = _context(apply_rules=pa.Ruling.CLINICAL_REVIEW)
    tell(story, context, GIVEN)
    assert context.told == ["clinical_review"]
    assert context.custom_status == pa.PENDED


def test_a_cancellation_goes_straight_to_its_notices() -> None:
    context = _context(open_case=pa.Opening.CANCELLED)
    tell(story, context, GIVEN)
    assert context.performed[:2] == ["open_case", "issue_decision"]


def test_an_update_that_overtook_its_request_looks_for_it_ever_more_seldom() -> None:
    context = _context(open_case=[pa.Opening.EARLY] * 3 + [pa.Opening.OPENED])
    assert tell(story, context, GIVEN) == "approved"
    assert context.performed[:5] == ["open_case"] * 4 + ["check_member"]
    assert len(set(context.keys[:4])) == 4
    assert [(wait - START).total_seconds() for wait in context.waits] == [1, 2, 4]


def test_an_update_that_may_not_be_is_refused_and_changes_nothing() -> None:
    context = _context(open_case=pa.Opening.REFUSED)
    assert tell(story, context, GIVEN) == "refused"
    assert context.performed == ["open_case"]


def test_every_performance_of_a_step_has_a_key_of_its_own() -> None:
    context = _context()
    tell(story, context, GIVEN)
    assert len(set(context.keys)) == len(context.keys)


def test_a_step_that_cannot_succeed_waits_for_an_engineer_and_is_performed_again() -> None:
    context = _context(apply_rules=[{"failed": "PermanentError: no model"}, pa.Ruling.DECIDED])
    assert tell(story, context, GIVEN) == "approved"
    assert context.performed.count("apply_rules") == 2
    assert context.performed.count("open_incident") == 1


def test_a_case_without_notices_is_followed_up_all_the_same() -> None:
    context = _context(issue_decision=())
    tell(story, context, GIVEN)
    assert context.performed[-1] == "follow_up"


def test_the_docstring_numbers_the_six_steps() -> None:
    assert all(f"{number}. " in (story.__doc__ or "") for number in range(1, 7))
