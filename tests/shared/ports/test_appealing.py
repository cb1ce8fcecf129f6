"""Appeals as a door files them: the terms come from the rules."""

from dataclasses import replace

from shared.adapters.memory.clock import SettableClock
from shared.adapters.rules.file_rule_book import FileRuleBook
from shared.contracts.tasks import FileAppeal
from shared.domain.prior_authorization.case import Case
from shared.domain.prior_authorization.change import Change
from shared.ports.appealing import file_appeal
from shared.ports.case_store import CaseStore
from shared.ports.commits import commit_opening
from tests.shared.domain.prior_authorization.appeal_cases import DAY
from tests.shared.domain.prior_authorization.cases import deny, notified

ASKED = FileAppeal(items=(1,), filed_by="M-1001")


async def _kept(store: CaseStore, case: Case) -> str:
    await commit_opening(store, "open", Change(case=case, result=""), str)
    return case.case_id


async def test_an_appeal_has_the_terms_in_force_when_it_is_filed_not_the_pinned_ones(
    store: CaseStore, clock: SettableClock
) -> None:
    gone = {"appeal-levels": "0" * 64}  # Asked at this version, the rules would fail.
    case_id = await _kept(store, replace(notified(deny()), rule_versions=gone))
    clock.advance(DAY)
    rules = FileRuleBook()
    filed = await file_appeal(store, rules, clock, case_id, ASKED)
    now_in_force = (await rules.versions(clock.now()))["appeal-levels"][:12]
    [sealed] = await store.audit_trail(case_id)
    assert sealed.entry.detail["rule"] == filed.appeal.rule.rule_id
    assert filed.appeal.rule.rule_id.startswith(f"appeal-levels@{now_in_force}#")
