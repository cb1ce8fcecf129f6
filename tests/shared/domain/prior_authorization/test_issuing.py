"""What was issued stays on record, whatever becomes of the case."""

from dataclasses import replace
from datetime import datetime

import pytest

from shared.domain.prior_authorization.appealing import file
from shared.domain.prior_authorization.appeals import AppealOutcome
from shared.domain.prior_authorization.attending_appeals import attend
from shared.domain.prior_authorization.case import Case, Stage
from shared.domain.prior_authorization.codes import InfoChange, ReviewAction, Urgency
from shared.domain.prior_authorization.decision import Actor, ItemDecision
from shared.domain.prior_authorization.issued import IssuedDecision
from shared.domain.prior_authorization.issuing import (
    follow_up,
    issue,
    issued_decisions,
    overturned_items,
)
from shared.domain.prior_authorization.ruling import ItemRuling, rule_on_items
from shared.domain.prior_authorization.withdrawing import cancel, update
from tests.shared.domain.prior_authorization.appeal_cases import (
    DAY,
    LEVELS,
    PLAN,
    breached,
    filing,
)
from tests.shared.domain.prior_authorization.appeal_cases import decided as appeal_decided
from tests.shared.domain.prior_authorization.cases import (
    HOUR,
    MEMBER,
    NOON,
    certify,
    deny,
    in_review,
    notified,
    opened,
)

CLINIC = Actor("clinic")
LATER = NOON + DAY
PART = ReviewAction.CERTIFIED_PARTIAL
FREED = replace(certify(), action=ReviewAction.NOT_REQUIRED)


def told(*made: ItemDecision, at: datetime = NOON + HOUR) -> Case:
    """A case decided so, issued and followed up."""
    decided = replace(in_review(items=len(made)).deciding(made).to(Stage.DECIDED), decided_at=at)
    return follow_up(issue(decided, (), at).case, {}, at).case


def updated(case: Case, change: InfoChange, *, at: datetime = LATER) -> Case:
    """The case, its first item changed or cancelled, and by the way urgent."""
    first, *others = case.request.items
    items = (replace(first, change=change), *others)
    request = replace(case.request, items=items, urgency=Urgency.URGENT)
    return update(case, request, revision=case.revision + 1, by=CLINIC, at=at).case


def ruled(case: Case, *, at: datetime) -> Case:
    """The update as the rules certify what it left open, issued and followed up."""
    clock = in_review().clock
    assert clock is not None
    rulings = tuple(
        ItemRuling(sequence=each, action=ReviewAction.CERTIFIED, reason_text="", rule="r")
        for each in case.open_items
    )
    started = replace(clock, received_at=case.revised_at or at)
    change = rule_on_items(case, rulings, findings=(), membership=MEMBER, clock=started, at=at)
    return follow_up(issue(change.case, (), at).case, {}, at).case


def put_right(case: Case, item: int, *, at: datetime = LATER) -> Case:
    """The case, an appeal about one item overturned and carried out."""
    appealed = file(case, PLAN, filing(item, at=at)).case
    overturned = appeal_decided(appealed, AppealOutcome.OVERTURNED, at=at)
    return attend(overturned, 1, {}, LEVELS, at).case


def in_short(issued: tuple[IssuedDecision, ...]) -> list[dict[int, str]]:
    return [{item.sequence: str(item.action) for item in each.items} for each in issued]


def test_a_decision_is_kept_as_it_was_issued() -> None:
    [issued] = told(certify(1), deny(2)).issued
    assert in_short((issued,)) == [{1: "A1", 2: "A3"}]
    assert (issued.received_at, issued.decided_at) == (NOON, NOON + HOUR)
    assert (issued.membership, issued.urgency, issued.extended) == (MEMBER, "standard", False)


def test_a_cancellation_does_not_undo_what_was_issued() -> None:
    denied = told(deny())
    cancelled = cancel(denied, revision=2, by=CLINIC, at=LATER).case
    assert issue(cancelled, (), LATER).case.issued == denied.issued != ()


def test_a_cancellation_before_the_decision_issues_none() -> None:
    cancelled = cancel(in_review(), revision=2, by=CLINIC, at=LATER).case
    assert issue(cancelled, (), LATER).case.issued == ()


def test_what_needed_no_authorization_is_no_decision() -> None:
    assert told(FREED).issued == ()
    assert in_short(told(FREED, deny(2)).issued) == [{2: "A3"}]


def test_an_update_of_a_decided_case_is_decided_apart_by_its_own_clock() -> None:
    first = told(certify(1), certify(2))
    again = ruled(updated(first, InfoChange.CHANGED), at=LATER + HOUR)
    assert in_short(again.issued) == [{1: "A1", 2: "A1"}, {1: "A1"}]
    assert again.issued[0] == first.issued[0]
    assert again.issued[1].received_at == LATER
    assert again.issued[1].urgency is Urgency.URGENT


def test_an_update_that_only_takes_an_item_back_is_no_decision() -> None:
    first = told(certify(1), certify(2))
    again = ruled(updated(first, InfoChange.CANCELLED), at=LATER + HOUR)
    assert again.issued == first.issued


