"""Appeals: filed, decided, forwarded and put right.

Levels and their terms are in appeal_levels.py; who may decide one is in reviewers.py.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Self

from shared.domain.prior_authorization.appeal_levels import AidRefusal, AppealRule
from shared.domain.prior_authorization.deadlines import (
    BreachConsequence,
    DecisionClock,
    start_clock,
)
from shared.domain.prior_authorization.decision import Actor
from shared.errors import RuleViolation


class AppealOutcome(StrEnum):
    """What became of an appeal."""

    OPEN = "open"
    OVERTURNED = "overturned"
    UPHELD = "upheld"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"  # Undecided; the next level has taken it over.


DECISIONS = frozenset({AppealOutcome.OVERTURNED, AppealOutcome.UPHELD})


class NextStep(StrEnum):
    """What an appeal asks for next."""

    DECIDE = "decide"
    EFFECTUATE = "effectuate"
    FORWARD = "forward"  # Without being asked, to the next level.
    MAY_APPEAL = "may appeal"  # If the member asks, to the next level.
    CLOSE = "close"


@dataclass(frozen=True, slots=True, kw_only=True)
class Appeal:
    """One appeal at one level: the record that the regulator may ask for.

    Attributes:
        items: sequences of the items appealed.
        clock: the body's clock; None where no law sets one.
        is_forwarded: whether it came here by itself, from an earlier appeal about its items.
        is_beside: whether another appeal, about other items, was under way when it was filed.
        reason: why the member disagrees, as a code or an identifier of the letter.
        aid_continues: whether care goes on until aid_ended_at; aid_refusal: why not, though asked.
        overturned_only: the items that the body overturned, where it upheld the others.
        reviewed_at: when it was decided or withdrawn; resolution: the words of the decision.
        effectuate_by: when an overturned denial must be put right.
        acknowledged_at: when the member was told that we have it; warned_at: when its reviewers
            were told that its time is near; breached_at: when the body let it pass; closed_at:
            when its story had told, or done, what its end asks for.
    Source:
        42 CFR 438.416: reason, dates of receipt and review, resolution at each level, person.
    """

    appeal_id: str
    rule: AppealRule
    items: tuple[int, ...]
    expedited: bool
    filed_at: datetime
    clock: DecisionClock | None
    filed_by: str = ""
    reason: str = ""
    is_forwarded: bool = False
    is_beside: bool = False
    aid_continues: bool = False
    aid_refusal: AidRefusal | None = None
    aid_ended_at: datetime | None = None
    outcome: AppealOutcome = AppealOutcome.OPEN
    overturned_only: tuple[int, ...] = ()
    decided_by: Actor | None = None
    reviewed_at: datetime | None = None
    resolution: str = ""
    effectuate_by: datetime | None = None
    effectuated_at: datetime | None = None
    acknowledged_at: datetime | None = None
    warned_at: datetime | None = None
    breached_at: datetime | None = None
    closed_at: datetime | None = None

    def is_about(self, items: Iterable[int]) -> bool:
        """Whether any of the items is appealed here."""
        return not set(items).isdisjoint(self.items)

    @property
    def overturned_items(self) -> tuple[int, ...]:
        """The items that the body decided for the member."""
        if self.outcome is not AppealOutcome.OVERTURNED:
            return ()
        return self.overturned_only or self.items

    @property
    def upheld_items(self) -> tuple[int, ...]:
        """The items that the body decided against the member."""
        if self.outcome not in DECISIONS:
            return ()
        return tuple(item for item in self.items if item not in self.overturned_items)

    def decide(
        self,
        outcome: AppealOutcome,
        *,
        by: Actor,
        now: datetime,
        resolution: str,
        items: tuple[int, ...] = (),
    ) -> Self:
        """Take the decision; who may take it is reviewers.py's to say.

        Args:
            items: that are overturned; all of the appeal's where none is named.

        Raises:
            RuleViolation: the appeal is settled already, the outcome is no decision, or the items
                do not fit it.
        Source:
            42 CFR 422.590: the plan may affirm, in whole or in part.
        """
        if outcome not in DECISIONS:
            raise RuleViolation(f"appeal {self.appeal_id} is either overturned or upheld")
        overturned = outcome is AppealOutcome.OVERTURNED
        if items and not overturned:
            raise RuleViolation(
                f"appeal {self.appeal_id}: name items only where some are overturned"
            )
        if not set(items) <= set(self.items):
            raise RuleViolation(f"appeal {self.appeal_id} is not about all of these items")
        only = tuple(item for item in self.items if item in items)
        hours = timedelta(hours=self.rule.effectuate_within_hours)
        return replace(
            self._settled(outcome, now),
            overturned_only=only if only != self.items else (),
            decided_by=by,
            reviewed_at=now.astimezone(UTC),
            resolution=resolution,
            effectuate_by=now.astimezone(UTC) + hours if overturned else None,
        )

    def withdraw(self, now: datetime) -> Self:
        """Take the appeal back.

        Raises:
            RuleViolation: the appeal is settled already.
        """
        return replace(self._settled(AppealOutcome.WITHDRAWN, now), reviewed_at=now.astimezone(UTC))

    def pass_on(self, now: datetime) -> Self:
        """Give the appeal up to the next level, undecided.

        Raises:
            RuleViolation: the appeal is settled already.
        """
        return self._settled(AppealOutcome.SUPERSEDED, now)

    def _settled(self, outcome: AppealOutcome, now: datetime) -> Self:
        """The appeal with its end, with which the aid ends too."""
        if self.outcome is not AppealOutcome.OPEN:
            raise RuleViolation(f"appeal {self.appeal_id} is {self.outcome} already")
        ended_at = now.astimezone(UTC) if self.aid_continues else None
        return replace(self, outcome=outcome, aid_ended_at=ended_at)

    def extend(self, now: datetime, *, reason: str = "") -> Self:
        """Take the extension that the level allows; before the new deadline we warn anew.

        Raises:
            RuleViolation: the appeal has no clock, no extension left, or its time is over.
        Source:
            42 CFR 422.590(f) and 438.408(c).
        """
        if self.clock is None or self.outcome is not AppealOutcome.OPEN:
            raise RuleViolation(f"appeal {self.appeal_id} has no running clock to extend")
        return replace(self, clock=self.clock.extend(now, reason=reason), warned_at=None)

    def effectuate(self, now: datetime) -> Self:
        """Put an overturned denial right; a second time changes nothing.

        Raises:
            RuleViolation: the denial was not overturned.
        """
        if self.outcome is not AppealOutcome.OVERTURNED:
            raise RuleViolation(f"appeal {self.appeal_id} did not overturn the denial")
        if self.effectuated_at is not None:
            return self
        return replace(self, effectuated_at=now.astimezone(UTC))

    def is_breached(self, now: datetime) -> bool:
        """Whether the body let its time pass without a decision."""
        undecided = self.outcome is AppealOutcome.OPEN
        return undecided and self.clock is not None and self.clock.is_breached(now)

    def next_step(self, now: datetime) -> NextStep:
        """What the appeal asks for now.

        A missed deadline forwards the appeal, or opens the next level to the member, as the
        row's consequence says; the body still owes its decision where the row says neither.

        Source:
            42 CFR 422.590(d) and (g), 438.408(c)(3); 29 CFR 2560.503-1(l).
        """
        if self.is_breached(now):
            return self._after_breach()
        if self.outcome is AppealOutcome.OPEN:
            return NextStep.DECIDE
        if self.overturned_items and self.effectuated_at is None:
            return NextStep.EFFECTUATE
        if not self.upheld_items or not self.rule.next_level:
            return NextStep.CLOSE
        return NextStep.FORWARD if self.rule.forwards_on_uphold else NextStep.MAY_APPEAL

    def next_moment_after(self, now: datetime) -> datetime | None:
        """When its clock next asks for something; None where only a person moves the appeal."""
        coming = self.clock.next_moment_after(now) if self.clock else None
        return coming.at if coming else None

    def _after_breach(self) -> NextStep:
        consequence = self.rule.clock.on_breach if self.rule.clock else BreachConsequence.NONE
        if consequence is BreachConsequence.FORWARDED:
            return NextStep.FORWARD
        if consequence is BreachConsequence.EXHAUSTED and self.rule.next_level:
            return NextStep.MAY_APPEAL
        return NextStep.DECIDE


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealFiling:
    """What somebody asks when he appeals.

    Attributes:
        amount: the amount in controversy in dollars, where it is known.
        aid_asked: whether the care should go on meanwhile.
    """

    items: tuple[int, ...]
    filed_by: str
    filed_at: datetime
    expedited: bool = False
    reason: str = ""
    amount: Decimal | None = None
    aid_asked: bool = False


def file_appeal(
    rule: AppealRule,
    filing: AppealFiling,
    *,
    appeal_id: str,
    notice_at: datetime,
    was_authorized: bool,
    holidays: Iterable[date] = (),
) -> Appeal:
    """Open an appeal at the level of the rule.

    Args:
        notice_at: the date of the notice appealed against.
        was_authorized: whether any of the care appealed about was authorized before.
        holidays: of the year of filing and the next, where the rule counts business days.

    Raises:
        RuleViolation: the filing is refused; ask `rule.may_file` first for the reason as a value.
    """
    refusal = rule.may_file(filing.filed_at, notice_at=notice_at, amount=filing.amount)
    if refusal is not None:
        raise RuleViolation(f"appeal {appeal_id}: {refusal}")
    no_aid = rule.may_continue_aid(
        filing.filed_at, notice_at=notice_at, was_authorized=was_authorized
    )
    return Appeal(
        appeal_id=appeal_id,
        rule=rule,
        items=filing.items,
        expedited=filing.expedited,
        filed_at=filing.filed_at.astimezone(UTC),
        clock=start_clock(rule.clock, filing.filed_at, holidays=holidays) if rule.clock else None,
        filed_by=filing.filed_by,
        reason=filing.reason,
        aid_continues=filing.aid_asked and no_aid is None,
        aid_refusal=no_aid if filing.aid_asked else None,
    )


def forward_appeal(appeal: Appeal, rule: AppealRule, *, appeal_id: str, now: datetime) -> Appeal:
    """Send an appeal to the next level without anybody asking.

    Raises:
        RuleViolation: the appeal is not to be forwarded, or the rule is not its next level.
    Source:
        42 CFR 422.590: the plan forwards what it upholds, be it a part, and what it did not decide
        in time.
    """
    if appeal.next_step(now) is not NextStep.FORWARD or rule.level != appeal.rule.next_level:
        raise RuleViolation(f"appeal {appeal.appeal_id} does not go to level {rule.level}")
    return Appeal(
        appeal_id=appeal_id,
        rule=rule,
        items=appeal.upheld_items or appeal.items,
        expedited=appeal.expedited,
        filed_at=now.astimezone(UTC),
        clock=start_clock(rule.clock, now) if rule.clock else None,
        filed_by=appeal.filed_by,
        reason=appeal.reason,
        is_forwarded=True,
        aid_continues=appeal.aid_continues and rule.aid_asked_within_days > 0,
        acknowledged_at=now.astimezone(UTC),
    )
