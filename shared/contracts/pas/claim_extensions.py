"""The extensions of Da Vinci PAS: which kind of value each holds, and from which value set."""

from shared.contracts.pas.element import Element
from shared.contracts.pas.names import EXTENSION
from shared.contracts.pas.profiles import Coded, FullDate, check_rows
from shared.contracts.pas.value_sets import (
    CONDITION_CATEGORIES,
    CONDITIONS,
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
    "diagnosisRecordedDate": "valueDate",
    "epsdtIndicator": "valueBoolean",
    "errorFollowupAction": "valueCodeableConcept",
    "errorPath": "valueString",
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
# The required bindings, by the extension's name; those of a part, with its own. The certification,
# the level of service and the kind of request are read, and judged, where they count.
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
_FULL_DATES = tuple(
    FullDate(path) for path in ("valueDate", "valuePeriod.start", "valuePeriod.end")
)


def check_extensions(claim: Element) -> None:
    """Note the PAS extensions of a Claim and its parts that hold another kind of value."""
    check_values(claim)
    for name in ("careTeam", "supportingInfo", "diagnosis", "item"):
        for part in claim.children(name):
            check_values(part)


def check_values(element: Element) -> None:
    """Note the PAS extensions of one element that hold another kind of value, or lack a part."""
    for extension in element.children("extension"):
        name = extension.text("url").removeprefix(EXTENSION)
        expected = _VALUES.get(name)
        if expected and expected not in extension.json:
            extension.error("structure", f"{name} must hold {expected}.")
        parts = {each.text("url") for each in extension.children("extension")}
        for part in _PARTS.get(name, ()):
            if part not in parts:
                extension.error("required", f"{name} needs its part {part}.", "extension")
        _check_value(extension, name)
        for part_extension in extension.children("extension"):
            _check_value(part_extension, f"{name}.{part_extension.text('url')}")


def _check_value(extension: Element, name: str) -> None:
    """Note a date that is not full, and a code that the extension's value set does not allow."""
    if name in _DATES:
        check_rows(extension, _FULL_DATES)
    if name in _VALUE_SETS:
        check_rows(extension, (Coded("valueCodeableConcept", _VALUE_SETS[name]),))