def test_what_was_decided_before_an_update_of_a_pended_case_is_issued_with_the_rest() -> None:
    pended = in_review(items=2).deciding((certify(2),))
    again = ruled(updated(pended, InfoChange.CHANGED), at=LATER + HOUR)
    assert in_short(again.issued) == [{1: "A1", 2: "A1"}]
    assert again.issued[0].received_at == NOON


def test_a_rejected_update_of_a_pended_case_is_no_decision() -> None:
    pended = in_review(items=2).deciding((certify(2),))
    rejected = updated(pended, InfoChange.CHANGED).to(Stage.REJECTED)
    assert issue(replace(rejected, decided_at=LATER), (), LATER).case.issued == ()


def test_what_was_issued_is_not_issued_again_with_an_update_that_was_received_before() -> None:
    """The update waited: it was received before the first decision, and taken up after it."""
    first = told(certify(1), certify(2))
    late = ruled(updated(first, InfoChange.CHANGED, at=NOON - HOUR), at=LATER)
    assert in_short(late.issued) == [{1: "A1", 2: "A1"}, {1: "A1"}]


def test_what_was_decided_before_a_clock_was_shortened_is_issued_with_the_rest() -> None:
    first = told(certify(1), certify(2))
    both = updated(updated(first, InfoChange.CHANGED), InfoChange.CHANGED)
    second = replace(certify(2), decided_at=LATER + HOUR)
    half = replace(both, decisions=(second,), revised_at=LATER + 2 * HOUR)
    done = ruled(half, at=LATER + 3 * HOUR)
    assert in_short(done.issued) == [{1: "A1", 2: "A1"}, {1: "A1", 2: "A1"}]


def test_an_appeal_leaves_the_decision_and_says_what_it_overturned() -> None:
    right = put_right(told(certify(1), deny(2)), 2)
    assert right.action_of(2) is ReviewAction.CERTIFIED
    assert in_short(right.issued) == [{1: "A1", 2: "A3"}]
    assert overturned_items(right, right.issued[0]) == {2}


def test_what_an_appeal_upheld_beside_an_overturned_item_was_not_overturned() -> None:
    appealed = file(told(deny(1), deny(2)), PLAN, filing(1, 2, at=LATER)).case
    in_part = appeal_decided(appealed, AppealOutcome.OVERTURNED, at=LATER, items=(2,))
    assert overturned_items(in_part, in_part.issued[0]) == {2}


@pytest.mark.parametrize("item", [1, 2])
def test_what_an_appeal_put_right_is_no_decision_of_a_later_update(item: int) -> None:
    right = put_right(told(*(replace(deny(n), action=PART) for n in (1, 2))), item)
    again = ruled(updated(right, InfoChange.CHANGED, at=LATER + HOUR), at=LATER + 2 * HOUR)
    assert in_short(again.issued) == [{1: "A2", 2: "A2"}, {1: "A1"}]
    assert [overturned_items(again, each) for each in again.issued] == [{item}, frozenset()]


def test_an_appeal_after_an_update_is_about_the_later_decision() -> None:
    first = told(replace(deny(), action=PART))
    second = replace(first, issued=(*first.issued, replace(first.issued[0], decided_at=LATER)))
    right = put_right(second, 1, at=LATER + HOUR)
    assert [overturned_items(right, each) for each in right.issued] == [frozenset(), {1}]


def test_an_appeal_that_was_upheld_overturned_nothing() -> None:
    appealed = file(told(deny()), PLAN, filing()).case
    upheld = appeal_decided(appealed, AppealOutcome.UPHELD, at=LATER)
    assert overturned_items(upheld, upheld.issued[0]) == frozenset()


def test_silence_that_an_appeal_overturned_is_issued_as_it_was_then_decided() -> None:
    silent = file(breached(), PLAN, filing(at=NOON + 4 * DAY)).case
    right = appeal_decided(silent, AppealOutcome.OVERTURNED, at=NOON + 5 * DAY)
    issued = issue(right, (), NOON + 5 * DAY).case
    assert in_short(issued.issued) == [{1: "A1"}]
    assert overturned_items(issued, issued.issued[0]) == {1}


def test_a_case_told_before_decisions_were_kept_has_the_one_that_stands() -> None:
    old = notified(deny())
    assert old.issued == ()
    assert in_short(issued_decisions(old)) == [{1: "A3"}]
    cancelled = cancel(old, revision=2, by=CLINIC, at=LATER).case
    assert issued_decisions(cancelled) == issued_decisions(old)
    certified = notified(certify())
    reopened = updated(certified, InfoChange.CHANGED)
    assert issued_decisions(reopened) == issued_decisions(certified)
    updated_before = replace(notified(certify(1), certify(2)), revision=2, revised_at=LATER)
    assert updated_before.clock is not None
    later_clock = replace(updated_before.clock, received_at=LATER)
    whole = issued_decisions(replace(updated_before, clock=later_clock))
    assert in_short(whole) == [{1: "A1", 2: "A1"}]


def test_what_nobody_was_told_yet_is_not_issued() -> None:
    assert issued_decisions(opened()) == ()
    decided = replace(in_review().deciding((deny(),)).to(Stage.DECIDED), decided_at=NOON)
    assert issued_decisions(decided) == ()
