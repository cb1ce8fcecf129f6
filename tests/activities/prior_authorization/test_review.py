"""A review is opened by the routing that its case started with."""

import shutil
from dataclasses import replace
from pathlib import Path

from activities.prior_authorization.review import open_review
from shared.adapters.memory.case_store import MemoryCaseStore
from shared.adapters.memory.clock import SettableClock
from shared.adapters.rules.file_rule_book import FileRuleBook
from shared.adapters.rules.seeding import DECISIONS
from shared.contracts.prior_authorization import CaseRef
from shared.ports.commits import load_case
from tests.shared.domain.prior_authorization.cases import in_review, opened
from tests.shared.ports.samples import NOON, opening

# The table of before told stages apart.
EARLIER = """<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" id="review-routing"
  name="Review routing" namespace="urn:earlier">
  <inputData id="stage" name="stage"><variable name="stage" typeRef="string"/></inputData>
  <decision id="routing" name="Review routing">
    <variable name="Review routing"/>
    <informationRequirement><requiredInput href="#stage"/></informationRequirement>
    <literalExpression><text>{specialty: "surgery", urgency rank: 4,
      level: if stage = "first review" then "nurse" else null}</text></literalExpression>
  </decision>
</definitions>"""


async def test_a_case_that_started_with_the_earlier_routing_goes_on_with_it(
    tmp_path: Path,
) -> None:
    shutil.copytree(DECISIONS, tmp_path, dirs_exist_ok=True)
    (tmp_path / "review-routing.dmn").write_text(EARLIER)
    clock = SettableClock(NOON)
    cases, rules = MemoryCaseStore(clock), FileRuleBook(tmp_path)
    case = replace(opened(), clock=in_review().clock, rule_versions=await rules.versions(NOON))
    await cases.save(opening(case))
    await open_review(CaseRef(case.case_id), cases=cases, rules=rules, clock=clock, key="step")
    review = (await load_case(cases, case.case_id)).case.review
    assert review is not None
    assert (review.routing.queue, review.routing.level) == ("surgery", "nurse")
