"""What the doors do, by the functions that they call."""

from shared.contracts.pas import SubmittedAttachments
from shared.contracts.pas.information import TRACKING, Attachment
from shared.contracts.prior_authorization import APPEAL, DELIVER_NOTICE, SWEEP, CaseRef
from shared.contracts.tasks import FileAppeal, read_message
from shared.domain.prior_authorization.case import Case
from shared.domain.prior_authorization.questions import Arrival
from shared.domain.prior_authorization.request import AttachedDocument, Identifier
from shared.ports.appealing import file_appeal
from shared.ports.attachments import take_in_documents
from shared.ports.intake import Received, TakenIn, take_in
from shared.ports.reviewing import Desk, act_on_task
from shared.queries.attachment_address import find_addressed
from shared.queries.overdue import find_overdue
from tests.simulation.world import World
from triggers.stories import appeal_instance, nudge, repaired, start, start_case, take_up


async def submit(world: World, received: Received) -> TakenIn:
    """Take in a request, and start its story."""
    taken = await take_in(world.outside.cases, received)
    await start_case(world.client, taken)
    return taken


async def act(world: World, task_id: str, action: str, body: object, *, user_id: str) -> Case:
    """Do what a reviewer says of a task."""
    outside = world.outside
    desk = Desk(outside.cases, outside.reviewers, outside.rules, outside.clock)
    case = await act_on_task(desk, task_id, action, body, user_id=user_id)
    await nudge(world.client, case)
    return case


async def send_documents(world: World, tracking: str, kind: str) -> Arrival:
    """Take in the answer to a question, by the tracking number of its Task."""
    outside, content = world.outside, {"answers": tracking}
    document = AttachedDocument(kind=kind)
    submitted = SubmittedAttachments(
        tracking=Identifier(TRACKING, tracking),
        member=None,
        service_date=None,
        attachments=(Attachment(document=document, lines=(), content=content),),
        is_final=True,
    )
    to = await find_addressed(outside.cases, submitted)
    assert to is not None, f"nothing is known of {tracking}"
    taken = await take_in_documents(
        outside.cases, outside.attachments, outside.clock, to, submitted, content
    )
    await nudge(world.client, taken.case)
    return taken.arrival


async def appeal(world: World, case_id: str, body: object) -> int:
    """File an appeal, and start its story."""
    asked, outside = read_message(FileAppeal, body), world.outside
    filed = await file_appeal(outside.cases, outside.rules, outside.clock, case_id, asked)
    await start(world.client, APPEAL, filed.ref, instance_id=appeal_instance(filed.ref))
    await nudge(world.client, filed.case)
    return filed.ref.number


async def sweep(world: World) -> None:
    """Find what was forgotten, and set it going again."""
    overdue = await find_overdue(world.outside.cases, world.clock.now())
    for row in overdue.unopened:
        await start_case(world.client, TakenIn(CaseRef(row.case_id, row.revision), is_new=False))
    for case in overdue.due:
        await take_up(world.client, case)
    if overdue.chores:
        slot = f"sweep-{overdue.found_at:%Y%m%dT%H%M%S}"
        await start(world.client, SWEEP, overdue.chores, instance_id=slot)


async def repair(world: World) -> int:
    """An engineer looks at the incidents, and lets each story try again, if it was the post's.

    Returns:
        How many there were.
    """
    found = await world.outside.cases.incidents(limit=100)
    rows = [row for row in found if row.step == DELIVER_NOTICE.name]
    for row in rows:
        await repaired(world.client, row.instance_id)
        await world.outside.cases.resolve_incident(
            row.case_id, row.incident_id, at=world.clock.now()
        )
    return len(rows)
