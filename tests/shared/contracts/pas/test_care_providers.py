from typing import Any

from localhost.sample_case import sample_bundle
from shared.contracts.pas.care_providers import care_providers
from shared.domain.prior_authorization.request import NPI, Identifier

SPECIALIST, ORDERING, RENDERING = "1245319599", "1003000126", "1679576722"


def referral() -> dict[str, Any]:
    return sample_bundle("referral")


def order_of(bundle: dict[str, Any]) -> Any:
    [order] = [
        entry["resource"]
        for entry in bundle["entry"]
        if entry["resource"]["resourceType"] == "ServiceRequest"
    ]
    return order


def test_a_role_in_the_care_team_stands_for_its_practitioner() -> None:
    assert care_providers(referral()) == {Identifier(NPI, SPECIALIST)}


def test_a_role_stands_for_its_organisation_too() -> None:
    bundle = referral()
    [role] = [each for each in bundle["entry"] if "PractitionerRole" in each["fullUrl"]]
    role["resource"]["organization"] = {"identifier": {"system": NPI, "value": RENDERING}}

    assert Identifier(NPI, RENDERING) in care_providers(bundle)


def test_who_orders_and_who_is_to_perform_count_too() -> None:
    bundle = referral()
    order = order_of(bundle)
    order["requester"] = {"identifier": {"system": NPI, "value": ORDERING}}
    order["performer"] = [{"identifier": {"system": NPI, "value": RENDERING}}]

    assert care_providers(bundle) == {
        Identifier(NPI, number) for number in (SPECIALIST, ORDERING, RENDERING)
    }


def test_another_number_than_the_national_one_lets_nobody_in() -> None:
    bundle = referral()
    order_of(bundle)["requester"] = {"identifier": {"system": "urn:theirs", "value": "1"}}

    assert Identifier("urn:theirs", "1") not in care_providers(bundle)


def test_a_request_without_a_care_team_names_nobody() -> None:
    assert care_providers(sample_bundle("auto-approved")) == frozenset()
