import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from fhir.resources.R4B.task import Task

from samples.catalogue import CLINIC
from samples.generate import INSURER_NPI
from shared.contracts.pas import (
    QUESTIONNAIRE_NEEDED,
    InformationNeed,
    Malformed,
    answer_bundle,
    information_task,
    read_submit,
    read_submit_attachment,
    validate_response,
)
from shared.domain.prior_authorization.request import Coding, Identifier

type Published = Callable[[str], bytes]
type Body = Callable[..., bytes]
type Resource = dict[str, Any]

EXTENSION = "http://hl7.org/fhir/us/davinci-pas/StructureDefinition/extension-"
PAYER_URL = "https://payer.example/fhir/$submit-attachment"
PROGRESS_NOTE = Coding("http://loinc.org", "11506-3")
REPORT = Coding("https://codesystem.x12.org/005010/755", "B3")
QUESTIONNAIRE = InformationNeed(code=QUESTIONNAIRE_NEEDED, sequence=1, context="ctx-1")


def task_for(body: bytes, at: datetime, *needs: InformationNeed) -> tuple[Resource, Resource]:
    submission = read_submit(body)
    task = information_task(
        submission.bundle,
        submission.request,
        needs,
        task_id="7f0c1b9e-0000-4000-8000-000000000001",
        payer_url=PAYER_URL,
        authored_at=at,
        due_at=at + timedelta(days=4),
    )
    Task.model_validate(task)
    answer = answer_bundle(
        submission.bundle,
        submission.request,
        [],
        case_id="pa-1",
        answered_at=at,
        info_tasks=[task],
    )
    return task, answer


def inputs_of(task: Resource) -> list[tuple[str, Any, Any]]:
    """Each input as its code, its line and its value."""
    found = []
    for each in task["input"]:
        value = next(value for name, value in each.items() if name.startswith("value"))
        line = each["extension"][0] if "extension" in each else None
        found.append((each["type"]["coding"][0]["code"], line, value))
    return found


def test_a_task_asks_for_documents_by_their_codes(body: Body, noon: datetime) -> None:
    task, answer = task_for(
        body("imaging-documents-missing"),
        noon,
        InformationNeed(code=PROGRESS_NOTE, sequence=1),
        InformationNeed(code=REPORT, sequence=2),
    )

    assert task["code"]["coding"][0]["code"] == "attachment-request-code"
    first, second = (
        {"url": EXTENSION + "serviceLineNumber", "valuePositiveInt": number} for number in (1, 2)
    )
    assert inputs_of(task) == [
        ("payer-url", None, PAYER_URL),
        (
            "attachments-needed",
            first,
            {"coding": [{"system": "http://loinc.org", "code": "11506-3"}]},
        ),
        ("attachments-needed", second, {"coding": [{"system": REPORT.system, "code": "B3"}]}),
    ]
    assert task["owner"]["identifier"]["value"] == CLINIC
    assert task["requester"]["identifier"]["value"] == INSURER_NPI
    assert task["restriction"]["period"]["end"] == "2026-11-24T12:00:00+00:00"
    urls = {each["fullUrl"]: each["resource"] for each in answer["entry"]}
    assert urls[task["reasonReference"]["reference"]]["resourceType"] == "Claim"
    assert urls[task["for"]["reference"]]["resourceType"] == "Patient"
    assert task in urls.values()
    assert validate_response(answer, version="2.2.1") == []


def test_a_questionnaire_is_asked_for_with_its_context(body: Body, noon: datetime) -> None:
    task, answer = task_for(body("home-care"), noon, QUESTIONNAIRE)

    assert task["code"]["coding"][0]["code"] == "attachment-request-questionnaire"
    (_, _, code), (kind, line, context) = inputs_of(task)[1:]
    assert code["coding"][0]["code"] == "102089-0"
    assert (kind, line["valuePositiveInt"], context) == ("questionnaire-context", 1, "ctx-1")
    assert validate_response(answer, version="2.2.1") == []


def test_2_0_1_calls_the_line_and_the_context_by_other_names(
    published: Published, noon: datetime
) -> None:
    request = published("pas-2.0.1/Bundle-SurgicalRequestBundleExample.json")

    task, answer = task_for(request, noon, QUESTIONNAIRE)

    (_, line, _), (kind, _, context) = inputs_of(task)[1:]
    assert line == {"url": EXTENSION + "paLineNumber", "valueInteger": 1}
    assert (kind, context["value"]) == ("questionnaires-needed", "ctx-1")
    assert validate_response(answer, version="2.0.1") == []


