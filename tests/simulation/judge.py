"""Judges a case that has been played: whether it took the course it should have."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from shared.contracts.audit import SealedEntry, first_broken
from shared.domain.prior_authorization.appeals import Appeal, AppealOutcome
from shared.domain.prior_authorization.case import Case, Stage
from shared.domain.prior_authorization.codes import Level
from shared.ports.case_store import OutboxRow, StoredCase
from tests.simulation.appeal_course import Expected, follow_appeals
from tests.simulation.course import Course, Notices, Ruled
from tests.simulation.diary import Diary
from tests.simulation.play import Played

ADVERSE = frozenset({"A2", "A3", "A6"})
MISSED = frozenset({"appeal_deadline_missed", "appeal_exhausted"})
SUBSCRIPTION = "subscription"  # The one channel whose other end is given up.
BREACHED = frozenset({"deadline_breached", "deemed_approved"})
PROMPT = timedelta(minutes=1)
AT_REST = frozenset({Stage.NOTIFIED, Stage.EXPIRED, Stage.CANCELLED, Stage.REJECTED})


async def judge(played: Played, diary: Diary) -> tuple[StoredCase, Course, list[str]]:
    """The case, its expected course, and everything that is wrong with it."""
    outside = played.world.outside
    stored = await outside.cases.load(diary.case_id)
    assert stored is not None, f"case {diary.case_id} was lost"
    trail = await outside.cases.audit_trail(diary.case_id)
    outbox = await outside.cases.outbox(diary.case_id)
    course = Course(diary, outside.rules, _ruled(trail))
    await course.run()
    await follow_appeals(course)
    wrong = [
        *diary.complaints,
        *course.complaints,
        *_chain(stored, trail),
        *_deciders(stored.case, trail),
        *_clock(stored.case, course),
        *_breaches(trail, course),
        *_punctuality(trail, course),
        *_appeals(stored.case, trail, course),
        *_notices(played, outbox, course.notices),
        *_rest(stored.case, course),
    ]
    return stored, course, wrong


def _ruled(trail: Sequence[SealedEntry]) -> Ruled:
    """What the rules said, by revision and item, as the trail has it."""
    said: Ruled = {}
    revision = 1
    for sealed in trail:
        detail = sealed.entry.detail
        if sealed.entry.event == "request_updated":
            revision = int(detail["revision"])
        if sealed.entry.event == "item_ruled":
            said[revision, int(detail["item"])] = detail["action"]
    return said


def _chain(stored: StoredCase, trail: Sequence[SealedEntry]) -> list[str]:
    broken = first_broken(trail, count=stored.audit_count, head=stored.audit_head)
    return [f"the audit chain breaks at {broken}"] if broken else []


def _deciders(case: Case, trail: Sequence[SealedEntry]) -> list[str]:
    """No decision against what was asked without a physician and his reason."""
    made = [
        f"item {each.sequence} is {each.action} by {each.decided_by.actor_id}"
        for each in case.decisions
        if each.action in ADVERSE
        and (
            each.decided_by.level is not Level.PHYSICIAN
            or not (each.reason_code and each.reason_text)
        )
    ]
    audited = [
        f"{sealed.entry.event} {sealed.entry.detail['action']} by {sealed.entry.actor.actor_id}"
        for sealed in trail
        if sealed.entry.detail.get("action") in ADVERSE
        and (sealed.entry.event, sealed.entry.actor.level) != ("item_decided", Level.PHYSICIAN)
    ]
    return made + audited


def _clock(case: Case, course: Course) -> list[str]:
    due_at = course.stand.due_at if course.stand else None
    known = case.clock.due_at if case.clock else None
    wrong = [] if due_at == known else [f"the clock ends at {known}, not {due_at}"]
    standing = {
        item.sequence: ""
        if case.action_of(item.sequence) == "A4"
        else case.action_of(item.sequence)
        for item in case.request.items
    }
    if course.plan.rejection == "" and standing != course.actions:
        wrong.append(f"the items stand at {standing}, not {course.actions}")
    return wrong


def _breaches(trail: Sequence[SealedEntry], course: Course) -> list[str]:
    """Each breach is audited once, when it happens, with its row's consequence; and warned of."""
    audited = [sealed.entry for sealed in trail if sealed.entry.event in BREACHED]
    if len(audited) != len(course.breaches):
        return [f"{len(audited)} breaches are audited, not {len(course.breaches)}"]
    wrong = []
    for entry, (at, consequence) in zip(audited, course.breaches, strict=True):
        if not at <= entry.at <= at + PROMPT:
            wrong.append(f"the breach of {at} was seen at {entry.at}")
        if entry.detail["consequence"] != consequence:
            wrong.append(f"the breach counts as {entry.detail['consequence']}, not {consequence}")
        if (entry.event == "deemed_approved") != (consequence == "deemed approved"):
            wrong.append(f"a breach that counts as {consequence} became {entry.event}")
        if not any(warned <= at for warned in course.warnings):
            wrong.append(f"the breach of {at} was not warned of")
    return wrong


