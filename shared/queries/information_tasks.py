"""What a pended case asks of its provider, as the Tasks that Da Vinci PAS carries."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from shared.contracts.pas import QUESTIONNAIRE_NEEDED, InformationNeed, information_task
from shared.contracts.pas.names import LOINC, x12
from shared.contracts.pas.value_sets import LOINC_CODE
from shared.domain.prior_authorization.case import Case, InformationRequest
from shared.domain.prior_authorization.request import Coding

PWK01 = x12("755")
_LOINC_CODE = re.compile(LOINC_CODE)
_TRACKING = re.compile(r"(?P<case>pa-[0-9a-f]{1,40})-q(?P<number>[0-9]{1,4})(-dtr|-pwk)?")


def information_tasks(
    case: Case, bundle: Mapping[str, Any], *, version: str, fhir_base: str
) -> list[dict[str, Any]]:
    """The Tasks of the open question: for LOINC codes, for X12 codes, for its questionnaire.

    Each asks for every item that is still open.

    Args:
        bundle: the request that the case stands at.
        version: the PAS version of whoever is answered.
        fhir_base: of the door at which $submit-attachment is offered.

    Source:
        Da Vinci PAS, request for additional information: a Task for each of the three types.
    """
    asked = case.open_information
    if asked is None:
        return []
    tracking = tracking_number(case.case_id, asked)
    documents = [coded(kind) for kind in asked.kinds if kind != QUESTIONNAIRE_NEEDED.code]
    wanted = [
        (tracking + suffix, [code for code in documents if code.system == system], "")
        for suffix, system in (("", LOINC), ("-pwk", PWK01))
    ]
    if asked.questionnaire or len(documents) < len(asked.kinds):
        context = f"{tracking}-dtr"
        wanted.append((context, [QUESTIONNAIRE_NEEDED], context))
    return [
        information_task(
            dict(bundle),
            replace(case.request, profile_version=version),
            [
                InformationNeed(code=code, sequence=sequence, context=context)
                for sequence in case.open_items
                for code in codes
            ],
            task_id=task_id,
            payer_url=f"{fhir_base}/$submit-attachment",
            authored_at=asked.asked_at,
            due_at=asked.due_at,
        )
        for task_id, codes, context in wanted
        if codes
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
    return Coding(LOINC if _LOINC_CODE.fullmatch(kind) else PWK01, kind)
