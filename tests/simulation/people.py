"""Providers and reviewers, as the seed moves them; what they did stands in the case's diary."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from shared.domain.prior_authorization.case import Case, Stage
from shared.domain.prior_authorization.codes import Level, ReviewAction
from shared.domain.prior_authorization.questions import Arrival
from shared.domain.prior_authorization.tasks import review_task_id
from shared.errors import ComplianceError, RuleViolation
from shared.ports.commits import load_case
from shared.queries.information_tasks import tracking_number
from tests.simulation.diary import Deed, Diary, Kind
from tests.simulation.members import appeal_life, silence_life
from tests.simulation.plan import SERVICES, Amendment, Asked
from tests.simulation.registers import LAPSED_NURSE, NURSES, PHYSICIANS
from tests.simulation.world import World

MOMENT = timedelta(seconds=1)  # After it, the stories have come to rest again.
MARGIN = timedelta(hours=1)
QUESTIONS_MAX = 2
ASKED_WITHIN = timedelta(hours=24)  # 29 CFR 2560.503-1(f)(2)(i), and once.
ADDED = next(service for service in SERVICES if service.service_class == "surgery")


async def provider_life(world: World, diary: Diary) -> None:
    """Ask, ask the same again, and perhaps think better of it."""
    plan = diary.plan
    await world.sleep_until(plan.arrives_at)
    await _submit(world, diary, "new", plan.items)
    world.send_out(review_life(world, diary, revision=1))
    for pause in plan.repeats:
        await world.sleep(pause)
        if (await world.doors.submit(plan, "new", plan.items)).is_new:
            diary.complaints.append("a repeated request was taken for a new one")
    if plan.amendment:
        await world.sleep_until(plan.arrives_at + plan.amendment.after)
        await _amend(world, diary, plan.amendment)


async def _submit(world: World, diary: Diary, kind: str, items: tuple[Asked, ...]) -> int:
    now = world.clock.now()
    taken = await world.doors.submit(diary.plan, kind, items)
    diary.case_id = taken.case_id
    if not taken.is_new:
        diary.complaints.append(f"a {kind} request was taken for a repetition")
    if kind == "new":
        diary.note(Deed(at=now, kind=Kind.RECEIVED, items=items, revision=1))
    return taken.revision


async def _amend(world: World, diary: Diary, amendment: Amendment) -> None:
    """Send an update or a cancellation, and see whether it was taken as the rules say."""
    before = await _case(world, diary)
    kind = "cancel" if amendment.kind == "cancel" else "update"
    items = amended(diary.plan.items, amendment.kind)
    at, is_fit = world.clock.now(), _is_fit(before, kind)
    revision = await _submit(world, diary, kind, items)
    if is_fit:
        what = Kind.CANCELLED if kind == "cancel" else Kind.UPDATED
        diary.note(Deed(at=at, kind=what, items=items, revision=revision))
    await world.sleep(MOMENT)
    await world.doors.end_earlier(diary.case_id)
    after = await _case(world, diary)
    taken = after.stage is Stage.CANCELLED if kind == "cancel" else after.revision == revision
    if taken != is_fit and before.stage is not Stage.CANCELLED:
        diary.complaints.append(f"{kind} of a {before.stage} case: taken is {taken}")
    if is_fit and kind == "update":
        world.send_out(review_life(world, diary, revision=revision))


def amended(items: tuple[Asked, ...], kind: str) -> tuple[Asked, ...]:
    """The items as an amendment has them."""
    first, *others = items
    match kind:
        case "add":
            return (*items, Asked(service=ADDED, quantity=1, change="added"))
        case "change":
            return (replace(first, quantity=first.quantity + 1, change="changed"), *others)
        case "withdraw":
            return (replace(first, change="cancelled"), *others)
        case _:
            return items


def _is_fit(case: Case, kind: str) -> bool:
    """Whether the rules allow the amendment of a case that stands so."""
    if case.stage in {Stage.REJECTED, Stage.CANCELLED, Stage.EXPIRED, Stage.APPEALED}:
        return False
    return kind == "cancel" or not any(
        made.action is ReviewAction.NOT_CERTIFIED for made in case.decisions
    )


async def review_life(world: World, diary: Diary, *, revision: int, is_again: bool = False) -> None:
    """See a pended request through to its decision, or forget it."""
    plan, rng = diary.plan, Random(f"{diary.plan.seed}/review/{revision}/{is_again}")
    await world.sleep(MOMENT)
    is_asleep = plan.is_forgotten and not is_again
    questions = 0
    first = await _case(world, diary)
    if is_asleep and first.is_pended and first.clock and not plan.amendment:
        due_at = first.clock.due_at
        world.send_out(silence_life(world, diary, due_at, _taken_up_again(world, diary, due_at)))
    while True:
        case = await _case(world, diary)
        if not case.is_pended or case.revision != revision or case.clock is None:
            return
        if is_asleep:
            if plan.woken_after is None:
                return
            await world.sleep_until(case.clock.due_at + plan.woken_after)
            is_asleep = False
            continue
        await world.sleep_until(_at_work(rng, world.clock.now(), case.clock.due_at, plan.urgency))
        case = await _case(world, diary)
        if not case.is_pended or case.revision != revision or case.clock is None:
            return
        if case.stage is Stage.PEER_TO_PEER:
            await _end_talk(world, diary, case, rng)
        elif rng.random() < 0.15 and questions < QUESTIONS_MAX:
            questions += 1
            await _ask(world, diary, case, rng)
        else:
            await _look(world, diary, case, rng)


def _taken_up_again(world: World, diary: Diary, due_at: datetime) -> Callable[[], None]:
    """Send a reviewer out once more, where the one who woke has found nothing to do."""

    def send() -> None:
        woken_after = diary.plan.woken_after
        if woken_after is not None and world.clock.now() >= due_at + woken_after:
            world.send_out(review_life(world, diary, revision=1, is_again=True))

    return send


async def _look(world: World, diary: Diary, case: Case, rng: Random) -> None:
    """One sitting over the case: a side step, or the decision."""
    now, dice = world.clock.now(), rng.random()
    who = _reviewer(case, rng)
    task = review_task_id(case)
    if dice < 0.05:
        await _try_improperly(world, diary, task, "claim", {}, LAPSED_NURSE)
    elif dice < 0.12 and case.clock and case.clock.may_extend and now < case.clock.due_at:
        await world.doors.act(task, "extend", {"reason": "records on their way"}, user_id=who)
        diary.note(Deed(at=now, kind=Kind.EXTENDED, who=who))
    elif dice < 0.20 and case.clock and now < case.clock.warn_at:
        await world.doors.act(task, "offer-peer-to-peer", {}, user_id=who)
        diary.note(Deed(at=now, kind=Kind.TALK_OFFERED, who=who))
    elif dice < 0.24:
        await world.doors.act(task, "claim", {}, user_id=who)
        await world.doors.act(task, "release", {}, user_id=who)
    elif dice < 0.28:
        await world.doors.act(task, "reassign", {"to": rng.choice(PHYSICIANS)}, user_id=who)
    else:
        await _decide(world, diary, case, who, rng)


async def _decide(world: World, diary: Diary, case: Case, who: str, rng: Random) -> None:
    """Decide some or all open items; what is adverse goes to a physician first."""
    task, now = review_task_id(case), world.clock.now()
    open_items = [item for item in case.request.items if not case.action_of(item.sequence).is_final]
    some = open_items if rng.random() < 0.9 else open_items[:1]
    answers = [_answer(item.sequence, int(item.quantity or 1), rng) for item in some]
    actions = {item.sequence: str(each["action"]) for item, each in zip(some, answers, strict=True)}
    if set(actions.values()) != {"A1"} and who in NURSES:
        await _try_improperly(world, diary, task, "complete", {"decisions": answers}, who)
        if not case.review or case.review.claimed_by != who:
            await world.doors.act(task, "claim", {}, user_id=who)
        await world.doors.act(task, "escalate", {}, user_id=who)
        who = rng.choice(PHYSICIANS)
    await world.doors.act(task, "complete", {"decisions": answers}, user_id=who)
    decided = await _case(world, diary)
    diary.note(Deed(at=now, kind=Kind.DECIDED, who=who, actions=actions))
    adverse = [made.sequence for made in decided.decisions if made.action.is_adverse]
    if decided.is_settled and adverse and not diary.plan.amendment:
        world.send_out(appeal_life(world, diary, tuple(adverse)))


def _answer(sequence: int, quantity: int, rng: Random) -> dict[str, object]:
    dice = rng.random()
    if dice < 0.72:
        return {"sequence": sequence, "action": "A1"}
    why = {"reasonCode": "02", "reason": "The course asked for exceeds the plan's criteria"}
    if dice < 0.78 and quantity > 1:
        return {"sequence": sequence, "action": "A2", "quantity": quantity // 2, **why}
    if dice < 0.83 and quantity > 1:
        return {"sequence": sequence, "action": "A6", "quantity": 1, **why}
    return {"sequence": sequence, "action": "A3", **why}


async def _ask(world: World, diary: Diary, case: Case, rng: Random) -> None:
    """Ask the provider, who answers in time, late, or never."""
    now, who = world.clock.now(), _reviewer(case, rng)
    if case.clock is None or now >= case.clock.due_at:
        return
    task, body = review_task_id(case), {"kinds": ["11506-3"]}
    is_late = case.clock.pauses or now > case.clock.received_at + ASKED_WITHIN
    if case.clock.rule.hours_after_information and is_late:
        await _try_improperly(world, diary, task, "request-information", body, who)
        return
    await world.doors.act(task, "request-information", body, user_id=who)
    held = await _case(world, diary)
    question = held.information[-1]
    diary.note(Deed(at=now, kind=Kind.ASKED, who=who, revision=question.number))
    tracking = tracking_number(diary.case_id, question)
    is_last = held.clock is not None and question.due_at >= held.clock.due_at
    if rng.random() < 0.25 and not is_last:
        world.send_out(_answer_late(world, diary, question.due_at, tracking, rng))
        await world.sleep_until(question.due_at + MOMENT)
        return
    await world.sleep_until(now + (question.due_at - now) * rng.uniform(0.05, 0.95))
    still = await _case(world, diary)
    if still.open_information and still.open_information.number == question.number:
        arrival = await world.doors.send_documents(tracking, "11506-3")
        if arrival is not Arrival.ANSWERED:
            diary.complaints.append(f"an answer in time counts as {arrival}")
        diary.note(Deed(at=world.clock.now(), kind=Kind.ANSWERED, revision=question.number))


async def _answer_late(
    world: World, diary: Diary, due_at: datetime, tracking: str, rng: Random
) -> None:
    """Answer after the question lapsed, or never."""
    if rng.random() < 0.5:
        return
    await world.sleep_until(due_at + timedelta(hours=rng.uniform(1, 100)))
    if await world.doors.send_documents(tracking, "11506-3") is (Arrival.ANSWERED):
        diary.complaints.append("an answer that came too late counts as one in time")


async def _end_talk(world: World, diary: Diary, case: Case, rng: Random) -> None:
    """Hold the talk, or let its time pass; not with the deadline."""
    until = case.review.peer_to_peer_until if case.review else None
    is_last = until is not None and case.clock is not None and until >= case.clock.due_at
    if case.review and case.review.claimed_by and (rng.random() < 0.7 or is_last):
        task, who = review_task_id(case), case.review.claimed_by
        await world.doors.act(task, "end-peer-to-peer", {"held": True}, user_id=who)
    elif until:
        await world.sleep_until(until + MOMENT)


async def _try_improperly(
    world: World, diary: Diary, task: str, action: str, body: object, who: str
) -> None:
    """Do what the rules forbid, and complain if they do not."""
    try:
        await world.doors.act(task, action, body, user_id=who)
    except (ComplianceError, RuleViolation):
        return
    diary.complaints.append(f"{who} was allowed to {action}")


def _reviewer(case: Case, rng: Random) -> str:
    """Somebody who may take the case: who has it, else somebody of the level it asks for."""
    review = case.review
    if review and review.claimed_by:
        return review.claimed_by
    is_for_nurses = review is not None and review.routing.level == Level.NURSE
    return rng.choice(NURSES if is_for_nurses else PHYSICIANS)


def _at_work(rng: Random, now: datetime, due_at: datetime, urgency: str) -> datetime:
    """When somebody sits over the case: in a shift, but never past the deadline for lack of one."""
    median = 6 if urgency == "urgent" else 30
    wanted = now + timedelta(hours=median) * rng.lognormvariate(0, 0.8)
    while wanted.weekday() >= 5 or not 14 <= wanted.hour < 23:
        wanted += timedelta(minutes=30)
    if now >= due_at or wanted <= due_at - MARGIN:
        return wanted
    return now + (due_at - now) * rng.uniform(0.1, 0.95)


async def _case(world: World, diary: Diary) -> Case:
    return (await load_case(world.outside.cases, diary.case_id)).case