def _punctuality(trail: Sequence[SealedEntry], course: Course) -> list[str]:
    said = [
        sealed.entry.event == "deadline_missed"
        for sealed in trail
        if sealed.entry.event in {"deadline_kept", "deadline_missed"}
    ]
    return [] if said == course.lates else [f"late was {said}, not {course.lates}"]


def _appeals(case: Case, trail: Sequence[SealedEntry], course: Course) -> list[str]:
    """Each appeal's record says what it should, and an overturn was put right in time."""
    wrong = []
    records = [_record(appeal) for appeal in case.appeals]
    if records != course.appeals:
        wrong.append(f"the appeals are {records}, not {course.appeals}")
    missed = sum(sealed.entry.event in MISSED for sealed in trail)
    times = sum(expected.is_breached for expected in course.appeals)
    if missed != times:
        wrong.append(f"{missed} breaches of appeals are audited, not {times}")
    for appeal in case.appeals:
        is_right = appeal.effectuated_at is not None and appeal.effectuate_by is not None
        if appeal.outcome is AppealOutcome.OVERTURNED and not (
            is_right and appeal.effectuated_at <= appeal.effectuate_by  # type: ignore[operator]
        ):
            wrong.append(f"appeal {appeal.appeal_id} was not put right in time")
        ended = appeal.aid_continues and appeal.outcome is not AppealOutcome.OPEN
        if ended != (appeal.aid_ended_at is not None):
            wrong.append(f"the aid of appeal {appeal.appeal_id} did not end with it")
    return wrong


def _record(appeal: Appeal) -> Expected:
    return Expected(
        level=appeal.rule.level,
        outcome=appeal.outcome,
        due_at=appeal.clock.due_at if appeal.clock else None,
        is_forwarded=appeal.is_forwarded,
        is_breached=appeal.breached_at is not None,
        aid="continues" if appeal.aid_continues else str(appeal.aid_refusal or ""),
        extensions=len(appeal.clock.extensions) if appeal.clock else 0,
    )


def _notices(played: Played, outbox: Sequence[OutboxRow], expected: Notices) -> list[str]:
    """Every notice of the matrix was written once, and taken by the post once, when it could."""
    written = Counter(
        (row.message.event, row.message.recipient, row.message.channel, row.message.template)
        for row in outbox
    )
    wrong = [f"notice {key} too often, by {n}" for key, n in (written - expected).items()]
    wrong += [f"notice {key} missing, {n}" for key, n in (expected - written).items()]
    for row in outbox:
        wrong += _delivery(played, row)
    return wrong


def _delivery(played: Played, row: OutboxRow) -> list[str]:
    name = f"message {row.message.message_id}"
    key = (row.case_id, row.message.message_id)
    outage = played.post.outages.get(key)
    is_given_up = outage is not None and row.message.channel == SUBSCRIPTION and outage.is_long
    fate = (0, "undeliverable") if is_given_up else (1, "delivered")
    times = played.post.taken.get(key, 0)
    if (times, row.status) != fate:
        return [f"{name} is {row.status!r}, sent {times} times"]
    if outage is None or is_given_up:
        return []
    latest = outage.until + 2 * played.sweep_every + PROMPT
    assert row.settled_at is not None
    is_prompt = outage.until <= row.settled_at <= latest
    return [] if is_prompt else [f"{name} went out at {row.settled_at}, not by {latest}"]


def _rest(case: Case, course: Course) -> list[str]:
    """The case is at its end, or waits for somebody whom the seed put to sleep."""
    if case.stage in AT_REST:
        return []
    if case.is_pended and course.plan.is_forgotten and course.plan.woken_after is None:
        return []
    return [f"the case was left {case.stage}"]
