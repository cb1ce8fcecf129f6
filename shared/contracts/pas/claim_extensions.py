"""The extensions of Da Vinci PAS: which kind of value each holds, and from which value set.

A part of an extension is named after it, with a dot.
"""

from collections import Counter
from collections.abc import Sequence

from shared.contracts.pas.element import Element
from shared.contracts.pas.names import EXTENSION
from shared.contracts.pas.profiles import Coded, check_rows, full_dates
from shared.contracts.pas.value_sets import (
    CONDITION_CATEGORIES,
    CONDITIONS,
    INFO_CHANGES,
    NURSING_HOME_LEVELS,
    NURSING_HOME_STATUSES,
    PROGNOSES,
    REPORT_TYPES,
    SERVICES,
    TRANSMISSIONS,
)

_VALUES = {
    "administrationReferenceNumber": "valueString",
    "authorizationNumber": "valueString",
    "careTeamClaimScope": "valueBoolean",
    "certificationType": "valueCodeableConcept",
    "conditionCode.category": "valueCodeableConcept",
    "conditionCode.code": "valueCodeableConcept",
    "conditionCode.indicator": "valueBoolean",
    "diagnosisRecordedDate": "valueDate",
    "documentInformation.controlNumber": "valueString",
    "documentInformation.description": "valueString",
    "documentInformation.reportTypeCode": "valueCodeableConcept",
    "documentInformation.transmissionMethod": "valueCodeableConcept",
    "epsdtIndicator": "valueBoolean",
    "errorFollowupAction": "valueCodeableConcept",
    "errorPath": "valueString",
    "homeHealthCareInformation.date": "valueDate",
    "homeHealthCareInformation.prognosis": "valueCodeableConcept",
    "identifierJurisdiction": "valueCodeableConcept",
    "identifierSubDepartment": "valueString",
    "infoChanged": "valueCode",
    "itemPreAuthIssueDate": "valueDate",
    "itemPreAuthPeriod": "valuePeriod",
    "itemTraceNumber": "valueIdentifier",
    "levelOfServiceCode": "valueCodeableConcept",
    "nursingHomeLevelOfCare": "valueCodeableConcept",
    "nursingHomeResidentialStatus": "valueCodeableConcept",
    "productOrServiceCodeEnd": "valueCodeableConcept",
    "requestedService": "valueReference",
    "revenueUnitRateLimit": "valueDecimal",
    "reviewActionCode": "valueCodeableConcept",
    "serviceItemRequestType": "valueCodeableConcept",
}
# Extensions that are made of parts, with the parts that must be there.
_PARTS = {
    "claimResponseReviewer": ("wasHumanReviewedFlag",),
    "conditionCode": ("category", "indicator", "code"),
    "homeHealthCareInformation": ("prognosis", "date"),
}
# What may be said more than once in one place.
_MANY = frozenset({"conditionCode", "conditionCode.code", "itemTraceNumber"})
# The required bindings. The certification, the level of service and the kind of request are read,
# and judged, where they count.
_VALUE_SETS = {
    "conditionCode.category": CONDITION_CATEGORIES,
    "conditionCode.code": CONDITIONS,
    "documentInformation.reportTypeCode": REPORT_TYPES,
    "documentInformation.transmissionMethod": TRANSMISSIONS,
    "homeHealthCareInformation.prognosis": PROGNOSES,
    "nursingHomeLevelOfCare": NURSING_HOME_LEVELS,
    "nursingHomeResidentialStatus": NURSING_HOME_STATUSES,
    "productOrServiceCodeEnd": SERVICES,
}
# What obeys the FullDateRule, in both versions.
_DATES = frozenset(
    {
        "diagnosisRecordedDate",
        "homeHealthCareInformation.date",
        "itemCertificationEffectiveDate",
        "itemCertificationExpirationDate",
        "itemCertificationIssueDate",
        "itemPreAuthIssueDate",
    }
)
_FULL_DATES = full_dates("value")


def check_extensions(claim: Element) -> None:
    """Note the PAS extensions of a Claim and its parts that hold another kind of value."""
    check_values(claim)
    for name in ("identifier", "careTeam", "supportingInfo", "diagnosis", "item"):
        for part in claim.children(name):
            check_values(part)


def check_values(element: Element) -> None:
    """Note the PAS extensions of one element that hold another kind of value, or lack a part.

    Source: Da Vinci PAS, the profiles that hold them: each once, save a few.
    """
    names = []
    for extension in element.children("extension"):
        name = extension.text("url").removeprefix(EXTENSION)
        names.append(name)
        _check_value(extension, name)
        parts = []
        for part in extension.children("extension"):
            parts.append(f"{name}.{part.text('url')}")
            _check_value(part, parts[-1])
        _check_repeats(extension, parts)
        for needed in _PARTS.get(name, ()):
            if f"{name}.{needed}" not in parts:
                extension.error("required", f"{name} needs its part {needed}.", "extension")
    _check_repeats(element, names)


def _check_repeats(element: Element, names: Sequence[str]) -> None:
    """Note each extension of PAS that stands more than once in an element, and may not."""
    for name, count in Counter(names).items():
        if count > 1 and name not in _MANY and (name in _VALUES or name in _PARTS):
            element.error("structure", f"Extension {name} must not repeat.", "extension")


def _check_value(extension: Element, name: str) -> None:
    """Note a value of another kind, a date that is not full, and a code that is not allowed."""
    expected = _VALUES.get(name)
    if expected and expected not in extension.json:
        extension.error("structure", f"{name} must hold {expected}.")
    if name in _DATES:
        check_rows(extension, _FULL_DATES)
    if name in _VALUE_SETS:
        check_rows(extension, (Coded("valueCodeableConcept", _VALUE_SETS[name]),))
    if name == "infoChanged" and extension.text("valueCode") not in INFO_CHANGES | {""}:
        extension.error("code-invalid", f"{name} must be added or changed.", "valueCode")
    if expected == "valueIdentifier" and (identifier := extension.child(expected)):
        check_values(identifier)
