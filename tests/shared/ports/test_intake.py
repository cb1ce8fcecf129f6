from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from shared.contracts.prior_authorization import CaseRef
from shared.domain.prior_authorization.opening import case_id_for, open_case
from shared.domain.prior_authorization.request import (
    AuthorizationRequest,
    Coding,
    Identifier,
    Party,
)
from shared.ports.case_store import CaseStore
from shared.ports.commits import commit_opening
from shared.ports.intake import (
    EVENT,
    Received,
    TakenIn,
    UnknownPriorCaseError,
    find_case,
    instance_of,
    take_in,
)
from tests.shared.ports.samples import NOON, NPI_SYSTEM, a_request

STRANGER = Party(Identifier(NPI_SYSTEM, "1245319599"))
CLAIM_2 = Identifier("https://provider.example/claims", "claim-2")


def _received(
    request: AuthorizationRequest, kind: str = "new", transaction: str = "t-1"
) -> Received:
    return Received(
        kind=kind,
        request=request,
        bundle={"identifier": {"system": "s", "value": transaction}},
        submitted_by="portal",
        via="http",
        received_at=NOON,
    )


async def _open(store: CaseStore) -> str:
    ref = (await take_in(store, _received(a_request()))).ref
    change = open_case(
        ref.case_id, a_request(), submitted_by="portal", received_at=NOON, rule_versions={}
    )
    await commit_opening(store, "open", change, str)
    return ref.case_id


def _update(transaction: str = "t-2") -> Received:
    request = replace(
        a_request(2), replaces=a_request().identifier, created=NOON + timedelta(hours=1)
    )
    return _received(request, "update", transaction)


async def test_the_same_request_is_taken_in_once(store: CaseStore) -> None:
    first = await take_in(store, _received(a_request()))
    again = await take_in(store, _received(a_request(), transaction="another envelope"))
    assert (first.is_new, again.is_new) == (True, False)
    assert first.ref == again.ref == CaseRef(case_id_for(a_request().identifier))


[ITEM] = a_request().items
OTHERS = {
    "service": replace(a_request(), items=(replace(ITEM, service=Coding("cpt", "27447")),)),
    "quantity": replace(a_request(), items=(replace(ITEM, quantity=Decimal(7)),)),
    "date": replace(a_request(), items=(replace(ITEM, served_from=date(2026, 3, 9)),)),
    "diagnosis": replace(a_request(), diagnosis_codes=("M17.11",)),
    "member": a_request(member="M-1002"),
    "requestor": replace(a_request(), requestor=STRANGER),
}


@pytest.mark.parametrize("differs_in", OTHERS)
async def test_another_request_under_the_same_identifier_is_another_case(
    store: CaseStore, differs_in: str
) -> None:
    first = await take_in(store, _received(a_request()))
    other = OTHERS[differs_in]
    second = await take_in(store, _received(other))
    assert second.is_new
    assert second.ref != first.ref
    assert await take_in(store, _received(other)) == TakenIn(second.ref, is_new=False)
    assert await take_in(store, _received(a_request())) == TakenIn(first.ref, is_new=False)


async def test_however_many_requests_share_an_identifier_each_has_a_case_and_finds_it(
    store: CaseStore,
) -> None:
    requests = (a_request(), *OTHERS.values())
    taken = [await take_in(store, _received(each)) for each in requests]
    assert len({each.ref for each in taken}) == len(requests)
    again = [await take_in(store, _received(each)) for each in requests]
    assert again == [TakenIn(each.ref, is_new=False) for each in taken]


async def test_a_case_that_the_version_before_told_by_its_services_is_found_by_its_request(
    store: CaseStore,
) -> None:
    await take_in(store, _received(a_request()))
    other = OTHERS["service"]
    apart = f"{other.member}[(1, '27447')]"
    second = await take_in(store, _received(other))
    assert second.ref.case_id == case_id_for(other.identifier, apart)


@pytest.mark.parametrize("differs_in", ["quantity", "requestor"])
async def test_an_update_finds_the_very_request_that_it_brings_along(
    store: CaseStore, differs_in: str
) -> None:
    taken = {name: await take_in(store, _received(OTHERS[name])) for name in OTHERS}
    prior = OTHERS[differs_in]
    update = replace(
        _update().request,
        requestor=prior.requestor,
        prior_services=prior.numbered_services,
        prior_asked=prior.asked,
    )
    found = await take_in(store, _received(update, "update", "t-2"))
    assert found.ref == CaseRef(taken[differs_in].ref.case_id, 2)


async def test_an_update_goes_to_its_senders_own_case_though_a_stranger_was_first(
    store: CaseStore,
) -> None:
    await take_in(store, _received(OTHERS["requestor"]))
    own = await take_in(store, _received(a_request()))
    update = replace(_update().request, prior_services=a_request().numbered_services)
    found = await take_in(store, _received(update, "update", "t-2"))
    assert found.ref == CaseRef(own.ref.case_id, 2)


async def test_an_amendment_without_its_prior_claim_finds_its_senders_own_case(
    store: CaseStore,
) -> None:
    await take_in(store, _received(OTHERS["requestor"]))
    own = await take_in(store, _received(a_request()))
    change = open_case(
        own.ref.case_id, a_request(), submitted_by="portal", received_at=NOON, rule_versions={}
    )
    await commit_opening(store, "open", change, str)
    cancels = await take_in(store, _received(replace(_update().request, items=()), "cancel", "t-2"))
    assert cancels.ref == CaseRef(own.ref.case_id, 2)


async def test_of_two_cases_under_one_identifier_an_update_finds_the_one_that_it_describes(
    store: CaseStore,
) -> None:
    await take_in(store, _received(a_request()))
    [item] = a_request().items
    other = replace(a_request(), items=(replace(item, service=Coding("cpt", "27447")),))
    second = await take_in(store, _received(other))
    update = replace(_update().request, prior_services=((item.sequence, "27447"),))
    taken = await take_in(store, _received(update, "update", "t-2"))
    assert taken.ref == CaseRef(second.ref.case_id, 2)
    unlike = replace(update, prior_services=((item.sequence, "99999"),))
    by_identifier = await take_in(store, _received(unlike, "update", "t-3"))
    assert by_identifier.ref.case_id == case_id_for(a_request().identifier)


async def test_an_update_is_the_next_revision_and_is_found_by_its_own_name(
    store: CaseStore,
) -> None:
    case_id = await _open(store)
    taken = await take_in(store, _update())
    assert taken.ref == CaseRef(case_id, 2)
    assert instance_of(taken.ref) == f"{case_id}.r2"
    assert await find_case(store, CLAIM_2) == case_id
    again = await take_in(store, _update())
    assert (again.ref, again.is_new) == (taken.ref, False)


async def test_two_updates_are_two_revisions(store: CaseStore) -> None:
    await _open(store)
    first, second = await take_in(store, _update("t-2")), await take_in(store, _update("t-3"))
    assert [first.ref.revision, second.ref.revision] == [2, 3]


async def test_an_update_of_what_nobody_sent_is_refused(store: CaseStore) -> None:
    with pytest.raises(UnknownPriorCaseError):
        await take_in(store, _update())


async def test_an_update_that_overtook_its_request_as_an_event_is_kept_where_that_will_be(
    store: CaseStore,
) -> None:
    event = replace(_update(), via=EVENT)
    taken, again = await take_in(store, event), await take_in(store, event)
    assert (taken.is_new, again.is_new) == (True, False)
    request = await take_in(store, _received(a_request()))
    assert taken.ref == again.ref == replace(request.ref, revision=2)
