from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from shared.domain.prior_authorization.case import Case, InformationRequest, Stage
from shared.domain.prior_authorization.codes import InfoChange, ReviewAction
from shared.domain.prior_authorization.decision import Actor
from shared.domain.prior_authorization.issuing import follow_up
from shared.domain.prior_authorization.request import AttachedDocument, Coding, Identifier
from shared.domain.prior_authorization.review import decide_items, request_information
from shared.domain.prior_authorization.tasks import review_task_id
from shared.domain.prior_authorization.withdrawing import cancel, check_sender, refuse, update
from shared.errors import RuleViolation
from tests.shared.domain.prior_authorization.cases import (
    DOCTOR,
    HOUR,
    NOON,
    certify,
    in_review,
)

CLINIC = Actor("clinic")
LATER = NOON + HOUR


def _asked(case: Case) -> Case:
    question = InformationRequest(
        number=1, kinds=("18748-4",), asked_by="doctor", asked_at=NOON, due_at=NOON + 24 * HOUR
    )
    return request_information(case, review_task_id(case), DOCTOR, question).case


def _updated(case: Case, *, revision: int = 2, sequence: int = 1) -> Case:
    changed = tuple(
        replace(item, change=InfoChange.CHANGED if item.sequence == sequence else None)
        for item in case.request.items
    )
    request = replace(case.request, items=changed)
    return update(case, request, revision=revision, by=CLINIC, at=LATER).case


def test_only_the_requestor_amends_a_case_and_only_for_its_member() -> None:
    case = in_review()
    check_sender(case, case.request)
    stranger = replace(case.request.requestor, identifier=Identifier("npi", "another"))
    with pytest.raises(RuleViolation, match="another requestor's"):
        check_sender(case, replace(case.request, requestor=stranger))
    with pytest.raises(RuleViolation, match="another member"):
        check_sender(case, replace(case.request, member=Identifier("members", "another")))


def test_a_cancellation_belongs_to_its_own_revision() -> None:
    change = cancel(in_review(items=2), revision=2, by=CLINIC, at=LATER)
    assert change.case.revision == 2
    assert change.case.stage is Stage.CANCELLED
    assert {change.case.action_of(number) for number in (1, 2)} == {ReviewAction.CANCELLED}
    again = cancel(change.case, revision=3, by=CLINIC, at=LATER)
    assert (again.case, again.audit, again.takes_up) == (change.case, (), 3)


@pytest.mark.parametrize("stage", [Stage.REJECTED, Stage.EXPIRED])
def test_what_is_settled_otherwise_is_not_cancelled(stage: Stage) -> None:
    with pytest.raises(RuleViolation, match="cannot be cancelled"):
        cancel(replace(in_review(), stage=stage), revision=2, by=CLINIC, at=LATER)


def test_a_cancellation_or_an_update_ends_an_open_question() -> None:
    asked = _asked(in_review())
    assert cancel(asked, revision=2, by=CLINIC, at=LATER).case.open_information is None
    updated = _updated(asked)
    assert updated.open_information is None
    assert updated.clock is not None
    assert updated.clock.open_pause is None


def test_an_update_of_a_late_decision_starts_without_its_breach() -> None:
    late = replace(in_review(), breached_at=NOON)
    assert _updated(late).breached_at == NOON
    decided = decide_items(late, review_task_id(late), DOCTOR, (certify(),), NOON).case
    assert _updated(decided).breached_at is None


def test_no_deadline_is_judged_of_what_was_taken_back() -> None:
    case = in_review()
    assert case.clock is not None
    cancelled = cancel(case, revision=2, by=CLINIC, at=case.clock.due_at).case
    assert follow_up(cancelled, {}, case.clock.due_at).audit == ()


def test_an_update_keeps_the_decisions_it_does_not_touch() -> None:
    case = in_review(items=2)
    updated = _updated(case, sequence=2)
    assert updated.stage is Stage.RECEIVED
    assert updated.former_identifiers == (case.request.identifier,)


