"""The sample registers, and how a member is found in one."""

from datetime import date

from shared.adapters.registers import (
    MemberEntry,
    pick_member,
    read_members,
    read_providers,
    read_reviewers,
)
from shared.domain.prior_authorization.codes import Level, LineOfBusiness
from shared.domain.prior_authorization.coverage import Membership
from shared.domain.prior_authorization.request import Identifier

OURS = "https://careloom.example/members"
TODAY = date(2026, 3, 2)


def entry(system: str, plan: str) -> MemberEntry:
    membership = Membership(
        member_id="7",
        plan_id=plan,
        line_of_business=LineOfBusiness.COMMERCIAL,
        state="MD",
        starts_on=date(2024, 1, 1),
    )
    return MemberEntry(Identifier(system, "7"), membership)


def test_a_member_is_found_by_system_and_value() -> None:
    found = pick_member([entry("a", "PLAN-A"), entry("b", "PLAN-B")], Identifier("b", "7"))
    assert found is not None
    assert found.plan_id == "PLAN-B"


def test_the_system_is_not_asked_for_where_the_value_is_unique() -> None:
    found = pick_member([entry("a", "PLAN-A")], Identifier("unheard of", "7"))
    assert found is not None
    assert found.plan_id == "PLAN-A"


def test_an_ambiguous_number_finds_nobody() -> None:
    assert pick_member([entry("a", "A"), entry("b", "B")], Identifier("c", "7")) is None
    assert pick_member([], Identifier("a", "7")) is None


def test_the_sample_members_cover_what_samples_need() -> None:
    members = read_members()
    ours = [each.membership for each in members if each.identifier.system == OURS]
    assert len(ours) == 12
    assert {each.line_of_business for each in ours} == set(LineOfBusiness)
    assert len({each.state for each in ours}) >= 5
    assert any(each.ends_on and not each.covers(TODAY) for each in ours)
    assert any(each.is_self_funded for each in ours)
    identifiers = [each.identifier for each in members]
    assert len(set(identifiers)) == len(identifiers)


def test_the_member_of_the_published_examples_is_covered_on_their_days() -> None:
    same = [each for each in read_members() if each.identifier.value == "12345678901"]
    found = pick_member(same, Identifier("https://prior-auth.davinci.hl7.org/MIN", "12345678901"))
    assert found is not None
    assert found.covers(date(2005, 5, 10))


def test_the_sample_registers_hold_one_of_each_kind() -> None:
    providers = {each.npi: each for each in read_providers()}
    assert {"1234567893", "8189991234"} <= set(providers)
    assert any(not each.is_active for each in providers.values())
    assert any(not each.in_network for each in providers.values())
    reviewers = {each.reviewer_id: each for each in read_reviewers()}
    assert {each.level for each in reviewers.values()} == {Level.NURSE, Level.PHYSICIAN}
    assert all(manager in reviewers for each in reviewers.values() for manager in each.managers)
