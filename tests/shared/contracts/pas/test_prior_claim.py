import copy
import json
from typing import Any

import pytest

from localhost.sample_case import sample_bundle
from shared.contracts.pas import Malformed, read_submit

SUBSETTED = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "SUBSETTED",
}


def an_update_without_its_first_item() -> dict[str, Any]:
    bundle = sample_bundle("update")
    claim = bundle["entry"][0]["resource"]
    del claim["item"][0]
    return bundle


def test_a_full_update_that_leaves_out_an_item_is_refused_with_its_number() -> None:
    with pytest.raises(Malformed) as refused:
        read_submit(json.dumps(an_update_without_its_first_item()).encode())
    [issue] = refused.value.issues
    assert (issue.code, issue.expression) == ("required", "Bundle.entry[0].resource.item")
    assert "Item 1 of the prior claim" in issue.details


def test_a_differential_update_says_only_what_changes() -> None:
    bundle = an_update_without_its_first_item()
    bundle["entry"][0]["resource"]["meta"]["security"] = [SUBSETTED]
    submission = read_submit(json.dumps(bundle).encode())
    assert submission.request.is_differential
    assert [item.sequence for item in submission.request.items] == [2]


def test_an_update_tells_the_items_of_the_claim_that_it_updates() -> None:
    bundle = sample_bundle("update")
    assert read_submit(json.dumps(bundle).encode()).request.prior_services == ((1, "27447"),)


def test_an_update_tells_what_its_prior_claim_asked_as_that_claim_itself_told_it() -> None:
    bundle = sample_bundle("update")
    prior = next(each for each in bundle["entry"] if each["resource"]["id"] == "prior")
    prior["resource"]["item"][0]["quantity"] = {"value": 1, "unit": "{visit}"}
    prior["resource"]["diagnosis"] = bundle["entry"][0]["resource"]["diagnosis"]
    update = read_submit(json.dumps(bundle).encode()).request
    first = copy.deepcopy(bundle)
    claim = first["entry"][0]["resource"]
    claim["item"] = prior["resource"]["item"]
    del claim["related"]
    claim["meta"]["profile"] = [each.replace("-update", "") for each in claim["meta"]["profile"]]
    assert update.prior_asked == read_submit(json.dumps(first).encode()).request.asked
    prior["resource"]["item"][0]["quantity"]["value"] = 2
    assert read_submit(json.dumps(bundle).encode()).request.prior_asked != update.prior_asked


def test_an_update_without_its_prior_claim_tells_the_items_that_it_does_not_add() -> None:
    bundle = sample_bundle("update")
    bundle["meta"]["profile"] = [f"{bundle['meta']['profile'][0]}|2.0.1"]
    claim = bundle["entry"][0]["resource"]
    del claim["related"]
    bundle["entry"] = [each for each in bundle["entry"] if each["resource"]["id"] != "prior"]
    request = read_submit(json.dumps(bundle).encode()).request
    added = {item.sequence for item in request.items if item.change == "added"}
    assert added
    assert {sequence for sequence, _ in request.prior_services} == {
        item.sequence for item in request.items
    } - added
    assert not read_submit(json.dumps(sample_bundle("home-care")).encode()).request.prior_services


def test_a_full_update_is_no_differential_one() -> None:
    assert not read_submit(json.dumps(sample_bundle("update")).encode()).request.is_differential
