"""What may be appealed, at which level, and from which notice the time to file is counted.

It is a decision against the member, the decision of a level of appeal, or the silence of whoever
should have decided, as far as the row of law says that silence opens a level.
"""

from dataclasses import dataclass
from datetime import datetime

from shared.domain.prior_authorization.appeal_levels import AppealBody, AppealRule
from shared.domain.prior_authorization.appeals import Appeal, AppealOutcome, NextStep
from shared.domain.prior_authorization.appeals_under_way import under_way
from shared.domain.prior_authorization.case import Case, Stage
from shared.domain.prior_authorization.deadlines import BreachConsequence
from shared.domain.prior_authorization.decision import ItemDecision
from shared.errors import RuleViolation

FIRST_LEVEL = 1
APPEALABLE = frozenset({Stage.NOTIFIED, Stage.EXPIRED, Stage.APPEALED})
# The silence that the member may appeal against.
SILENCE = frozenset(
    {BreachConsequence.ADVERSE, BreachConsequence.DENIAL_NOTICE, BreachConsequence.EXHAUSTED}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What an appeal stands on.

    Attributes:
        level: at which it is filed; skips_plan: or at the one after, for the plan's own levels are
            exhausted by its silence.
        notice_at: the date of the notice appealed against.
    """

    level: int
    notice_at: datetime
    skips_plan: bool = False

    def fits(self, rule: AppealRule) -> bool:
        """Whether the rule is of the level to file at."""
        if self.skips_plan:
            return rule.level > self.level and rule.decided_by is not AppealBody.PLAN
        return rule.level == self.level


def ground_of(case: Case, items: tuple[int, ...], at: datetime) -> Ground:
    """What an appeal about these items would stand on.

    Raises:
        RuleViolation: there is nothing to appeal against, or not for all of these items at once.
    Source:
        42 CFR 422.568(f), 422.572(f), 422.582, 438.402(c), 438.404(c)(5), 438.408(c)(3);
        29 CFR 2560.503-1(h) and (l).
    """
    _refuse_unknown(case, items)
    waiting = under_way(case, *items)
    if waiting:
        return _after_silence(case.appeals[waiting[0] - 1], items, at)
    if case.is_pended:
        return _instead_of_review(case, items)
    if case.stage not in APPEALABLE:
        raise RuleViolation(f"case {case.case_id} is {case.stage} and cannot be appealed")
    if case.open_items:  # They come back to review if the appeal against silence is withdrawn.
        raise RuleViolation(f"case {case.case_id} is appealed for what nobody has decided yet")
    grounds = [_after_decision(case, sequence) for sequence in items]
    if len({ground.level for ground in grounds}) > 1:
        raise RuleViolation("the items stand at different levels; appeal them apart")
    return min(grounds, key=lambda ground: ground.notice_at)


def _refuse_unknown(case: Case, items: tuple[int, ...]) -> None:
    if not items:
        raise RuleViolation("an appeal names the items it is about")
    if len(set(items)) < len(items):
        raise RuleViolation("an appeal names each of its items once")
    unknown = set(items) - {item.sequence for item in case.request.items}
    if unknown:
        raise RuleViolation(f"case {case.case_id} has no item {min(unknown)}")


def _after_silence(waiting: Appeal, items: tuple[int, ...], at: datetime) -> Ground:
    """The level that an open appeal's exhaustion opens."""
    is_open = waiting.outcome is AppealOutcome.OPEN
    if not is_open or waiting.next_step(at) is not NextStep.MAY_APPEAL:
        raise RuleViolation(f"appeal {waiting.appeal_id} is under way; an item has one at a time")
    if set(items) != set(waiting.items):
        raise RuleViolation(f"appeal {waiting.appeal_id} goes on whole: name its items only")
    return Ground(level=waiting.rule.next_level, notice_at=_silent_since(waiting))


def _instead_of_review(case: Case, items: tuple[int, ...]) -> Ground:
    """The level that the silence of the reviewers opens."""
    breached_at, clock = case.breached_at, case.clock
    if breached_at is None or clock is None or clock.rule.on_breach not in SILENCE:
        raise RuleViolation(f"case {case.case_id} is {case.stage} and cannot be appealed")
    if set(items) != set(case.open_items):
        raise RuleViolation(f"case {case.case_id} is late with its open items: name just these")
    exhausted = clock.rule.on_breach is BreachConsequence.EXHAUSTED
    return Ground(level=FIRST_LEVEL, notice_at=breached_at, skips_plan=exhausted)


def _after_decision(case: Case, sequence: int) -> Ground:
    """The level that is open against what was decided last on an item."""
    made = case.decision_on(sequence)
    if made is None or not made.action.is_adverse:
        raise RuleViolation(f"item {sequence} was not decided against the member")
    earlier = _appeals_of_what_stands(case, made)
    if not earlier:
        if case.notified_at is None:
            raise RuleViolation(f"case {case.case_id} has not been notified yet")
        return Ground(level=FIRST_LEVEL, notice_at=case.notified_at)
    last = earlier[-1]
    if not last.rule.next_level:
        raise RuleViolation(f"item {sequence} has been decided at the last level of appeal")
    return Ground(level=last.rule.next_level, notice_at=last.reviewed_at or _silent_since(last))


def _appeals_of_what_stands(case: Case, made: ItemDecision) -> list[Appeal]:
    """The appeals of a decision, the oldest first; those before it were of one that is gone."""
    of_item = [
        appeal
        for appeal in case.appeals
        if made.sequence in appeal.items and appeal.outcome is not AppealOutcome.WITHDRAWN
    ]
    gone = (
        number
        for number, appeal in enumerate(of_item, start=1)
        if appeal.reviewed_at is not None and appeal.reviewed_at < made.decided_at
    )
    return of_item[max(gone, default=0) :]


def _silent_since(appeal: Appeal) -> datetime:
    """When the body's silence was told to the member, or was complete."""
    if appeal.breached_at is not None:
        return appeal.breached_at
    return appeal.clock.due_at if appeal.clock else appeal.filed_at
