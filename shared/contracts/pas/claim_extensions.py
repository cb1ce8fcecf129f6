"""The extensions of Da Vinci PAS: which kind of value each holds."""

from shared.contracts.pas.element import Element
from shared.contracts.pas.names import EXTENSION

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
_FULL_DATE_LENGTH = 10


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
        if expected == "valueDate" and len(extension.text(expected)) < _FULL_DATE_LENGTH:
            extension.error("value", f"{name} must be a full date.", expected)
