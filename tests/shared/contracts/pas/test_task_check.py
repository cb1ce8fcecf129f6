import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from shared.contracts.pas.element import Element
from shared.contracts.pas.issues import Findings, Issue
from shared.contracts.pas.task_check import check_task

type Published = Callable[[str], bytes]
type Resource = dict[str, Any]
type Change = Callable[[Resource], object]

VERSIONS = pytest.mark.parametrize("version", ["2.0.1", "2.2.1"])


def checked(task: Resource, version: str) -> list[Issue]:
    findings = Findings()
    check_task(Element(task, "Task", findings), version)
    return findings.issues


def guides(published: Published, version: str) -> Resource:
    task: Resource = json.loads(
        published(f"pas-{version}/Task-AdditionalInformationTaskExample.json")
    )
    return task


@VERSIONS
def test_the_guides_task_has_no_fault(published: Published, version: str) -> None:
    assert checked(guides(published, version), version) == []


def test_each_version_has_its_own_line_number(published: Published) -> None:
    [issue] = checked(guides(published, "2.0.1"), "2.2.1")
    assert "serviceLineNumber" in issue.details
    [issue] = checked(guides(published, "2.2.1"), "2.0.1")
    assert "paLineNumber" in issue.details


FAULTS: dict[str, Change] = {
    "identifier": lambda task: task.pop("identifier"),
    "status": lambda task: task.pop("status"),
    "intent": lambda task: task.update(intent="plan"),
    "code": lambda task: task["code"]["coding"][0].update(code="fulfill"),
    "for": lambda task: task.pop("for"),
    "requester": lambda task: task.pop("requester"),
    "owner.identifier": lambda task: task["owner"].pop("identifier"),
    "reasonCode": lambda task: task.pop("reasonCode"),
    "reasonReference": lambda task: task.pop("reasonReference"),
    "input": lambda task: task["input"].pop(0),
    "input[1].extension": lambda task: task["input"][1].pop("extension"),
    "input[1].valueCodeableConcept": lambda task: task["input"][1]["valueCodeableConcept"].update(
        coding=[{"system": "http://snomed.info/sct", "code": "1"}]
    ),
    "input[0]": lambda task: task["input"][0].pop("valueUrl"),
    "input[1].type": lambda task: task["input"][1]["type"]["coding"][0].update(code="due"),
}


@VERSIONS
@pytest.mark.parametrize("place", FAULTS)
def test_a_fault_is_found_at_its_place(published: Published, version: str, place: str) -> None:
    task = copy.deepcopy(guides(published, version))

    FAULTS[place](task)

    assert f"Task.{place}" in {issue.expression for issue in checked(task, version)}


@VERSIONS
def test_a_code_needs_the_input_that_goes_with_it(published: Published, version: str) -> None:
    task = guides(published, version)
    task["code"]["coding"][0]["code"] = "attachment-request-questionnaire"

    [issue] = checked(task, version)

    assert (issue.code, issue.expression) == ("invariant", "Task.input")
