"""What the profiles leave of a choice: its type, its code system, and how full a date is."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from samples.catalogue import samples
from shared.contracts.pas.names import PAS
from tests.shared.contracts.pas.judging import STRANGE, Resource, first, places_of

type Change = Callable[[Resource], object]

HCPCS = {
    "coding": [
        {"system": "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets", "code": "B4185"}
    ]
}
MONTHS = {"start": "2026-11", "end": "2026-12"}
ACCIDENT = {
    "type": {"coding": [{"system": "https://codesystem.x12.org/005010/1362", "code": "AA"}]}
}
PROGNOSIS = {
    "url": "prognosis",
    "valueCodeableConcept": {
        "coding": [{"system": "https://codesystem.x12.org/005010/923", "code": "1"}]
    },
}


def serve(**served: Any) -> Change:
    def change(claim: Resource) -> None:
        del claim["item"][0]["servicedDate"]
        claim["item"][0] |= served

    return change


def stay(**timing: Any) -> Change:
    category = {"coding": [{"system": PAS + "CodeSystem/PASTempCodes", "code": "patientEvent"}]}
    info = {"sequence": 9, "category": category} | timing
    return lambda claim: claim.update(supportingInfo=[info])


def care_at_home(date: Resource) -> Change:
    extension = {
        "url": PAS + "StructureDefinition/extension-homeHealthCareInformation",
        "extension": [PROGNOSIS, {"url": "date"} | date],
    }
    return lambda claim: claim.setdefault("extension", []).append(extension)


# What a choice is not left to, with where it is refused.
LOCATION = {"reference": "Location/specialist-office"}
ANY_DAY = {"start": "2026-12-01"}
CHOICES: dict[str, tuple[str, Resource, str]] = {
    "an item served at an address": (
        "Claim",
        {"item": [{"locationAddress": {"city": "Anytown"}}]},
        "item[0].locationAddress",
    ),
    "an item served at a location": (
        "Claim",
        {"item": [{"locationReference": LOCATION}]},
        "item[0].locationReference",
    ),
    "an accident at a location": (
        "Claim",
        {"accident": ACCIDENT | {"date": "2026-11-01", "locationReference": LOCATION}},
        "accident.locationReference",
    ),
    "less than a quantity": (
        "Claim",
        {"item": [{"quantity": {"value": 1, "comparator": "<"}}]},
        "item[0].quantity.comparator",
    ),
    "an order for a day": (
        "ServiceRequest",
        {"occurrenceDateTime": "2026-12-01"},
        "occurrenceDateTime",
    ),
    "an order for some days": (
        "ServiceRequest",
        {"occurrencePeriod": ANY_DAY},
        "occurrencePeriod",
    ),
    "an order for a range": (
        "ServiceRequest",
        {"quantityRange": {"low": {"value": 1}}},
        "quantityRange",
    ),
    "a device that is referred to": (
        "DeviceRequest",
        {"codeReference": {"reference": "#d"}},
        "codeReference",
    ),
    "a device for some days": ("DeviceRequest", {"occurrencePeriod": ANY_DAY}, "occurrencePeriod"),
    "a diet in SNOMED": ("NutritionOrder", {"oralDiet": {"type": [STRANGE]}}, "oralDiet.type[0]"),
    "a formula in SNOMED": (
        "NutritionOrder",
        {"enteralFormula": {"baseFormulaType": STRANGE}},
        "enteralFormula.baseFormulaType",
    ),
}


def put(resource: Resource, values: Resource) -> None:
    """The values, in the resource and in the first item of each of its lists."""
    for name, value in values.items():
        if isinstance(value, list) and name in resource:
            resource[name][0] |= value[0]
        else:
            resource[name] = value


def order_of_kind(bundle: Resource, kind: str) -> Resource:
    """The referral's order, made one of that kind."""
    order = first(bundle, "ServiceRequest")
    if kind == "ServiceRequest":
        return order
    item = first(bundle, "Claim")["item"][0]
    local = order["id"]
    text = json.dumps(item).replace("ServiceRequest/", f"{kind}/")
    first(bundle, "Claim")["item"][0] = json.loads(text)
    entry = next(e for e in bundle["entry"] if e["resource"] is order)
    entry["fullUrl"] = entry["fullUrl"].replace("ServiceRequest", kind)
    made = {"resourceType": kind, "id": local, "status": "active", "intent": "order"}
    if kind == "NutritionOrder":
        made |= {"patient": order["subject"], "dateTime": "2026-11-20"}
    else:
        made |= {"subject": order["subject"], "codeCodeableConcept": order["code"]}
    entry["resource"] = made
    return made


