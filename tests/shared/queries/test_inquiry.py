import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from localhost.sample_case import sample_bundle
from shared.adapters.memory.case_store import MemoryCaseStore
from shared.adapters.memory.clock import SettableClock
from shared.adapters.memory.directories import MemoryMemberDirectory
from shared.contracts.pas import Inquiry, InquiryItem, read_inquiry
from shared.domain.prior_authorization.case import Case
from shared.domain.prior_authorization.codes import ReviewAction
from shared.domain.prior_authorization.decision import RULES, ItemDecision
from shared.domain.prior_authorization.request import NPI, Coding, Identifier, Party, ServiceItem
from shared.queries.inquiry import cases_of_member, find, is_same
from tests.shared.ports.samples import NOON, a_case, an_inbox_row, opening
from tests.triggers.inquiring import inquiry_for

CPT = "http://www.ama-assn.org/go/cpt"
DAY = date(2026, 6, 1)
THERAPY = ServiceItem(sequence=1, service=Coding(CPT, "97110"), served_from=DAY, served_to=DAY)


def _case() -> Case:
    """A case with one item certified for June."""
    case = a_case()
    made = ItemDecision(
        sequence=1,
        action=ReviewAction.CERTIFIED,
        decided_by=RULES,
        decided_at=NOON,
        effective_from=date(2026, 6, 1),
        effective_to=date(2026, 6, 30),
    )
    asked = replace(case.request, items=(THERAPY,), diagnosis_codes=("M17.11",))
    decided = replace(case, request=asked, authorization_number="AU-1")
    return decided.deciding((made,))


def _inquiry(**changes: Any) -> Inquiry:
    asked = read_inquiry(json.dumps(inquiry_for(sample_bundle("auto-approved"))).encode())
    return replace(asked, **changes)


def _looking_for(**changes: Any) -> Inquiry:
    return _inquiry(items=(InquiryItem(**changes),))


FITTING = [
    _inquiry(),
    _inquiry(numbers=("AU-1",)),
    _inquiry(identifier=Identifier("", "claim-1")),
    # Whatever system the sender files our own numbers under.
    _inquiry(identifier=Identifier("https://theirs.example", "AU-1")),
    _inquiry(identifier=Identifier("https://theirs.example", "case-1")),
    _inquiry(period=(date(2026, 5, 1), None)),
    _inquiry(period=(None, date(2026, 6, 1))),
    _inquiry(event=(date(2026, 6, 1), date(2026, 6, 30))),
    _looking_for(category="2"),  # The case's item has none.
    _inquiry(diagnosis_codes=("M17.11", "X")),
    _looking_for(service=Coding(CPT, "97110")),
    _looking_for(service=Coding(CPT, "97010"), service_end="97799"),
    _looking_for(served=(DAY, DAY)),
    _looking_for(issued=(NOON.date(), None)),
    _looking_for(effective=(date(2026, 6, 1), date(2026, 6, 1))),
    _looking_for(expires=(None, date(2026, 7, 1))),
    _looking_for(action=ReviewAction.CERTIFIED),
    # A number that is known names its case, whatever else is asked.
    _inquiry(numbers=("AU-1",), items=(InquiryItem(service=Coding(CPT, "00000")),)),
]
OTHERS = [
    _inquiry(numbers=("AU-2",)),
    _inquiry(period=(date(2026, 7, 1), date(2026, 7, 31))),
    _inquiry(event=(date(2026, 7, 1), date(2026, 7, 31))),
    _inquiry(diagnosis_codes=("X",)),
    _looking_for(service=Coding(CPT, "97112")),
    _looking_for(service=Coding(CPT, "97799"), service_end="97999"),
    _looking_for(served=(date(2026, 6, 2), None)),
    _looking_for(issued=(None, date(2026, 1, 1))),
    _looking_for(effective=(date(2026, 6, 2), date(2026, 6, 30))),
    _looking_for(expires=(date(2026, 7, 1), None)),
    _looking_for(action=ReviewAction.PENDED),
    _looking_for(trace_numbers=(Identifier("", "nobody's"),)),
]


@pytest.mark.parametrize("inquiry", FITTING)
def test_a_case_is_found_by_what_it_is(inquiry: Inquiry) -> None:
    assert find(inquiry, [_case()]) == [_case()]


@pytest.mark.parametrize("inquiry", OTHERS)
def test_a_case_is_not_found_by_what_it_is_not(inquiry: Inquiry) -> None:
    assert find(inquiry, [_case()]) == []


def test_a_pended_item_is_not_found_by_the_dates_of_a_decision() -> None:
    pended = replace(_case(), decisions=())
    assert find(_looking_for(issued=(date(2020, 1, 1), None)), [pended]) == []
    assert find(_looking_for(action=ReviewAction.PENDED), [pended]) == [pended]


def test_fewer_units_are_found_by_the_action_of_either_version() -> None:
    case = _case()
    [made] = case.decisions
    partial = case.deciding((replace(made, action=ReviewAction.CERTIFIED_PARTIAL),))
    for action in (ReviewAction.CERTIFIED_PARTIAL, ReviewAction.MODIFIED):
        assert find(_looking_for(action=action), [partial]) == [partial]
    assert find(_looking_for(action=ReviewAction.CERTIFIED), [partial]) == []


async def test_who_renders_an_item_that_a_later_update_leaves_out_still_finds_the_case() -> None:
    specialist = Party(Identifier(NPI, "1245319599"))
    case = _case()
    item = replace(case.request.items[0], provider=specialist)
    case = replace(case, request=replace(case.request, items=(item,)))
    store = MemoryCaseStore(SettableClock(NOON))
    await store.receive(replace(an_inbox_row(), request=case.request))
    await store.save(opening(case))
    members = MemoryMemberDirectory([])

    async def found(asker: Party) -> list[Case]:
        inquiry = _inquiry(member=case.request.member, requestor=asker)
        return [each async for each in cases_of_member(inquiry, store, members)]

    assert await found(specialist) == [case]
    assert await found(Party(Identifier(NPI, "1003000126"))) == []


def test_another_category_of_service_is_not_found() -> None:
    case = _case()
    surgery = replace(THERAPY, category="2")
    surgical = replace(case, request=replace(case.request, items=(surgery,)))
    assert find(_looking_for(category="2"), [surgical]) == [surgical]
    assert find(_looking_for(category="3"), [surgical]) == []


def test_a_former_name_still_finds_the_case() -> None:
    renamed = replace(_case(), former_identifiers=(Identifier("s", "old"),))
    assert find(_inquiry(identifier=Identifier("s", "old")), [renamed, _case()]) == [renamed]


def test_our_own_number_as_the_claim_identifier_finds_its_case_alone() -> None:
    other = replace(_case(), case_id="case-2", authorization_number="AU-2")
    asked = _inquiry(identifier=Identifier("https://theirs.example", "AU-1"))
    assert find(asked, [other, _case()]) == [_case()]


def test_a_system_that_is_left_out_is_any() -> None:
    assert is_same(Identifier("", "1"), Identifier("s", "1"))
    assert not is_same(Identifier("s", "1"), Identifier("t", "1"))
    assert not is_same(Identifier("s", "1"), Identifier("s", "2"))
