"""How a deed is run for a step."""

from types import SimpleNamespace

from activities import run
from shared.adapters.memory.case_store import MemoryCaseStore
from shared.adapters.memory.clock import SettableClock
from shared.contracts.prior_authorization import CHECK_MEMBER, CaseRef
from shared.domain.prior_authorization.request import Identifier
from shared.ports.decision_log import note
from tests.shared.ports.samples import NOON, a_case, opening
from tests.shared.ports.test_decision_log import record


class AskingDirectory:
    """A directory that asks the rules, as none should for a deed that commits nothing."""

    async def find_member(self, member: Identifier) -> None:
        note(record())


async def test_a_deed_that_asks_the_rules_must_commit_what_they_answered() -> None:
    cases = MemoryCaseStore(SettableClock(NOON))
    await cases.save(opening(a_case()))
    ports = SimpleNamespace(cases=cases, members=AskingDirectory())
    answer = await run(CHECK_MEMBER, CHECK_MEMBER.call("case-1/member", CaseRef("case-1")), ports)
    reason = "PermanentError: check_member asked the rules and committed nothing"
    assert answer == {"failed": reason}
