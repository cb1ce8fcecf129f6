"""Who is told what, how and by when: line of business x event x recipient.

The matrix is models/decisions/notice-matrix.dmn; each of its rows that matches is one notice.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self


class NoticeEvent(StrEnum):
    """What people are told of."""

    REJECTED = "rejected"
    NOT_REQUIRED = "not required"
    INFORMATION_REQUESTED = "information requested"
    INFORMATION_REMINDER = "information reminder"
    PEER_TO_PEER_OFFERED = "peer to peer offered"
    DEADLINE_NEAR = "deadline near"
    EXTENDED = "extended"
    APPROVED = "approved"
    PARTIAL = "partial"
    MODIFIED = "modified"
    DENIED = "denied"
    CANCELLED = "cancelled"
    DEADLINE_MISSED = "deadline missed"
    DEEMED_APPROVED = "deemed approved"
    APPEAL_RECEIVED = "appeal received"
    APPEAL_UPHELD = "appeal upheld"
    APPEAL_OVERTURNED = "appeal overturned"
    APPEAL_FORWARDED = "appeal forwarded"
    APPEAL_DEADLINE_NEAR = "appeal deadline near"
    APPEAL_DEADLINE_MISSED = "appeal deadline missed"
    APPEAL_EXHAUSTED = "appeal exhausted"  # Missed, and the next level is open to the member.
    APPEAL_EXTENDED = "appeal extended"
    APPEAL_WITHDRAWN = "appeal withdrawn"


class Recipient(StrEnum):
    """Who is told."""

    MEMBER = "member"
    REQUESTOR = "requestor"
    REVIEWERS = "reviewers"
    COMPLIANCE = "compliance"
    INDEPENDENT_ENTITY = "independent entity"


class Channel(StrEnum):
    """How he is told."""

    MAIL = "mail"
    PHONE = "phone"
    EMAIL = "email"
    SUBSCRIPTION = "subscription"  # The FHIR notification of PAS.
    CONSOLE = "console"


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice owed.

    Attributes:
        template: name of the text in models/messages.
        due_within_hours: from the event; 0 is at once.
    """

    recipient: Recipient
    channel: Channel
    template: str
    due_within_hours: int

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Self:
        """Read a row of notice-matrix.dmn."""
        return cls(
            recipient=Recipient(row["recipient"]),
            channel=Channel(row["channel"]),
            template=row["template"],
            due_within_hours=int(row["due within hours"]),
        )

    def due_at(self, event_at: datetime) -> datetime:
        """When the notice must have gone out."""
        return event_at + timedelta(hours=self.due_within_hours)


def notices_owed(rows: Iterable[Mapping[str, Any]]) -> tuple[Notice, ...]:
    """The notices of an event, the soonest due first; the same notice is owed once."""
    every = dict.fromkeys(Notice.from_row(row) for row in rows)
    return tuple(sorted(every, key=lambda notice: notice.due_within_hours))
