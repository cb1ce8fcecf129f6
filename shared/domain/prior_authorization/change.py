"""What one step changes: the case after it, its audit entries, its outgoing messages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from shared.domain.prior_authorization.case import Case
from shared.domain.prior_authorization.decision import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One thing that happened, in the past tense.

    Attributes:
        event: what happened, such as "review_opened".
        detail: identifiers and codes only, never health data.
    """

    event: str
    actor: Actor
    at: datetime
    detail: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Something to tell someone outside, delivered at least once and known by its id.

    Attributes:
        message_id: unique in its case; the same step always gives the same id.
        event: the event of the notice matrix; recipient and channel: its answer.
        due_at: when the law wants it sent at the latest.
    """

    message_id: str
    event: str
    recipient: str
    channel: str
    template: str
    due_at: datetime | None = None
    detail: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change[Result]:
    """The outcome of a rule applied to a case; committed whole or not at all.

    Attributes:
        result: what the step answers; kept with the case, so that a repetition answers the same.
        settles: what became of messages written before, by their ids.
        takes_up: the revision of a request that is done with though the case stays at its own;
            0 for none.
    """

    case: Case
    result: Result
    audit: tuple[AuditEntry, ...] = ()
    messages: tuple[Message, ...] = ()
    settles: Mapping[str, str] = field(default_factory=dict)
    takes_up: int = 0


def listed(sequences: Iterable[int]) -> str:
    """Items as the detail of an audit entry names them."""
    return ",".join(str(sequence) for sequence in sequences)
