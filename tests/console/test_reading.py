from dataclasses import replace
from datetime import timedelta

from console.reading import TASKS_A_PAGE, read_cases, read_inbox, read_tray
from shared.adapters.memory.case_store import MemoryCaseStore
from shared.adapters.memory.clock import SettableClock
from shared.adapters.memory.letter_tray import MemoryLetterTray
from shared.domain.prior_authorization.case import Stage
from shared.ports.letter_tray import TrayedLetter
from tests.shared.ports.samples import NOON, a_case, following, opening, under_review

HOUR = timedelta(hours=1)


async def _store(cases: int, *, claimed: int = 0) -> MemoryCaseStore:
    """Cases one hour apart, the first few claimed by dr-chen, the others in turn by queue."""
    store = MemoryCaseStore(SettableClock(NOON))
    for number in range(cases):
        queue = "imaging" if number % 2 else "surgery"
        case = under_review(a_case(number, received_at=NOON + number * HOUR), queue=queue)
        if number < claimed and case.review:
            case = replace(case, review=replace(case.review, claimed_by="dr-chen"))
        await store.save(opening(case))
    return store


async def test_the_inbox_counts_each_view() -> None:
    inbox = await read_inbox(await _store(5, claimed=2), "dr-chen", {}, NOON)
    assert inbox.counts == {"all": 5, "unclaimed": 3, "mine": 2, "hold": 0}
    assert [row.task.case_id for row in inbox.rows] == [f"case-{number}" for number in range(5)]


async def test_a_view_and_a_queue_narrow_the_inbox() -> None:
    asked = {"view": "mine", "queue": "imaging"}
    inbox = await read_inbox(await _store(5, claimed=2), "dr-chen", asked, NOON)
    assert [row.task.case_id for row in inbox.rows] == ["case-1"]
    assert inbox.counts["all"] == 2


async def test_the_inbox_has_pages() -> None:
    store = await _store(TASKS_A_PAGE + 3)
    inbox = await read_inbox(store, "dr-chen", {"page": "2"}, NOON)
    assert (inbox.page, inbox.pages, len(inbox.rows)) == (2, 2, 3)


async def test_overdue_reviews_are_counted() -> None:
    inbox = await read_inbox(await _store(3), "dr-chen", {}, NOON + 73 * HOUR)
    assert inbox.overdue == 2
    assert [row.left.state for row in inbox.rows if row.left] == ["overdue", "overdue", "soon"]


async def test_what_is_asked_wrongly_is_read_as_not_asked() -> None:
    for asked in ({"page": "-1"}, {"page": "x"}, {"page": "9" * 99}, {"page": "٣"}, {"view": "?"}):
        inbox = await read_inbox(await _store(1), "dr-chen", asked, NOON)
        assert (inbox.view, inbox.page, len(inbox.rows)) == ("all", 1, 1)


async def test_cases_are_found_by_stage_and_member() -> None:
    store = await _store(3)
    stored = await store.load("case-1")
    assert stored is not None
    await store.save(following(stored, stored.case.to(Stage.CANCELLED)))
    cancelled = await read_cases(store, {"stage": "cancelled"})
    assert [case.case_id for case in cancelled.cases] == ["case-1"]
    assert len((await read_cases(store, {"member": " M-1001 "})).cases) == 3
    assert (await read_cases(store, {"member": "M-2"})).cases == ()


async def test_letters_are_listed_by_the_newest_case_or_one() -> None:
    store, tray = await _store(2), MemoryLetterTray()
    letter = TrayedLetter(
        message_id="m",
        case_id="case-0",
        channel="mail",
        recipient="member",
        address="M-1001",
        event="approved",
        subject="Approved",
        body="Yes.",
        written_at=NOON,
    )
    for case_id in ("case-0", "case-1"):
        await tray.put(replace(letter, case_id=case_id))
    every = await read_tray(store, tray, {})
    assert [each.case_id for each in every.letters] == ["case-1", "case-0"]
    assert len((await read_tray(store, tray, {"case": "case-0"})).letters) == 1
