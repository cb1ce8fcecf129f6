"""What people did in a case, as they themselves remember it; the oracle judges the case by it."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Self

from tests.simulation.plan import Asked, Plan


class Kind(StrEnum):
    """What somebody did, and was not refused."""

    RECEIVED = "received"
    UPDATED = "updated"
    CANCELLED = "cancelled"
    ASKED = "asked the provider"
    ANSWERED = "answered"
    TALK_OFFERED = "offered a talk"
    EXTENDED = "extended"
    DECIDED = "decided"
    APPEALED = "appealed"
    APPEAL_REFUSED = "was refused an appeal"
    APPEAL_EXTENDED = "extended an appeal"
    APPEAL_DECIDED = "decided an appeal"
    APPEAL_FORWARDED = "received an appeal that was forwarded late"
    APPEAL_WITHDRAWN = "withdrew an appeal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One thing that somebody did.

    Attributes:
        items: what was asked for, of a request.
        actions: the action decided for each item, by its sequence.
        revision: of the request; or the number of a question or an appeal.
        sequences: of the items appealed; outcome: of an appeal.
    """

    at: datetime
    kind: Kind
    who: str = ""
    items: tuple[Asked, ...] = ()
    actions: dict[int, str] = field(default_factory=dict)
    revision: int = 0
    outcome: str = ""
    sequences: tuple[int, ...] = ()
    expedited: bool = False
    asks_aid: bool = False

    def of(self, kind: Kind, number: int) -> Self:
        """The deed as it turned out."""
        return replace(self, kind=kind, revision=number)


@dataclass(slots=True)
class Diary:
    """The deeds of one case, in the order of time.

    Attributes:
        complaints: what the product allowed though it should not have, or refused.
    """

    plan: Plan
    case_id: str = ""
    deeds: list[Deed] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def note(self, deed: Deed) -> None:
        """Write a deed down."""
        self.deeds.append(deed)

    def of(self, kind: Kind) -> list[Deed]:
        """The deeds of a kind."""
        return [deed for deed in self.deeds if deed.kind is kind]
