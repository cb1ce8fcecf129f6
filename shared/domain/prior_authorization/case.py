"""A prior-authorization case: its items, its clocks, and the stages it may go through."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import StrEnum

from shared.domain.prior_authorization.appeals import Appeal
from shared.domain.prior_authorization.codes import ReviewAction
from shared.domain.prior_authorization.coverage import BusinessError, Finding, Membership
from shared.domain.prior_authorization.deadlines import DecisionClock
from shared.domain.prior_authorization.decision import CaseOutcome, ItemDecision, roll_up
from shared.domain.prior_authorization.issued import IssuedDecision
from shared.domain.prior_authorization.request import AuthorizationRequest, Identifier, ServiceItem
from shared.errors import RuleViolation


class Stage(StrEnum):
    """Where a case stands."""

    RECEIVED = "received"
    REJECTED = "rejected"
    CLINICAL_REVIEW = "clinical_review"
    INFORMATION_REQUESTED = "information_requested"
    PEER_TO_PEER = "peer_to_peer"
    DECIDED = "decided"
    NOTIFIED = "notified"
    APPEALED = "appealed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


PENDED = frozenset({Stage.CLINICAL_REVIEW, Stage.INFORMATION_REQUESTED, Stage.PEER_TO_PEER})

# An update or an appeal returns a settled case to work; nothing leaves the last three by itself.
# What the reviewers let lie is appealed undecided, and comes back to them if that is withdrawn.
NEXT: Mapping[Stage, frozenset[Stage]] = {
    Stage.RECEIVED: frozenset(
        {Stage.REJECTED, Stage.CLINICAL_REVIEW, Stage.DECIDED, Stage.CANCELLED}
    ),
    Stage.CLINICAL_REVIEW: frozenset(
        {
            Stage.INFORMATION_REQUESTED,
            Stage.PEER_TO_PEER,
            Stage.DECIDED,
            Stage.CANCELLED,
            Stage.RECEIVED,
            Stage.APPEALED,
        }
    ),
    Stage.INFORMATION_REQUESTED: frozenset(
        {Stage.CLINICAL_REVIEW, Stage.DECIDED, Stage.CANCELLED, Stage.RECEIVED, Stage.APPEALED}
    ),
    Stage.PEER_TO_PEER: frozenset(
        {Stage.CLINICAL_REVIEW, Stage.DECIDED, Stage.CANCELLED, Stage.RECEIVED, Stage.APPEALED}
    ),
    Stage.DECIDED: frozenset({Stage.NOTIFIED, Stage.RECEIVED, Stage.CANCELLED}),
    Stage.NOTIFIED: frozenset({Stage.RECEIVED, Stage.APPEALED, Stage.EXPIRED, Stage.CANCELLED}),
    Stage.APPEALED: frozenset({Stage.NOTIFIED, Stage.CLINICAL_REVIEW}),
    Stage.EXPIRED: frozenset({Stage.APPEALED}),
    Stage.REJECTED: frozenset(),
    Stage.CANCELLED: frozenset(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """To whom the rules send a case, and how it ranks in the queue.

    Attributes:
        queue: the specialty queue; level: who may take it, "nurse" or "physician".
        rank: 1 is first.
    """

    queue: str
    level: str
    rank: int
    rule: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A person's work on the case: one task of the reviewers' inbox.

    Attributes:
        number: 1 for the case's first review; a new one opens after an update.
        escalated_by: who passed it on to a physician.
        held_by: who had claimed it before, or decided some of it, also in an earlier review.
    """

    number: int
    routing: Routing
    opened_at: datetime
    claimed_by: str = ""
    claimed_at: datetime | None = None
    escalated_by: str = ""
    held_by: tuple[str, ...] = ()
    closed_at: datetime | None = None
    warned_at: datetime | None = None
    peer_to_peer_until: datetime | None = None

    @property
    def reviewers(self) -> tuple[str, ...]:
        """Everybody who has had a part in it, none of whom is independent on appeal."""
        every = dict.fromkeys((*self.held_by, self.escalated_by, self.claimed_by))
        return tuple(each for each in every if each)