def test_an_update_keeps_in_mind_what_it_takes_back() -> None:
    case = in_review(items=3).deciding((certify(1), certify(2)))
    once = _updated(case, sequence=1)
    twice = _updated(once, revision=3, sequence=2)
    assert [twice.was_authorized(number) for number in (1, 2, 3)] == [True, True, False]
    assert not case.was_authorized(1)


@pytest.mark.parametrize(
    "other", [{"service": Coding("hcpcs", "E0601")}, {"quantity": Decimal(400)}]
)
def test_a_certification_does_not_pass_to_what_an_update_silently_asks_instead(
    other: dict[str, Any],
) -> None:
    decided = decide_items(
        in_review(items=2), "case-1.review1", DOCTOR, (certify(1), certify(2)), NOON
    ).case
    first, second = decided.request.items
    request = replace(decided.request, items=(first, replace(second, **other)))
    updated = update(decided, request, revision=2, by=CLINIC, at=LATER).case
    assert [updated.action_of(number) for number in (1, 2)] == ["A1", "A4"]


def test_what_an_update_leaves_out_still_stands() -> None:
    decided = decide_items(
        in_review(items=3), "case-1.review1", DOCTOR, (certify(1), certify(2)), NOON
    ).case
    changed = replace(decided.request.items[1], change=InfoChange.CHANGED)
    request = replace(decided.request, items=(changed,), is_differential=True)
    updated = update(decided, request, revision=2, by=CLINIC, at=LATER).case
    assert [item.sequence for item in updated.request.items] == [1, 2, 3]
    assert [updated.action_of(number) for number in (1, 2, 3)] == ["A1", "A4", "A4"]


@pytest.mark.parametrize("is_differential", [True, False])
def test_documents_that_arrived_meanwhile_outlast_an_update(is_differential: bool) -> None:  # noqa: FBT001
    asked_with = AttachedDocument(kind="11506-3")
    arrived = AttachedDocument(kind="18748-4", received_at=NOON)
    case = in_review()
    case = replace(case, request=replace(case.request, documents=(asked_with, arrived)))
    request = replace(case.request, documents=(), is_differential=is_differential)
    updated = update(case, request, revision=2, by=CLINIC, at=LATER).case
    expected = (asked_with, arrived) if is_differential else (arrived,)
    assert updated.request.documents == expected


def test_an_earlier_update_that_comes_later_is_refused() -> None:
    third = _updated(in_review(), revision=3)
    with pytest.raises(RuleViolation, match="revision 3"):
        _updated(third, revision=2)


def test_an_earlier_cancellation_that_comes_later_is_refused() -> None:
    third = _updated(in_review(), revision=3)
    with pytest.raises(RuleViolation, match="revision 3"):
        cancel(third, revision=2, by=CLINIC, at=LATER)


@pytest.mark.parametrize("stage", [Stage.REJECTED, Stage.CANCELLED, Stage.EXPIRED, Stage.APPEALED])
def test_an_update_of_a_settled_case_asks_for_a_new_request(stage: Stage) -> None:
    with pytest.raises(RuleViolation, match="new request"):
        _updated(replace(in_review(), stage=stage))


def test_a_refusal_is_on_record_and_changes_nothing() -> None:
    case = in_review()
    change = refuse(case, revision=2, kind="update", by=CLINIC, at=LATER)
    assert change.case == case
    assert change.takes_up == 2
    assert [entry.event for entry in change.audit] == ["amendment_refused"]


def test_a_decision_after_a_cancellation_finds_the_task_closed() -> None:
    case = in_review()
    cancelled = cancel(case, revision=2, by=CLINIC, at=LATER).case
    with pytest.raises(RuleViolation, match="closed"):
        decide_items(cancelled, review_task_id(case), DOCTOR, (), LATER)
