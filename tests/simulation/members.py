"""Members who appeal, and the bodies that decide."""

from datetime import timedelta
from random import Random

from shared.domain.prior_authorization.appeal_levels import AppealBody
from shared.domain.prior_authorization.appeals import AppealOutcome
from shared.domain.prior_authorization.case import Case, Stage
from shared.domain.prior_authorization.tasks import appeal_task_id
from shared.errors import ComplianceError, RuleViolation
from shared.ports.commits import load_case
from tests.simulation import doors
from tests.simulation.diary import Deed, Diary, Kind
from tests.simulation.registers import APPEAL_PHYSICIANS
from tests.simulation.world import World

MOMENT = timedelta(seconds=1)
WINDOW_DAYS = 60  # No window is shorter.
TOO_LATE = timedelta(days=200)  # No window is longer.


async def appeal_life(world: World, diary: Diary, items: tuple[int, ...]) -> None:
    """Appeal, perhaps, and go on to the last level, perhaps."""
    rng = Random(f"{diary.plan.seed}/appeal")
    await world.sleep(MOMENT)
    if rng.random() > 0.5:
        return
    expedited = rng.random() < 0.25
    while True:
        is_late = rng.random() < 0.08
        await world.sleep(TOO_LATE if is_late else timedelta(days=rng.uniform(1, WINDOW_DAYS - 2)))
        if not await _file(world, diary, items, expedited=expedited, is_late=is_late):
            return
        case = await _see_through(world, diary, rng)
        if not _may_go_on(case) or rng.random() > 0.6:
            return


def _may_go_on(case: Case) -> bool:
    last = case.appeals[-1]
    return last.outcome is AppealOutcome.UPHELD and last.rule.next_level > 0


async def _file(
    world: World, diary: Diary, items: tuple[int, ...], *, expedited: bool, is_late: bool
) -> bool:
    """File the appeal; whether it was taken."""
    now = world.clock.now()
    body = {
        "items": list(items),
        "filedBy": diary.plan.member_number,
        "expedited": expedited,
        "reason": "disagrees",
        "amount": "5000",
    }
    try:
        number = await doors.appeal(world, diary.case_id, body)
    except RuleViolation as refusal:
        if not is_late:
            diary.complaints.append(f"an appeal in time was refused: {refusal}")
        return False
    if is_late:
        diary.complaints.append("an appeal after its window was taken")
    diary.note(Deed(at=now, kind=Kind.APPEALED, revision=number, expedited=expedited))
    return True


async def _see_through(world: World, diary: Diary, rng: Random) -> Case:
    """Decide the appeal, and what it is forwarded to, until nothing of it is open."""
    while True:
        await world.sleep(MOMENT)
        case = await _case(world, diary)
        appeal = case.appeals[-1]
        if case.stage is not Stage.APPEALED or appeal.outcome is not AppealOutcome.OPEN:
            return case
        number = len(case.appeals)
        due_at = appeal.clock.due_at if appeal.clock else world.clock.now() + timedelta(days=120)
        if diary.plan.appeal_is_forgotten and appeal.rule.level == 1:
            await world.sleep_until(due_at + timedelta(hours=rng.uniform(1, 200)))
        else:
            now = world.clock.now()
            await world.sleep_until(now + (due_at - now) * rng.uniform(0.05, 0.95))
        case = await _case(world, diary)
        if len(case.appeals) == number and case.appeals[-1].outcome is AppealOutcome.OPEN:
            await _decide(world, diary, case, rng)


async def _decide(world: World, diary: Diary, case: Case, rng: Random) -> None:
    number, appeal = len(case.appeals), case.appeals[-1]
    task = appeal_task_id(case, number)
    earlier = {each.decided_by.actor_id for each in case.appeals if each.decided_by}
    deciders = {made.decided_by.actor_id for made in case.decisions}
    outcome = rng.choices(["upheld", "overturned", "withdrawn"], [60, 35, 5])[0]
    body = {"outcome": outcome, "resolution": "Reviewed against the plan's criteria"}
    physicians = sorted(who for who in deciders if who.startswith("dr-"))
    if appeal.rule.decided_by is AppealBody.PLAN and physicians:
        await _try_improperly(world, diary, task, body, physicians[0])
    who = rng.choice(sorted(set(APPEAL_PHYSICIANS) - earlier))
    now = world.clock.now()
    await doors.act(world, task, "decide-appeal", body, user_id=who)
    diary.note(Deed(at=now, kind=Kind.APPEAL_DECIDED, who=who, revision=number, outcome=outcome))


async def _try_improperly(world: World, diary: Diary, task: str, body: object, who: str) -> None:
    try:
        await doors.act(world, task, "decide-appeal", body, user_id=who)
    except ComplianceError:
        return
    diary.complaints.append(f"{who} was allowed to decide an appeal against himself")


async def _case(world: World, diary: Diary) -> Case:
    return (await load_case(world.outside.cases, diary.case_id)).case
