from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from localhost.sample_case import sample_bundle
from shared.domain.prior_authorization.case import Case, InformationRequest
from shared.domain.prior_authorization.codes import ReviewAction
from shared.domain.prior_authorization.decision import RULES, ItemDecision
from shared.queries.information_tasks import information_tasks, read_tracking_number
from tests.shared.ports.samples import NOON, a_case

BUNDLE = sample_bundle("several-items")


def asked(*kinds: str, questionnaire: str = "") -> Case:
    """A case with three items, the first of them decided, and an open question."""
    case = a_case()
    first = case.request.items[0]
    items = tuple(replace(first, sequence=number) for number in (1, 2, 3))
    question = InformationRequest(
        number=1,
        kinds=kinds,
        asked_by="nurse",
        asked_at=NOON,
        due_at=NOON + timedelta(days=2),
        questionnaire=questionnaire,
    )
    decided = ItemDecision(
        sequence=1, action=ReviewAction.CERTIFIED, decided_by=RULES, decided_at=NOON
    )
    pended = replace(
        case,
        case_id="pa-0a",
        request=replace(case.request, items=items),
        information=(question,),
    )
    return pended.deciding((decided,))


def tasks_of(case: Case, version: str = "2.2.1") -> list[dict[str, Any]]:
    return information_tasks(case, BUNDLE, version=version, fhir_base="https://payer.example")


@pytest.mark.parametrize("version", ["2.2.1", "2.0.1"])
def test_each_open_item_is_asked_for_with_its_line(version: str) -> None:
    [task] = tasks_of(asked("18748-4", "11506-3"), version)

    lines = [list(each["extension"][0].values())[-1] for each in task["input"][1:]]
    codes = [each["valueCodeableConcept"]["coding"][0]["code"] for each in task["input"][1:]]
    assert list(zip(lines, codes, strict=True)) == [
        (2, "18748-4"),
        (2, "11506-3"),
        (3, "18748-4"),
        (3, "11506-3"),
    ]


def test_each_type_of_code_has_its_own_task_and_all_of_them_answer_the_question() -> None:
    tasks = tasks_of(asked("18748-4", "OZ", questionnaire="https://payer.example/Questionnaire/q"))

    assert [task["id"] for task in tasks] == ["pa-0a-q1", "pa-0a-q1-pwk", "pa-0a-q1-dtr"]
    assert {read_tracking_number(task["id"]) for task in tasks} == {("pa-0a", 1)}


def test_without_a_question_there_is_no_task() -> None:
    assert tasks_of(replace(asked("18748-4"), information=())) == []
