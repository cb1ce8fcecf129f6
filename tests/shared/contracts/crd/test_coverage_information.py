import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from fhir.resources.R4B.servicerequest import ServiceRequest

from shared.contracts.crd import (
    CoverageInformation,
    Covered,
    Order,
    PriorAuthorizationNeed,
    coverage_information_response,
)
from shared.contracts.crd.coverage_information import COVERAGE_INFORMATION
from shared.domain.prior_authorization.request import Coding

type Resource = dict[str, Any]

CPT = "http://www.ama-assn.org/go/cpt"


def information(**changes: Any) -> CoverageInformation:
    values: dict[str, Any] = {
        "coverage_reference": "Coverage/c1",
        "covered": Covered.COVERED,
        "need": PriorAuthorizationNeed.AUTH_NEEDED,
        "asserted_on": date(2026, 11, 20),
        "assertion_id": "a1",
    }
    return CoverageInformation(**(values | changes))


def order(*extensions: Resource) -> Order:
    resource: Resource = {
        "resourceType": "ServiceRequest",
        "id": "o1",
        "status": "draft",
        "intent": "order",
        "subject": {"reference": "Patient/p1"},
    }
    if extensions:
        resource["extension"] = list(extensions)
    return Order(reference="ServiceRequest/o1", codes=(Coding(CPT, "72148"),), resource=resource)


def updated(response: Resource) -> Resource:
    (action,) = response["systemActions"]
    assert action["type"] == "update"
    resource: Resource = action["resource"]
    ServiceRequest.model_validate(resource)
    return resource


def parts_of(resource: Resource) -> list[tuple[str, Any]]:
    (extension,) = [e for e in resource["extension"] if e["url"] == COVERAGE_INFORMATION]
    return [
        (part["url"], next(value for name, value in part.items() if name != "url"))
        for part in extension["extension"]
    ]


def test_an_order_is_told_that_authorization_is_needed() -> None:
    answer = information(
        documents_needed=("clinical",),
        document_purposes=("withpa",),
        questionnaire="https://payer.example/Questionnaire/spine",
        billing_codes=(Coding(CPT, "72148"),),
        reason="Imaging of the spine needs its order and a note.",
    )

    response = coverage_information_response([(order(), answer)])

    assert parts_of(updated(response)) == [
        ("coverage", {"reference": "Coverage/c1"}),
        ("covered", "covered"),
        ("pa-needed", "auth-needed"),
        ("doc-needed", "clinical"),
        ("doc-purpose", "withpa"),
        ("billingCode", {"system": CPT, "code": "72148"}),
        ("reason", {"text": "Imaging of the spine needs its order and a note."}),
        ("questionnaire", "https://payer.example/Questionnaire/spine"),
        ("date", "2026-11-20"),
        ("coverage-assertion-id", "a1"),
    ]
    (card,) = response["cards"]
    assert card["indicator"] == "info"
    assert len(card["summary"]) <= 140
    assert card["source"]["topic"]["code"] == "coverage-info"


@pytest.mark.parametrize(
    ("need", "more"),
    [
        (PriorAuthorizationNeed.NO_AUTH, {}),
        (PriorAuthorizationNeed.SATISFIED, {"authorization_number": "AUTH-1"}),
        (PriorAuthorizationNeed.PERFORMER_DECIDES, {}),
        (PriorAuthorizationNeed.CONDITIONAL, {"information_needed": ("performer",)}),
    ],
)
def test_every_need_has_its_word(need: PriorAuthorizationNeed, more: Resource) -> None:
    response = coverage_information_response([(order(), information(need=need, **more))])

    parts = dict(parts_of(updated(response)))
    assert parts["pa-needed"] == need.value
    assert parts.get("satisfied-pa-id", "") == more.get("authorization_number", "")
    assert response["cards"] == []


@pytest.mark.parametrize(
    "changes",
    [
        {"questionnaire": "https://payer.example/Questionnaire/spine"},
        {"covered": Covered.NOT_COVERED},
        {"need": PriorAuthorizationNeed.CONDITIONAL},
        {"information_needed": ("performer",)},
        {"need": PriorAuthorizationNeed.SATISFIED},
        {"authorization_number": "AUTH-1"},
        {
            "need": PriorAuthorizationNeed.SATISFIED,
            "authorization_number": "AUTH-1",
            "documents_needed": ("clinical",),
            "document_purposes": ("withpa",),
        },
    ],
)
def test_an_answer_that_contradicts_itself_cannot_be_made(changes: Resource) -> None:
    with pytest.raises(ValueError, match="coverage information says"):
        information(**changes)


def test_what_is_not_covered_has_no_need() -> None:
    answer = information(covered=Covered.NOT_COVERED, need=None)

    parts = dict(parts_of(updated(coverage_information_response([(order(), answer)]))))

    assert parts["covered"] == "not-covered"
    assert "pa-needed" not in parts


def test_an_older_answer_for_the_same_coverage_is_replaced() -> None:
    other: Resource = {"url": "https://a.example/note", "valueString": "kept"}
    first = coverage_information_response([(order(other), information())])
    again = order(*updated(first)["extension"])

    answer = information(need=PriorAuthorizationNeed.NO_AUTH)
    resource = updated(coverage_information_response([(again, answer)]))

    assert resource["extension"][0] == other
    assert dict(parts_of(resource))["pa-needed"] == "no-auth"


def test_no_order_needs_no_answer() -> None:
    assert coverage_information_response([]) == {"cards": []}


@pytest.mark.parametrize("name", ["covered", "conditional"])
def test_our_answer_has_the_parts_of_a_published_one(
    published: Callable[[str], bytes], name: str
) -> None:
    action = json.loads(published(f"crd/coverage_info_system_action_{name}.json"))
    theirs = [url for url, _ in parts_of(action["resource"])]
    answer = (
        information(need=PriorAuthorizationNeed.NO_AUTH)
        if name == "covered"
        else information(
            covered=Covered.CONDITIONAL,
            need=None,
            documents_needed=("clinical",),
            document_purposes=("withorder",),
            information_needed=("performer",),
        )
    )

    response = coverage_information_response([(order(), answer)])

    assert [url for url, _ in parts_of(updated(response))] == theirs
    assert set(action) == set(response["systemActions"][0])
