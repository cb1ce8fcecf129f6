"""What must be at hand before a decision, what is missing, and how long it is waited for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from shared.domain.prior_authorization.deadlines import DecisionClock
from shared.domain.prior_authorization.request import AttachedDocument


@dataclass(frozen=True, slots=True)
class NeededDocument:
    """A document that a class of service asks for.

    Attributes:
        kind: LOINC code; report_type: the X12 755 code that says the same.
    """

    kind: str
    report_type: str
    title: str

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Self:
        """Read a row of documents-needed.dmn."""
        return cls(kind=row["kind"], report_type=row["report type"], title=row["title"])


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitTerms:
    """How long the payer waits for an answer, of whoever was asked.

    Attributes:
        remind_after_hours: from the asking; 0 where nobody reminds.
    """

    answer_within_hours: int
    remind_after_hours: int = 0

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Self:
        """Read an answer of review-waits.dmn; that on a peer-to-peer talk reminds nobody."""
        return cls(
            answer_within_hours=int(row["answer within hours"]),
            remind_after_hours=int(row.get("remind after hours", 0)),
        )

    def remind_at(self, asked_at: datetime) -> datetime | None:
        """When whoever was asked is reminded; None where he is not."""
        if not 0 < self.remind_after_hours < self.answer_within_hours:
            return None
        return asked_at + timedelta(hours=self.remind_after_hours)

    def ends_at(self, asked_at: datetime, *, clock: DecisionClock) -> datetime:
        """When the waiting ends and the case is decided on what is there.

        An answer at that very instant still counts. A clock that runs meanwhile ends the wait with
        its warning, so that a person still has time to decide; after the warning, with its
        deadline. A deadline that has passed ends nothing.

        Args:
            clock: as it is once the question is asked.
        Source:
            29 CFR 2560.503-1(f)(2)(i) and (iii)(A): while the clock stands still, the whole time.
        """
        ends_at = asked_at + timedelta(hours=self.answer_within_hours)
        limits = (clock.warn_at, clock.due_at)
        limit = next((each for each in limits if each > asked_at), ends_at)
        if clock.open_pause is not None:
            limit = max(limit, clock.open_pause.lapses_at)
        return min(ends_at, limit)


def missing_documents(
    needed: Iterable[NeededDocument], attached: Iterable[AttachedDocument]
) -> tuple[NeededDocument, ...]:
    """The documents still to be asked for, each once, in the order of need."""
    present = {document.kind for document in attached}
    return tuple(
        document
        for document in dict.fromkeys(needed)
        if document.kind not in present and document.report_type not in present
    )