@pytest.mark.parametrize("version", ["2.0.1", "2.2.1"])
@pytest.mark.parametrize("name", CHOICES)
def test_a_choice_that_the_profile_does_not_leave_is_refused(name: str, version: str) -> None:
    kind, values, place = CHOICES[name]
    bundle = copy.deepcopy(samples()["referral"])
    resource = first(bundle, kind) if kind == "Claim" else order_of_kind(bundle, kind)
    assert places_of(copy.deepcopy(bundle), version) == []

    put(resource, values)

    assert places_of(bundle, version) == [f"Bundle.entry.resource.{place}"]


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("ServiceRequest", {"occurrenceTiming": {"repeat": {"frequency": 1}}}),
        ("ServiceRequest", {"quantityQuantity": {"value": 1}}),
        ("DeviceRequest", {"occurrenceTiming": {"repeat": {"frequency": 1}}}),
        ("NutritionOrder", {"oralDiet": {"type": [HCPCS]}}),
        ("NutritionOrder", {"enteralFormula": {"baseFormulaType": HCPCS}}),
    ],
)
def test_a_choice_that_the_profile_leaves_is_free(kind: str, values: Resource) -> None:
    bundle = copy.deepcopy(samples()["referral"])
    put(order_of_kind(bundle, kind), values)

    assert places_of(bundle, "2.2.1") == []


# Each with where it is refused: since 2.2, and before.
ROUGH_DATES: dict[str, tuple[Change, list[str], list[str]]] = {
    "served in a month": (serve(servicedDate="2026-12"), ["item[0].servicedDate"], []),
    "served within months": (
        serve(servicedPeriod=MONTHS),
        ["item[0].servicedPeriod.start", "item[0].servicedPeriod.end"],
        [],
    ),
    "served by the hour": (
        serve(servicedPeriod={"start": "2026-12-01T10:00:00Z"}),
        ["item[0].servicedPeriod.start"],
        [],
    ),
    "an accident in a month": (
        lambda claim: claim.update(accident=ACCIDENT | {"date": "2026-11"}),
        ["accident.date"],
        [],
    ),
    "an event in a month": (
        stay(timingDate="2026-12"),
        ["supportingInfo[0].timingDate"],
        ["supportingInfo[0].timingDate"],
    ),
    "an event within months": (
        stay(timingPeriod=MONTHS),
        ["supportingInfo[0].timingPeriod.start", "supportingInfo[0].timingPeriod.end"],
        ["supportingInfo[0].timingPeriod.start", "supportingInfo[0].timingPeriod.end"],
    ),
    "care at home from a month on": (
        care_at_home({"valueDate": "2005-05"}),
        ["extension[0].extension[1].valueDate"],
        ["extension[0].extension[1].valueDate"],
    ),
    "a month that is not of PAS": (
        lambda claim: claim.setdefault("extension", []).append(
            {"url": "https://provider.careloom.example/seen", "valueDate": "2026-11"}
        ),
        [],
        [],
    ),
}


@pytest.mark.parametrize("name", ROUGH_DATES)
def test_a_date_is_full_where_its_profile_asks_it(name: str) -> None:
    change, since_2_2, before = ROUGH_DATES[name]
    bundle = copy.deepcopy(samples()["referral"])
    change(first(bundle, "Claim"))

    for version, places in (("2.2.1", since_2_2), ("2.0.1", before)):
        found = places_of(copy.deepcopy(bundle), version)
        assert found == [f"Bundle.entry.resource.{place}" for place in places]
