"""Members who appeal, and the bodies that decide, late or never; all of it as the seed has it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

from shared.domain.prior_authorization.appeal_levels import AppealBody
from shared.domain.prior_authorization.appeals import Appeal, AppealOutcome
from shared.domain.prior_authorization.case import Case, Stage
from shared.domain.prior_authorization.tasks import appeal_task_id, review_task_id
from shared.errors import ComplianceError, RuleViolation
from shared.ports.commits import load_case
from tests.simulation.diary import Deed, Diary, Kind
from tests.simulation.registers import APPEAL_PHYSICIANS, PHYSICIANS
from tests.simulation.world import World

MOMENT = timedelta(seconds=1)
FORWARDED_WITHIN = timedelta(hours=3)  # Two sweeps, and a look after them.
WINDOW_DAYS = 60  # No window is shorter.
AID_DAYS = 8  # No time to ask for aid is shorter.
TOO_LATE = timedelta(days=200)  # No window is longer.
RESOLUTION = "Reviewed against the plan's criteria"


async def appeal_life(world: World, diary: Diary, items: tuple[int, ...]) -> None:
    """Appeal against a decision, perhaps, and go on to the last level, perhaps."""
    rng = Random(f"{diary.plan.seed}/appeal")
    await world.sleep(MOMENT)
    if rng.random() < 0.5:
        await _contest(world, diary, items, rng)


async def silence_life(
    world: World, diary: Diary, due_at: datetime, resume: Callable[[], None]
) -> None:
    """Appeal against silence, perhaps, before somebody wakes or after.

    Args:
        resume: sends a reviewer out again, where the appeal is withdrawn.
    """
    rng = Random(f"{diary.plan.seed}/silence")
    if rng.random() > 0.6:
        return
    await world.sleep_until(due_at + timedelta(hours=rng.uniform(1, 150)))
    case = await _case(world, diary)
    if not case.is_pended:
        return
    await _contest(world, diary, case.open_items, rng, is_silence=True)
    if (await _case(world, diary)).is_pended:
        resume()


async def _contest(
    world: World, diary: Diary, items: tuple[int, ...], rng: Random, *, is_silence: bool = False
) -> None:
    """File, see it through, and go on while there is a level and the will."""
    expedited = rng.random() < 0.25
    asks_aid = rng.random() < 0.4
    pause = timedelta() if is_silence else _pause(rng, asks_aid=asks_aid)
    while True:
        await world.sleep(pause)
        before = await _case(world, diary)
        if not await _file(world, diary, items, expedited=expedited, asks_aid=asks_aid):
            return
        await _try_what_is_over(world, diary, before, rng)
        case = await _see_through(world, diary, rng)
        if case.appeals[-1].outcome is AppealOutcome.OPEN:
            pause = timedelta(days=rng.uniform(0, 20))  # It is exhausted: he goes on.
        elif case.is_pended or not _may_go_on(case) or rng.random() > 0.6:
            return
        else:
            pause = _pause(rng, asks_aid=asks_aid)


def _pause(rng: Random, *, asks_aid: bool) -> timedelta:
    """How long he thinks about it."""
    if rng.random() < 0.08:
        return TOO_LATE
    if asks_aid and rng.random() < 0.6:
        return timedelta(days=rng.uniform(0.1, AID_DAYS))
    return timedelta(days=rng.uniform(1, WINDOW_DAYS - 2))


def _may_go_on(case: Case) -> bool:
    last = case.appeals[-1]
    if last.outcome is AppealOutcome.WITHDRAWN:
        return True
    return last.outcome is AppealOutcome.UPHELD and last.rule.next_level > 0


async def _file(
    world: World, diary: Diary, items: tuple[int, ...], *, expedited: bool, asks_aid: bool
) -> bool:
    """File the appeal; whether it was taken. The judge knows whether it had to be."""
    now = world.clock.now()
    body = {
        "items": list(items),
        "filedBy": diary.plan.member_number,
        "expedited": expedited,
        "reason": "disagrees",
        "amount": "5000",
        "aidAsked": asks_aid,
    }
    filing = Deed(
        at=now, kind=Kind.APPEALED, sequences=items, expedited=expedited, asks_aid=asks_aid
    )
    try:
        number = await world.doors.appeal(diary.case_id, body)
    except RuleViolation:
        diary.note(filing.of(Kind.APPEAL_REFUSED, 0))
        return False
    diary.note(filing.of(Kind.APPEALED, number))
    return True


async def _try_what_is_over(world: World, diary: Diary, before: Case, rng: Random) -> None:
    """Whoever was late comes now, and meets a conflict."""
    if before.is_pended:
        answers = [{"sequence": each, "action": "A1"} for each in before.open_items]
        task, who = review_task_id(before), rng.choice(PHYSICIANS)
        await _must_fail(world, diary, task, "complete", {"decisions": answers}, who)
    elif before.stage is Stage.APPEALED:
        task = appeal_task_id(before, len(before.appeals))
        who = rng.choice(APPEAL_PHYSICIANS)
        await _must_fail(world, diary, task, "decide-appeal", _decision("overturned"), who)


async def _see_through(world: World, diary: Diary, rng: Random) -> Case:
    """Bring the appeal, and what it is forwarded to, to where nothing of it is open.

    Where the body lets its time pass and the level is exhausted, the member may be asked to go on
    first; then it is still open.
    """
    while True:
        await world.sleep(MOMENT)
        case = await _case(world, diary)
        deed = f"{appeal_task_id(case, len(case.appeals))}/decide-appeal"
        if deed in world.doors.cut_off and _is_to_be_forwarded(case):
            case = await _await_forwarding(world, diary)
        appeal, number = case.appeals[-1], len(case.appeals)
        if case.stage is not Stage.APPEALED or appeal.outcome is not AppealOutcome.OPEN:
            return case
        due_at = appeal.clock.due_at if appeal.clock else world.clock.now() + timedelta(days=120)
        if diary.plan.appeal_is_forgotten and appeal.rule.level == 1:
            await world.sleep_until(due_at + timedelta(hours=rng.uniform(1, 200)))
            if _is_exhausted(appeal) and rng.random() < 0.5:
                return await _case(world, diary)
        else:
            await _pass_time(world, appeal, due_at, rng)
            if rng.random() < 0.15 and await _extend(world, diary, appeal, number, rng):
                continue
        case = await _case(world, diary)
        if len(case.appeals) == number and case.appeals[-1].outcome is AppealOutcome.OPEN:
            await _end(world, diary, case, rng)


def _is_to_be_forwarded(case: Case) -> bool:
    last = case.appeals[-1]
    return last.outcome is AppealOutcome.UPHELD and last.rule.forwards_on_uphold


async def _await_forwarding(world: World, diary: Diary) -> Case:
    """Where no story heard of the decision, the next body waits until the sweep finds it."""
    given_up_at = world.clock.now() + FORWARDED_WITHIN
    while world.clock.now() < given_up_at:
        await world.sleep(timedelta(hours=1))
        case = await _case(world, diary)
        if not _is_to_be_forwarded(case):
            at, number = case.appeals[-1].filed_at, len(case.appeals)
            diary.note(Deed(at=at, kind=Kind.APPEAL_FORWARDED, revision=number))
            break
    return await _case(world, diary)


def _is_exhausted(appeal: Appeal) -> bool:
    return appeal.clock is not None and appeal.clock.rule.on_breach == "exhausted"


async def _pass_time(world: World, appeal: Appeal, due_at: datetime, rng: Random) -> None:
    now = world.clock.now()
    await world.sleep_until(now + max(due_at - now, timedelta()) * rng.uniform(0.05, 0.95))


async def _extend(world: World, diary: Diary, appeal: Appeal, number: int, rng: Random) -> bool:
    """Take more time, where the level gives any; whether it did."""
    task, who = appeal_task_id(await _case(world, diary), number), rng.choice(APPEAL_PHYSICIANS)
    now, body = world.clock.now(), {"reason": "records on their way"}
    if appeal.clock is None or not appeal.clock.may_extend:
        await _must_fail(world, diary, task, "extend", body, who)
        return False
    await world.doors.act(task, "extend", body, user_id=who)
    diary.note(Deed(at=now, kind=Kind.APPEAL_EXTENDED, who=who, revision=number))
    return True


async def _end(world: World, diary: Diary, case: Case, rng: Random) -> None:
    """Decide the open appeal; or the member takes it back."""
    number, appeal = len(case.appeals), case.appeals[-1]
    task = appeal_task_id(case, number)
    earlier = {each.decided_by.actor_id for each in case.appeals if each.decided_by}
    who = rng.choice(sorted(set(APPEAL_PHYSICIANS) - earlier))
    outcome = rng.choices(["upheld", "overturned", "withdrawn"], [58, 32, 10])[0]
    if outcome == "withdrawn":
        await _withdraw(world, diary, task, who, number)
        return
    deciders = {made.decided_by.actor_id for made in case.decisions}
    physicians = sorted(each for each in deciders if each in PHYSICIANS)
    if appeal.rule.decided_by is AppealBody.PLAN and physicians:
        await _must_fail(world, diary, task, "decide-appeal", _decision(outcome), physicians[0])
    now = world.clock.now()
    await world.doors.act(task, "decide-appeal", _decision(outcome), user_id=who)
    diary.note(
        Deed(
            at=now,
            kind=Kind.APPEAL_DECIDED,
            who=who,
            revision=number,
            outcome=outcome,
            sequences=appeal.items,
        )
    )


async def _withdraw(world: World, diary: Diary, task: str, who: str, number: int) -> None:
    await _must_fail(world, diary, task, "withdraw-appeal", {"withdrawnBy": "somebody else"}, who)
    now, body = world.clock.now(), {"withdrawnBy": diary.plan.member_number}
    await world.doors.act(task, "withdraw-appeal", body, user_id=who)
    diary.note(Deed(at=now, kind=Kind.APPEAL_WITHDRAWN, who=who, revision=number))


def _decision(outcome: str) -> dict[str, str]:
    return {"outcome": outcome, "resolution": RESOLUTION, "reasonCode": "0K"}


async def _must_fail(
    world: World, diary: Diary, task: str, action: str, body: object, who: str
) -> None:
    """Do what the rules forbid, and complain if they do not."""
    try:
        await world.doors.act(task, action, body, user_id=who)
    except (ComplianceError, RuleViolation):
        return
    diary.complaints.append(f"{who} was allowed to {action} {task.rpartition('.')[2]}")


async def _case(world: World, diary: Diary) -> Case:
    return (await load_case(world.outside.cases, diary.case_id)).case
