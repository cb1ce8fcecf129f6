"""One suite for every CaseStore."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.adapters.memory.clock import SettableClock
from shared.contracts.audit import first_broken
from shared.domain.prior_authorization.case import Stage
from shared.domain.prior_authorization.codes import ReviewAction
from shared.domain.prior_authorization.decision import RULES, ItemDecision
from shared.domain.prior_authorization.issuing import issue
from shared.errors import PermanentError
from shared.ports.case_store import (
    Alias,
    CaseFilter,
    CaseStore,
    DeadLetter,
    IncidentRow,
    StaleError,
    StoredCase,
    TaskFilter,
)
from tests.shared.domain.prior_authorization.cases import deny, notified
from tests.shared.ports.samples import (
    NOON,
    a_case,
    a_message,
    a_request,
    an_inbox_row,
    following,
    opening,
    under_review,
)

HOUR = timedelta(hours=1)
LATER = NOON + HOUR


async def loaded(store: CaseStore, case_id: str) -> StoredCase:
    stored = await store.load(case_id)
    assert stored is not None
    return stored


async def test_a_received_request_is_found_as_it_came(store: CaseStore) -> None:
    row = an_inbox_row()
    assert await store.receive(row)
    assert await store.inbox_row("case-1", 1) == row
    assert await store.inbox_row("case-1", 2) is None
    assert await store.inbox_row("case-2", 1) is None


async def test_a_repeated_revision_changes_nothing(store: CaseStore) -> None:
    await store.receive(an_inbox_row())
    assert not await store.receive(replace(an_inbox_row(), submitted_by="somebody else"))
    first = await store.inbox_row("case-1", 1)
    assert first is not None
    assert first.submitted_by == "portal"
    assert await store.receive(an_inbox_row(revision=2))


async def test_a_row_is_unopened_until_a_commit_takes_it_up(store: CaseStore) -> None:
    await store.receive(an_inbox_row(2, received_at=NOON + timedelta(seconds=1)))
    await store.receive(an_inbox_row(1))
    await store.receive(an_inbox_row(3, received_at=LATER))
    waiting = await store.unopened(before=LATER, limit=9)
    assert [row.case_id for row in waiting] == ["case-1", "case-2"]
    assert await store.unopened(before=LATER, limit=1) == waiting[:1]
    await store.save(opening(a_case(1)))
    assert await store.unopened(before=LATER, limit=9) == waiting[1:]


async def test_an_update_is_unopened_until_its_own_commit(store: CaseStore) -> None:
    await store.receive(an_inbox_row())
    await store.save(opening(a_case()))
    update = an_inbox_row(revision=2)
    await store.receive(update)
    assert await store.unopened(before=LATER, limit=9) == [update]
    stored = await loaded(store, "case-1")
    revised = replace(stored.case, revision=2)
    await store.save(replace(following(stored, revised), opens=2))
    assert await store.unopened(before=LATER, limit=9) == []


async def test_a_row_that_is_set_aside_is_unopened_no_more(store: CaseStore) -> None:
    await store.receive(an_inbox_row(revision=2))
    await store.receive(an_inbox_row(revision=3))
    await store.set_aside("case-1", 2)
    assert [row.revision for row in await store.unopened(before=LATER, limit=9)] == [3]
    assert await store.inbox_row("case-1", 2) is not None


async def test_the_first_alias_stands(store: CaseStore) -> None:
    first = Alias(alias_id="name", case_id="case-1", revision=2)
    assert await store.alias("name") is None
    assert await store.give_alias(first) == first
    assert await store.give_alias(replace(first, case_id="case-9")) == first
    assert await store.alias("name") == first


async def test_a_case_is_loaded_as_it_was_saved(store: CaseStore) -> None:
    commit = opening(under_review(a_case()))
    await store.save(commit)
    stored = await loaded(store, "case-1")
    assert stored.case == commit.case
    assert stored.steps == commit.steps
    assert (stored.audit_count, stored.audit_head) == (1, commit.audit_head)
    assert await store.load("case-2") is None


async def test_a_case_is_created_once(store: CaseStore) -> None:
    await store.save(opening(a_case()))
    with pytest.raises(StaleError):
        await store.save(opening(replace(a_case(), submitted_by="somebody else")))
    assert (await loaded(store, "case-1")).case == a_case()


async def test_of_two_commits_on_the_same_case_one_is_stale(store: CaseStore) -> None:
    await store.save(opening(a_case()))
    stored = await loaded(store, "case-1")
    await store.save(following(stored, under_review(stored.case), step="first"))
    with pytest.raises(StaleError):
        await store.save(following(stored, stored.case, a_message(), step="second"))
    after = await loaded(store, "case-1")
    assert set(after.steps) == {"open", "first"}
    assert len(await store.audit_trail("case-1")) == 2
    assert await store.outbox("case-1") == ()


async def test_a_commit_to_a_case_that_is_not_there_is_stale(store: CaseStore) -> None:
    with pytest.raises(StaleError):
        await store.save(replace(opening(a_case()), etag='"0"'))
    assert await store.audit_trail("case-1") == ()


async def test_a_message_id_serves_once_and_the_commit_is_whole_or_not(store: CaseStore) -> None:
    await store.save(opening(a_case(), a_message()))
    stored = await loaded(store, "case-1")
    with pytest.raises(PermanentError):
        await store.save(following(stored, under_review(stored.case), a_message()))
    assert await loaded(store, "case-1") == stored
    assert len(await store.audit_trail("case-1")) == 1
    assert (await store.tasks(TaskFilter())).total == 0


async def test_the_audit_trail_comes_back_unbroken(store: CaseStore) -> None:
    await store.save(opening(a_case()))
    for number in range(11):
        stored = await loaded(store, "case-1")
        await store.save(following(stored, stored.case, step=f"step{number}"))
    last = await loaded(store, "case-1")
    trail = await store.audit_trail("case-1")
    assert [sealed.sequence for sealed in trail] == list(range(1, 13))
    assert first_broken(trail, count=last.audit_count, head=last.audit_head) is None


async def test_messages_are_listed_in_the_order_written(
    store: CaseStore, clock: SettableClock
) -> None:
    await store.save(opening(a_case(), a_message("z"), a_message("a")))
    clock.advance(HOUR)
    stored = await loaded(store, "case-1")
    await store.save(following(stored, stored.case, a_message("m")))
    rows = await store.outbox("case-1")
    assert [row.message.message_id for row in rows] == ["z", "a", "m"]
    assert [row.written_at for row in rows] == [NOON, NOON, LATER]
    assert rows[0].message == a_message("z")


async def test_a_message_is_undelivered_until_it_is_settled(store: CaseStore) -> None:
    await store.save(opening(a_case(), a_message("first"), a_message("case/step?#")))
    assert await store.undelivered(before=NOON, limit=9) == []
    assert len(await store.undelivered(before=LATER, limit=9)) == 2
    assert len(await store.undelivered(before=LATER, limit=1)) == 1
    await store.settle_message("case-1", "case/step?#", status="delivered", at=LATER)
    [left] = await store.undelivered(before=LATER, limit=9)
    assert left.message.message_id == "first"
    row = await store.message("case-1", "case/step?#")
    assert row is not None
    assert (row.status, row.settled_at) == ("delivered", LATER)


async def test_a_postponed_message_waits_behind_the_others_and_a_settled_one_not_at_all(
    store: CaseStore,
) -> None:
    await store.save(opening(a_case(), a_message("first"), a_message("second"), a_message("third")))
    await store.settle_message("case-1", "third", status="delivered", at=NOON)
    for message_id in ("first", "third"):
        await store.postpone_message("case-1", message_id, at=NOON + timedelta(minutes=5))
    rows = await store.undelivered(before=LATER, limit=9)
    assert [row.message.message_id for row in rows] == ["second", "first"]
    assert await store.undelivered(before=NOON + timedelta(minutes=1), limit=9) == rows[:1]


async def test_the_first_record_of_a_message_stands(store: CaseStore) -> None:
    await store.save(opening(a_case(), a_message("m")))
    await store.settle_message("case-1", "m", status="delivered", at=LATER)
    await store.settle_message("case-1", "m", status="undeliverable", at=LATER + HOUR)
    row = await store.message("case-1", "m")
    assert row is not None
    assert (row.status, row.settled_at) == ("delivered", LATER)


async def test_a_commit_settles_messages_whatever_was_on_record(
    store: CaseStore, clock: SettableClock
) -> None:
    await store.save(opening(a_case(), a_message("first"), a_message("a/b?#"), a_message("third")))
    await store.settle_message("case-1", "first", status="delivered", at=NOON)
    clock.advance(HOUR)
    settles = {"first": "delivered", "a/b?#": "undeliverable"}
    stored = await loaded(store, "case-1")
    await store.save(replace(following(stored, stored.case), settles=settles))
    rows = {row.message.message_id: row for row in await store.outbox("case-1")}
    assert (rows["first"].status, rows["first"].settled_at) == ("delivered", LATER)
    assert await store.message("case-1", "a/b?#") == rows["a/b?#"]
    assert (rows["a/b?#"].status, rows["a/b?#"].settled_at) == ("undeliverable", LATER)
    assert await store.undelivered(before=LATER, limit=9) == [rows["third"]]


async def test_a_commit_that_is_refused_settles_nothing(store: CaseStore) -> None:
    await store.save(opening(a_case(), a_message("m")))
    stored = await loaded(store, "case-1")
    await store.save(following(stored, stored.case))
    with pytest.raises(StaleError):
        await store.save(replace(following(stored, stored.case), settles={"m": "delivered"}))
    assert len(await store.undelivered(before=LATER, limit=9)) == 1


async def test_an_unknown_message_cannot_be_settled(store: CaseStore) -> None:
    assert await store.message("case-1", "m") is None
    with pytest.raises(PermanentError):
        await store.settle_message("case-1", "m", status="delivered", at=LATER)
    await store.save(opening(a_case()))
    stored = await loaded(store, "case-1")
    with pytest.raises(PermanentError):
        await store.save(replace(following(stored, stored.case), settles={"m": "delivered"}))
    assert await loaded(store, "case-1") == stored


async def test_what_was_issued_on_a_case_is_kept_with_it(store: CaseStore) -> None:
    issued = issue(notified(deny()), (), NOON).case
    await store.save(opening(issued))
    assert (await loaded(store, "case-1")).case == issued
    assert issued.issued


async def test_cases_are_listed_newest_first_page_by_page(store: CaseStore) -> None:
    for number in range(5):
        received_at = NOON + timedelta(minutes=number // 2)
        await store.save(opening(a_case(number, received_at=received_at)))
    seen, after = [], ""
    for _ in range(3):
        page = await store.cases(CaseFilter(limit=2, after=after))
        seen += [case.case_id for case in page.cases]
        after = page.next_after
    assert seen == ["case-4", "case-3", "case-2", "case-1", "case-0"]
    assert after == ""


async def test_cases_are_found_by_stage_and_member(store: CaseStore) -> None:
    await store.save(opening(a_case(1)))
    await store.save(opening(under_review(a_case(2))))
    await store.save(opening(under_review(a_case(3, member="M-2"))))
    reviewed = CaseFilter(stages=(Stage.CLINICAL_REVIEW, Stage.PEER_TO_PEER))
    assert [c.case_id for c in (await store.cases(reviewed)).cases] == ["case-3", "case-2"]
    of_member = replace(reviewed, member_id="M-2")
    assert [c.case_id for c in (await store.cases(of_member)).cases] == ["case-3"]


async def test_cases_are_found_by_provider_and_services(store: CaseStore) -> None:
    case = a_case(1)
    await store.save(opening(case))
    npi = case.request.requestor.identifier.value
    assert (await store.cases(CaseFilter(provider_npi=npi))).cases == (case,)
    assert (await store.cases(CaseFilter(provider_npi="0"))).cases == ()
    assert (await store.cases(CaseFilter(services=case.request.services))).cases == (case,)
    assert (await store.cases(CaseFilter(services="0"))).cases == ()


async def test_cases_are_found_by_the_day_of_their_decision(store: CaseStore) -> None:
    decided = replace(a_case(1), stage=Stage.DECIDED, decided_at=NOON)
    await store.save(opening(decided))
    await store.save(opening(a_case(2)))
    today = NOON.date()
    assert (await store.cases(CaseFilter(decided_since=today))).cases == (decided,)
    tomorrow = CaseFilter(decided_since=today + timedelta(days=1))
    assert (await store.cases(tomorrow)).cases == ()


async def test_cases_are_found_by_the_end_of_their_certification(store: CaseStore) -> None:
    today = NOON.date()
    certified = ItemDecision(
        sequence=1,
        action=ReviewAction.CERTIFIED,
        decided_by=RULES,
        decided_at=NOON,
        effective_from=today,
        effective_to=today,
    )
    notified = replace(a_case(1), stage=Stage.NOTIFIED, decisions=(certified,))
    await store.save(opening(notified))
    await store.save(opening(replace(a_case(2), stage=Stage.DECIDED, decisions=(certified,))))
    assert (await store.cases(CaseFilter(ends_before=today))).cases == ()
    tomorrow = CaseFilter(ends_before=today + timedelta(days=1))
    assert (await store.cases(tomorrow)).cases == (notified,)


async def test_a_pended_case_is_due_from_its_clocks_next_moment(
    store: CaseStore, clock: SettableClock
) -> None:
    await store.save(opening(a_case(1)))
    await store.save(opening(under_review(a_case(2), hours=72)))
    warning = NOON + timedelta(hours=48)
    assert (await store.cases(CaseFilter(due_before=warning))).cases == ()
    [due] = (await store.cases(CaseFilter(due_before=warning + HOUR))).cases
    assert due.case_id == "case-2"
    clock.set(warning + HOUR)
    stored = await loaded(store, "case-2")
    await store.save(following(stored, due, step="warned"))
    assert (await store.cases(CaseFilter(due_before=clock.now()))).cases == ()


async def test_a_missed_deadline_is_due_until_the_breach_is_noted(
    store: CaseStore, clock: SettableClock
) -> None:
    late = under_review(a_case(1), hours=1)
    clock.set(NOON + 2 * HOUR)
    await store.save(opening(late))
    past = CaseFilter(due_before=clock.now())
    assert (await store.cases(past)).cases == (late,)
    stored = await loaded(store, "case-1")
    await store.save(following(stored, replace(late, breached_at=clock.now())))
    assert (await store.cases(past)).cases == ()


async def test_tasks_come_by_rank_then_due_time(store: CaseStore) -> None:
    await store.save(opening(under_review(a_case(1), rank=2, hours=10)))
    await store.save(opening(under_review(a_case(2), rank=1, hours=99)))
    await store.save(opening(under_review(a_case(3), rank=2, hours=5, queue="oncology")))
    await store.save(opening(replace(under_review(a_case(4), rank=2), clock=None)))
    page = await store.tasks(TaskFilter())
    assert [task.case_id for task in page.tasks] == ["case-2", "case-3", "case-1", "case-4"]
    assert page.total == 4
    second = await store.tasks(TaskFilter(limit=2, offset=2))
    assert second.tasks == page.tasks[2:]
    assert second.total == 4
    assert (await store.tasks(TaskFilter(limit=2, offset=9))).total == 4
    of_queue = await store.tasks(TaskFilter(queues=("imaging",), statuses=("requested",), limit=1))
    assert [task.case_id for task in of_queue.tasks] == ["case-2"]
    assert of_queue.total == 3


async def test_a_task_moves_with_its_case(store: CaseStore) -> None:
    await store.save(opening(under_review(a_case())))
    stored = await loaded(store, "case-1")
    assert stored.case.review is not None
    claimed = replace(stored.case, review=replace(stored.case.review, claimed_by="nurse-7"))
    await store.save(following(stored, claimed))
    assert (await store.tasks(TaskFilter(statuses=("requested",)))).total == 0
    [mine] = (await store.tasks(TaskFilter(claimed_by="nurse-7"))).tasks
    assert mine.task_id == "case-1.review1"
    assert mine.status == "in-progress"


async def test_an_event_is_buried_once_and_the_newest_shown_first(store: CaseStore) -> None:
    letter = DeadLetter(
        letter_id="hub/0/7", source="hub", reason="no case", body="{}", received_at=NOON
    )
    newer = replace(letter, letter_id="hub/0/8", received_at=LATER)
    await store.bury(letter)
    await store.bury(replace(letter, reason="again"))
    await store.bury(newer)
    assert await store.dead_letters(limit=9) == [newer, letter]
    assert await store.dead_letters(limit=1) == [newer]


async def test_an_incident_is_open_until_it_is_resolved(store: CaseStore) -> None:
    row = IncidentRow(
        incident_id="case-1/apply_rules/1",
        case_id="case-1",
        instance_id="case-1",
        step="apply_rules",
        reason="PermanentError",
        opened_at=LATER,
    )
    older = replace(row, incident_id="older", opened_at=NOON)
    await store.open_incident(row)
    await store.open_incident(replace(row, reason="again"))
    await store.open_incident(older)
    assert await store.incidents(limit=9) == [older, row]
    await store.resolve_incident("case-1", row.incident_id, at=LATER)
    await store.resolve_incident("case-1", row.incident_id, at=LATER + HOUR)
    assert await store.incidents(limit=9) == [older]
    with pytest.raises(PermanentError):
        await store.resolve_incident("case-1", "unknown", at=LATER)


async def test_what_providers_write_comes_back_letter_by_letter(store: CaseStore) -> None:
    row = replace(an_inbox_row(), request=replace(a_request(), patient_reference="Ärztin 🩺 \\ '"))
    await store.receive(row)
    assert await store.inbox_row("case-1", 1) == row
