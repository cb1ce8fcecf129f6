"""What came of the cases, per line of business, as a table."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from shared.domain.prior_authorization.appeals import AppealOutcome
from shared.domain.prior_authorization.case import Case, Stage
from tests.simulation.course import Course
from tests.simulation.diary import Kind
from tests.simulation.oracle import roll_up

TITLES = (
    *("line of business", "cases", "approved", "denied", "partly", "cancelled", "rejected"),
    *("open", "missed", "appeals", "overturned", "mean hours"),
)
COLUMNS = {
    "approved": "approved",
    "not required": "approved",
    "denied": "denied",
    "partial": "partly",
    "modified": "partly",
    "cancelled": "cancelled",
}


@dataclass(slots=True)
class Tally:
    """The figures of one line of business.

    Attributes:
        missed: deadlines that the people let pass, of decisions.
        hours: from receipt to the first decision, in all; decided: of how many cases.
        turns: what happened to appeals, how often.
    """

    cases: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    missed: int = 0
    appeals: int = 0
    overturned: int = 0
    hours: float = 0.0
    decided: int = 0
    turns: Counter[str] = field(default_factory=Counter)

    def count(self, case: Case, course: Course) -> None:
        """Count a case; its outcome is as it stands after every appeal."""
        self.cases += 1
        word = _outcome(case)
        self.outcomes[word] = self.outcomes.get(word, 0) + 1
        self.missed += len(course.breaches)
        self.appeals += len(case.appeals)
        self.turns.update(_turns(case, course))
        self.overturned += sum(
            appeal.outcome is AppealOutcome.OVERTURNED for appeal in case.appeals
        )
        if course.first_decided_at is not None:
            self.decided += 1
            self.hours += (course.first_decided_at - case.received_at).total_seconds() / 3600

    def add(self, other: "Tally") -> None:
        """Add another tally to this one."""
        self.cases += other.cases
        for word, times in other.outcomes.items():
            self.outcomes[word] = self.outcomes.get(word, 0) + times
        self.missed += other.missed
        self.appeals += other.appeals
        self.turns.update(other.turns)
        self.overturned += other.overturned
        self.hours += other.hours
        self.decided += other.decided


def turns(tallies: Mapping[str, Tally]) -> str:
    """What happened to appeals, in all lines of business."""
    every = sum((tally.turns for tally in tallies.values()), Counter[str]())
    return ", ".join(f"{times} {word}" for word, times in sorted(every.items()))


def _turns(case: Case, course: Course) -> Iterator[str]:
    yield from ("against silence" for _ in course.first_on_appeal)
    yield from ("refused" for _ in course.diary.of(Kind.APPEAL_REFUSED))
    for appeal in case.appeals:
        yield appeal.outcome
        named = {
            "forwarded": appeal.is_forwarded,
            "extended": appeal.clock is not None and appeal.clock.extensions,
            "aid kept": appeal.aid_continues,
            f"aid refused ({appeal.aid_refusal})": appeal.aid_refusal,
            "at the last level": not appeal.rule.next_level,
            "late": appeal.breached_at,
        }
        yield from (word for word, is_so in named.items() if is_so)


def table(tallies: Mapping[str, Tally]) -> str:
    """The figures as a table, a line for each line of business and one for all."""
    everything = Tally()
    for tally in tallies.values():
        everything.add(tally)
    lines = [*sorted(tallies.items()), ("all", everything)]
    rows = [TITLES, *(_row(name, tally) for name, tally in lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(TITLES))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )


def _row(name: str, tally: Tally) -> tuple[str, ...]:
    words = ("approved", "denied", "partly", "cancelled", "rejected", "open")
    mean = f"{tally.hours / tally.decided:.1f}" if tally.decided else "-"
    figures = (tally.missed, tally.appeals, tally.overturned)
    return (
        name,
        str(tally.cases),
        *(str(tally.outcomes.get(word, 0)) for word in words),
        *map(str, figures),
        mean,
    )


def _outcome(case: Case) -> str:
    if case.stage is Stage.REJECTED:
        return "rejected"
    if case.is_pended:
        return "open"
    actions = {item.sequence: str(case.action_of(item.sequence)) for item in case.request.items}
    return COLUMNS[roll_up(actions)]
