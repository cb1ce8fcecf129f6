"""The ruling asks the rules in several places, and all that they answered is kept with it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from shutil import copytree
from types import SimpleNamespace
from typing import Self

from activities import run
from shared.adapters.memory.case_store import MemoryCaseStore
from shared.adapters.memory.clock import SettableClock
from shared.adapters.memory.directories import MemoryMemberDirectory
from shared.adapters.registers import MemberEntry
from shared.adapters.rules.file_rule_book import FileRuleBook
from shared.adapters.rules.seeding import DECISIONS
from shared.contracts.prior_authorization import APPLY_RULES, CaseRef, Eligibility, Ruling
from shared.domain.prior_authorization.coverage import Check, Finding, Insurers
from shared.domain.prior_authorization.request import Coding
from shared.queries.decision_rerun import rerun
from tests.shared.domain.prior_authorization.cases import CPT, MEMBER
from tests.shared.ports.samples import NOON, a_case, a_request, opening

FOUND = (
    Finding(check=Check.MEMBER, answer="found"),
    Finding(check=Check.COVERAGE, answer="active", codes=("in order",)),
    Finding(check=Check.PROVIDER, answer="known", codes=("in network",)),
    Finding(check=Check.DUPLICATE, answer="none"),
)
MRI = Coding(CPT, "72148")


class PortsOfARuling(SimpleNamespace):
    """The ports that the ruling asks for, over a case that was opened."""

    @classmethod
    async def opened(cls, served_from: date | None = None, tables: Path = DECISIONS) -> Self:
        clock, rules = SettableClock(NOON), FileRuleBook(tables)
        request = a_request()
        [item] = request.items
        item = replace(item, served_from=served_from)
        case = replace(
            a_case(),
            request=replace(request, items=(replace(item, service=MRI),)),
            rule_versions=dict(await rules.versions(NOON)),
        )
        cases = MemoryCaseStore(clock)
        await cases.save(opening(case))
        entry = MemberEntry(request.member, MEMBER)
        members = MemoryMemberDirectory([entry])
        return cls(cases=cases, members=members, insurers=Insurers(), rules=rules, clock=clock)

    async def rule(self, findings: Sequence[Finding]) -> Ruling:
        given = Eligibility(CaseRef("case-1"), tuple(findings))
        answer = await run(APPLY_RULES, APPLY_RULES.call("case-1/apply_rules", given), self)
        assert "failed" not in answer
        return APPLY_RULES.read_result(answer)

    async def found(self) -> dict[Check, Finding]:
        stored = await self.cases.load("case-1")
        return {finding.check: finding for finding in stored.case.findings}


async def test_a_service_that_begins_years_ahead_is_a_business_error() -> None:
    ports = await PortsOfARuling.opened(date.max)
    assert await ports.rule(FOUND) is Ruling.REJECTED
    [error] = (await ports.cases.load("case-1")).case.errors
    assert (error.reject_code, error.follow_up) == ("62", "C")


async def test_where_the_table_lets_the_last_day_of_the_calendar_pass_the_case_goes_on(
    tmp_path: Path,
) -> None:
    tables = tmp_path / "decisions"
    copytree(DECISIONS, tables)
    eligibility = tables / "eligibility.dmn"
    eligibility.write_text(eligibility.read_text().replace("&gt; 730", "&gt; 9999999"))
    ports = await PortsOfARuling.opened(date.max, tables)
    assert await ports.rule(FOUND) is Ruling.CLINICAL_REVIEW


async def test_what_a_ruling_asked_is_kept_once_and_comes_out_the_same_again() -> None:
    ports = await PortsOfARuling.opened()
    for _ in range(2):
        assert await ports.rule(FOUND) is Ruling.CLINICAL_REVIEW
    asked = [record.model for record in await ports.cases.decisions("case-1")]
    assert asked.count("documents-needed") == 1
    assert {"eligibility", "auto-approval", "decision-deadlines"} <= set(asked)
    assert all(made.is_identical for made in await rerun(ports.cases, ports.rules, "case-1"))


async def test_a_ruling_finds_the_documents_that_the_request_does_not_bring() -> None:
    ports = await PortsOfARuling.opened()
    await ports.rule(FOUND)
    documents = (await ports.found())[Check.DOCUMENTS]
    assert documents.answer == "missing"
    assert all(code.startswith("1:") for code in documents.codes)


async def test_a_ruling_puts_its_own_finding_in_the_place_of_an_older_storys() -> None:
    ports = await PortsOfARuling.opened()
    older = Finding(check=Check.DOCUMENTS, answer="left to the ruling")
    await ports.rule((*FOUND, older))
    assert (await ports.found())[Check.DOCUMENTS].answer == "missing"
