"""What a pended case asks of its provider, as the Tasks that Da Vinci PAS carries."""

import re
from collections.abc import Mapping
from typing import Any

from shared.contracts.pas import QUESTIONNAIRE_NEEDED, InformationNeed, information_task
from shared.contracts.pas.names import LOINC, x12
from shared.domain.prior_authorization.case import Case, InformationRequest
from shared.domain.prior_authorization.request import Coding

REPORT_TYPES = x12("755")
_LOINC_CODE = re.compile(r"\d{1,7}-\d")
_TRACKING = re.compile(r"(?P<case>pa-[0-9a-f]{1,40})-q(?P<number>[0-9]{1,4})(-dtr)?")


def information_tasks(
    case: Case, bundle: Mapping[str, Any], *, fhir_base: str
) -> list[dict[str, Any]]:
    """A Task for the documents of the open question, and one for its questionnaire.

    Args:
        bundle: the request that the case stands at.
        fhir_base: of the door at which $submit-attachment is offered.
    """
    asked = case.open_information
    if asked is None:
        return []
    documents = [
        InformationNeed(code=coded(kind))
        for kind in asked.kinds
        if kind != QUESTIONNAIRE_NEEDED.code
    ]
    tracking = tracking_number(case.case_id, asked)
    wanted = [(tracking, documents)] if documents else []
    if asked.questionnaire or len(documents) < len(asked.kinds):
        context = f"{tracking}-dtr"
        need = InformationNeed(code=QUESTIONNAIRE_NEEDED, context=context)
        wanted.append((context, [need]))
    return [
        information_task(
            dict(bundle),
            case.request,
            needs,
            task_id=task_id,
            payer_url=f"{fhir_base}/$submit-attachment",
            authored_at=asked.asked_at,
            due_at=asked.due_at,
        )
        for task_id, needs in wanted
    ]


def tracking_number(case_id: str, asked: InformationRequest) -> str:
    """The number under which the answer to a question comes back."""
    return f"{case_id}-q{asked.number}"


def read_tracking_number(text: str) -> tuple[str, int] | None:
    """The case and the question that a tracking number means; None for another kind of number."""
    found = _TRACKING.fullmatch(text)
    return (found["case"], int(found["number"])) if found else None


def coded(kind: str) -> Coding:
    """A kind of document with its code system, which its form tells."""
    return Coding(LOINC if _LOINC_CODE.fullmatch(kind) else REPORT_TYPES, kind)
