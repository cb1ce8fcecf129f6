"""What the payer knows of a member's coverage, and what the eligibility checks found."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from shared.domain.prior_authorization.codes import LineOfBusiness
from shared.domain.prior_authorization.request import Identifier


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """A member's enrolment in a plan.

    Attributes:
        state: two-letter state whose law applies.
        starts_on, ends_on: first and last covered day; ends_on None while open.
        is_self_funded: the employer bears the risk, so that state gold carding does not apply.
        time_zone: IANA name of the zone in which the plan's days begin and end.
    """

    member_id: str
    plan_id: str
    line_of_business: LineOfBusiness
    state: str
    starts_on: date
    ends_on: date | None = None
    is_self_funded: bool = False
    time_zone: str = "America/New_York"

    def covers(self, day: date) -> bool:
        """Whether the enrolment is in force on that day."""
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)

    def day_of(self, at: datetime) -> date:
        """The day on which a moment falls in the plan's own time zone."""
        return at.astimezone(ZoneInfo(self.time_zone)).date()


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A provider as the payer's directory lists him.

    Attributes:
        is_active: enrolled and not excluded from the programme.
    """

    npi: str
    is_active: bool = True
    in_network: bool = True
    state: str = ""


@dataclass(frozen=True, slots=True)
class Insurers:
    """Whom the payer answers for.

    Attributes:
        identifiers: the values under which requests name him; empty where he takes every name
            for his own.
    """

    identifiers: frozenset[str] = frozenset()

    def know(self, insurer: Identifier) -> bool:
        """Whether a request that names this insurer is meant for the payer."""
        return not self.identifiers or insurer.value in self.identifiers


class Check(StrEnum):
    """The independent questions of eligibility."""

    MEMBER = "member"
    COVERAGE = "coverage"
    PROVIDER = "provider"
    DUPLICATE = "duplicate"
    DOCUMENTS = "documents"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one check found.

    Attributes:
        answer: a word of the eligibility table, such as "active" or "not_found".
        codes: supporting codes or ids, such as the kinds of document still missing; never
            health data.
    """

    check: Check
    answer: str
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessError:
    """Why the request was turned back before any decision.

    Attributes:
        reject_code: X12 901 reason; follow_up: X12 889 action.
        reason: the same in words, for the provider.
    """

    reject_code: str
    follow_up: str
    reason: str
