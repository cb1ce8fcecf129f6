"""Members and providers on a FHIR server."""

from collections.abc import AsyncGenerator
from datetime import date
from typing import Any

import pytest

from shared.adapters.fhir.directories import (
    LINES_OF_BUSINESS,
    PAYMENT_TYPOLOGY,
    FhirMemberDirectory,
    FhirProviderDirectory,
)
from shared.adapters.fhir.server import FhirServer
from shared.adapters.memory.clock import SettableClock
from shared.domain.prior_authorization.codes import LineOfBusiness
from shared.domain.prior_authorization.coverage import Membership, Provider
from shared.domain.prior_authorization.request import NPI, Identifier
from shared.errors import PermanentError
from tests.shared.adapters.fhir.conftest import SmallFhirServer
from tests.shared.ports.samples import NOON

SYSTEM = "https://payer.example/members"
MEMBER = Identifier(SYSTEM, "M-7")


def patient(number: str = "1", *, system: str = SYSTEM, value: str = "M-7") -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "id": number,
        "extension": [
            {
                "url": "http://hl7.org/fhir/StructureDefinition/timezone",
                "valueCode": "America/Chicago",
            }
        ],
        "identifier": [{"system": system, "value": value}],
        "address": [{"use": "home"}, {"state": "TX"}],
    }


def coverage(
    code: str = "111", *, system: str = PAYMENT_TYPOLOGY, start: str = "2024-01-01", **more: Any
) -> dict[str, Any]:
    period = {"start": start, **({"end": more.pop("end")} if "end" in more else {})}
    return {
        "resourceType": "Coverage",
        "id": "c",
        "status": "active",
        "type": {"coding": [{"system": system, "code": code}]},
        "beneficiary": {"reference": "Patient/1"},
        "period": period,
        "class": [
            {"type": {"coding": [{"code": "group"}]}, "value": "G"},
            {"type": {"coding": [{"code": "plan"}]}, "value": "MA-GOLD"},
        ],
        **more,
    }


@pytest.fixture
async def server(fhir: SmallFhirServer) -> AsyncGenerator[FhirServer]:
    opened = FhirServer(fhir.url)
    yield opened
    await opened.close()


@pytest.fixture
def members(server: FhirServer) -> FhirMemberDirectory:
    return FhirMemberDirectory(server, SettableClock(NOON))


async def test_a_member_is_a_patient_with_his_coverage(
    fhir: SmallFhirServer, members: FhirMemberDirectory
) -> None:
    fhir.held = [patient(), coverage()]
    assert await members.find_member(MEMBER) == Membership(
        member_id="M-7",
        plan_id="MA-GOLD",
        line_of_business=LineOfBusiness.MEDICARE_ADVANTAGE,
        state="TX",
        starts_on=date(2024, 1, 1),
        time_zone="America/Chicago",
    )


async def test_the_system_is_not_asked_for_where_the_value_is_unique(
    fhir: SmallFhirServer, members: FhirMemberDirectory
) -> None:
    fhir.held = [patient(system="https://elsewhere.example"), coverage()]
    assert await members.find_member(MEMBER) is not None
    assert await members.find_member(Identifier("", "M-7")) is not None


async def test_an_ambiguous_or_unknown_or_uncovered_member_is_nobody(
    fhir: SmallFhirServer, members: FhirMemberDirectory
) -> None:
    assert await members.find_member(MEMBER) is None
    fhir.held = [patient()]
    assert await members.find_member(MEMBER) is None
    fhir.held = [patient("1", system="a"), patient("2", system="b"), coverage()]
    assert await members.find_member(Identifier("c", "M-7")) is None


async def test_of_several_coverages_the_one_in_force_counts(
    fhir: SmallFhirServer, members: FhirMemberDirectory
) -> None:
    fhir.held = [
        patient(),
        coverage("111", start="2020-01-01", end="2023-12-31"),
        coverage("512", start="2024-01-01"),
        coverage("211", start="2027-01-01"),
        coverage("22", start="2024-01-01", status="cancelled"),
    ]
    found = await members.find_member(MEMBER)
    assert found is not None
    assert found.line_of_business is LineOfBusiness.COMMERCIAL


async def test_of_past_coverages_the_latest_counts(
    fhir: SmallFhirServer, members: FhirMemberDirectory
) -> None:
    fhir.held = [
        patient(),
        coverage(start="2018", end="2019"),
        coverage(start="2020-02", end="2024-02"),
    ]
    found = await members.find_member(MEMBER)
    assert found is not None
    assert (found.starts_on, found.ends_on) == (date(2020, 2, 1), date(2024, 2, 29))


@pytest.mark.parametrize(
    ("system", "code", "line", "is_self_funded"),
    [
        (PAYMENT_TYPOLOGY, "112", LineOfBusiness.MEDICARE_ADVANTAGE, False),
        (PAYMENT_TYPOLOGY, "211", LineOfBusiness.MEDICAID_MANAGED_CARE, False),
        (PAYMENT_TYPOLOGY, "22", LineOfBusiness.MEDICAID_FEE_FOR_SERVICE, False),
        (PAYMENT_TYPOLOGY, "522", LineOfBusiness.ERISA, True),
        (PAYMENT_TYPOLOGY, "511", LineOfBusiness.COMMERCIAL, False),
        (LINES_OF_BUSINESS, "marketplace", LineOfBusiness.MARKETPLACE, False),
    ],
)
async def test_the_type_of_a_coverage_tells_the_line_of_business(
    fhir: SmallFhirServer,
    members: FhirMemberDirectory,
    system: str,
    code: str,
    line: LineOfBusiness,
    *,
    is_self_funded: bool,
) -> None:
    fhir.held = [patient(), coverage(code, system=system)]
    found = await members.find_member(MEMBER)
    assert found is not None
    assert (found.line_of_business, found.is_self_funded) == (line, is_self_funded)


async def test_a_coverage_of_no_known_line_of_business_needs_a_person(
    fhir: SmallFhirServer, members: FhirMemberDirectory
) -> None:
    fhir.held = [patient(), coverage("9")]
    with pytest.raises(PermanentError, match="Coverage/c"):
        await members.find_member(MEMBER)


def listed(kind: str, npi: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": kind,
        "id": npi,
        "identifier": [{"system": NPI, "value": npi}],
    } | more


async def test_a_provider_is_a_practitioner_or_an_organisation(
    fhir: SmallFhirServer, server: FhirServer
) -> None:
    fhir.held = [
        listed("Practitioner", "1", address=[{"state": "NY"}]),
        listed("Organization", "2", active=False),
    ]
    directory = FhirProviderDirectory(server)
    assert await directory.find_provider("1") == Provider(npi="1", state="NY")
    assert await directory.find_provider("2") == Provider(npi="2", is_active=False)
    assert await directory.find_provider("3") is None