@pytest.mark.parametrize("version", ["2.0.1", "2.2.1"])
def test_our_task_has_what_the_guides_task_has(
    published: Published, noon: datetime, version: str
) -> None:
    guide = json.loads(published(f"pas-{version}/Task-AdditionalInformationTaskExample.json"))
    request = published(f"pas-{version}/Bundle-SurgicalRequestBundleExample.json")

    task, _ = task_for(request, noon, InformationNeed(code=PROGRESS_NOTE, sequence=1))

    assert set(guide) - {"text", "language"} <= set(task)
    for name in ("code", "reasonCode", "intent", "status", "resourceType"):
        assert task[name] == guide[name]
    assert [set(each) for each in task["input"]] == [set(each) for each in guide["input"]]


def parameters(*extra: Resource, leave_out: str = "") -> bytes:
    document = {
        "resourceType": "DocumentReference",
        "status": "current",
        "type": {"coding": [{"system": "http://loinc.org", "code": "11506-3"}]},
        "description": "Note",
        "content": [{"attachment": {"contentType": "text/plain", "data": "QQ=="}}],
    }
    named: list[Resource] = [
        {
            "name": "TrackingId",
            "valueIdentifier": {
                "system": "https://careloom.example/information-requests",
                "value": "t1",
            },
        },
        {"name": "AttachTo", "valueCode": "preauthorization"},
        {"name": "MemberId", "valueIdentifier": {"system": "urn:m", "value": "M1001"}},
        {"name": "ServiceDate", "valueDate": "2026-12-01"},
        {
            "name": "Attachment",
            "part": [
                {"name": "LineItem", "valueString": "1"},
                {"name": "Content", "resource": document},
            ],
        },
        *extra,
    ]
    kept = [each for each in named if each["name"] != leave_out]
    return json.dumps({"resourceType": "Parameters", "parameter": kept}).encode()


def test_what_was_sent_is_understood() -> None:
    sent = read_submit_attachment(parameters({"name": "Final", "valueBoolean": False}))

    assert sent.tracking == Identifier("https://careloom.example/information-requests", "t1")
    assert sent.member == Identifier("urn:m", "M1001")
    assert sent.service_date == date(2026, 12, 1)
    assert sent.is_final is False
    (attachment,) = sent.attachments
    assert (attachment.lines, attachment.document.kind) == (("1",), "11506-3")
    assert attachment.document.title == "Note"
    assert attachment.content["resourceType"] == "DocumentReference"


def test_a_questionnaires_answer_names_its_questionnaire() -> None:
    response = {
        "resourceType": "QuestionnaireResponse",
        "status": "completed",
        "questionnaire": "https://payer.example/Questionnaire/knee|1",
    }
    code = {"coding": [{"system": "http://loinc.org", "code": "102089-0"}]}
    attachment = {
        "name": "Attachment",
        "part": [
            {"name": "Code", "valueCodeableConcept": code},
            {"name": "Content", "resource": response},
        ],
    }

    sent = read_submit_attachment(parameters(attachment))

    assert sent.is_final
    assert sent.attachments[1].document.kind == "102089-0"
    assert sent.attachments[1].document.questionnaire == response["questionnaire"]


@pytest.mark.parametrize("missing", ["TrackingId", "AttachTo", "Attachment"])
def test_an_attachment_that_cannot_be_placed_is_refused(missing: str) -> None:
    with pytest.raises(Malformed) as caught:
        read_submit_attachment(parameters(leave_out=missing))

    assert any(missing in issue.details for issue in caught.value.issues)


def test_an_attachment_without_content_is_refused() -> None:
    with pytest.raises(Malformed):
        read_submit_attachment(
            parameters({"name": "Attachment", "part": [{"name": "LineItem", "valueString": "1"}]})
        )


def test_an_attachment_that_is_no_resource_is_refused() -> None:
    content = {"resourceType": "DocumentReference", "colour": "blue"}
    part = [{"name": "Content", "resource": content}]

    with pytest.raises(Malformed) as caught:
        read_submit_attachment(parameters({"name": "Attachment", "part": part}))

    assert any("colour" in issue.expression for issue in caught.value.issues)


def test_a_bundle_is_no_attachment(body: Body) -> None:
    with pytest.raises(Malformed):
        read_submit_attachment(body("home-care"))
