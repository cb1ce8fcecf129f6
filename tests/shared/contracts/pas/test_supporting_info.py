from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from shared.contracts.pas import Issue, Malformed, read_submit

type Body = Callable[..., bytes]
type Resource = dict[str, Any]

PAS = "http://hl7.org/fhir/us/davinci-pas/"
REPORT = {
    "extension": [
        {
            "url": "reportTypeCode",
            "valueCodeableConcept": {
                "coding": [{"system": "https://codesystem.x12.org/005010/755", "code": "B3"}]
            },
        }
    ],
    "url": PAS + "StructureDefinition/extension-documentInformation",
}


def info(category: str, sequence: int = 9, **more: Any) -> Resource:
    coding = {"system": PAS + "CodeSystem/PASTempCodes", "code": category}
    return {"sequence": sequence, "category": {"coding": [coding]}} | more


def add(*infos: Resource) -> Callable[[Resource], None]:
    def change(bundle: Resource) -> None:
        claim = bundle["entry"][0]["resource"]
        claim["supportingInfo"] += infos
        claim["item"][0].pop("servicedPeriod")

    return change


def as_2_0_1(bundle: Resource) -> None:
    del bundle["entry"][3]["resource"]["identifier"]


def issues_of(body: bytes) -> list[Issue]:
    with pytest.raises(Malformed) as caught:
        read_submit(body)
    return list(caught.value.issues)


def test_an_item_without_a_date_is_served_at_the_patients_event(body: Body) -> None:
    event = info("patientEvent", timingDate="2026-12-24")

    item = read_submit(body("home-care", add(event))).request.items[0]

    assert (item.served_from, item.served_to) == (date(2026, 12, 24), date(2026, 12, 24))


def test_an_item_without_a_date_is_served_from_admission_to_discharge(body: Body) -> None:
    admission = info("admissionDates", timingPeriod={"start": "2026-12-01", "end": "2026-12-02"})
    discharge = info("dischargeDates", 10, timingDate="2026-12-08")

    item = read_submit(body("home-care", add(admission, discharge))).request.items[0]

    assert (item.served_from, item.served_to) == (date(2026, 12, 1), date(2026, 12, 8))


@pytest.mark.parametrize(
    ("faulty", "code"),
    [
        (info("patientEvent"), "required"),
        (info("patientEvent", timingDate="2026-12-24", valueString="x"), "structure"),
        (info("patientEvent", timingDate="2026-12"), "value"),
        (info("freeFormMessage"), "required"),
        (info("freeFormMessage", valueString="x", timingDate="2026-12-24"), "structure"),
        (info("additionalInformation", extension=[REPORT]), "required"),
        (
            info("additionalInformation", valueReference={"reference": "DocumentReference/none"}),
            "not-found",
        ),
        (
            info(
                "additionalInformation",
                valueReference={"reference": "DocumentReference/document-1"},
            ),
            "required",
        ),
        (info("freeFormMessage", 1, valueString="x"), "duplicate"),
        ({"category": {"text": "x"}}, "required"),
        ({"sequence": 9}, "required"),
    ],
)
def test_faulty_information_is_refused(body: Body, faulty: Resource, code: str) -> None:
    assert code in {issue.code for issue in issues_of(body("home-care", add(faulty)))}


def test_two_patient_events_are_refused(body: Body) -> None:
    events = [info("patientEvent", n, timingDate="2026-12-24") for n in (9, 10)]

    found = issues_of(body("home-care", add(*events)))

    assert [issue.code for issue in found] == ["structure"]


def test_a_document_without_a_type_is_known_by_its_report_type(body: Body) -> None:
    def untype(bundle: Resource) -> None:
        document = bundle["entry"][-1]["resource"]
        del document["type"]

    documents = read_submit(body("home-care", as_2_0_1, untype)).request.documents

    assert [document.kind for document in documents] == ["08"]


def test_a_withdrawn_document_is_not_at_hand(body: Body) -> None:
    def withdraw(bundle: Resource) -> None:
        url = PAS + "StructureDefinition/modifierextension-infoCancelled"
        claim = bundle["entry"][0]["resource"]
        claim["supportingInfo"][0]["modifierExtension"] = [{"url": url, "valueBoolean": True}]

    before = read_submit(body("update")).request.documents
    after = read_submit(body("update", withdraw)).request.documents

    assert after == before[1:]


def test_a_questionnaires_answer_names_its_questionnaire(body: Body) -> None:
    def answer(bundle: Resource) -> None:
        document = bundle["entry"][-1]
        document["fullUrl"] = "https://provider.careloom.example/fhir/QuestionnaireResponse/q"
        document["resource"] = {
            "resourceType": "QuestionnaireResponse",
            "id": "q",
            "status": "completed",
            "questionnaire": "https://payer.example/Questionnaire/care|2",
        }
        claim = bundle["entry"][0]["resource"]
        claim["supportingInfo"][0]["valueReference"] = {"reference": "QuestionnaireResponse/q"}

    (document,) = read_submit(body("home-care", answer)).request.documents

    assert document.questionnaire == "https://payer.example/Questionnaire/care|2"
    assert document.kind == "08"


OTHER = "https://provider.careloom.example/fhir/Patient/other"


def tell_of(subject: Resource, kind: str, version: str) -> Callable[[Resource], None]:
    """The first document is of that kind and version, and about that subject."""

    def change(bundle: Resource) -> None:
        bundle["meta"]["profile"] = [f"{bundle['meta']['profile'][0]}|{version}"]
        patients = [e["resource"] for e in bundle["entry"] if "gender" in e["resource"]]
        bundle["entry"].append({"fullUrl": OTHER, "resource": patients[0] | {"id": "other"}})
        entry = next(e for e in bundle["entry"] if "DocumentReference" in e["fullUrl"])
        if kind == "DocumentReference":
            entry["resource"]["subject"] = subject
        else:
            observed = {"status": "final", "code": {"text": "Pain"}, "subject": subject}
            entry["resource"] = {"resourceType": kind, "id": "o1"} | observed
            entry["fullUrl"] = "https://provider.careloom.example/fhir/Observation/o1"
            info = bundle["entry"][0]["resource"]["supportingInfo"][0]
            info["valueReference"] = {"reference": "Observation/o1"}

    return change


@pytest.mark.parametrize("version", ["2.0.1", "2.2.1"])
@pytest.mark.parametrize("kind", ["DocumentReference", "Observation"])
def test_a_document_about_another_patient_is_refused(body: Body, kind: str, version: str) -> None:
    change = tell_of({"reference": OTHER}, kind, version)

    issues = issues_of(body("home-care", change))

    assert [issue.code for issue in issues] == ["invariant"]
    assert issues[0].expression.endswith(".subject")


def test_a_document_about_nobody_known_is_refused_since_2_2(body: Body) -> None:
    nobody = {"reference": "Patient/nobody"}

    issues = issues_of(body("home-care", tell_of(nobody, "DocumentReference", "2.2.1")))

    assert [issue.code for issue in issues] == ["not-found"]
    read_submit(body("home-care", tell_of(nobody, "DocumentReference", "2.0.1")))


def test_what_was_observed_may_be_about_something_that_did_not_come(body: Body) -> None:
    change = tell_of({"reference": "Group/family"}, "Observation", "2.2.1")

    assert len(read_submit(body("home-care", change)).request.documents) == 1
