"""The steps, events and stories of prior authorization."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.contracts.steps import Event, Step, Story
from shared.domain.prior_authorization.coverage import Finding


@dataclass(frozen=True, slots=True)
class CaseRef:
    """A case, and the revision of its request that a story works on."""

    case_id: str
    revision: int = 1


@dataclass(frozen=True, slots=True)
class Eligibility:
    """What the independent checks found, in the order they were asked."""

    case: CaseRef
    findings: tuple[Finding, ...]


class Opening(StrEnum):
    """What became of a received request."""

    OPENED = "opened"  # It goes to the rules.
    CANCELLED = "cancelled"  # It took the case back.
    REFUSED = "refused"  # It may not change the case as it stands; a new request is required.
    EARLY = "early"  # The request that it updates or cancels has not come yet.


class Ruling(StrEnum):
    """What the rules make of a case; they never deny on medical necessity."""

    REJECTED = "rejected"
    DECIDED = "decided"
    CLINICAL_REVIEW = "clinical_review"
    OVERTAKEN = "overtaken"  # The provider cancelled or updated the request meanwhile.


@dataclass(frozen=True, slots=True)
class WaitingFor:
    """What a pended case or an appeal waits for.

    Attributes:
        is_open: a person or the clock has still to act; False once it is settled.
        question: the number of the question to the provider that is open; 0 for none.
        until: when the story must look again though nobody acted.
        notices: messages that this look wrote and the story delivers now.
    """

    is_open: bool
    question: int = 0
    until: datetime | None = None
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AppealRef:
    """One appeal of a case, by its number from 1."""

    case_id: str
    number: int


@dataclass(frozen=True, slots=True)
class NoticeRef:
    """One outgoing message of a case.

    Attributes:
        is_followed_up: whether the story's follow-up puts on record that it was delivered.
    """

    case_id: str
    message_id: str
    is_followed_up: bool = False


@dataclass(frozen=True, slots=True)
class SubscriptionRef:
    """A provider organisation's subscription."""

    subscription_id: str


@dataclass(frozen=True, slots=True)
class Chore:
    """Something the sweep found undone.

    Attributes:
        message_id: the message to send; empty for an authorization to expire.
    """

    case_id: str
    message_id: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a message.

    Attributes:
        status: "delivered"; "waiting" while the channel fails, and the sweep goes on trying; or
            "undeliverable" when no address or channel took it.
    """

    message_id: str
    status: str


@dataclass(frozen=True, slots=True)
class Notified:
    """The receipts of a case's notices."""

    case: CaseRef
    receipts: tuple[Receipt, ...]


DELIVERED, WAITING, UNDELIVERABLE = "delivered", "waiting", "undeliverable"
PENDED = "pended"  # The custom status of a story whose case waits for a person.

PRIOR_AUTHORIZATION = Story("prior_authorization", CaseRef)
CLINICAL_REVIEW = Story("clinical_review", CaseRef)
INFORMATION_REQUEST = Story("information_request", CaseRef)
APPEAL = Story("appeal", AppealRef)
SUBSCRIPTION = Story("subscription", SubscriptionRef)
SWEEP = Story("sweep", tuple[Chore, ...])

OPEN_CASE = Step("open_case", CaseRef, Opening)
CHECK_MEMBER = Step("check_member", CaseRef, Finding)
CHECK_COVERAGE = Step("check_coverage", CaseRef, Finding)
CHECK_PROVIDER = Step("check_provider", CaseRef, Finding)
CHECK_DUPLICATE = Step("check_duplicate", CaseRef, Finding)
DETERMINE_DOCUMENTS = Step("determine_documents", CaseRef, Finding)
ELIGIBILITY_CHECKS = (CHECK_MEMBER, CHECK_COVERAGE, CHECK_PROVIDER, CHECK_DUPLICATE)
ELIGIBILITY_CHECKS_1_0 = (*ELIGIBILITY_CHECKS, DETERMINE_DOCUMENTS)
APPLY_RULES = Step("apply_rules", Eligibility, Ruling)
OPEN_REVIEW = Step("open_review", CaseRef, WaitingFor)
ATTEND_REVIEW = Step("attend_review", CaseRef, WaitingFor)
ATTEND_QUESTION = Step("attend_question", CaseRef, WaitingFor)
ISSUE_DECISION = Step("issue_decision", CaseRef, tuple[str, ...])
DELIVER_NOTICE = Step("deliver_notice", NoticeRef, Receipt)
FOLLOW_UP = Step("follow_up", Notified, str)
EXPIRE = Step("expire", CaseRef, bool)
GREET_SUBSCRIBER = Step("greet_subscriber", SubscriptionRef, bool)
ATTEND_APPEAL = Step("attend_appeal", AppealRef, WaitingFor)

CASE_CHANGED = Event("case_changed")
