"""A task of a case, review or appeal: what is asked, the clock, and all that may be done."""

from dataclasses import dataclass
from datetime import datetime

from console.clock_chart import Chart, draw_case_clock, draw_clock
from console.forms import IN_PART, Form, Problem
from console.rendering import Viewer, render
from console.times import zone_of
from console.words import DOCUMENTS
from shared.domain.prior_authorization.appealing import matter_of as matter_of_appeal
from shared.domain.prior_authorization.appealing import objections_to_take
from shared.domain.prior_authorization.appeals import Appeal, AppealOutcome
from shared.domain.prior_authorization.case import Case, Stage
from shared.domain.prior_authorization.codes import ReviewAction
from shared.domain.prior_authorization.coverage import Check
from shared.domain.prior_authorization.request import ServiceItem
from shared.domain.prior_authorization.review import matter_of, may_hand_over
from shared.domain.prior_authorization.reviewers import (
    Reviewer,
    objections_to_act,
    objections_to_answer,
    objections_to_review,
)
from shared.domain.prior_authorization.tasks import appeal_task_id, review_task_id

# The answers that a reviewer may give, in the order of the form.
ANSWERS = (
    (ReviewAction.CERTIFIED, "Certify", "as asked"),
    (ReviewAction.CERTIFIED_PARTIAL, "Certify in part", "fewer units"),
    (ReviewAction.MODIFIED, "Modify", "something else instead"),
    (ReviewAction.NOT_CERTIFIED, "Do not certify", ""),
)
# What may become of an appeal, in the order of the form; the second where it has several items.
OUTCOMES = (
    (AppealOutcome.OVERTURNED, "Overturn: the care is authorised"),
    (IN_PART, "Overturn in part: for the items ticked below, the others stand"),
    (AppealOutcome.UPHELD, "Uphold: the decision stands"),
)
NO_REVIEWER = "you are no reviewer"
DONE = {
    "claim": "You have claimed this review.",
    "release": "The review is back in its queue.",
    "escalate": "The review waits for a physician now.",
    "reassign": "The review has been handed over.",
    "complete": "Your decision is recorded.",
    "request-information": "The provider is being asked for information.",
    "offer-peer-to-peer": "The requestor is offered a talk with a physician.",
    "end-peer-to-peer": "The peer-to-peer talk is closed; the review goes on.",
    "extend": "The deadline is extended; a notice is owed to the member.",
    "decide-appeal": "The decision on the appeal is recorded.",
    "withdraw-appeal": "The appeal is withdrawn.",
    "resolve": "The step is being tried again.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A review, or an appeal, as its task is opened.

    Attributes:
        reviewer: who looks at it; None for a user who is none.
        holder: who has claimed the review, as the register knows him.
        colleagues: reviewers whom the page may suggest for taking over.
        form: what was filled in, where it has to be mended; problems: why.
        done: which action was just done.
    """

    case: Case
    task_id: str
    now: datetime
    reviewer: Reviewer | None = None
    holder: Reviewer | None = None
    colleagues: tuple[str, ...] = ()
    form: Form | None = None
    problems: tuple[Problem, ...] = ()
    done: str = ""

    @property
    def exists(self) -> bool:
        """Whether the case has, or had, such a task."""
        past = range(1, self.case.review.number + 1) if self.case.review else ()
        reviews = {f"{self.case.case_id}.review{number}" for number in past}
        return self.task_id in reviews or self.appeal is not None

    @property
    def appeal(self) -> Appeal | None:
        """The appeal that the task is about; None for a review."""
        every = enumerate(self.case.appeals, start=1)
        ids = {appeal_task_id(self.case, number): appeal for number, appeal in every}
        return ids.get(self.task_id)

    @property
    def is_open(self) -> bool:
        """Whether the task is still to be done."""
        if self.appeal is not None:
            return self.appeal.outcome is AppealOutcome.OPEN
        return self.case.is_pended and self.task_id == review_task_id(self.case)

    @property
    def objections(self) -> tuple[str, ...]:
        """Why he who looks at the task may not take it; the rule says them, not the page."""
        if self.reviewer is None:
            return (NO_REVIEWER,)
        today = self.case.day_of(self.now)
        if self.appeal is not None:
            return objections_to_take(self.case, self.appeal, self.reviewer, today=today)
        return objections_to_review(self.reviewer, matter_of(self.case), today=today)

    @property
    def may_touch(self) -> bool:
        """Whether he may move the task or its clock, though perhaps not decide."""
        if self.reviewer is None:
            return False
        case, appeal, today = self.case, self.appeal, self.case.day_of(self.now)
        matter = matter_of(case) if appeal is None else matter_of_appeal(case, appeal)
        return not objections_to_act(self.reviewer, matter, today=today)

    @property
    def may_hand_over(self) -> bool:
        """Whether the review is his to hand to a colleague."""
        review, reviewer = self.case.review, self.reviewer
        if review is None or reviewer is None or not self.may_touch:
            return False
        return may_hand_over(review, reviewer, self.holder)

    @property
    def is_anothers(self) -> bool:
        """Whether somebody else has claimed it."""
        claimed_by = self.case.review.claimed_by if self.case.review else ""
        return bool(claimed_by) and (not self.reviewer or claimed_by != self.reviewer.reviewer_id)

    @property
    def answers(self) -> tuple[tuple[ReviewAction, str, str], ...]:
        """The answers that he may give."""
        reviewer, matter, today = self.reviewer, matter_of(self.case), self.case.day_of(self.now)
        if reviewer is None or self.is_anothers:
            return ()
        return tuple(
            answer
            for answer in ANSWERS
            if not objections_to_answer(reviewer, matter, answer[0], today=today)
        )

    @property
    def outcomes(self) -> tuple[tuple[str, str], ...]:
        """What may become of the appeal."""
        has_parts = self.appeal is not None and len(self.appeal.items) > 1
        return tuple(each for each in OUTCOMES if has_parts or each[0] != IN_PART)

    @property
    def open_items(self) -> tuple[ServiceItem, ...]:
        """The items still to be decided."""
        items = self.case.request.items
        return tuple(item for item in items if item.sequence in self.case.open_items)

    @property
    def clock(self) -> Chart | None:
        """The clock, drawn; an appeal has its own, or none."""
        if self.appeal is None:
            return draw_case_clock(self.case, self.now)
        clock, zone = self.appeal.clock, zone_of(self.case)
        decided_at = self.appeal.reviewed_at
        return draw_clock(clock, self.now, zone=zone, decided_at=decided_at) if clock else None

    @property
    def missing(self) -> tuple[str, ...]:
        """The kinds of document that the rules found missing, for whichever item."""
        found = (each for each in self.case.findings if each.check is Check.DOCUMENTS)
        codes = (code.rpartition(":")[2] for each in found for code in each.codes)
        return tuple(dict.fromkeys(codes))

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of document to offer, the missing ones first."""
        return tuple(dict.fromkeys([*self.missing, *DOCUMENTS]))

    @property
    def may_ask(self) -> bool:
        """Whether the clock leaves the time that an answer must be given."""
        return self.case.clock is None or self.case.clock.may_ask(self.now)

    @property
    def is_talking(self) -> bool:
        """Whether a peer-to-peer talk is awaited."""
        return self.case.stage is Stage.PEER_TO_PEER


def review_page(viewer: Viewer, review: Review) -> str:
    """The page of a review, or of an appeal."""
    return render(
        "review.html" if review.appeal is None else "appeal.html",
        viewer,
        review=review,
        case=review.case,
        zone=zone_of(review.case),
        answers=review.answers,
        outcomes=review.outcomes,
        some_withheld=len(review.answers) < len(ANSWERS),
        form=review.form or {},
        problems=review.problems,
        done=DONE.get(review.done, ""),
    )
