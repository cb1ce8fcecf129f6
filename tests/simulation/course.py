"""The course that a case should have taken, by its diary and the rows of law."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from shared.domain.prior_authorization.coverage import Membership
from shared.ports.rule_book import RuleBook
from tests.simulation.diary import Deed, Diary, Kind
from tests.simulation.oracle import Stand, local_day, may_be_gold_carded, roll_up, ruled
from tests.simulation.plan import Plan

type Notices = Counter[tuple[str, str, str, str]]
# What the rules said of each open item, by revision and sequence: "A1", "NA" or "review".
type Ruled = dict[tuple[int, int], str]

# What the answer to a $submit brings needs no notification besides.
ANSWERED_AT_ONCE = "subscription"
AMENDED = frozenset({Kind.UPDATED, Kind.CANCELLED})


@dataclass(slots=True)
class Course:
    """What should have happened to a case.

    Attributes:
        actions: what stands for each item; "" while it is open.
        due_at: of the last clock; None where none ran.
        lates: for each settled round whether it was late.
        breaches: when a deadline passed without a decision, and the row's consequence.
        appeals: what the record of each appeal should say, as appeal_course.py finds.
        taken_back: the items that were certified until an update opened them again.
        first_on_appeal: the appeals whose decision was the first on their items.
    """

    diary: Diary
    rules: RuleBook
    said: Ruled
    actions: dict[int, str] = field(default_factory=dict)
    stand: Stand | None = None
    lates: list[bool] = field(default_factory=list)
    breaches: list[tuple[datetime, str]] = field(default_factory=list)
    warnings: list[datetime] = field(default_factory=list)
    notices: Notices = field(default_factory=Counter)
    complaints: list[str] = field(default_factory=list)
    decided_at: datetime | None = None
    first_decided_at: datetime | None = None
    settled_at: list[datetime] = field(default_factory=list)
    appeals: list[Any] = field(default_factory=list)
    first_on_appeal: set[int] = field(default_factory=set)
    taken_back: set[int] = field(default_factory=set)
    is_warned: bool = False
    is_breached: bool = False
    question_ends_at: datetime | None = None
    revision: int = 0

    @property
    def plan(self) -> Plan:
        """The case's plan."""
        return self.diary.plan

    async def run(self) -> None:
        """Follow the diary's rounds to the end."""
        if self.plan.rejection:
            await self.tell("rejected", but=ANSWERED_AT_ONCE)
            self._owe_outcome("rejected")
            return
        deeds = self.diary.deeds
        for deed, following in zip(deeds, [*deeds[1:], None], strict=True):
            await self._take(deed)
            await self._let_time_pass(deed.at, following)

    async def _take(self, deed: Deed) -> None:
        match deed.kind:
            case Kind.RECEIVED | Kind.UPDATED:
                await self._receive(deed)
            case Kind.CANCELLED:
                self.actions = dict.fromkeys(self.actions, "C")
                self.decided_at = deed.at
                await self.tell("cancelled", but=ANSWERED_AT_ONCE)
                self._owe_outcome("cancelled")
            case Kind.EXTENDED if self.stand:
                self.stand.extensions += 1
                self.is_warned = False
                await self.tell("extended")
            case Kind.TALK_OFFERED:
                await self.tell("peer to peer offered")
            case Kind.ASKED:
                await self._ask(deed.at)
            case Kind.APPEAL_DECIDED:
                await self._decide_on_appeal(deed)
            case Kind.DECIDED:
                if not set(deed.actions) <= {n for n, made in self.actions.items() if not made}:
                    self.complaints.append("a decided item was decided again")
                self.actions |= deed.actions
                if all(self.actions.values()):
                    await self._settle(deed.at, roll_up(self.actions))

    async def _decide_on_appeal(self, deed: Deed) -> None:
        """What nobody had decided, the appeal decides first."""
        undecided = [each for each in deed.sequences if not self.actions[each]]
        if not undecided:
            return
        self.first_on_appeal.add(deed.revision)
        action = "A1" if deed.outcome == "overturned" else "A3"
        self.actions |= dict.fromkeys(undecided, action)
        await self._settle(deed.at, roll_up(self.actions))

    def overturn(self, items: tuple[int, ...]) -> None:
        """An appeal put right what was decided before; the stream hears of it."""
        self.actions |= dict.fromkeys(items, "A1")
        self._owe_outcome(roll_up(self.actions))

    def settled_before(self, at: datetime) -> datetime | None:
        """When the decision in force at a time was made."""
        return max((each for each in self.settled_at if each <= at), default=None)

    async def _receive(self, deed: Deed) -> None:
        """Start the round of a request: its clock, and what the rules say of its items."""
        known = self.plan.member
        assert known is not None
        self.revision = deed.revision
        if self.stand is None or self.decided_at is not None:
            self.stand = await self._first_due(known, deed)
            self.is_breached = False
        self.decided_at, self.is_warned = None, False
        for number, asked in enumerate(deed.items, start=1):
            if asked.change and self.actions.get(number) in {"A1", "A2", "A6"}:
                self.taken_back.add(number)
            if asked.change == "cancelled":
                self.actions[number] = "C"
            elif asked.change or not self.actions.get(number):
                self.actions[number] = self._rule(number, asked.service.service_class, deed)
        if all(self.actions.values()):
            await self._settle(deed.at, roll_up(self.actions), at_once=True)

    async def _first_due(self, known: Membership, deed: Deed) -> Stand:
        """The strictest clock of the classes that are asked for together."""
        stands = []
        for service_class in dict.fromkeys(each.service.service_class for each in deed.items):
            given = {
                "line of business": known.line_of_business,
                "state": known.state,
                "service class": service_class,
                "urgency": self.plan.urgency,
                "received on": local_day(deed.at, known.time_zone),
            }
            row = await self._row("decision-deadlines", "Decision deadline", given, deed.at)
            stands.append(Stand(row, deed.at, known.time_zone))
        return min(stands, key=lambda stand: stand.due_at)

    def _rule(self, number: int, service: str, deed: Deed) -> str:
        """The action the rules gave, if they were right to; empty for a review."""
        known = self.plan.member
        assert known is not None
        said = self.said.get((deed.revision, number), "nothing")
        expected = ruled(deed.items[number - 1], has_documents=self.plan.brings_documents)
        may_be_free = may_be_gold_carded(
            known.line_of_business, known.state, service, is_self_funded=known.is_self_funded
        )
        if said != expected and not (said == "NA" and may_be_free):
            self.complaints.append(f"the rules say {said} of item {number}, not {expected}")
        return "" if said == "review" else said

    async def _ask(self, at: datetime) -> None:
        """A question stops the clock where the row tolls; else it ends in time for the decision."""
        known, stand = self.plan.member, self.stand
        assert known is not None
        assert stand is not None
        given = {"line of business": known.line_of_business, "urgency": self.plan.urgency}
        terms = await self._row("review-waits", "Information wait", given, at)
        within = timedelta(hours=int(terms["answer within hours"]))
        tolls = stand.row["tolls"] == "information"
        until = at + within
        if not tolls:
            until = min(until, stand.warn_at if at < stand.warn_at else stand.due_at)
        await self.tell("information requested")
        ends = self.question_ends_at = min(until, self._question_ended(at, until))
        if tolls:
            before = stand.due_at
            stand.pauses.append((at, ends))
            self.is_warned = self.is_warned and stand.due_at == before
        remind_at = at + timedelta(hours=int(terms["remind after hours"]))
        if remind_at < ends:
            await self.tell("information reminder")

    def _question_ended(self, at: datetime, until: datetime) -> datetime:
        ending = {Kind.ANSWERED, Kind.DECIDED, *AMENDED}
        later = [deed.at for deed in self.diary.deeds if deed.kind in ending and deed.at > at]
        return min(later, default=until)

    async def _let_time_pass(self, since: datetime, following: Deed | None) -> None:
        """Warn, and breach, where the clock's moments lie before the next deed."""
        stand = self.stand
        if stand is None or self.decided_at is not None:
            return
        until = following.at if following else None
        since = max(since, self.question_ends_at or since)  # While it is open nobody is warned.
        warn_at, due_at = max(since, stand.warn_at), stand.due_at
        if not self.is_warned and warn_at < due_at and (until is None or warn_at < until):
            self.is_warned = True
            self.warnings.append(warn_at)
            await self.tell("deadline near")
        if not self.is_breached and (until is None or due_at <= until):
            self.is_breached = True
            await self._breach(max(since, due_at), stand)

    async def _breach(self, at: datetime, stand: Stand) -> None:
        consequence = stand.row["on breach"]
        self.breaches.append((at, consequence))
        if not self.plan.is_forgotten:
            self.complaints.append("a deadline was missed that nobody planned to miss")
        if consequence != "deemed approved":
            await self.tell("deadline missed")
            return
        self.actions = {number: made or "A1" for number, made in self.actions.items()}
        await self.tell("deemed approved")
        await self._settle(at, roll_up(self.actions))

    async def _settle(self, at: datetime, outcome: str, *, at_once: bool = False) -> None:
        late = self.stand is not None and at >= self.stand.due_at
        self.lates.append(late)
        self.settled_at.append(at)
        self.decided_at = at
        self.first_decided_at = self.first_decided_at or at
        await self.tell(outcome, but=ANSWERED_AT_ONCE if at_once else "")
        self._owe_outcome(outcome)

    def _owe_outcome(self, outcome: str) -> None:
        self.notices[outcome.replace(" ", "_"), "outcome stream", "event", "outcome"] += 1

    async def tell(self, event: str, *, but: str = "") -> None:
        """Owe what the matrix says of an event, but for one channel."""
        known = self.plan.member
        is_known = known is not None and not self.plan.rejection
        given = {
            "line of business": known.line_of_business if known and is_known else "unknown",
            "urgency": self.plan.urgency,
            "event": event,
        }
        rows = await self._row("notice-matrix", "Notices", given, self.plan.arrives_at)
        owed = {(row["recipient"], row["channel"], row["template"]) for row in rows or ()}
        for recipient, channel, template in owed:
            if channel != but:
                self.notices[event, recipient, channel, template] += 1

    async def _row(self, model: str, decision: str, given: dict[str, Any], at: datetime) -> Any:
        return (await self.rules.ask(model, decision, given, at=at)).value
