"""What the doors do, by the functions that they call."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from random import Random
from typing import Any, Protocol

from shared.contracts.pas import SubmittedAttachments
from shared.contracts.pas.information import TRACKING, Attachment
from shared.contracts.prior_authorization import APPEAL, SWEEP, CaseRef
from shared.contracts.tasks import FileAppeal, read_message
from shared.domain.prior_authorization.questions import Arrival
from shared.domain.prior_authorization.request import AttachedDocument, Identifier
from shared.ports.appealing import file_appeal
from shared.ports.attachments import take_in_documents
from shared.ports.commits import load_case
from shared.ports.intake import TakenIn, take_in
from shared.ports.reviewing import Desk, act_on_task
from shared.queries.attachment_address import find_addressed
from shared.queries.overdue import find_overdue
from tests.simulation.outside import Outside
from tests.simulation.plan import Asked, Plan
from tests.simulation.requests import received
from triggers.stories import appeal_instance, nudge, start, start_case, take_up

CUT_OFF = 0.01  # So many of the commits are followed by no nudge.
LAST_WORDS = frozenset({"complete", "decide-appeal", "withdraw-appeal"})


@dataclass(frozen=True, slots=True)
class Submitted:
    """What became of a request: its case, the revision it came as, and whether it was new."""

    case_id: str
    revision: int
    is_new: bool


class Doors(Protocol):
    """All that the people of the simulation may do with the payer."""

    @property
    def cut_off(self) -> AbstractSet[str]:
        """After which deeds, "TASK/ACTION" or an appeal's id, the power went before the nudge."""

    async def submit(self, plan: Plan, kind: str, items: tuple[Asked, ...]) -> Submitted:
        """Send a request: "new", "update" or "cancel"."""

    async def end_earlier(self, case_id: str) -> None:
        """What a $submit does last: wake the stories that the request has overtaken."""

    async def act(self, task_id: str, action: str, body: object, *, user_id: str) -> None:
        """Do something with a task.

        Raises:
            RuleViolation, ComplianceError: it is refused.
        """

    async def send_documents(self, tracking: str, kind: str) -> Arrival:
        """Answer a question, by the tracking number of its Task."""

    async def appeal(self, case_id: str, body: object) -> int:
        """File an appeal; its number.

        Raises:
            RuleViolation: it is refused.
        """

    async def sweep(self) -> None:
        """Find what was forgotten, and set it going again."""


class InnerDoors:
    """The doors without their HTTP: fast enough for ten thousand cases."""

    def __init__(self, client: Any, outside: Outside) -> None:
        self._client = client
        self._outside = outside
        self.cut_off: set[str] = set()

    async def submit(self, plan: Plan, kind: str, items: tuple[Asked, ...]) -> Submitted:
        """Take in a request, and start its story."""
        sent = received(plan, kind, items, at=self._outside.clock.now())
        taken = await take_in(self._outside.cases, sent)
        await start_case(self._client, taken)
        return Submitted(taken.ref.case_id, taken.ref.revision, taken.is_new)

    async def end_earlier(self, case_id: str) -> None:
        """Wake the stories that an amendment has overtaken, so that they end."""
        await nudge(self._client, (await load_case(self._outside.cases, case_id)).case)

    async def act(self, task_id: str, action: str, body: object, *, user_id: str) -> None:
        """Do what a reviewer says of a task."""
        outside = self._outside
        desk = Desk(outside.cases, outside.reviewers, outside.rules, outside.clock)
        case = await act_on_task(desk, task_id, action, body, user_id=user_id)
        if action not in LAST_WORDS or not self._is_cut_off(f"{task_id}/{action}"):
            await nudge(self._client, case)

    async def send_documents(self, tracking: str, kind: str) -> Arrival:
        """Take in the answer to a question, by the tracking number of its Task."""
        outside, content = self._outside, {"answers": tracking}
        document = AttachedDocument(kind=kind)
        submitted = SubmittedAttachments(
            tracking=Identifier(TRACKING, tracking),
            member=None,
            service_date=None,
            attachments=(Attachment(document=document, lines=(), content=content),),
            is_final=True,
            content=content,
        )
        to = await find_addressed(outside.cases, submitted)
        assert to is not None, f"nothing is known of {tracking}"
        taken = await take_in_documents(
            outside.cases, outside.attachments, outside.clock, to, submitted
        )
        await nudge(self._client, taken.case)
        return taken.arrival

    async def appeal(self, case_id: str, body: object) -> int:
        """File an appeal, and start its story."""
        asked, outside = read_message(FileAppeal, body), self._outside
        filed = await file_appeal(outside.cases, outside.rules, outside.clock, case_id, asked)
        if not self._is_cut_off(filed.appeal.appeal_id):
            await start(self._client, APPEAL, filed.ref, instance_id=appeal_instance(filed.ref))
            await nudge(self._client, filed.case)
        return filed.ref.number

    def _is_cut_off(self, what: str) -> bool:
        """Whether the power goes after the commit: nobody nudges a story then, until the sweep."""
        at = self._outside.clock.now()
        is_so = Random(f"{what} at {at}").random() < CUT_OFF
        if is_so:
            self.cut_off.add(what)
        return is_so

    async def sweep(self) -> None:
        """Find what was forgotten, and set it going again."""
        overdue = await find_overdue(self._outside.cases, self._outside.clock.now())
        for row in overdue.unopened:
            ref = CaseRef(row.case_id, row.revision)
            await start_case(self._client, TakenIn(ref, is_new=False))
        for case in overdue.due:
            await take_up(self._client, case)
        if overdue.chores:
            slot = f"sweep-{overdue.found_at:%Y%m%dT%H%M%S}"
            await start(self._client, SWEEP, overdue.chores, instance_id=slot)
