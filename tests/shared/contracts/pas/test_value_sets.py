import pytest

from shared.contracts.pas.value_sets import (
    DIAGNOSES,
    LOCATIONS,
    REPORT_TYPES,
    SERVICE_TYPES,
    SERVICES,
    ValueSet,
    allows,
)
from shared.domain.prior_authorization.request import Coding

HCPCS = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
ICD_10_CM = "http://hl7.org/fhir/sid/icd-10-cm"
PLACES = "https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set"
X12 = "https://codesystem.x12.org/005010/"


@pytest.mark.parametrize(
    ("values", "system", "code"),
    [
        (DIAGNOSES, ICD_10_CM, "G89.4"),
        (DIAGNOSES, ICD_10_CM, "C189"),
        (DIAGNOSES, ICD_10_CM, "T36.0x1A"),
        (DIAGNOSES, ICD_10_CM, "C4A.9"),
        (DIAGNOSES, ICD_10_CM, "U07.1"),
        (DIAGNOSES, "http://hl7.org/fhir/sid/icd-9-cm", "338.4"),
        (LOCATIONS, PLACES, "02"),
        (LOCATIONS, "https://www.nubc.org/CodeSystem/TypeOfBill", "0131"),
        (REPORT_TYPES, X12 + "755", "B3"),
        (SERVICE_TYPES, X12 + "1365", "A4"),
        (SERVICES, X12 + "1365", "3"),
        (SERVICES, HCPCS, "33510"),
        (SERVICES, "http://hl7.org/fhir/sid/ndc", "0777-3105-02"),
        (SERVICES, "http://terminology.hl7.org/CodeSystem/data-absent-reason", "not-applicable"),
    ],
)
def test_a_code_of_the_set_is_allowed(values: ValueSet, system: str, code: str) -> None:
    assert allows(values, [Coding(system, code)])


@pytest.mark.parametrize(
    ("values", "system", "code"),
    [
        (DIAGNOSES, "http://snomed.info/sct", "82423001"),
        (DIAGNOSES, "http://hl7.org/fhir/sid/icd-10", "G89.4"),
        (DIAGNOSES, ICD_10_CM, "338.4"),
        (DIAGNOSES, ICD_10_CM, "back pain"),
        (LOCATIONS, PLACES, "Office"),
        (LOCATIONS, PLACES, "1"),
        (REPORT_TYPES, X12 + "755", "B"),
        (SERVICE_TYPES, X12 + "1365", "CONSULT"),
        (SERVICE_TYPES, X12 + "1365", "a4"),
        (SERVICES, "http://snomed.info/sct", "306206005"),
        (SERVICES, "http://terminology.hl7.org/CodeSystem/data-absent-reason", "unknown"),
    ],
)
def test_a_code_outside_of_the_set_is_not(values: ValueSet, system: str, code: str) -> None:
    assert not allows(values, [Coding(system, code)])


def test_one_coding_of_the_set_is_enough() -> None:
    snomed, hcpcs = Coding("http://snomed.info/sct", "306206005"), Coding(HCPCS, "99243")

    assert allows(SERVICES, [snomed, hcpcs])
    assert not allows(SERVICES, [])
