"""An open case keeps the rules that it was opened under, whatever is published meanwhile."""

import json
from dataclasses import replace
from datetime import timedelta

from activities.prior_authorization.pinned_rules import ask
from shared.adapters.memory.case_store import MemoryCaseStore
from shared.adapters.memory.clock import SettableClock
from shared.adapters.memory.model_store import MemoryModelStore
from shared.adapters.rules.seeding import DECISIONS
from shared.adapters.rules.store_rule_book import FRESH_FOR, StoreRuleBook
from shared.contracts.rules import Publish
from shared.ports.publishing import RuleDesk, publish, upload
from tests.shared.ports.samples import NOON, a_case

CONSULTATION = {
    "service class": "consultation",
    "gold carded": False,
    "documents missing": 0,
    "quantity": 1,
    "is renewal": False,
}
ROW = '"approve"</text></outputEntry>\n        <outputEntry><text>"A consultation is approved'


async def test_a_case_keeps_its_versions_and_the_next_one_gets_the_new() -> None:
    clock = SettableClock(NOON)
    desk = RuleDesk(MemoryModelStore(), MemoryCaseStore(clock), clock)
    rules = StoreRuleBook(desk.models, clock)
    open_case = replace(a_case(), rule_versions=dict(await rules.versions(NOON)))

    xml = (DECISIONS / "auto-approval.dmn").read_text()
    assert ROW in xml
    one = {"name": "a", "decision": "Auto approval", "given": CONSULTATION}
    expect = {
        "action": "review",
        "reason": "A consultation is approved on request",
        "valid days": 180,
    }
    scenarios = json.dumps({"scenarios": [one | {"expect": expect}]})
    stricter = xml.replace(ROW, ROW.replace("approve", "review", 1))
    entry = await upload(desk, "auto-approval", stricter, scenarios, by="rivera")
    await publish(desk, "auto-approval", entry.version, Publish(), by="chen")
    clock.advance(FRESH_FOR)

    later = clock.now() + timedelta(minutes=1)
    next_case = replace(
        a_case(2, received_at=later), rule_versions=dict(await rules.versions(later))
    )
    kept = await ask(rules, open_case, "auto-approval", "Auto approval", CONSULTATION)
    new = await ask(rules, next_case, "auto-approval", "Auto approval", CONSULTATION)
    assert (kept.value["action"], new.value["action"]) == ("approve", "review")
    assert new.version == entry.version != kept.version
    assert new.rule == f"auto-approval@{entry.version[:12]}#Auto approval#consultation"
