"""What the rules answer during a deed is kept with what the deed commits."""

from dataclasses import replace

from shared.contracts.decision_log import DecisionRecord
from shared.domain.prior_authorization.change import Change
from shared.ports.case_store import CaseStore
from shared.ports.commits import commit_opening, commit_step
from shared.ports.decision_log import gathered, gathering, kept, note
from tests.shared.ports.samples import NOON, a_case, opening


def record(model: str = "fees") -> DecisionRecord:
    return DecisionRecord(
        model=model,
        version="1" * 64,
        decision="D",
        at=NOON,
        given={"age": 4},
        input_hash="2" * 64,
        answer={"number": "1.50"},
        rows=("D#1",),
    )


def test_what_is_noted_is_gathered_until_it_is_kept() -> None:
    note(record())
    assert gathered() == ()
    with gathering() as records:
        note(record())
        note(record())  # Asked twice, answered once.
        assert gathered() == tuple(records) == (record(),)
        kept()
        assert gathered() == ()
    kept()


async def test_answers_are_committed_with_the_step_that_asked(store: CaseStore) -> None:
    await store.save(opening(a_case()))
    with gathering() as left:
        note(record())
        await commit_step(store, "case-1", "step", lambda case: Change(case=case, result=1), int)
    assert left == []
    assert await store.decisions("case-1") == (record(),)


async def test_an_opening_keeps_its_answers_once(store: CaseStore) -> None:
    for _ in range(2):
        with gathering() as left:
            note(record())
            await commit_opening(store, "open", Change(case=a_case(), result=1), int)
        assert left == []
    assert await store.decisions("case-1") == (record(),)


async def test_a_step_that_is_repeated_keeps_its_answers_once(store: CaseStore) -> None:
    await store.save(opening(a_case()))
    for _ in range(2):
        with gathering():
            note(record())
            await commit_step(
                store, "case-1", "step", lambda case: Change(case=case, result=1), int
            )
    assert await store.decisions("case-1") == (record(),)


async def test_the_decisions_of_a_model_are_found_in_every_case(store: CaseStore) -> None:
    for number in (1, 2):
        both = (record("prices"), replace(record(), input_hash=f"{number}" * 64))
        await store.save(replace(opening(a_case(number)), decisions=both))
    found = await store.decisions_of("fees", limit=10)
    assert {(made.case_id, made.record.input_hash[0]) for made in found} == {
        ("case-1", "1"),
        ("case-2", "2"),
    }
    assert len(await store.decisions_of("fees", limit=1)) == 1