@dataclass(frozen=True, slots=True, kw_only=True)
class InformationRequest:
    """A question to the provider, and what came back.

    Attributes:
        kinds: LOINC or X12 755 codes of the documents asked for.
        due_at: until when the answer is awaited; remind_at: when the provider is reminded.
    """

    number: int
    kinds: tuple[str, ...]
    asked_by: str
    asked_at: datetime
    due_at: datetime
    remind_at: datetime | None = None
    questionnaire: str = ""
    sent_at: datetime | None = None
    reminded_at: datetime | None = None
    answered_at: datetime | None = None
    lapsed_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether the answer is still awaited."""
        return self.answered_at is None and self.lapsed_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One request for prior authorization, through its whole life.

    Attributes:
        case_id: derived from Claim.identifier, so that a repeated request finds its case.
        revision: 1 for the first request, one more for each update; revised_at: when it came.
        submitted_by: the user who sent it, or the number of the requestor where no user is known;
            updated_by: who sent its updates, likewise. They review nothing of it.
        decisions: at most one per item, the one in force.
        issued: what was decided on each request, oldest first; see issuing.issued_decisions.
        rule_versions: the version of each decision model, pinned when the case was opened.
        former_identifiers: claim identifiers that an update replaced; they still find the case.
        taken_back: the items that were certified until an update opened them again.
        unseen_since: when somebody changed the case, until its story has looked at it.
        notified_at: when people were told of the decision in force, the first of it.
    """

    case_id: str
    request: AuthorizationRequest
    received_at: datetime
    stage: Stage = Stage.RECEIVED
    revision: int = 1
    revised_at: datetime | None = None
    submitted_by: str = ""
    updated_by: tuple[str, ...] = ()
    membership: Membership | None = None
    clock: DecisionClock | None = None
    findings: tuple[Finding, ...] = ()
    decisions: tuple[ItemDecision, ...] = ()
    issued: tuple[IssuedDecision, ...] = ()
    errors: tuple[BusinessError, ...] = ()
    review: Review | None = None
    information: tuple[InformationRequest, ...] = ()
    appeals: tuple[Appeal, ...] = ()
    authorization_number: str = ""
    rule_versions: Mapping[str, str] | None = None
    former_identifiers: tuple[Identifier, ...] = ()
    taken_back: tuple[int, ...] = ()
    decided_at: datetime | None = None
    notified_at: datetime | None = None
    breached_at: datetime | None = None
    unseen_since: datetime | None = None

    @property
    def outcome(self) -> CaseOutcome:
        """What the items add up to."""
        if self.stage is Stage.REJECTED:
            return CaseOutcome.REJECTED
        if self.stage is Stage.CANCELLED:
            return CaseOutcome.CANCELLED
        return roll_up(self.action_of(item.sequence) for item in self.request.items)

    @property
    def is_pended(self) -> bool:
        """Whether the case waits for a person."""
        return self.stage in PENDED

    @property
    def is_attended(self) -> bool:
        """Whether a story is at work on the case."""
        return self.is_pended or self.stage in {Stage.DECIDED, Stage.APPEALED}

    @property
    def is_settled(self) -> bool:
        """Whether nothing is left to decide, at least for now."""
        if self.stage is Stage.APPEALED:
            return not self.open_items
        return self.stage is not Stage.RECEIVED and not self.is_pended

    @property
    def open_items(self) -> tuple[int, ...]:
        """The sequences of the items that nobody has decided."""
        every = (item.sequence for item in self.request.items)
        return tuple(each for each in every if not self.action_of(each).is_final)

    @property
    def open_information(self) -> InformationRequest | None:
        """The question that is still unanswered."""
        return next((asked for asked in reversed(self.information) if asked.is_open), None)

    def day_of(self, at: datetime) -> date:
        """The day on which a moment falls for the member's plan; in UTC until it is known."""
        return self.membership.day_of(at) if self.membership else at.astimezone(UTC).date()

    def item(self, sequence: int) -> ServiceItem:
        """An item of the request as it stands, by its sequence."""
        return next(item for item in self.request.items if item.sequence == sequence)

    def decision_on(self, sequence: int) -> ItemDecision | None:
        """The decision in force on an item."""
        return next((made for made in self.decisions if made.sequence == sequence), None)

    def was_authorized(self, sequence: int) -> bool:
        """Whether an item asks for care that was authorized before the decision in force."""
        item = self.item(sequence)
        kinds = (item.certification_type, self.request.certification_type)
        return sequence in self.taken_back or any(kind.builds_on_authorization for kind in kinds)

    def action_of(self, sequence: int) -> ReviewAction:
        """What stands for an item today: pended until it is decided."""
        made = self.decision_on(sequence)
        return made.action if made is not None else ReviewAction.PENDED

    def to(self, stage: Stage) -> "Case":
        """The case, moved to another stage.

        Raises:
            RuleViolation: the state machine knows no such move.
        """
        if stage not in NEXT[self.stage]:
            raise RuleViolation(f"case {self.case_id} is {self.stage}; it cannot become {stage}")
        return replace(self, stage=stage)

    def closing_question(self, at: datetime) -> "Case":
        """The case without an open question, its clock running again: nobody waits any more."""
        closed = tuple(
            replace(one, lapsed_at=at) if one.is_open else one for one in self.information
        )
        clock = self.clock.resume(at) if self.clock else None
        return replace(self, information=closed, clock=clock)

    def deciding(self, made: tuple[ItemDecision, ...]) -> "Case":
        """The case with these decisions in force, each in place of the one before it."""
        again = {decision.sequence for decision in made}
        kept = tuple(old for old in self.decisions if old.sequence not in again)
        return replace(
            self, decisions=tuple(sorted(kept + made, key=lambda decision: decision.sequence))
        )
