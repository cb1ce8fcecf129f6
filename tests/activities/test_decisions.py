"""What a check asked of the rules is kept, although the check commits nothing."""

from dataclasses import replace

from activities import run
from shared.adapters.memory.case_store import MemoryCaseStore
from shared.adapters.memory.clock import SettableClock
from shared.adapters.rules.file_rule_book import FileRuleBook
from shared.contracts.prior_authorization import DETERMINE_DOCUMENTS, CaseRef
from shared.queries.decision_rerun import rerun
from tests.shared.ports.samples import NOON, a_case, opening


class PortsOfACheck:
    """The ports that the check of documents asks for."""

    def __init__(self) -> None:
        self.cases = MemoryCaseStore(SettableClock(NOON))
        self.rules = FileRuleBook()


async def test_a_checks_decisions_are_kept_once_and_come_out_the_same_again() -> None:
    ports = PortsOfACheck()
    pinned = dict(await ports.rules.versions(NOON))
    await ports.cases.save(opening(replace(a_case(), rule_versions=pinned)))
    call = DETERMINE_DOCUMENTS.call("case-1/documents", CaseRef("case-1", 1))
    for _ in range(2):
        answer = await run(DETERMINE_DOCUMENTS, call, ports)
        assert "failed" not in answer
    records = await ports.cases.decisions("case-1")
    assert [record.model for record in records] == ["service-class", "documents-needed"]
    assert all(made.is_identical for made in await rerun(ports.cases, ports.rules, "case-1"))
