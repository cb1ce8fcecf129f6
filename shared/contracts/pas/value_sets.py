"""The value sets of Da Vinci PAS whose binding is required: which codes each allows."""

import re
from collections.abc import Iterable, Mapping

from shared.contracts.pas.names import CLAIM_TYPE, LOINC, PAS, PAS_CODES, x12
from shared.domain.prior_authorization.codes import InfoChange
from shared.domain.prior_authorization.request import Coding

# By code system: a pattern of its codes, all of them where the system is not closed.
type ValueSet = Mapping[str, str]

_ANY = r"\S+( \S+)*"
_CPT = "http://www.ama-assn.org/go/cpt"
_HCPCS = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
# HL7's terminology and FHIR R4 name these two systems differently; PAS names the former.
_ICD_9_CM = ("http://terminology.hl7.org/CodeSystem/icd9cm", "http://hl7.org/fhir/sid/icd-9-cm")
_ICD_10_PCS = ("http://www.cms.gov/Medicare/Coding/ICD10", "http://hl7.org/fhir/sid/icd-10-pcs")
_DIAGNOSIS_TYPE = "admitting|principal|patientreasonforvisit"
_MS_DRG = (
    "https://www.cms.gov/Medicare/Medicare-Fee-for-Service-Payment/AcuteInpatientPPS/"
    "MS-DRG-Classifications-and-Software"
)
_PLACE_OF_SERVICE = (
    "https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set"
)


def x12_codes(element: str, shortest: int, longest: int) -> ValueSet:
    """The codes of an X12 data element, by the length that its dictionary gives them.

    Source: X12 005010 data element dictionary; the codes themselves are licensed.
    """
    return {x12(element): f"[A-Z0-9]{{{shortest},{longest}}}"}


INFO_CHANGES = frozenset({InfoChange.ADDED, InfoChange.CHANGED})
LOINC_CODE = r"\d{1,7}-\d"
REPORT_TYPES = x12_codes("755", 2, 2)
TRANSMISSIONS = x12_codes("756", 1, 2)
PROGNOSES = x12_codes("923", 1, 1)
CONDITION_CATEGORIES = x12_codes("1136", 2, 2)
CONDITIONS = x12_codes("1321", 2, 3)
NURSING_HOME_LEVELS = x12_codes("1337", 1, 1)
NURSING_HOME_STATUSES = x12_codes("1345", 1, 1)
ACCIDENTS = x12_codes("1362", 2, 3)
SERVICE_TYPES = x12_codes("1365", 1, 2)

CLAIM_TYPES: ValueSet = {CLAIM_TYPE: "institutional|professional|oral"}
DIAGNOSES: ValueSet = {
    # People write the placeholder x and the letter at the end either way.
    "http://hl7.org/fhir/sid/icd-10-cm": r"(?i:[A-Z]\d[0-9A-Z](\.?[0-9A-Z]{1,4})?)",
    **dict.fromkeys(_ICD_9_CM, _ANY),
    _MS_DRG: _ANY,
    "http://uri.hddaccess.com/cs/apdrg": _ANY,
    "http://uri.hddaccess.com/cs/aprdrg": _ANY,
}
DIAGNOSIS_TYPES: ValueSet = {
    PAS_CODES: _DIAGNOSIS_TYPE,
    PAS + "CodeSystem/PASDiagnosisType": _DIAGNOSIS_TYPE,  # PAS 1.1
}
DOCUMENT_TYPES: ValueSet = {
    LOINC: _ANY,
    "http://terminology.hl7.org/CodeSystem/v3-NullFlavor": "UNK",
}
LOCATIONS: ValueSet = {
    _PLACE_OF_SERVICE: r"\d{2}",
    "https://www.nubc.org/CodeSystem/TypeOfBill": _ANY,
}
MODIFIERS: ValueSet = {_CPT: _ANY, _HCPCS: _ANY}
NUTRITION: ValueSet = {_HCPCS: _ANY}
REVENUES: ValueSet = {
    "https://www.nubc.org/CodeSystem/RevenueCodes": _ANY,
    "https://www.nubc.org/revenue-code": _ANY,  # PAS 1.1
}
SERVICES: ValueSet = {
    **SERVICE_TYPES,
    _CPT: _ANY,
    _HCPCS: _ANY,
    **dict.fromkeys(_ICD_9_CM + _ICD_10_PCS, _ANY),
    "http://hl7.org/fhir/sid/ndc": _ANY,
    "http://terminology.hl7.org/CodeSystem/data-absent-reason": "not-applicable",
}


def allows(values: ValueSet, codings: Iterable[Coding]) -> bool:
    """Whether one of the codings of a concept is in the value set; the others are free.

    Source: FHIR R4, terminologies, required binding of a CodeableConcept.
    """
    return any(
        each.system in values and re.fullmatch(values[each.system], each.code) for each in codings
    )
