"""Our own check of a Task that asks for information against the rules of its profile."""

from shared.contracts.pas.element import Element
from shared.contracts.pas.names import LOINC, PAS_CODES, V2_0_1
from shared.contracts.pas.profiles import Coded, Exactly, Required, check_rows
from shared.contracts.pas.value_sets import LOINC_CODE, REPORT_TYPES

_ROWS = (
    Required("identifier"),
    Required("status"),
    Exactly("intent", "order"),
    Required("for"),
    Required("requester"),
    Required("requester.identifier"),
    Required("owner.identifier"),
    Required("reasonReference"),
)
_NEEDED = {LOINC: LOINC_CODE, **REPORT_TYPES}
_BY_CODE, _BY_QUESTIONNAIRE = "attachment-request-code", "attachment-request-questionnaire"
_PAYER_URL, _ATTACHMENTS = "payer-url", "attachments-needed"
# By version: the line number's extension and its value; the questionnaire's input and its value.
_LINE = {True: ("paLineNumber", "valueInteger"), False: ("serviceLineNumber", "valuePositiveInt")}
_CONTEXT = {
    True: ("questionnaires-needed", "valueIdentifier"),
    False: ("questionnaire-context", "valueString"),
}


def check_task(task: Element, version: str) -> None:
    """Note what a Task has wrong.

    Source:
        Da Vinci PAS, profile task: one payer URL; each need with one line number; the inputs that
        go with each code (AttachmentNeeded, QuestionnaireNeeded or QuestionnaireContext).
    """
    is_old = version == V2_0_1
    context, value = _CONTEXT[is_old]
    values = {_PAYER_URL: "valueUrl", _ATTACHMENTS: "valueCodeableConcept", context: value}
    check_rows(task, _ROWS)
    task.required_code("reasonCode", PAS_CODES, {"priorAuthorization"})
    code = task.required_code("code", PAS_CODES, {_BY_CODE, _BY_QUESTIONNAIRE})
    found: list[str] = []
    for each in task.children("input"):
        kind = each.required_code("type", PAS_CODES, values)
        found.append(kind)
        if kind in values and values[kind] not in each.json:
            each.error("structure", f"{kind} must hold {values[kind]}.")
        if kind != _PAYER_URL:
            _check_line(each, *_LINE[is_old])
        if kind == _ATTACHMENTS:
            check_rows(each, (Coded("valueCodeableConcept", _NEEDED),))
    if found.count(_PAYER_URL) != 1:
        task.error("required", "A Task names one payer URL.", "input")
    needed = {_BY_CODE: _ATTACHMENTS, _BY_QUESTIONNAIRE: context}.get(code, "")
    if needed and needed not in found:
        task.error("invariant", f"{code} needs an input {needed}.", "input")


def _check_line(need: Element, name: str, value: str) -> None:
    """Note a need that does not say which line of the request it is for."""
    line = need.extension(name)
    if line is None or line.positive(value) is None:
        need.error("required", f"{name} with {value} is missing.", "extension")
